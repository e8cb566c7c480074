"""Mail services by their API: a real conversation with a service of our own on 127.0.0.1."""

import json
import threading
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest import mock

from django.test import override_settings

from newsletter.models import Issue
from newsletter.sending import services
from newsletter.sending.answers import Unreachable
from newsletter.sending.transports import configured
from newsroom.email_url import mailer_from_url
from tests.newsletter.cast import ROSA
from tests.newsletter.letters import SendingTestCase, frozen, send_through, time_passes


class Service:
    """Answers as Postmark does."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, dict]] = []
        self.code, self.body, self.hangs = 200, None, 0.0

    def handle(self, key: str, sent: dict) -> tuple[int, dict]:
        self.taken.append((key, sent))
        time.sleep(self.hangs)
        number = len(self.taken)
        fine = {"ErrorCode": 0, "Message": "OK", "MessageID": f"id-{number}", "To": sent["To"]}
        return self.code, self.body or fine


@contextmanager
def serving(service: Service):
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            code, body = service.handle(self.headers["Idempotency-Key"], sent)
            words = json.dumps(body).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(words)))
            self.end_headers()
            with suppress(BrokenPipeError):  # who asked waits no longer
                self.wfile.write(words)

        def log_message(self, *words):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    anymail = {"POSTMARK_SERVER_TOKEN": "t", "POSTMARK_API_URL": f"http://127.0.0.1:{server.server_port}/"}
    mailers = {"default": mailer_from_url("anymail+postmark://")}
    try:
        with override_settings(ANYMAIL=anymail, MAILERS=mailers):
            yield configured()
    finally:
        server.shutdown()
        server.server_close()


class ServiceTests(SendingTestCase):
    def setUp(self):
        frozen(self.issue)
        self.service = Service()

    def send(self, code: int = 200, body=None, hangs: float = 0.0) -> None:
        self.service.code, self.service.body, self.service.hangs = code, body, hangs
        with mock.patch.object(services, "TIMEOUT_SECONDS", 0.3), serving(self.service) as transport:
            send_through(transport)
        self.issue.refresh_from_db()

    def test_each_reader_s_letter_goes_out_with_its_headers_and_both_its_parts(self):
        self.send()
        self.assertEqual((self.issue.stand, self.issue.books()["accepted"]), (Issue.Stand.SENT, 3))
        [sent] = [sent for _key, sent in self.service.taken if ROSA in sent["To"]]
        headers = {header["Name"]: header["Value"] for header in sent["Headers"]}
        self.assertIn("/newsletter/unsubscribe/", headers["List-Unsubscribe"])
        self.assertEqual(headers["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click")
        self.assertIn("Good morning.", sent["TextBody"])
        self.assertIn("<html", sent["HtmlBody"])
        self.assertIn("id-", self.delivery_to(ROSA).answer)

    def test_what_hangs_is_uncertain_and_repeated_under_the_same_key(self):
        self.send(hangs=0.6)
        self.assertEqual(self.states()[ROSA], "uncertain")
        first = {key for key, _sent in self.service.taken}
        time_passes(self.issue)
        self.send()
        self.assertEqual({key for key, _sent in self.service.taken}, first)
        self.assertEqual(self.issue.books()["accepted"], 3)

    def test_answers_are_read_by_what_they_mean(self):
        error = {"ErrorCode": 10, "Message": "No"}
        for code, state, stand in (
            (429, "queued", Issue.Stand.SENDING),
            (401, "queued", Issue.Stand.PAUSED),
            (422, "failed", Issue.Stand.SENT),
            (500, "uncertain", Issue.Stand.SENDING),
        ):
            with self.subTest(code=code):
                self.issue.deliveries.update(state="queued", answer="", not_before=None, settled_at=None, attempt=0)
                Issue.objects.update(finished_at=None, paused_at=None)
                self.issue.refresh_from_db()
                self.send(code, error)
                self.assertEqual((self.states()[ROSA], self.issue.stand), (state, stand))

    def test_where_nobody_listens_nothing_is_lost(self):
        with serving(self.service) as transport:
            pass
        letter = b"From: a@b.example\r\nTo: c@d.example\r\nSubject: x\r\nMessage-ID: <1@b>\r\n\r\nx\r\n"
        with self.assertRaises(Unreachable):
            transport.hand_over("a@b.example", "c@d.example", letter)
