"""As a new operator would: SMTP settings wrong in one way after the other, each named before a reader is mailed."""

import json
import socket
import ssl
from contextlib import contextmanager
from io import StringIO
from unittest import mock

import trustme
from aiosmtpd.smtp import AuthResult
from django.core.management import CommandError, call_command
from django.test import override_settings

from newsletter.models import Issue
from newsletter.sending.probe import probe
from newsroom.audit.models import Entry
from newsroom.doctor import examine
from newsroom.email_url import mailer_from_url
from tests.newsletter.letters import SendingTestCase
from tests.newsletter.name_server import GOOD, answering
from tests.newsletter.sink import Line, Sink, raw_server, serving
from tests.newsletter.test_transports import tls, trusted

SENDER = "letters@magazine.test"
# How long a server that says nothing is listened to.
IMPATIENT = mock.patch("newsletter.sending.probe.GREETING_SECONDS", 0.3)
SETTINGS = {"DEFAULT_FROM_EMAIL": f"Magazine <{SENDER}>", "DKIM_SELECTOR": "post"}


class Strict(Sink):
    """Wants the right password, and takes letters from one sender."""

    allowed: str = SENDER
    heard: list[str]

    def __init__(self) -> None:
        super().__init__()
        self.heard = []

    async def handle_MAIL(self, server, session, envelope, address, options):
        self.heard.append(f"MAIL {address}")
        if address != self.allowed:
            return f"553 5.7.1 {address}: sender address rejected: not owned by user longshore"
        envelope.mail_from = address
        return "250 2.1.0 Ok"

    async def handle_RSET(self, server, session, envelope):
        self.heard.append("RSET")
        return "250 2.0.0 Ok"

    def __call__(self, server, session, envelope, mechanism, data):
        return AuthResult(success=(data.login, data.password) == (b"longshore", b"right p@ss"), handled=False)


@contextmanager
def mailing(url: str, **options):
    with override_settings(MAILERS={"default": mailer_from_url(url)}, **SETTINGS | options):
        yield


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class WrongWays(SendingTestCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.authority = trustme.CA()
        cls.server_tls = tls(cls.authority, "127.0.0.1")

    def assert_found(self, code: str, *words: str) -> None:
        """By the doctor and by the preflight alike, in the same sentence; and nothing is sent."""
        with answering(GOOD) as server, override_settings(DNS_SERVERS=[server]):
            found = {finding.code: finding for finding in examine()}
            with self.assertRaises(CommandError) as refusal:
                call_command("send_issue", "weekly/tide", "--now", stdout=StringIO())
        self.assertIn(f"transport: {code}", found)
        sentence = found[f"transport: {code}"].sentence
        self.assertTrue(found[f"transport: {code}"].is_wrong)
        for word in words:
            self.assertIn(word, sentence)
        self.assertIn(sentence, str(refusal.exception))
        self.assertIn("--anyway", str(refusal.exception))
        self.issue.refresh_from_db()
        self.assertEqual((self.issue.stand, self.issue.deliveries.count()), (Issue.Stand.DRAFT, 0))

    @contextmanager
    def strict(self, **how):
        sink = Strict()
        with trusted(self.authority), serving(sink, authenticator=sink, **how):
            yield sink
        self.assertEqual(sink.letters, [])

    def test_when_all_is_right_it_is_said_and_no_mail_was_needed_to_know(self):
        with self.strict(starttls=self.server_tls) as sink:
            with mailing(f"smtp+tls://longshore:right%20p%40ss@127.0.0.1:{sink.port}"):
                found = probe(SENDER)
            self.assertTrue(found.is_ok, found.sentence)
            self.assertIn("No mail was sent", found.sentence)
            self.assertEqual(sink.heard, [f"MAIL {SENDER}", "RSET"])

    def test_1_a_port_where_nobody_is(self):
        with mailing(f"smtp+tls://longshore:x@127.0.0.1:{(port := free_port())}"):
            self.assert_found("port", f"Nothing answers at 127.0.0.1:{port}", "587")

    def test_1_a_port_where_somebody_else_is(self):
        def web(line: Line) -> None:
            line.say("HTTP/1.1 400 Bad Request")

        with raw_server(web) as port, mailing(f"smtp+tls://127.0.0.1:{port}"):
            self.assert_found("port", "no mail server")

    @IMPATIENT
    def test_1_a_port_that_wants_the_other_kind_of_tls(self):
        with self.strict(implicit=self.server_tls) as sink, mailing(f"smtp+tls://127.0.0.1:{sink.port}"):
            self.assert_found("encrypted from the start", "smtps://")
        with self.strict() as sink, mailing(f"smtps://127.0.0.1:{sink.port}"):
            self.assert_found("not encrypted from the start", "smtp+tls://")

    def test_2_a_wrong_password(self):
        with (
            self.strict(starttls=self.server_tls) as sink,
            mailing(f"smtp+tls://longshore:wrong@127.0.0.1:{sink.port}"),
        ):
            self.assert_found("login", "user name and password", "535", "%40")
            self.assertEqual(sink.heard, [])

    def test_2_no_password_where_one_is_wanted(self):
        with (
            self.strict(starttls=self.server_tls, auth_required=True) as sink,
            mailing(f"smtp+tls://127.0.0.1:{sink.port}"),
        ):
            self.assert_found("login", "wants a login first", "530")

    def test_3_a_server_that_wants_starttls_first(self):
        with self.strict(starttls=self.server_tls) as sink:
            for login in ("", "longshore:right%20p%40ss@"):
                with self.subTest(login=login), mailing(f"smtp://{login}127.0.0.1:{sink.port}"):
                    self.assert_found("login", "wants TLS before anything else", "smtp+tls://")
            self.assertEqual(sink.heard, [])

    def test_a_sender_at_a_domain_with_other_letters_is_asked_about_as_mail_servers_know_it(self):
        sink = Strict()
        sink.allowed = "letters@xn--kste-0ra.example"
        with serving(sink), mailing(f"smtp://127.0.0.1:{sink.port}"):
            found = probe("letters@küste.example")
        self.assertTrue(found.is_ok, found.sentence)

    def test_3_a_server_without_starttls(self):
        with self.strict() as sink, mailing(f"smtp+tls://longshore:secret@127.0.0.1:{sink.port}"):
            self.assert_found("no STARTTLS", "offers no STARTTLS", "smtps://")
            self.assertEqual(sink.heard, [])

    def test_4_a_certificate_that_is_not_trusted_or_another_s(self):
        for scheme, how in (("smtp+tls", "starttls"), ("smtps", "implicit")):
            stranger = {how: tls(trustme.CA(), "127.0.0.1")}
            with self.subTest(scheme), self.strict(**stranger) as sink, mailing(f"{scheme}://127.0.0.1:{sink.port}"):
                self.assert_found("certificate", "is not trusted")
            other: dict[str, ssl.SSLContext] = {how: tls(self.authority, "elsewhere.example")}
            with self.subTest(scheme), self.strict(**other) as sink, mailing(f"{scheme}://127.0.0.1:{sink.port}"):
                self.assert_found("certificate", "for another name")

    def test_5_a_sender_that_is_refused(self):
        with (
            self.strict(starttls=self.server_tls) as sink,
            mailing(f"smtp+tls://longshore:right%20p%40ss@127.0.0.1:{sink.port}"),
        ):
            sink.allowed = "other@magazine.test"
            self.assert_found("sender", f"does not let us send as {SENDER}", "553", "DEFAULT_FROM_EMAIL")

    def test_5_a_sender_that_is_refused_only_when_a_recipient_is_named(self):
        sink = Strict()
        sink.at_recipient[SENDER] = "553 5.7.1 Sender address rejected: not owned by user"
        with serving(sink), mailing(f"smtp://127.0.0.1:{sink.port}"):
            self.assert_found("sender", "not owned by user")
        sink.at_recipient[SENDER] = "550 5.1.1 No such mailbox"
        with serving(sink), mailing(f"smtp://127.0.0.1:{sink.port}"):
            self.assertTrue(probe(SENDER).is_ok)

    def test_6_a_host_that_nobody_knows(self):
        with mailing("smtp+tls://longshore:x@mail.magazine.invalid:587"):
            self.assert_found("host", "mail.magazine.invalid", "Correct the host")

    @IMPATIENT
    def test_a_server_that_never_says_a_word_is_given_up(self):
        with raw_server(lambda line: line.hear()) as port, mailing(f"smtp://127.0.0.1:{port}"):
            self.assertEqual(probe(SENDER).code, "transport: port")

    def test_the_doctor_s_exit_status_and_json_say_it_too(self):
        with mailing(f"smtp+tls://127.0.0.1:{free_port()}"):
            out = StringIO()
            with self.assertRaises(SystemExit) as ended:
                call_command("doctor", "--json", stdout=out)
            self.assertEqual(ended.exception.code, 1)
            report = json.loads(out.getvalue())
            self.assertFalse(report["fit"])
            self.assertIn(
                ("transport: port", "wrong"), {(found["code"], found["verdict"]) for found in report["findings"]}
            )

    def test_a_reason_sends_it_anyway_and_is_kept_with_what_was_found(self):
        with mailing(f"smtp+tls://127.0.0.1:{free_port()}"):
            call_command("send_issue", "weekly/tide", "--anyway", "The server starts at noon.", stdout=StringIO())
        self.issue.refresh_from_db()
        self.assertEqual(self.issue.stand, Issue.Stand.SCHEDULED)
        line = Entry.objects.newest("send anyway", on=self.issue)
        self.assertEqual(line.details["because"], "The server starts at noon.")
        self.assertIn("transport: port", line.details["found"])
