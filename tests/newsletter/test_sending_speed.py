"""`make bench`: how fast copies are handed over, beside what the same machine's Python manages at all."""

import shutil
import smtplib
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test import TransactionTestCase
from django.utils import timezone

from newsletter.letters.press import Press
from newsletter.models import Issue, Subscriber, Subscription
from newsletter.models.suppression import key_hash
from newsroom.identity.models import Identity
from tests.newsletter.cast import make_newsletters
from tests.newsletter.letters import frozen, make_issue, send_through, smtp

pytestmark = pytest.mark.bench
READERS = 3000
SINK = shutil.which("smtp-sink", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")


@contextmanager
def postfix_sink(port: int):
    sink = subprocess.Popen([SINK, "-u", "nobody", "-c", f"127.0.0.1:{port}", "1000"], stdout=subprocess.DEVNULL)
    time.sleep(0.5)
    try:
        yield port
    finally:
        sink.kill()
        sink.wait()


class SpeedTests(TransactionTestCase):
    def test_handing_over(self):
        Identity.objects.create(name="Longshore")
        weekly, _breaking = make_newsletters()
        add(weekly, READERS)
        issue = frozen(make_issue(weekly, intro="Good morning. " * 2000))
        letter = Press(issue).copy(delivery=1, address="rosa@readers.example", token="0" * 32)
        with postfix_sink(2526) as port:
            theirs = []
            for _round in range(2):
                began = time.perf_counter()
                with smtplib.SMTP("127.0.0.1", port) as plain:
                    for number in range(READERS):
                        plain.sendmail("letters@magazine.example", [f"reader{number}@readers.example"], letter)
                theirs.append(READERS / (time.perf_counter() - began))
            rates = {}
            for connections in (1, 2, 3):
                issue.deliveries.update(state="queued", attempt=0, settled_at=None, handed_at=None)
                Issue.objects.update(finished_at=None)
                began = time.perf_counter()
                with ThreadPoolExecutor(connections) as pool:
                    list(pool.map(send_and_close, [port] * connections))
                rates[connections] = READERS / (time.perf_counter() - began)
                assert issue.books()["accepted"] == READERS
        mine = max(rates.values())
        print(f"{len(letter)} bytes: {rates}/s, smtplib {max(theirs):.0f}/s, {mine / max(theirs):.2f}")
        assert mine >= 0.45 * max(theirs)


def send_and_close(port: int) -> None:
    try:
        send_through(smtp(port))
    finally:
        connection.close()


def add(newsletter, count: int) -> None:
    now = timezone.now()
    addresses = [f"reader{number}@readers.example" for number in range(count)]
    people = [Subscriber(email=a, email_key=a, key_hash=key_hash(a)) for a in addresses]
    Subscription.objects.bulk_create(
        Subscription(subscriber=person, newsletter=newsletter, confirmed_at=now)
        for person in Subscriber.objects.bulk_create(people)
    )
