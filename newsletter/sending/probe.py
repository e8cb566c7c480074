"""Whether the mail server that the settings name would take letters from us: everything but a letter is said to it.

Each way in which the settings can be wrong has a sentence of its own, which says what to change.
"""

import contextlib
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail.utils import DNS_NAME
from django.db import DatabaseError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from newsletter.models import service
from newsletter.sending.transports import configured
from newsroom.addresses import on_the_wire
from newsroom.email_url import FILES, SMTP, is_by_service
from newsroom.environment import is_loopback
from newsroom.findings import About, Finding

# For one step, and for the whole conversation; a server that drips one byte at a time meets the second.
STEP_SECONDS = 8.0
TOTAL_SECONDS = 20.0
# How long a silent server is given before it is tried whether it waits for TLS.
GREETING_SECONDS = 4.0
# Mail that goes nowhere: as files, or in the memory of a test.
NOWHERE = {FILES, "django.core.mail.backends.locmem.EmailBackend"}
# X509_V_ERR_…: https://docs.openssl.org/3.5/man3/X509_STORE_CTX_get_error/
EXPIRED, SELF_SIGNED, UNKNOWN_AUTHORITY, OTHER_NAME = {10}, {18, 19}, {2, 20, 21}, {62, 64}
WANTS_LOGIN = {530, 538}
WRITE_TLS = gettext_lazy(
    "%(server)s wants TLS before anything else is said. Write smtp+tls:// in EMAIL_URL instead of smtp://, "
    "usually with port 587."
)
BROKEN_OFF = {
    "": gettext_lazy("The conversation with %(server)s broke off (%(reason)s): try again in a while."),
    "login": gettext_lazy(
        "%(server)s broke off over the login (%(reason)s): look at the user name and the password of EMAIL_URL, "
        "and whether the provider bars this account or machine."
    ),
    "sender": gettext_lazy(
        "%(server)s broke off when it heard the sender %(sender)s (%(reason)s): have your provider allow that address, "
        "or try again in a while."
    ),
}


def stays_here() -> bool:
    """Whether no letter leaves this machine: files, or a trial’s mail server on the loopback address."""
    mailer = settings.MAILERS["default"]
    if mailer["BACKEND"] in NOWHERE:
        return True
    host = mailer.get("OPTIONS", {}).get("host") or ""
    return bool(settings.TRIAL and mailer["BACKEND"] == SMTP and is_loopback(host))


def probe(sender: str) -> Finding:
    """Ask for leave to send as that address, and end the conversation there."""
    mailer = settings.MAILERS["default"]
    options = mailer.get("OPTIONS", {})
    if mailer["BACKEND"] == FILES:
        return _folder(Path(options["folder"]))
    if is_by_service():
        return _service()
    if mailer["BACKEND"] != SMTP:
        about = About("transport", gettext_lazy("The way to the mail server"))
        return about.not_checked(_("Letters leave by an interface of your provider, which is not tried beforehand."))
    return Conversation(options).hold(sender)


def _service() -> Finding:
    """By its last answer to a real letter, since there is nothing else to ask it that would prove as much."""
    about = About("transport", gettext_lazy("The mail service"))
    try:
        name = configured().name
    except ImproperlyConfigured as missing:
        return About("transport: settings", gettext_lazy("The mail service")).wrong(str(missing))
    try:
        last = service.Service.objects.last_answer()
    except DatabaseError:
        return about.not_checked(_("What it answered last stands in the database, which cannot be asked."))
    words = {"name": name, "days": service.COUNTS_FOR.days}
    if last is None:
        sentence = _(
            "%(name)s took no letter in the last %(days)s days with this key and this sender, and cannot be asked "
            "beforehand: send a trial letter, then look again."
        )
        return about.not_checked(sentence % words)
    words |= {"at": date_format(timezone.localtime(last.at), "DATETIME_FORMAT"), "said": last.said}
    if not last.took:
        sentence = _(
            "%(name)s refused the last letter (%(at)s): “%(said)s”. Correct that there, or the key in ANYMAIL_…; "
            "a trial letter shows whether it helped."
        )
        return about.wrong(sentence % words)
    return about.ok(_("%(name)s took a letter with this key and this sender (%(at)s).") % words)


def _folder(folder: Path) -> Finding:
    about = About("transport", gettext_lazy("The folder of letters"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        trial = folder / ".trial"
        trial.write_bytes(b"")
        trial.unlink()
    except OSError as refusal:
        sentence = _("The folder %(folder)s cannot be written (%(reason)s): give it to the user who runs the worker.")
        return about.wrong(sentence % {"folder": folder, "reason": refusal.strerror})
    return about.ok(_("Letters are written to the folder %(folder)s; nobody is mailed.") % {"folder": folder})


class Wrong(Exception):
    def __init__(self, code: str, sentence: str, *, is_passing: bool = False) -> None:
        super().__init__(sentence)
        self.code, self.is_passing = code, is_passing


class Conversation:
    def __init__(self, options: dict[str, Any]) -> None:
        self.host, self.port = options["host"], options["port"]
        self.username, self.password = options.get("username", ""), options.get("password", "")
        self.use_tls, self.use_ssl = options.get("use_tls", False), options.get("use_ssl", False)
        self.place = f"{self.host}:{self.port}"
        self._smtp: smtplib.SMTP | None = None
        self._began = False
        self.sender = ""

    def hold(self, sender: str) -> Finding:
        self.sender = on_the_wire(sender)
        watch = threading.Timer(TOTAL_SECONDS, self._cut)
        watch.daemon = True
        watch.start()
        try:
            self._reach()
            self._secure()
            self._log_in()
            self._ask_leave()
        except Wrong as found:
            return About(found.code, gettext_lazy("The way to the mail server")).wrong(
                str(found), is_passing=found.is_passing
            )
        finally:
            watch.cancel()
            self._end()
        sentence = _("%(server)s takes letters from %(sender)s. No mail was sent to find out.")
        about = About("transport", gettext_lazy("The way to the mail server"))
        return about.ok(sentence % {"server": self.place, "sender": sender})

    # One step after the other; each raises Wrong

    def _reach(self) -> None:
        address = self._address()
        with self._said("silent"):
            try:
                line = socket.create_connection(address, timeout=STEP_SECONDS)
            except ConnectionRefusedError as refusal:
                raise self._wrong(
                    "port",
                    _(
                        "Nothing answers at %(server)s. Correct the port in EMAIL_URL (587 for smtp+tls://, "
                        "465 for smtps://, 25 for smtp://), or start the mail server."
                    ),
                    is_passing=True,
                ) from refusal
            except TimeoutError as silence:
                raise self._wrong(
                    "silent",
                    _(
                        "%(server)s does not answer. Look at the port in EMAIL_URL, and whether your host lets mail "
                        "out: many block port 25; 587 and 465 are open more often."
                    ),
                    is_passing=True,
                ) from silence
        if self.use_ssl:
            line = self._encrypted(line)
        self._greet(line)

    def _address(self) -> tuple[str, int]:
        # The system's resolver knows no time-out, so it is left behind when it is late.
        pool = ThreadPoolExecutor(max_workers=1)
        try:
            asked = pool.submit(socket.getaddrinfo, self.host, self.port, type=socket.SOCK_STREAM)
            found = asked.result(timeout=STEP_SECONDS)
        except TimeoutError as silence:
            sentence = _("The DNS does not say where %(host)s is: try again in a while.")
            raise self._wrong("host", sentence, is_passing=True) from silence
        except (OSError, UnicodeError) as nobody:
            is_passing = isinstance(nobody, socket.gaierror) and nobody.errno == socket.EAI_AGAIN
            sentence = _("Nobody knows a machine named “%(host)s”. Correct the host in EMAIL_URL.")
            raise self._wrong("host", sentence, is_passing=is_passing) from nobody
        finally:
            pool.shutdown(wait=False)
        host, port = found[0][4][:2]
        return str(host), int(port)

    def _encrypted(self, line: socket.socket) -> socket.socket:
        try:
            return _client_tls().wrap_socket(line, server_hostname=self.host)
        except ssl.SSLCertVerificationError as stranger:
            line.close()
            raise self._untrusted(stranger) from stranger
        except (ssl.SSLError, OSError) as failure:
            line.close()
            raise self._wrong(
                "not encrypted from the start",
                _(
                    "%(server)s does not begin with TLS, as smtps:// wants. Write smtp+tls:// in EMAIL_URL, "
                    "usually with port 587, or take the server’s port for TLS, usually 465."
                ),
            ) from failure

    def _greet(self, line: socket.socket) -> None:
        line.settimeout(GREETING_SECONDS if not self.use_ssl else STEP_SECONDS)
        smtp = self._smtp = smtplib.SMTP(local_hostname=DNS_NAME.get_fqdn(), timeout=STEP_SECONDS)
        smtp.sock, smtp.file = line, line.makefile("rb")
        smtp._host = self.host  # type: ignore[attr-defined] # starttls compares the certificate with it
        try:
            code, said = smtp.getreply()
        except (OSError, smtplib.SMTPException) as silence:
            if self._waits_for_tls():
                raise self._wrong(
                    "encrypted from the start",
                    _(
                        "%(server)s speaks TLS from the first byte. Write smtps:// in EMAIL_URL instead, "
                        "or take the server’s port for STARTTLS, usually 587."
                    ),
                ) from silence
            raise self._no_mail_server(silence) from silence
        if code == -1:
            raise self._no_mail_server()
        if code != 220:
            raise self._refused("greeting", code, said, _("%(server)s turned us away at the door: “%(said)s”."))
        line.settimeout(STEP_SECONDS)
        with self._said("greeting"):
            code, said = smtp.ehlo()
            if code != 250:
                code, said = smtp.helo()
        if code != 250:
            raise self._refused("greeting", code, said, _("%(server)s did not return our greeting: “%(said)s”."))

    def _waits_for_tls(self) -> bool:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # only to see whether it is TLS
        try:
            with (
                socket.create_connection(self._address(), timeout=GREETING_SECONDS) as line,
                context.wrap_socket(line, server_hostname=self.host),
            ):
                return True
        except OSError:
            return False

    def _secure(self) -> None:
        if not self.use_tls:
            return
        smtp = self._line
        if not smtp.has_extn("starttls"):
            raise self._wrong(
                "no STARTTLS",
                _(
                    "%(server)s offers no STARTTLS, without which smtp+tls:// says neither password nor letter. "
                    "Take the server’s port for it (usually 587), or smtps:// (usually 465); "
                    "smtp:// is for a mail server on this machine or inside your network."
                ),
            )
        try:
            with self._said("no STARTTLS"):
                code, said = smtp.starttls(context=_client_tls())
        except ssl.SSLCertVerificationError as stranger:
            raise self._untrusted(stranger) from stranger
        if code != 220:
            raise self._refused("no STARTTLS", code, said, _("%(server)s refused to start TLS: “%(said)s”."))
        with self._said("no STARTTLS"):
            smtp.ehlo()

    def _log_in(self) -> None:
        if not self.username:
            return
        smtp = self._line
        try:
            with self._said("login"):
                smtp.login(self.username, self.password)
        except smtplib.SMTPNotSupportedError as nothing:
            if smtp.has_extn("starttls") and not self.use_tls:
                raise self._wrong("login", str(WRITE_TLS)) from nothing
            raise self._wrong(
                "login",
                _(
                    "%(server)s takes no login here, and EMAIL_URL has a user name. Take the server’s port for "
                    "submission (587 with smtp+tls://, 465 with smtps://), or leave the name and the password out."
                ),
            ) from nothing
        except smtplib.SMTPAuthenticationError as refusal:
            raise self._refused(
                "login",
                refusal.smtp_code,
                refusal.smtp_error,
                _(
                    "%(server)s does not take the user name and password of EMAIL_URL: “%(said)s”. Correct them; "
                    "signs such as @ : / # %% in them are written as %%40 %%3A %%2F %%23 %%25."
                ),
            ) from refusal

    def _ask_leave(self) -> None:
        smtp = self._line
        self._began = True
        with self._said("sender"):
            code, said = smtp.docmd(f"MAIL FROM:<{self.sender}>")
            if code < 300:
                # Many servers say what they have against a sender only now. Ourselves: whoever that reaches, it is us.
                answer, words = smtp.docmd(f"RCPT TO:<{self.sender}>")
                if answer >= 500 and _is_about_the_sender(answer, words):
                    code, said = answer, words
        if code in WANTS_LOGIN and not (self.use_tls or self.use_ssl) and b"starttls" in said.lower():
            raise self._wrong("login", str(WRITE_TLS))
        if code in WANTS_LOGIN:
            sentence = _("%(server)s wants a login first: “%(said)s”. Put a user name and a password into EMAIL_URL.")
            raise self._refused("login", code, said, sentence)
        if code >= 300:
            sentence = _(
                "%(server)s does not let us send as %(sender)s: “%(said)s”. Have your provider allow that address "
                "or its domain, or set DEFAULT_FROM_EMAIL to one that it allows."
            )
            raise self._refused("sender", code, said, sentence)

    # What they share

    @property
    def _line(self) -> smtplib.SMTP:
        assert self._smtp is not None  # noqa: S101 - reached before
        return self._smtp

    @contextlib.contextmanager
    def _said(self, step: str) -> Any:
        """A conversation that breaks off here."""
        try:
            yield
        except (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError, ssl.SSLCertVerificationError):
            raise
        except (OSError, smtplib.SMTPException) as failure:
            sentence = BROKEN_OFF.get(step, BROKEN_OFF[""])
            reason = getattr(failure, "strerror", None) or str(failure) or type(failure).__name__
            raise self._wrong(step, str(sentence), is_passing=True, reason=reason) from failure

    def _untrusted(self, stranger: ssl.SSLCertVerificationError) -> Wrong:
        match stranger.verify_code:
            case code if code in OTHER_NAME:
                sentence = _(
                    "The certificate of %(server)s is for another name. "
                    "Write the name that stands in the certificate as the host in EMAIL_URL."
                )
            case code if code in EXPIRED:
                sentence = _("The certificate of %(server)s has expired: have its operator renew it.")
            case _code:
                sentence = _(
                    "The certificate of %(server)s is not trusted (%(reason)s). Have its operator install one "
                    "from a known authority with its whole chain, or let this machine trust the authority that made it."
                )
        return self._wrong("certificate", sentence, reason=stranger.verify_message)

    def _no_mail_server(self, silence: Exception | None = None) -> Wrong:
        sentence = _("What answers at %(server)s is no mail server. Correct the host and the port in EMAIL_URL.")
        return self._wrong("port", sentence)

    def _refused(self, code: str, number: int, said: bytes | str, sentence: str) -> Wrong:
        text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
        words = f"{number} {' '.join(text.split())}"[:200]
        return self._wrong(code, sentence, is_passing=400 <= number < 500, said=words)

    def _wrong(self, code: str, sentence: str, *, is_passing: bool = False, **words: str) -> Wrong:
        known = {"server": self.place, "host": self.host, "sender": self.sender}
        return Wrong(f"transport: {code}", sentence % (known | words), is_passing=is_passing)

    def _cut(self) -> None:
        if self._smtp is not None and self._smtp.sock is not None:
            with contextlib.suppress(OSError):
                self._smtp.sock.shutdown(socket.SHUT_RDWR)

    def _end(self) -> None:
        if self._smtp is None:
            return
        farewells: list[Callable[[], object]] = [self._smtp.rset] if self._began else []
        for say in (*farewells, self._smtp.quit):
            with contextlib.suppress(OSError, smtplib.SMTPException):
                say()
        self._smtp.close()


def _client_tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _is_about_the_sender(code: int, said: bytes) -> bool:
    """Not about the one whom we named as recipient, whose mailbox need not exist."""
    words = said.lower()
    return code in WANTS_LOGIN or b"5.7." in words or b"5.1.7" in words or b"5.1.8" in words or b"sender" in words
