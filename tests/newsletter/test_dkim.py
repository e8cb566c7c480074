"""The house's signature: a stranger's verifier accepts it, and it is the same when a letter is handed over again."""

import base64
from pathlib import Path
from tempfile import TemporaryDirectory

import dkim as stranger
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as new_ec_key
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as new_rsa_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage
from django.test import SimpleTestCase, override_settings
from django.utils import timezone

from articles.mail import post
from newsletter.letters import dkim
from newsletter.signup import mails
from newsroom.email_url import mailer_from_url
from tests.newsletter.cast import ROSA
from tests.newsletter.letters import SendingTestCase, frozen, parsed, send_through, smtp
from tests.newsletter.sink import Sink, serving

RSA = new_rsa_key(65537, 2048)
HOUSE = {"DKIM_SELECTOR": "letters", "DKIM_DOMAIN": "longshore.example"}


def pem(key, lock=None) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock or NoEncryption()).decode()


def published(key) -> bytes:
    """The TXT record."""
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b"v=DKIM1; k=rsa; p=" + base64.b64encode(der)


def is_signed(letter: bytes) -> bool:
    asked = []

    def dns(name, timeout=5):
        asked.append(name)
        return published(RSA)

    return stranger.verify(letter, dnsfunc=dns) and asked == [b"letters._domainkey.longshore.example."]


class SigningTestCase(SendingTestCase):
    def setUp(self):
        self.addCleanup(dkim.configured.cache_clear)
        dkim.configured.cache_clear()

    def sent(self, **answers) -> dict[str, bytes]:
        with serving(Sink(**answers)) as sink:
            send_through(smtp(sink.port))
        return dict(sink.letters)


@override_settings(DKIM_KEY=pem(RSA), **HOUSE)
class SignedTests(SigningTestCase):
    def test_every_letter_verifies_and_what_leads_out_is_signed(self):
        frozen(self.issue)
        letters = self.sent()
        self.assertEqual(len(letters), 3)
        for letter in letters.values():
            self.assertTrue(is_signed(letter))
            signature = " ".join(parsed(letter)["DKIM-Signature"].split())
            for name in ("list-unsubscribe", "list-unsubscribe-post", "from", "to", "message-id", "list-id"):
                self.assertRegex(signature, rf"[:=] ?{name}[:;]")
            self.assertIn(f"t={int(self.issue.frozen_at.timestamp())};", signature)
            self.assertLessEqual(max(map(len, letter.split(b"\r\n"))), 998)

    def test_a_letter_that_was_touched_on_the_way_does_not_verify(self):
        frozen(self.issue)
        letter = self.sent()[ROSA]
        touches = {
            b"Good morning": b"Good evening",
            b"List-Unsubscribe: <http": b"List-Unsubscribe: <hxxp",
            b"Subject:": b"Subject: Other\r\nSubject:",
        }
        for before, after in touches.items():
            with self.subTest(after=after):
                self.assertIn(before, letter)
                self.assertFalse(is_signed(letter.replace(before, after, 1)))

    def test_a_letter_that_is_tried_again_has_the_same_signature(self):
        frozen(self.issue)
        first = self.sent()[ROSA]
        self.issue.deliveries.update(state="uncertain")
        self.issue.reconcile("repeat", by=self.erna)
        self.assertEqual(self.sent()[ROSA], first)


class SingleMailTests(SigningTestCase):
    def mailed(self) -> list[bytes]:
        """A confirmation mail handed over twice, a note to somebody of the house, and a new password."""
        at = timezone.now()
        with serving(Sink()) as sink:
            mailers = {"default": mailer_from_url(f"smtp://127.0.0.1:{sink.port}")}
            with override_settings(MAILERS=mailers):
                for _time in range(2):
                    mails.ask(self.nils.subscriber, [self.nils], at=at, message_id="<ask@longshore.example>")
                post(to="erna@longshore.example", subject="Grüße", text="Schön.\n\n\n", at=at, named="note")
                EmailMessage("Hello", "A new password.", to=["erna@longshore.example"]).send(using="default")
        return [letter for _to, letter in sink.letters]

    @override_settings(DKIM_KEY=pem(RSA), **HOUSE)
    def test_every_mail_is_signed_and_the_same_mail_has_the_same_signature(self):
        mailed = self.mailed()
        self.assertEqual([is_signed(mail) for mail in mailed], [True] * 4)
        self.assertEqual(mailed[0], mailed[1])
        self.assertFalse(is_signed(mailed[3].replace(b"new password", b"old password")))

    @override_settings(DKIM_KEY="/nowhere/dkim.pem", **HOUSE)
    def test_with_a_key_that_cannot_be_read_they_leave_unsigned_and_the_log_says_so(self):
        with self.assertLogs("newsletter.sending.signing", "ERROR") as logged:
            mailed = self.mailed()
        self.assertEqual([b"DKIM-Signature" in mail for mail in mailed], [False] * 4)
        self.assertIn("DKIM_KEY cannot be read: No such file", logged.output[0])


class UnsignedTests(SigningTestCase):
    def test_without_a_key_there_is_no_signature(self):
        frozen(self.issue)
        self.assertNotIn(b"DKIM-Signature", self.sent()[ROSA])


class KeyTests(SimpleTestCase):
    def setUp(self):
        self.addCleanup(dkim.configured.cache_clear)

    def test_a_key_that_is_no_good_is_refused_with_a_sentence(self):
        for key, sentence in (
            ("nonsense", "cannot be read"),
            ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "is no private key in PEM"),
            (pem(new_rsa_key(65537, 1024)), "has 1024 bits: mailbox providers want 2048"),  # noqa: S505
            (pem(new_ec_key(SECP256R1())), "must be an RSA key"),
            (pem(RSA, BestAvailableEncryption(b"secret")), "locked by a password"),
        ):
            with self.subTest(sentence=sentence), self.assertRaisesMessage(ImproperlyConfigured, sentence):
                dkim.read_key(key)

    def test_a_key_is_read_from_one_line_and_from_a_file(self):
        with TemporaryDirectory() as folder:
            file = Path(folder, "dkim.pem")
            file.write_text(pem(RSA))
            for text in (pem(RSA).replace("\n", "\\n"), str(file)):
                self.assertEqual(dkim.read_key(text).private_numbers(), RSA.private_numbers())

    def test_a_key_wants_a_domain_and_a_selector(self):
        for missing, sentence in (
            ({"DKIM_DOMAIN": ""}, "set DKIM_DOMAIN and DKIM_SELECTOR"),
            ({"DKIM_SELECTOR": ""}, "set DKIM_DOMAIN and DKIM_SELECTOR"),
            ({"DKIM_SELECTOR": "a b"}, "DKIM_SELECTOR must be a name"),
        ):
            dkim.configured.cache_clear()
            with (
                override_settings(**{"DKIM_KEY": pem(RSA)} | HOUSE | missing),
                self.assertRaisesMessage(ImproperlyConfigured, sentence),
            ):
                dkim.configured()
