"""The ways out of the house. A transport hands over one finished message, and says exactly what became of it."""

import contextlib
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol, Self

from anymail.exceptions import AnymailConfigurationError
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail.utils import DNS_NAME

from newsletter.sending.answers import LONGEST_ANSWER, Answer, Fate, Parcel, Stage, Unreachable, read
from newsletter.sending.files import write_eml
from newsletter.sending.services import ServiceTransport
from newsroom.email_url import FILES, SMTP, TIMEOUT_SECONDS


class Transport(Protocol):
    name: str
    together: int  # how many letters it takes in one call; 0: one after the other, in a conversation
    # How long after a lost answer the same letter may be handed over again, for it is taken once; None: whenever the
    # newsletter wants, as a second one would do no harm but the one that its operator accepted.
    repeats_for: timedelta | None

    def __enter__(self) -> Self: ...

    def __exit__(self, *exception: object) -> None: ...

    def hand_over(self, sender: str, recipient: str, message: bytes) -> Answer:
        """Raises Unreachable while it is certain that nothing was taken."""
        ...

    def hand_over_together(self, parcels: Sequence[Parcel]) -> list[Answer]:
        """In one call; an answer for each."""
        ...

    def cut(self) -> None:
        """End a conversation that hangs; called from another thread."""
        ...


def configured() -> Transport:
    """The transport that the settings name."""
    mailer = settings.MAILERS["default"]
    options = mailer.get("OPTIONS", {})
    if mailer["BACKEND"] == FILES:
        return FileTransport(Path(options["folder"]))
    if mailer["BACKEND"] == SMTP:
        return SmtpTransport(**options)
    if mailer["BACKEND"].startswith("anymail.backends."):
        return _service(mailer["BACKEND"])
    raise ImproperlyConfigured(f"Letters cannot be sent by {mailer['BACKEND']}: set EMAIL_URL.")


def _service(backend: str) -> Transport:
    name = backend.split(".")[2]
    try:
        return ServiceTransport(backend, name)
    except ImportError as error:
        raise ImproperlyConfigured(f"EMAIL_URL names a mail service that nobody knows: {name}.") from error
    except AnymailConfigurationError as error:
        raise ImproperlyConfigured(f"EMAIL_URL names {name}: {' '.join(str(error).split())}") from error


class OneByOne:
    together = 0
    repeats_for: timedelta | None = None
    hand_over: Callable[[str, str, bytes], Answer]

    def hand_over_together(self, parcels: Sequence[Parcel]) -> list[Answer]:
        return [self.hand_over(parcel.sender, parcel.recipient, parcel.message) for parcel in parcels]


class FileTransport(OneByOne):
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = f"files in {folder}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    def hand_over(self, sender: str, recipient: str, message: bytes) -> Answer:
        try:
            written = write_eml(self.folder, message)
        except OSError as error:
            raise Unreachable(f"The folder {self.folder} cannot be written: {error.strerror}.") from error
        return Answer(Fate.ACCEPTED, f"written as {written.name}")

    def cut(self) -> None:
        pass


class SmtpTransport(OneByOne):
    """One connection for many messages. With `use_tls` nothing but EHLO and STARTTLS goes out in the clear."""

    def __init__(
        self,
        host: str,
        port: int,
        username: str = "",
        password: str = "",
        use_tls: bool = False,
        use_ssl: bool = False,
        timeout: float = TIMEOUT_SECONDS,
        **_others: Any,
    ) -> None:
        self.host, self.port, self.timeout = host, port, timeout
        self.username, self.password = username, password
        self.use_tls, self.use_ssl = use_tls, use_ssl
        self.name = f"the mail server {host}:{port}"
        self._smtp: smtplib.SMTP | None = None
        self._was_cut = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._smtp is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self._smtp.quit()
        self._drop()

    def hand_over(self, sender: str, recipient: str, message: bytes) -> Answer:
        used_before = self._smtp is not None
        try:
            return self._converse(sender, recipient, message)
        except Unreachable:
            self._drop()
            # A server may end an idle connection, or one that carried enough: that is no news about the server.
            if not used_before:
                raise
        try:
            return self._converse(sender, recipient, message)
        except Unreachable:
            self._drop()
            raise

    def cut(self) -> None:
        smtp = self._smtp
        if smtp is not None and smtp.sock is not None:
            self._was_cut = True
            with contextlib.suppress(OSError):
                smtp.sock.shutdown(socket.SHUT_RDWR)

    def _converse(self, sender: str, recipient: str, message: bytes) -> Answer:
        smtp = self._connected()
        refusal = self._announce(smtp, sender, recipient)
        if refusal is None:
            return self._hand_letter(smtp, message)
        self._clear(refusal)
        return refusal

    def _announce(self, smtp: smtplib.SMTP, sender: str, recipient: str) -> Answer | None:
        """MAIL FROM, RCPT TO and DATA. What the server has against us or this copy; None if it waits for the letter."""
        commands = (f"MAIL FROM:<{sender}>", f"RCPT TO:<{recipient}>", "DATA")
        replies = self._in_one_go(smtp, commands) if smtp.has_extn("pipelining") else self._one_by_one(smtp, commands)
        refusal: Answer | None = None
        for stage, good in ((Stage.SENDER, 2), (Stage.RECIPIENT, 2), (Stage.LETTER, 3)):
            try:
                code, said = next(replies)
            except (OSError, smtplib.SMTPException) as error:
                if stage is Stage.SENDER:
                    raise Unreachable(self._broken(error)) from error
                # It knew us a moment ago: a server that breaks off or hangs here does so over this recipient.
                self._drop()
                return refusal or Answer(Fate.LATER, self._broken(error), by_silence=self._is_silence(error))
            if stage is Stage.SENDER and (code < 200 or code == 421):
                raise Unreachable(read(code, said, stage).text)
            if refusal is None and code // 100 != good:
                refusal = read(code, said, stage) if code >= 400 else Answer(Fate.LATER, f"{code}, which is no answer")
                if not smtp.has_extn("pipelining"):
                    return refusal
        if refusal is not None and code == 354:
            # It takes a letter for nobody: that letter is empty, and ends here.
            self._drop()
        return refusal

    def _one_by_one(self, smtp: smtplib.SMTP, commands: Iterable[str]) -> Iterator[tuple[int, bytes]]:
        return (smtp.docmd(command) for command in commands)

    def _in_one_go(self, smtp: smtplib.SMTP, commands: Sequence[str]) -> Iterator[tuple[int, bytes]]:
        """RFC 2920: one way there and back instead of three."""
        smtp.send("".join(f"{command}\r\n" for command in commands))
        for _command in commands:
            yield smtp.getreply()

    def _hand_letter(self, smtp: smtplib.SMTP, message: bytes) -> Answer:
        try:
            # Its last bytes are the dot. As long as this raises, they have not left, and no server takes half a letter.
            smtp.send(message.replace(b"\r\n.", b"\r\n..") + b".\r\n")
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            return Answer(Fate.LATER, self._broken(error), by_silence=self._is_silence(error))
        try:
            code, said = smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            return Answer(Fate.UNCERTAIN, self._broken(error), by_silence=self._is_silence(error))
        if not 200 <= code < 300:
            self._clear(Answer(Fate.REFUSED, str(code)))
        return read(code, said, Stage.LETTER)

    def _clear(self, refusal: Answer) -> None:
        """Ready the connection for the next copy, or give it up."""
        smtp = self._smtp
        if smtp is None:
            return
        try:
            if refusal.text.startswith(("421", "-1")) or smtp.rset()[0] != 250:
                self._drop()
        except (OSError, smtplib.SMTPException):
            self._drop()

    def _connected(self) -> smtplib.SMTP:
        if self._smtp is None:
            try:
                self._smtp, self._was_cut = self._connect(), False
            except (OSError, smtplib.SMTPException) as error:
                raise Unreachable(self._broken(error)) from error
        return self._smtp

    def _connect(self) -> smtplib.SMTP:
        name = DNS_NAME.get_fqdn()
        smtp: smtplib.SMTP
        if self.use_ssl:
            secure = ssl.create_default_context()
            smtp = smtplib.SMTP_SSL(self.host, self.port, local_hostname=name, timeout=self.timeout, context=secure)
        else:
            smtp = smtplib.SMTP(self.host, self.port, local_hostname=name, timeout=self.timeout)
        try:
            smtp.ehlo_or_helo_if_needed()
            if self.use_tls:
                if not smtp.has_extn("starttls"):
                    raise Unreachable(
                        f"{self.name} offers no STARTTLS, and EMAIL_URL insists on it: nothing was sent in the clear."
                    )
                smtp.starttls(context=ssl.create_default_context())
                smtp.ehlo()
            if self.username:
                smtp.login(self.username, self.password)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _is_silence(self, error: Exception) -> bool:
        """Whether we gave up waiting; a server that breaks off costs nobody any time."""
        return self._was_cut or isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)

    def _broken(self, error: Exception) -> str:
        # smtplib says "Server not connected" over whatever the socket said.
        cause = error.__context__ if isinstance(error.__context__, OSError) else error
        said = (
            getattr(cause, "smtp_error", None) or getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
        )
        words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
        return f"{self.name}: {' '.join(words.split())}"[:LONGEST_ANSWER]

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None
