"""A mail service cannot be asked whether it would take a letter: what it said to the last one answers for it."""

from contextlib import suppress
from datetime import timedelta

import time_machine
from anymail.exceptions import AnymailAPIError
from django.conf import settings
from django.test import override_settings
from django.utils import timezone

from articles.mail import post
from newsletter.letters.trial import trial
from newsletter.models import Issue
from newsletter.sending.probe import probe
from newsletter.signup import mails
from newsroom.email_url import mailer_from_url
from newsroom.findings import Finding, Verdict
from tests.newsletter.apis import Postmark, serving
from tests.newsletter.letters import SendingTestCase, frozen, send_through

NO = (401, {"ErrorCode": 10, "Message": "The Server Token you provided is not valid."}, {})


class ServicePreflightTests(SendingTestCase):
    def setUp(self):
        self.api = Postmark()
        ours = serving(self.api)
        self.transport = ours.__enter__()
        self.addCleanup(ours.__exit__, None, None, None)

    def try_out(self) -> None:
        with suppress(AnymailAPIError):
            trial(self.issue, to="erna@magazine.example", at=timezone.now(), message_id="<trial@magazine.example>")

    def assert_found(self, verdict: Verdict, *words: str) -> Finding:
        found = probe("letters@magazine.example")
        self.assertEqual(found.verdict, verdict, found.sentence)
        for some in words:
            self.assertIn(some, found.sentence)
        return found

    def test_nothing_is_known_before_the_first_letter(self):
        self.assert_found(Verdict.NOT_CHECKED, "postmark by its API", "send a trial letter")

    def test_a_trial_letter_that_was_taken_answers_for_a_week(self):
        self.try_out()
        self.assertEqual(len(self.api.letters), 1)
        self.assert_found(Verdict.OK, "took a letter with this key")
        with time_machine.travel(timezone.now() + timedelta(days=8)):
            self.assert_found(Verdict.NOT_CHECKED, "last 7 days")

    def test_a_key_that_was_refused_is_wrong_until_a_letter_is_taken(self):
        self.api.answers = [NO]
        self.try_out()
        self.assert_found(Verdict.WRONG, "The Server Token you provided is not valid", "ANYMAIL_")
        self.try_out()
        self.assert_found(Verdict.OK)

    def test_with_another_key_or_another_sender_nothing_is_known(self):
        self.try_out()
        with override_settings(ANYMAIL=settings.ANYMAIL | {"POSTMARK_SERVER_TOKEN": "another"}):
            self.assert_found(Verdict.NOT_CHECKED)
        with override_settings(DEFAULT_FROM_EMAIL="Other <other@magazine.example>"):
            self.assert_found(Verdict.NOT_CHECKED)

    def test_the_letters_of_an_issue_count_as_well(self):
        frozen(self.issue)
        self.api.answers = [NO]
        send_through(self.transport)
        self.issue.refresh_from_db()
        self.assertEqual(self.issue.stand, Issue.Stand.PAUSED)
        self.assert_found(Verdict.WRONG, "not valid")
        self.issue.resume(by=self.erna)
        send_through(self.transport)
        self.assert_found(Verdict.OK)

    def test_a_setting_that_is_missing_and_a_service_that_nobody_knows_are_named(self):
        with override_settings(ANYMAIL={}):
            self.assert_found(Verdict.WRONG, "EMAIL_URL names postmark", "POSTMARK_SERVER_TOKEN")
        with override_settings(MAILERS={"default": mailer_from_url("anymail+pigeon://")}):
            self.assert_found(Verdict.WRONG, "a mail service that nobody knows: pigeon")

    def test_mails_to_one_person_go_through_a_service_as_well(self):
        at = timezone.now()
        mails.ask(self.nils.subscriber, [self.nils], at=at, message_id="<ask@magazine.example>")
        post(to="erna@magazine.example", subject="A note", text="Good morning.\n", at=at, named="note")
        first, second = self.api.letters
        self.assertIn("/newsletter/confirm/", first["TextBody"])
        self.assertEqual(second["Subject"], "A note")
        self.assertNotIn("Date", {header["Name"] for letter in self.api.letters for header in letter["Headers"]})
