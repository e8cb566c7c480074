"""The real `manage.py worker`, killed and asked to end, on the real database."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable

from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase
from django.utils import timezone

from newsletter.models import Issue
from newsroom.identity.models import Identity
from tests.newsletter.cast import make_newsletters, make_reader
from tests.newsletter.letters import make_issue, time_passes
from tests.newsletter.sink import Sink, serving

READERS = 40


class WorkerTests(TransactionTestCase):
    def setUp(self):
        Identity.objects.create(name="Longshore")
        weekly, _breaking = make_newsletters()
        for number in range(READERS):
            make_reader(f"reader{number}@readers.example", weekly, confirmed_at=timezone.now())
        self.issue = make_issue(weekly)

    def test_a_worker_that_is_killed_misses_nobody_and_one_that_is_asked_ends_in_order(self):
        slow = Sink(before_end=lambda recipient: time.sleep(0.02))
        with serving(slow) as sink:
            first = self.start_worker(sink)
            self.issue.send(by=None, now=True)
            self.wait_until(lambda: len(sink.letters) >= 8)
            first.kill()
            first.wait(timeout=5)
            self.assertLess(len(sink.letters), READERS)
            self.assertGreater(self.issue.books()["open"], 0)
            time_passes(self.issue)  # the leases of the dead worker end

            second = self.start_worker(sink)
            self.wait_until(lambda: self.issue.books()["accepted"] + self.issue.books()["uncertain"] == READERS)
            time_passes(self.issue)  # the one copy that nobody knows of is repeated
            self.wait_until(lambda: Issue.objects.get(pk=self.issue.pk).stand == Issue.Stand.SENT)
            said = self.end(second)

        self.assertEqual(self.issue.books()["accepted"], READERS)
        copies = Counter(sink.recipients)
        self.assertEqual(len(copies), READERS)
        self.assertLessEqual(sum(copies.values()) - READERS, 1)
        self.assertEqual(len(set(sink.letters)), READERS)  # an extra copy is the same letter
        self.assertRegex(said, r"(?s)^Worker \d+ is at work; letters go to .*Worker \d+ has finished")

    def test_a_worker_that_is_asked_to_end_gives_back_what_it_has_not_begun(self):
        with serving(Sink(before_end=lambda recipient: time.sleep(0.05))) as sink:
            worker = self.start_worker(sink)
            self.issue.send(by=None, now=True)
            self.wait_until(lambda: len(sink.letters) >= 3)
            self.end(worker)
            books = self.issue.books()
            self.assertEqual((books["claimed"], books["handing"], books["uncertain"]), (0, 0, 0))
            self.assertEqual(books["accepted"], len(sink.letters))
            self.assertEqual(books["queued"], READERS - len(sink.letters))

    def test_a_worker_outlives_the_loss_of_its_database_connections(self):
        with serving(Sink(before_end=lambda recipient: time.sleep(0.02))) as sink:
            worker = self.start_worker(sink)
            self.issue.send(by=None, now=True)
            for letters in (5, 15):
                self.wait_until(lambda wanted=letters: len(sink.letters) >= wanted)
                with connection.cursor() as cursor:
                    cursor.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                    )
            self.wait_until(lambda: self.issue.books()["accepted"] == READERS)
            self.assertIsNone(worker.poll())
        self.assertEqual(sorted(sink.recipients), sorted(set(sink.recipients)))
        self.assertEqual(len(sink.recipients), READERS)

    def start_worker(self, sink: Sink) -> subprocess.Popen[str]:
        database = connection.settings_dict
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "newsroom.settings",
            "DEBUG": "on",
            "DATABASE_URL": f"postgres://{database['USER']}@/{database['HOST']}/{database['NAME']}",
            "EMAIL_URL": f"smtp://127.0.0.1:{sink.port}",
            "SUPPRESSION_KEY": settings.SUPPRESSION_KEY,
            "SECRET_KEY": settings.SECRET_KEY,
        }
        worker = subprocess.Popen(
            [sys.executable, "manage.py", "worker"],
            cwd=settings.BASE_DIR,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.worker = worker
        self.addCleanup(worker.stdout.close)
        self.addCleanup(worker.wait)
        self.addCleanup(worker.kill)
        return worker

    def end(self, worker: subprocess.Popen[str]) -> str:
        worker.send_signal(signal.SIGTERM)
        said, _nothing = worker.communicate(timeout=8)
        self.assertEqual(worker.returncode, 0, said)
        return said

    def wait_until(self, true: Callable[[], bool], *, seconds: float = 15) -> None:
        end = time.monotonic() + seconds
        while not true():
            if time.monotonic() > end:
                self.worker.kill()
                self.fail(f"It did not come true in time. The worker said: {self.worker.communicate()[0]}")
            time.sleep(0.02)
