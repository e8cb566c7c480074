"""Mail services of our own on 127.0.0.1, that answer as the real ones do."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from django.test import override_settings

from newsletter.sending.services import ServiceTransport
from newsletter.sending.transports import configured
from newsroom.email_url import mailer_from_url


class Api:
    """Takes letters. `answers` are given in turn in place of its own; after them, it behaves."""

    name = ""
    settings: dict[str, str] = {}

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.letters: list[dict] = []
        self.answers: list[tuple[int, Any, dict[str, str]]] = []
        self.hangs = 0.0  # takes the letters, and is too late with its answer
        self.refuses: set[str] = set()

    def answer(self, path: str, headers: Any, sent: Any) -> tuple[int, Any, dict[str, str]]:
        self.calls.append({"path": path, "key": headers["Idempotency-Key"], "headers": dict(headers), "sent": sent})
        if self.answers:
            return self.answers.pop(0)
        return 200, self.take(headers, sent), {}

    def take(self, headers: Any, sent: Any) -> Any:
        raise NotImplementedError

    def keep(self, letter: dict) -> str:
        self.letters.append(letter)
        return f"id-{len(self.letters)}"


class Postmark(Api):
    name = "postmark"
    settings = {"POSTMARK_SERVER_TOKEN": "t", "POSTMARK_API_URL": "{url}"}

    def take(self, headers: Any, sent: Any) -> Any:
        return self.take_one(sent) if isinstance(sent, dict) else [self.take_one(one) for one in sent]

    def take_one(self, one: dict) -> dict:
        if any(address in one["To"] for address in self.refuses):
            return {"ErrorCode": 406, "Message": "You tried to send to a recipient that has been marked as inactive."}
        return {"ErrorCode": 0, "Message": "OK", "MessageID": self.keep(one), "To": one["To"]}


class Resend(Api):
    """Knows the key of each call, and answers the same to it without taking anything again."""

    name = "resend"
    settings = {"RESEND_API_KEY": "t", "RESEND_API_URL": "{url}"}

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[str, tuple[str, Any]] = {}

    def take(self, headers: Any, sent: list[dict]) -> Any:
        key, words = headers["Idempotency-Key"], json.dumps(sent)
        if key not in self.known:
            bad = {n for n, one in enumerate(sent) if any(address in one["to"][0] for address in self.refuses)}
            fine = [{"id": self.keep(one)} for n, one in enumerate(sent) if n not in bad]
            self.known[key] = (words, {"data": fine, "errors": [{"index": n, "message": "Invalid to."} for n in bad]})
        first, said = self.known[key]
        assert first == words, "another letter under the same key"
        return said


class Mailjet(Api):
    name = "mailjet"
    settings = {"MAILJET_API_KEY": "t", "MAILJET_SECRET_KEY": "s", "MAILJET_API_URL": "{url}"}

    def take(self, headers: Any, sent: dict) -> dict:
        return {"Messages": [self.take_one(one) for one in sent["Messages"]]}

    def take_one(self, one: dict) -> dict:
        [to] = one["To"]
        if to["Email"] in self.refuses:
            return {"Status": "error", "Errors": [{"StatusCode": 400, "ErrorMessage": "is an invalid email address"}]}
        return {"Status": "success", "To": [{"Email": to["Email"], "MessageID": self.keep(one)}]}


class Brevo(Api):
    """Takes one letter at a time, and finds its key among the letter's headers."""

    name = "brevo"
    settings = {"BREVO_API_KEY": "t", "BREVO_API_URL": "{url}"}

    def take(self, headers: Any, sent: dict) -> dict:
        return {"messageId": self.keep(sent)}


@contextmanager
def serving(api: Api) -> Iterator[ServiceTransport]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            code, body, headers = api.answer(self.path, self.headers, sent)
            time.sleep(api.hangs)
            words = json.dumps(body).encode()
            with suppress(BrokenPipeError, ConnectionResetError):  # who asked waits no longer
                self.send_response(code)
                for name, value in (
                    {"Content-Type": "application/json", "Content-Length": len(words)} | headers
                ).items():
                    self.send_header(name, str(value))
                self.end_headers()
                self.wfile.write(words)

        def log_message(self, *words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}/"
    anymail = {name: value.format(url=url) for name, value in api.settings.items()}
    try:
        with override_settings(ANYMAIL=anymail, MAILERS={"default": mailer_from_url(f"anymail+{api.name}://")}):
            transport = configured()
            assert isinstance(transport, ServiceTransport)
            yield transport
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
