"""Where bounces land: a mailbox by IMAP or POP3, a Maildir, or files. Of each mail its first megabyte is fetched.

Nothing is deleted but by POP3, which has no other way to say that a mail is done. What is no report is left for people:
flagged where there are flags.
"""

import contextlib
import imaplib
import poplib
import re
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Protocol, Self
from urllib.parse import SplitResult, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.utils.translation import gettext as _

from newsletter.returns.reading import LONGEST
from newsroom.email_url import TIMEOUT_SECONDS, stays_inside

PORTS = {"imap": 143, "imap+tls": 143, "imaps": 993, "pop3": 110, "pop3+tls": 110, "pop3s": 995}
FILES = {"maildir", "mbox", "file"}
# A line of a POP3 answer has at most 2,048 signs.
MOST_LINES = 8_000
MOST_AT_ONCE = 1_000
ENVELOPE = re.compile(rb"From \S+ .*\d\d:\d\d")
ARCHIVES = (b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")


class MailboxAway(Exception):
    """It cannot be read now. Says why, without its password."""


class Mailbox(Protocol):
    def __enter__(self) -> Self: ...

    def __exit__(self, *exception: object) -> None: ...

    def letters(self) -> Iterator[tuple[Any, bytes]]:
        """What is new, each with what `done` wants to know of it."""
        ...

    def done(self, letter: Any, *, is_report: bool) -> None:
        """It was taken in: do not offer it again."""
        ...


def opened(url: str) -> Mailbox:
    """Raises ImproperlyConfigured with a sentence that shows no password."""
    parts = urlsplit(url)
    if parts.scheme in FILES and parts.path:
        return Maildir(Path(unquote(parts.path))) if parts.scheme == "maildir" else Files([Path(unquote(parts.path))])
    if parts.scheme not in PORTS or not parts.hostname:
        raise ImproperlyConfigured(
            "BOUNCE_MAILBOX_URL must look like imaps://user:password@host/INBOX, imap+tls://…, pop3s://…, "
            "pop3+tls://…, maildir:///folder, mbox:///file or file:///file.eml."
        )
    if parts.scheme in {"imap", "pop3"} and not stays_inside(parts.hostname):
        raise ImproperlyConfigured(
            f"BOUNCE_MAILBOX_URL reads mail from {parts.hostname} in the clear: use {parts.scheme}s:// or "
            f"{parts.scheme}+tls:// there; {parts.scheme}:// is for loopback and private addresses."
        )
    return Imap(parts) if parts.scheme.startswith("imap") else Pop(parts)


class Imap:
    def __init__(self, parts: SplitResult) -> None:
        self.parts = parts
        self.folder = unquote(parts.path.strip("/")) or "INBOX"

    def __enter__(self) -> Self:
        host, port = self.parts.hostname or "", self.parts.port or PORTS[self.parts.scheme]
        secure = ssl.create_default_context()
        with told():
            if self.parts.scheme == "imaps":
                self._imap: imaplib.IMAP4 = imaplib.IMAP4_SSL(host, port, ssl_context=secure, timeout=TIMEOUT_SECONDS)
            else:
                self._imap = imaplib.IMAP4(host, port, timeout=TIMEOUT_SECONDS)
                if self.parts.scheme == "imap+tls":
                    self._imap.starttls(secure)
            self._imap.login(unquote(self.parts.username or ""), unquote(self.parts.password or ""))
            quoted = self.folder.replace("\\", "\\\\").replace('"', '\\"')
            if self._imap.select(f'"{quoted}"')[0] != "OK":
                raise MailboxAway(_("The mailbox has no folder “%(folder)s”.") % {"folder": self.folder})
        return self

    def __exit__(self, *exception: object) -> None:
        with contextlib.suppress(imaplib.IMAP4.error, OSError):
            self._imap.logout()

    def letters(self) -> Iterator[tuple[str, bytes]]:
        with told():
            _state, found = self._imap.uid("SEARCH", "UNSEEN")
            for uid in (found[0] or b"").split()[:MOST_AT_ONCE]:
                # PEEK: what is not done with stays unseen.
                _state, answer = self._imap.uid("FETCH", uid.decode(), f"(BODY.PEEK[]<0.{LONGEST}>)")
                content = next((part[1] for part in answer if isinstance(part, tuple)), None)
                if content is not None:
                    yield uid.decode(), content

    def done(self, letter: str, *, is_report: bool) -> None:
        with told():
            self._imap.uid("STORE", letter, "+FLAGS", r"(\Seen)" if is_report else r"(\Seen \Flagged)")


class Pop:
    def __init__(self, parts: SplitResult) -> None:
        self.parts = parts

    def __enter__(self) -> Self:
        host, port = self.parts.hostname or "", self.parts.port or PORTS[self.parts.scheme]
        secure = ssl.create_default_context()
        with told():
            if self.parts.scheme == "pop3s":
                self._pop: poplib.POP3 = poplib.POP3_SSL(host, port, timeout=TIMEOUT_SECONDS, context=secure)
            else:
                self._pop = poplib.POP3(host, port, timeout=TIMEOUT_SECONDS)
                if self.parts.scheme == "pop3+tls":
                    self._pop.stls(secure)
            self._pop.user(unquote(self.parts.username or ""))
            self._pop.pass_(unquote(self.parts.password or ""))
        return self

    def __exit__(self, *exception: object) -> None:
        with contextlib.suppress(poplib.error_proto, OSError):
            self._pop.quit()  # only now does it delete

    def letters(self) -> Iterator[tuple[int, bytes]]:
        with told():
            count, _size = self._pop.stat()
            for number in range(1, min(count, MOST_AT_ONCE) + 1):
                _answer, lines, _octets = self._pop.top(number, MOST_LINES)
                yield number, b"\r\n".join(lines)[:LONGEST]

    def done(self, letter: int, *, is_report: bool) -> None:
        if is_report:
            with told():
                self._pop.dele(letter)


class Maildir:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> Self:
        if not (self.folder / "new").is_dir():
            raise MailboxAway(_("%(folder)s is no Maildir: it has no folder “new”.") % {"folder": self.folder})
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    def letters(self) -> Iterator[tuple[Path, bytes]]:
        with told():
            for number, path in enumerate(sorted((self.folder / "new").iterdir())):
                if number == MOST_AT_ONCE:
                    return
                if path.is_file() and not path.name.startswith("."):
                    yield path, start_of(path)

    def done(self, letter: Path, *, is_report: bool) -> None:
        with told():
            (self.folder / "cur").mkdir(exist_ok=True)
            letter.replace(self.folder / "cur" / f"{letter.name.partition(':')[0]}:2,{'S' if is_report else 'FS'}")


class Files:
    """Single mails and mbox files, and folders of them. They stay as they are: a report counts once."""

    def __init__(self, paths: list[Path]) -> None:
        self.paths = paths

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    def letters(self) -> Iterator[tuple[str, bytes]]:
        for path in self.paths:
            for file in files_in(path):
                try:
                    with file.open("rb") as content:
                        yield from pieces(file, content)
                except OSError as error:
                    raise MailboxAway(f"{file}: {error.strerror}.") from error

    def done(self, letter: str, *, is_report: bool) -> None:
        pass


def files_in(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    homes = [path / "new", path / "cur"] if (path / "cur").is_dir() else [path]
    found = (file for home in homes if home.is_dir() for file in home.iterdir())
    return sorted(file for file in found if file.is_file() and not file.name.startswith("."))


def pieces(file: Path, content: IO[bytes]) -> Iterator[tuple[str, bytes]]:
    """The mails of an mbox file, or the one mail that the file is."""
    first = content.readline(LONGEST)
    if first.startswith(ARCHIVES):
        raise ValidationError(_("%(file)s is an archive: unpack it first.") % {"file": file})
    if not ENVELOPE.match(first):
        yield str(file), first + content.read(LONGEST - len(first))
        return
    mail, size, number, is_after_blank = [first], len(first), 1, False
    while line := content.readline(65_536):
        if is_after_blank and ENVELOPE.match(line):
            yield f"{file}, {number}", b"".join(mail)
            mail, size, number = [], 0, number + 1
        is_after_blank = line in {b"\n", b"\r\n"}
        if size < LONGEST:
            mail.append(line[1:] if line.startswith(b">From ") else line)
            size += len(line)
    yield f"{file}, {number}" if number > 1 else str(file), b"".join(mail)


def start_of(path: Path) -> bytes:
    with path.open("rb") as content:
        return content.read(LONGEST)


@contextlib.contextmanager
def told() -> Iterator[None]:
    try:
        yield
    except (imaplib.IMAP4.error, poplib.error_proto, OSError) as error:
        said = error.args[0] if error.args else ""
        words = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(error)
        raise MailboxAway(" ".join(words.split())[:300] or type(error).__name__) from error
