"""Mail servers for tests: real conversations on 127.0.0.1, each with a ledger of its own."""

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP


@dataclass
class Sink:
    """Takes everything, unless `answers` has something else to say to a recipient, at RCPT or at the end of DATA."""

    letters: list[tuple[str, bytes]] = field(default_factory=list)
    at_recipient: dict[str, str] = field(default_factory=dict)
    at_end: dict[str, str] = field(default_factory=dict)
    before_end: Callable[[str], None] = lambda recipient: None
    port: int = 0

    @property
    def recipients(self) -> list[str]:
        return [recipient for recipient, _letter in self.letters]

    async def handle_RCPT(self, server, session, envelope, address, options):
        if refusal := self.at_recipient.get(address):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server, session, envelope):
        [recipient] = envelope.rcpt_tos
        if refusal := self.at_end.get(recipient):
            return refusal
        self.before_end(recipient)
        self.letters.append((recipient, envelope.original_content))
        return f"250 2.0.0 Ok: queued as {len(self.letters)}"


class _Server(SMTP):
    async def handle_exception(self, error: Exception) -> str:
        raise error


class _Controller(Controller):
    def factory(self):
        return _Server(self.handler, **self.SMTP_kwargs)

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]  # it asked for any free one
        super()._trigger_server()


@contextmanager
def serving(
    sink: Sink, *, implicit: ssl.SSLContext | None = None, starttls: ssl.SSLContext | None = None, **login: Any
):
    tls = {"ssl_context": implicit, "tls_context": starttls, "require_starttls": bool(starttls)}
    controller = _Controller(sink, hostname="127.0.0.1", port=0, **tls, **login)
    controller.ready_timeout = 10
    controller.start()
    sink.port = controller.port
    try:
        yield sink
    finally:
        controller.stop()


@contextmanager
def raw_server(script: Callable[["Line"], None]):
    """A server that does what the script does, for each connection. Gives the port."""
    listener = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def serve() -> None:
        while not ended.is_set():
            try:
                connection, _address = listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(10)
                try:
                    script(Line(connection))
                except (OSError, EOFError):
                    continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        ended.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(timeout=5)


class Line:
    """One connection of a raw server."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.file = connection.makefile("rb")
        self.heard: list[bytes] = []

    def say(self, *replies: str) -> None:
        for reply in replies:
            self.connection.sendall(f"{reply}\r\n".encode())

    def hear(self) -> bytes:
        line = self.file.readline()
        if not line:
            raise EOFError
        self.heard.append(line)
        return line

    def answer(self, *replies: str) -> None:
        """Each command in turn gets its reply."""
        for reply in replies:
            self.hear()
            self.say(reply)

    def hear_letter(self) -> bytes:
        lines = []
        while (line := self.hear()) != b".\r\n":
            lines.append(line)
        return b"".join(lines)
