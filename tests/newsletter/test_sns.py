"""Amazon asks once whether its topic may post to us, and is told yes at its own address only."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from unittest import mock
from urllib.parse import parse_qs, urlsplit

from django.test import TestCase, override_settings

from newsletter.returns import hooks
from tests.newsletter.services import ANYMAIL, hooks_are_open, post

TOPIC = "arn:aws:sns:eu-central-1:123456789012:returns"
ASKED = {
    "Type": "SubscriptionConfirmation",
    "MessageId": "165545c9",
    "TopicArn": TOPIC,
    "Token": "2336412f37",
    "SubscribeURL": "http://169.254.169.254/latest/",
}


@contextmanager
def amazon(code: int = 200):
    """In its place, a server of ours; the calls that it got."""
    calls: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            calls.append(self.path)
            self.send_response(code)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *words):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    place = f"127.0.0.1:{server.server_port}"
    try:
        with (
            mock.patch.object(hooks, "AMAZON", f"http://{place}/{{region}}.{{domain}}/"),
            override_settings(LINKS_ALLOWED=[place]),
        ):
            yield calls
    finally:
        server.shutdown()
        server.server_close()


@hooks_are_open
class SubscriptionTests(TestCase):
    def test_it_is_confirmed_in_the_region_of_the_topic_whatever_address_the_post_names(self):
        with amazon() as calls:
            self.assertEqual(post("amazon_ses", ASKED).status_code, 200)
        [call] = calls
        self.assertEqual(urlsplit(call).path, "/eu-central-1.amazonaws.com/")
        said = {name: value for name, [value] in parse_qs(urlsplit(call).query).items()}
        self.assertEqual((said["Action"], said["TopicArn"]), ("ConfirmSubscription", TOPIC))
        self.assertEqual(said["Token"], "2336412f37")

    def test_who_does_not_know_our_secret_gets_nothing_confirmed(self):
        with amazon() as calls:
            self.assertEqual(post("amazon_ses", ASKED, password="hook:guessed").status_code, 401)
        self.assertEqual(calls, [])

    def test_a_topic_that_is_none_of_amazon_s_is_not_gone_to(self):
        with amazon() as calls:
            for topic in (
                "arn:aws:sns:evil.example/x-1:123456789012:returns",
                "arn:aws:sns:eu-central-1.evil.example:123456789012:returns",
                "arn:aws:sqs:eu-central-1:123456789012:returns",
                "arn:aws:sns:eu-central-1@evil:123456789012:returns",
                "",
            ):
                with self.subTest(topic):
                    self.assertEqual(post("amazon_ses", ASKED | {"TopicArn": topic}).status_code, 422)
        self.assertEqual(calls, [])

    def test_that_amazon_refuses_is_said_so_that_it_asks_again(self):
        with amazon(403):
            answer = post("amazon_ses", ASKED)
        self.assertEqual((answer.status_code, "it answered 403" in answer.text), (422, True))

    def test_it_can_be_switched_off(self):
        with amazon() as calls, override_settings(ANYMAIL=ANYMAIL | {hooks.CONFIRMS: "off"}):
            self.assertEqual(post("amazon_ses", ASKED).status_code, 200)
        self.assertEqual(calls, [])

    def test_the_address_is_amazon_s_own(self):
        self.assertEqual(hooks.AMAZON, "https://sns.{region}.{domain}/")
