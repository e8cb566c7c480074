"""A sending house under attack: real workers, a real database, and a mail server that means no good."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase
from django.utils import timezone

from newsletter.models import Issue, Subscriber, Subscription
from newsletter.models.suppression import key_hash
from newsroom.identity.models import Identity
from tests.newsletter.cast import make_newsletters
from tests.newsletter.letters import make_issue

DOMAINS = ("readers.example", "post.example", "letters.example", "mail.example", "home.example")


def add_readers(newsletter, count: int) -> list[str]:
    now = timezone.now()
    addresses = [f"reader{number}@{DOMAINS[number % len(DOMAINS)]}" for number in range(count)]
    for start in range(0, count, 10_000):
        people = [Subscriber(email=a, email_key=a, key_hash=key_hash(a)) for a in addresses[start : start + 10_000]]
        Subscription.objects.bulk_create(
            Subscription(subscriber=person, newsletter=newsletter, confirmed_at=now)
            for person in Subscriber.objects.bulk_create(people)
        )
    return addresses


class Ledger:
    """What the mail server wrote down before it said that it had taken a letter."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.letters: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self._read = 0

    def look(self) -> int:
        with self.path.open() as file:
            file.seek(self._read)
            while (line := file.readline()).endswith("\n"):
                recipient, message_id, fingerprint = line.split()
                self.letters[recipient].append((message_id, fingerprint))
                self._read += len(line)
        return sum(map(len, self.letters.values()))

    @property
    def extras(self) -> int:
        return sum(len(letters) - 1 for letters in self.letters.values())

    @property
    def differing(self) -> list[str]:
        return [recipient for recipient, letters in self.letters.items() if len(set(letters)) > 1]


class ChaosTestCase(TransactionTestCase):
    readers = 400
    workers = 2
    connections = 1

    def setUp(self) -> None:
        Identity.objects.create(name="Longshore")
        self.weekly, _breaking = make_newsletters()
        self.addresses = add_readers(self.weekly, self.readers)
        self.issue = make_issue(self.weekly)
        self.folder = Path(self.enterContext(TemporaryDirectory()))
        self.ledger = Ledger(self.folder / "ledger")
        self.ledger.path.touch()
        self.group: list[subprocess.Popen[bytes]] = []
        self.addCleanup(self.kill)

    def serve(self, **mischief) -> None:
        sink = subprocess.Popen(
            [sys.executable, "-m", "tests.newsletter.chaos_sink", str(self.ledger.path), json.dumps(mischief)],
            cwd=settings.BASE_DIR,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(sink.stdout.close)
        self.addCleanup(sink.wait)
        self.addCleanup(sink.kill)
        self.port = int(sink.stdout.readline())

    def start(self) -> None:
        database = connection.settings_dict
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "newsroom.settings",
            "DEBUG": "on",
            "DATABASE_URL": f"postgres://{database['USER']}@/{database['HOST']}/{database['NAME']}",
            "EMAIL_URL": f"smtp://127.0.0.1:{self.port}",
            "SUPPRESSION_KEY": settings.SUPPRESSION_KEY,
            "SECRET_KEY": settings.SECRET_KEY,
        }
        with (self.folder / "worker.log").open("ab") as log:
            self.group = [
                subprocess.Popen(
                    [sys.executable, "manage.py", "worker", "--connections", str(self.connections)],
                    cwd=settings.BASE_DIR,
                    env=environment,
                    stdout=log,
                    stderr=log,
                )
                for _number in range(self.workers)
            ]

    def kill(self, how: int = signal.SIGKILL) -> None:
        """The whole group."""
        for worker in self.group:
            if worker.poll() is None:
                worker.send_signal(how)
        for worker in self.group:
            worker.wait(timeout=30)

    def wait_until(self, true, *, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not true():
            if time.monotonic() > end:
                log = (self.folder / "worker.log").read_text()[-3000:]
                self.fail(f"It did not come true in time: {self.books()} {self.ledger.look()}\n{log}")
            time.sleep(0.05)

    def books(self) -> dict[str, int]:
        return Issue.objects.get(pk=self.issue.pk).books()

    def is_sent(self) -> bool:
        return Issue.objects.get(pk=self.issue.pk).stand == Issue.Stand.SENT

    def points(self, *, kills: int, terms: int, seed: int) -> list[tuple[int, int]]:
        """When, by the number of letters taken, the group is stopped, and by which signal."""
        chance = random.Random(seed)
        signals = [signal.SIGKILL] * kills + [signal.SIGTERM] * terms
        chance.shuffle(signals)
        return list(zip(sorted(chance.sample(range(1, int(self.readers * 0.95)), kills + terms)), signals, strict=True))

    def assert_nobody_missed(self, *, extras: int, without: set[str] = frozenset()) -> None:
        self.ledger.look()
        self.assertEqual(set(self.addresses) - set(self.ledger.letters) - without, set())
        self.assertLessEqual(self.ledger.extras, extras, Counter(map(len, self.ledger.letters.values())))
        self.assertEqual(self.ledger.differing, [])
        books = self.books()
        self.assertEqual(books["total"], self.readers)
        self.assertEqual((books["open"], books["uncertain"]), (0, 0))
