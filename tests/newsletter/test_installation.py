"""A database that was restored or copied sends nothing until somebody confirms it."""

import subprocess
import sys
import threading
from io import StringIO
from os import environ

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import TransactionTestCase, override_settings

from newsletter.models import Installation, Issue
from newsletter.sending.sender import Sender
from newsroom.audit.models import Entry
from newsroom.doctor import suppression_key
from newsroom.start import refuse_another_key
from tests.cast import make_user
from tests.newsletter.letters import SendingTestCase, frozen, make_issue, send_through, smtp
from tests.newsletter.sink import Sink, serving

PRODUCTION = {"TRIAL": False, "SITE_URL": "https://magazine.example"}
ANOTHER_KEY = "another-key-" * 5


class CopiedDatabase(SendingTestCase):
    def copied(self, **facts) -> None:
        """As it would look after `pg_restore` into another database, or another cluster."""
        Installation.objects.update(**facts or {"database": 1})

    def assert_nothing_leaves(self) -> None:
        with serving(Sink()) as sink:
            with self.assertLogs("newsletter.sending.sender", "WARNING") as logged:
                Sender(smtp(sink.port), threading.Event()).round()
            self.assertEqual(sink.letters, [])
        self.assertIn("Nobody confirmed that this database sends", logged.output[0])

    def test_what_is_half_sent_stays_where_it_is_until_somebody_resumes_it(self):
        frozen(self.issue)
        following = make_issue(self.weekly, self.tides, slug="following")
        following.send(by=self.erna, now=True)
        self.copied()
        self.assert_nothing_leaves()
        following.refresh_from_db()
        self.assertIsNone(following.frozen_at)

        self.assertEqual(Installation.objects.confirm(by=self.erna), 2)
        for issue in (self.issue, following):
            issue.refresh_from_db()
            self.assertEqual(issue.stand, Issue.Stand.PAUSED)
            self.assertIn("when this database was copied", issue.paused_because)
        with serving(Sink()) as sink:
            send_through(smtp(sink.port))
            self.assertEqual(sink.letters, [])
            self.issue.resume(by=self.erna)
            send_through(smtp(sink.port))
            self.assertEqual(len(sink.letters), 3)

    def test_another_cluster_another_database_another_address_and_a_restore_each_stop_it(self):
        for facts in ({"cluster": "1"}, {"database": 1}, {"site": "https://elsewhere.example"}, {"confirmed_at": None}):
            known = Installation.objects.values().get()
            with self.subTest(facts):
                self.copied(**facts)
                self.assertFalse(Installation.objects.is_confirmed())
                with self.assertRaisesMessage(ValidationError, "it may be a copy"):
                    self.issue.send(by=self.erna, now=True)
                Installation.objects.update(**known)
                self.assertTrue(Installation.objects.is_confirmed())

    def test_a_production_database_that_is_looked_at_in_a_trial_sends_nothing(self):
        with override_settings(**PRODUCTION):
            Installation.objects.confirm(by=self.erna)
            self.assertTrue(Installation.objects.is_confirmed())
        self.assertFalse(Installation.objects.is_confirmed())

    def test_the_preflight_is_against_it_and_no_reason_helps(self):
        self.copied()
        with self.assertRaisesMessage(CommandError, "manage.py confirm_installation"):
            call_command("send_issue", "weekly/tide", "--anyway", "I know.", stdout=StringIO())
        self.issue.refresh_from_db()
        self.assertIsNone(self.issue.send_at)

    def test_it_costs_one_query_each_round(self):
        with self.assertNumQueries(2):  # where we are, and whether that is known
            Installation.objects.is_confirmed()


class Confirming(SendingTestCase):
    def test_from_the_shell(self):
        Installation.objects.forget()
        out = StringIO()
        call_command("confirm_installation", "--dry-run", stdout=out)
        self.assertFalse(Installation.objects.is_confirmed())
        call_command("confirm_installation", stdout=out)
        self.assertTrue(Installation.objects.is_confirmed())
        self.assertIn("is not confirmed", out.getvalue())
        line = Entry.objects.newest("confirm installation", on=Installation.objects.get())
        self.assertEqual((line.origin, line.person), ("shell", None))
        with self.assertRaisesMessage(CommandError, "confirmed already"):
            call_command("confirm_installation")

    def test_at_the_desk_by_an_admin_alone(self):
        Installation.objects.forget()
        self.client.force_login(self.erna)
        self.assertEqual(self.client.get("/admin/installation/").status_code, 403)
        self.assertEqual(self.client.post("/admin/installation/").status_code, 403)
        self.assertFalse(Installation.objects.is_confirmed())
        admin = make_user("ada", "admin")
        self.client.force_login(admin)
        self.assertContains(self.client.get("/admin/installation/"), "Letters are sent from here")
        self.assertFalse(Installation.objects.is_confirmed())
        self.assertContains(self.client.post("/admin/installation/", follow=True), "Confirmed: letters are sent")
        line = Entry.objects.newest("confirm installation", on=Installation.objects.get())
        self.assertEqual(line.person, admin)


class TheKey(TransactionTestCase):
    def test_another_suppression_key_ends_each_start_with_a_sentence(self):
        refuse_another_key()
        with override_settings(SUPPRESSION_KEY=ANOTHER_KEY):
            for start in (refuse_another_key, Installation.objects.check_key):
                with self.assertRaisesMessage(ImproperlyConfigured, "those who left would be mailed again"):
                    start()
            self.assertTrue(suppression_key().is_wrong)
            with self.assertRaises(ImproperlyConfigured):
                Installation.objects.confirm(by=None)
        self.assertTrue(suppression_key().is_ok)

    def test_a_worker_with_another_key_does_not_begin(self):
        database = connection.settings_dict
        known = {
            "DJANGO_SETTINGS_MODULE": "newsroom.settings",
            "DATABASE_URL": f"postgres://{database['USER']}@/{database['HOST']}/{database['NAME']}",
            "SUPPRESSION_KEY": ANOTHER_KEY,
            "SECRET_KEY": settings.SECRET_KEY,
        }
        for command in (["manage.py", "worker"], ["-c", "import newsroom.wsgi"]):
            ended = subprocess.run(
                [sys.executable, *command],
                cwd=settings.BASE_DIR,
                env=environ | {"DEBUG": "on"} | known,
                capture_output=True,
                text=True,
                timeout=30,
            )
            self.assertEqual(ended.returncode, 1)
            self.assertIn("SUPPRESSION_KEY is not the one", ended.stderr)
