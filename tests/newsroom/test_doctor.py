"""Each line of the doctor, as it is and as it is when something is wrong."""

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import TestCase, override_settings

from newsletter.models import Installation, Newsletter
from newsroom import doctor
from newsroom.findings import Finding, Verdict
from tests.newsletter.name_server import GOOD, answering


class Doctor(TestCase):
    def assert_said(self, finding: Finding, verdict: Verdict, words: str) -> None:
        self.assertEqual(finding.verdict, verdict, finding.sentence)
        self.assertIn(words, finding.sentence)

    def test_the_house_of_the_tests_is_fine_but_for_a_worker(self):
        out = StringIO()
        with self.assertRaises(SystemExit):
            call_command("doctor", "--json", stdout=out)
        found = json.loads(out.getvalue())["findings"]
        self.assertEqual([finding["code"] for finding in found if finding["verdict"] == "wrong"], ["worker"])
        names = {
            "database",
            "migrations",
            "extensions",
            "suppression key",
            "installation",
            "opt-outs",
            "clock",
            "storage",
        }
        self.assertEqual({f["code"] for f in found if f["verdict"] == "ok"}, names | {"originals"})

    def test_with_a_worker_nothing_is_wrong(self):
        self.worker_lives(seconds_ago=5)
        out = StringIO()
        call_command("doctor", stdout=out)
        self.assertIn("Nothing is wrong.", out.getvalue())
        self.assertIn("ok           Worker: At work", out.getvalue())

    def test_a_worker_that_fell_silent_is_none(self):
        self.worker_lives(seconds_ago=90)
        self.assert_said(doctor.worker(), Verdict.WRONG, "manage.py worker")

    def test_jobs_that_wait_for_long(self):
        self.worker_lives(seconds_ago=5)
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, args, scheduled_at) "
                "VALUES ('mail', 'x', '{}', now() - interval '20 minutes')"
            )
        self.assert_said(doctor.worker(), Verdict.WRONG, "1 jobs wait")

    def test_originals_that_everybody_could_fetch(self):
        with (
            TemporaryDirectory() as folder,
            override_settings(MEDIA_ROOT=folder, PRIVATE_ROOT=Path(folder) / "private"),
        ):
            self.assert_said(doctor.private_originals(), Verdict.WRONG, "move it out")

    def test_an_address_without_https_and_settings_that_are_unsafe(self):
        for host in ("localhost", "127.0.0.1", "[::1]", "magazine.local", "magazine"):
            url = f"https://{host}"
            with override_settings(TRIAL=False, HTTPS=True, SITE_URL=url, SITE=urlsplit(url)):
                self.assert_said(doctor.site(), Verdict.WRONG, f"No reader reaches {url}")
        with override_settings(TRIAL=False, HTTPS=False, SITE_URL="http://magazine.example"):
            self.assert_said(doctor.site(), Verdict.WRONG, "https://")
        with override_settings(TRIAL=False, SECURE_HSTS_SECONDS=0, SESSION_COOKIE_SECURE=False):
            self.assert_said(doctor.security(), Verdict.WRONG, "security.W012")

    def test_a_database_that_does_not_answer(self):
        nowhere = os.environ | {"DEBUG": "on", "DJANGO_SETTINGS_MODULE": "newsroom.settings"}
        ended = subprocess.run(
            [sys.executable, "manage.py", "doctor"],
            cwd=settings.BASE_DIR,
            env=nowhere | {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"},
            capture_output=True,
            text=True,
            timeout=30,
        )
        self.assertEqual(ended.returncode, 1)
        self.assertRegex(ended.stdout, "(?m)^wrong        Database: .*correct DATABASE_URL")
        self.assertRegex(ended.stdout, "(?m)^not checked  Worker: The database does not answer")
        self.assertNotIn("Traceback", ended.stderr)

    def test_answers_to_an_address_that_takes_none(self):
        Newsletter.objects.create(name="Weekly", slug="weekly", description="x", reply_to="desk@nowhere.test")
        with answering(GOOD) as server, override_settings(DNS_SERVERS=[server]):
            [finding] = doctor.answers_arrive()
        self.assertEqual(finding.about, "Answers to “Weekly”")
        self.assert_said(finding, Verdict.WRONG, "answers would be lost")

    def test_an_installation_that_nobody_confirmed(self):
        Installation.objects.forget()
        found = {finding.code: finding for finding in doctor.examine()}
        self.assert_said(found["installation"], Verdict.WRONG, "confirm_installation")

    def worker_lives(self, *, seconds_ago: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - make_interval(secs => %s))",
                [seconds_ago],
            )
