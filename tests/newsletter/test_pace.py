"""How fast copies leave, and that a new pace bites at once."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import TransactionTestCase
from django.utils import timezone

from newsletter.models import Issue, Minute, Pace
from newsletter.sending.sender import Sender
from newsroom.identity.models import Identity
from tests.newsletter.cast import make_newsletters
from tests.newsletter.chaos import add_readers
from tests.newsletter.letters import SendingTestCase, frozen, make_issue, send_through, smtp
from tests.newsletter.sink import Sink, serving


class LimitTests(SendingTestCase):
    def test_in_an_hour_no_more_leave_than_may(self):
        Pace.objects.current().set(per_second=None, per_hour=2, by=self.erna)
        frozen(self.issue)
        with serving(Sink()) as sink:
            send_through(smtp(sink.port))
            self.assertEqual((len(sink.letters), self.issue.books()["open"]), (2, 1))
            Minute.objects.update(minute=timezone.now() - timedelta(minutes=62))
            send_through(smtp(sink.port))
        self.assertEqual(len(sink.letters), 3)

    def test_what_left_before_there_was_a_limit_counts(self):
        frozen(self.issue)
        self.issue.deliveries.update(handed_at=timezone.now() - timedelta(minutes=5))
        Pace.objects.current().set(per_second=None, per_hour=3, by=self.erna)
        with serving(Sink()) as sink:
            send_through(smtp(sink.port))
        self.assertEqual(sink.letters, [])

    def test_no_pace_stands_still(self):
        for nothing in ({"per_second": 0, "per_hour": None}, {"per_second": None, "per_hour": 0}):
            with self.assertRaisesMessage(ValidationError, "pause the issue"):
                Pace.objects.current().set(**nothing, by=self.erna)
            with self.assertRaises(IntegrityError), transaction.atomic():
                Pace.objects.create(pk=1, **nothing)
        with self.assertRaises(IntegrityError), transaction.atomic():
            Pace.objects.create(pk=2)


class TogetherTests(TransactionTestCase):
    """Several senders, one pace."""

    def setUp(self):
        Identity.objects.create(name="Longshore")
        weekly, _breaking = make_newsletters()
        add_readers(weekly, 2000)
        self.issue = frozen(make_issue(weekly))
        self.taken: list[float] = []

    @contextmanager
    def sending(self, senders: int):
        stop = threading.Event()
        with (
            serving(Sink(before_end=lambda recipient: self.taken.append(time.monotonic()))) as sink,
            ThreadPoolExecutor(senders) as pool,
        ):
            running = [pool.submit(Sender(smtp(sink.port), stop).run) for _sender in range(senders)]
            try:
                yield
            finally:
                stop.set()
                for sender in running:
                    sender.result(timeout=10)

    def most_in_a_second(self) -> int:
        return max(sum(at <= other < at + 1 for other in self.taken) for at in self.taken)

    def test_all_senders_together_keep_the_pace_and_a_new_one_or_a_pause_bites_within_two_seconds(self):
        Pace.objects.current().set(per_second=40, per_hour=None, by=None)
        with self.sending(3):
            time.sleep(2.5)
            slow = list(self.taken)
            self.assertLessEqual(self.most_in_a_second(), 46)
            self.assertGreater(len(slow), 50)
            Pace.objects.current().set(per_second=10, per_hour=None, by=None)
            time.sleep(1)
            self.taken.clear()
            time.sleep(1.5)
            self.assertLessEqual(self.most_in_a_second(), 12)
            Pace.objects.current().set(per_second=None, per_hour=None, by=None)
            time.sleep(1)
            self.assertGreater(len(self.taken), 100)
            Issue.objects.get(pk=self.issue.pk).pause(by=None, because="Wait.")
            time.sleep(0.5)
            self.taken.clear()
            time.sleep(0.5)
            self.assertEqual(self.taken, [])
        connection.close()
