"""Freezing a whole audience takes little time, and holds up nobody who signs up or leaves meanwhile."""

import resource
import threading
import time

import pytest
from django.db import connection
from django.test import TransactionTestCase
from django.utils import timezone

from newsletter.models import Subscriber, Subscription
from newsroom.identity.models import Identity
from tests.newsletter.cast import make_newsletters
from tests.newsletter.letters import make_issue

ADD = """
    WITH people AS (
        INSERT INTO newsletter_subscriber (email, email_key, key_hash, created_at)
        SELECT a, a, encode(sha256(a::bytea), 'hex'), now()
        FROM (SELECT 'reader' || n || '@readers.example' AS a FROM generate_series(1, %(count)s) AS n) AS named
        RETURNING id
    )
    INSERT INTO newsletter_subscription (subscriber_id, newsletter_id, asked_at, confirmed_at, token, round, left_how)
    SELECT id, %(newsletter)s, now(), now(), md5(id::text), 1, '' FROM people
"""


class FreezingTestCase(TransactionTestCase):
    readers = 3000

    def setUp(self) -> None:
        Identity.objects.create(name="Longshore")
        self.weekly, self.breaking = make_newsletters()
        with connection.cursor() as cursor:
            cursor.execute(ADD, {"count": self.readers, "newsletter": self.weekly.pk})
        self.issue = make_issue(self.weekly)
        self.issue.send(by=None, now=True)

    def freeze_beside_readers(self) -> tuple[float, float, int]:
        """Seconds that freezing took, the longest that a reader waited meanwhile, and how many readers came or left."""
        waits: list[float] = []
        done = threading.Event()

        def come_and_go() -> None:
            leavers = Subscription.objects.order_by("-pk").select_related("subscriber", "newsletter")
            try:
                for number, leaver in enumerate(leavers.iterator(chunk_size=50)):
                    began = time.perf_counter()
                    leaver.leave(how=Subscription.Left.BUTTON)
                    newcomer = Subscriber.objects.known_as(f"new{number}@readers.example")
                    Subscription.objects.create(
                        subscriber=newcomer,
                        newsletter=self.weekly,
                        asked_at=timezone.now(),
                        confirmed_at=timezone.now(),
                    )
                    waits.append(time.perf_counter() - began)
                    if done.wait(0.02):
                        return
            finally:
                connection.close()

        readers = threading.Thread(target=come_and_go)
        readers.start()
        began = time.perf_counter()
        try:
            assert self.issue.freeze()
        finally:
            took = time.perf_counter() - began
            done.set()
            readers.join()
        return took, max(waits), len(waits)

    def check(self) -> tuple[float, float, int]:
        took, longest, came = self.freeze_beside_readers()
        self.assertEqual(self.issue.deliveries.count(), self.issue.audience)
        self.assertLess(abs(self.issue.audience - self.readers), came + 1)
        self.assertLess(longest, 1)
        return took, longest, came


class FreezingTests(FreezingTestCase):
    def test_readers_come_and_go_while_an_audience_is_frozen(self):
        self.check()


@pytest.mark.bench
class FreezingAtSizeTests(FreezingTestCase):
    readers = 1_000_000

    def test_a_million(self):
        took, longest, came = self.check()
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"\n{self.readers} readers frozen in {took:.1f} s; {came} came and left meanwhile, "
            f"the slowest in {longest * 1000:.0f} ms; {memory:.0f} MB at most"
        )
        self.assertLess(took, 30)
