"""A test per scheme of EMAIL_URL."""

import ssl
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

import trustme
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMultiAlternatives
from django.test import SimpleTestCase, override_settings

from newsletter.sending.answers import Fate, Stage, Unreachable, read
from newsletter.sending.files import write_eml
from newsletter.sending.transports import FileTransport, Transport, configured
from newsroom.email_url import mailer_from_url
from tests.newsletter.letters import parsed
from tests.newsletter.sink import Line, Sink, raw_server, serving

LETTER = b"Subject: Tides\r\n\r\nGood morning.\r\n.\r\n..and\r\n"
ENVELOPE = ("letters@longshore.example", "rosa@readers.example")


@contextmanager
def transport_to(url: str):
    with override_settings(MAILERS={"default": mailer_from_url(url)}), configured() as transport:
        yield transport


@contextmanager
def trusted(authority: trustme.CA):
    """Where OpenSSL looks for the authorities that it trusts."""
    with authority.cert_pem.tempfile() as bundle, mock.patch.dict("os.environ", SSL_CERT_FILE=bundle):
        yield


def tls(authority: trustme.CA, host: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host).configure_cert(context)
    return context


class SchemeTests(SimpleTestCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.authority = trustme.CA()
        cls.server_tls = tls(cls.authority, "127.0.0.1")

    def assert_handed_over(self, transport: Transport, sink: Sink) -> None:
        answer = transport.hand_over(*ENVELOPE, LETTER)
        self.assertEqual((answer.fate, answer.text), (Fate.ACCEPTED, "250 2.0.0 Ok: queued as 1"))
        self.assertEqual(sink.letters, [(ENVELOPE[1], LETTER)])

    def test_smtp_is_plain_and_stays_inside(self):
        with serving(Sink()) as sink, transport_to(f"smtp://127.0.0.1:{sink.port}") as transport:
            self.assert_handed_over(transport, sink)
        with self.assertRaisesMessage(ImproperlyConfigured, "in the clear"):
            mailer_from_url("smtp://192.0.43.10:25")

    def test_smtp_tls_starts_tls_before_anything_else(self):
        with (
            trusted(self.authority),
            serving(Sink(), starttls=self.server_tls) as sink,
            transport_to(f"smtp+tls://127.0.0.1:{sink.port}") as transport,
        ):
            self.assert_handed_over(transport, sink)

    def test_smtp_tls_sends_nothing_to_a_server_without_starttls(self):
        heard: list[bytes] = []

        def of_the_old_kind(line: Line) -> None:
            line.heard = heard
            line.say("220 sink.example")
            line.answer("502 What?", "250 sink.example")
            line.hear()

        def extended(line: Line) -> None:
            line.heard = heard
            line.say("220 sink.example")
            line.hear()
            line.say("250-sink.example", "250-PIPELINING", "250 AUTH PLAIN LOGIN")
            line.hear()

        for script in (extended, of_the_old_kind):
            with (
                raw_server(script) as port,
                transport_to(f"smtp+tls://user:secret@127.0.0.1:{port}") as transport,
                self.assertRaises(Unreachable),
            ):
                transport.hand_over(*ENVELOPE, LETTER)
        said = b"".join(heard)
        self.assertIn(b"ehlo", said)
        self.assertNotRegex(said, rb"MAIL|RCPT|DATA|AUTH|Tides|secret")

    def test_smtp_tls_does_not_trust_a_stranger_s_certificate(self):
        for authority, host in ((trustme.CA(), "127.0.0.1"), (self.authority, "elsewhere.example")):
            with (
                trusted(self.authority),
                serving(Sink(), starttls=tls(authority, host)) as sink,
                transport_to(f"smtp+tls://127.0.0.1:{sink.port}") as transport,
            ):
                with self.assertRaisesMessage(Unreachable, "certificate"):
                    transport.hand_over(*ENVELOPE, LETTER)
                self.assertEqual(sink.letters, [])

    def test_smtps_and_smtp_ssl_are_encrypted_from_the_first_byte(self):
        for scheme in ("smtps", "smtp+ssl"):
            with (
                trusted(self.authority),
                serving(Sink(), implicit=self.server_tls) as sink,
                transport_to(f"{scheme}://127.0.0.1:{sink.port}") as transport,
            ):
                self.assert_handed_over(transport, sink)

    def test_file_writes_one_eml_per_message_whole_and_in_order(self):
        with TemporaryDirectory() as folder, transport_to(f"file://{folder}/mail") as transport:
            for number in range(3):
                answer = transport.hand_over(*ENVELOPE, LETTER + str(number).encode())
                self.assertEqual(answer.fate, Fate.ACCEPTED)
            written = sorted(Path(folder, "mail").iterdir())
            self.assertEqual([path.read_bytes()[-1:] for path in written], [b"0", b"1", b"2"])
            self.assertTrue(all(path.suffix == ".eml" for path in written))

    def test_a_folder_that_cannot_be_written_is_said(self):
        with TemporaryDirectory() as folder:
            blocked = Path(folder, "file")
            blocked.touch()
            with self.assertRaisesMessage(Unreachable, "cannot be written"):
                FileTransport(blocked).hand_over(*ENVELOPE, LETTER)


class ConnectionTests(SimpleTestCase):
    def test_one_connection_carries_many_letters(self):
        connections = []

        def takes_all(line: Line) -> None:
            connections.append(line)
            line.say("220 sink.example")
            line.answer("250 sink.example")
            while True:
                line.answer("250 Ok", "250 Ok", "354 Go on")
                line.hear_letter()
                line.say("250 Ok")

        with raw_server(takes_all) as port, transport_to(f"smtp://127.0.0.1:{port}") as transport:
            for _number in range(5):
                transport.hand_over(*ENVELOPE, LETTER)
        self.assertEqual(len(connections), 1)

    def test_a_refused_letter_does_not_spoil_the_next(self):
        sink = Sink(at_recipient={"nobody@readers.example": "550 5.1.1 No such user"})
        with serving(sink), transport_to(f"smtp://127.0.0.1:{sink.port}") as transport:
            refused = transport.hand_over(ENVELOPE[0], "nobody@readers.example", LETTER)
            accepted = transport.hand_over(*ENVELOPE, LETTER)
        self.assertEqual((refused.fate, accepted.fate), (Fate.UNKNOWN_ADDRESS, Fate.ACCEPTED))

    def test_a_server_that_wants_no_password_from_us_is_said(self):
        with (
            serving(Sink()) as sink,
            transport_to(f"smtp://user:wrong@127.0.0.1:{sink.port}") as transport,
            self.assertRaises(Unreachable),
        ):
            transport.hand_over(*ENVELOPE, LETTER)
        self.assertEqual(sink.letters, [])

    def test_cutting_ends_a_conversation_that_hangs(self):
        def falls_silent(line: Line) -> None:
            line.say("220 sink.example")
            line.answer("250 sink.example", "250 Ok", "250 Ok", "354 Go on")
            line.hear_letter()
            transport.cut()
            line.hear()

        with raw_server(falls_silent) as port, transport_to(f"smtp://127.0.0.1:{port}") as transport:
            self.assertEqual(transport.hand_over(*ENVELOPE, LETTER).fate, Fate.UNCERTAIN)


class AnswerTests(SimpleTestCase):
    def test_answers_are_read_by_their_enhanced_code_and_by_what_they_are_about(self):
        for code, text, stage, fate in (
            (250, "2.0.0 Ok", Stage.LETTER, Fate.ACCEPTED),
            (451, "4.7.1 Greylisted", Stage.RECIPIENT, Fate.LATER),
            (421, "Too many", Stage.LETTER, Fate.LATER),
            (550, "5.1.1 Unknown", Stage.RECIPIENT, Fate.UNKNOWN_ADDRESS),
            (550, "5.1.10 Null MX", Stage.RECIPIENT, Fate.UNKNOWN_ADDRESS),
            (550, "5.1.1 Unknown", Stage.LETTER, Fate.UNKNOWN_ADDRESS),
            (550, "5.1.8 Bad sender", Stage.RECIPIENT, Fate.HALTED),
            (550, "5.7.515 Not authenticated", Stage.LETTER, Fate.HALTED),
            (553, "Sender refused", Stage.SENDER, Fate.HALTED),
            (550, "Unknown", Stage.RECIPIENT, Fate.REFUSED),
            (552, "5.2.2 Full", Stage.RECIPIENT, Fate.REFUSED),
            (-1, "", Stage.LETTER, Fate.UNCERTAIN),
        ):
            with self.subTest(code=code, text=text, stage=stage):
                self.assertEqual(read(code, text, stage).fate, fate)


class SingleMailTests(SimpleTestCase):
    def test_django_s_own_mails_are_written_with_long_headers_whole(self):
        token = "t" * 120
        mail = EmailMultiAlternatives(
            "Confirm", "Text", "Longshore <letters@longshore.example>", ["rosa@readers.example"],
            headers={"List-Unsubscribe": f"<https://longshore.example/{token}/>"},
        )  # fmt: skip
        with (
            TemporaryDirectory() as folder,
            override_settings(MAILERS={"default": mailer_from_url(f"file://{folder}")}),
        ):
            self.assertEqual(mail.send(), 1)
            [written] = Path(folder).glob("*.eml")
            self.assertEqual(parsed(written.read_bytes())["List-Unsubscribe"], f"<https://longshore.example/{token}/>")
            self.assertIn(token.encode(), written.read_bytes())

    def test_names_of_files_sort_by_time(self):
        with TemporaryDirectory() as folder:
            written = [write_eml(Path(folder), b"x").name for _number in range(20)]
        self.assertEqual(written, sorted(written))
