"""One domain's trouble is its own: its copies wait, all others go on."""

import threading
import time
from datetime import timedelta

from django.utils import timezone

from newsletter.models import Issue, Lane, Suppression
from newsletter.models.lane import PATIENCE
from newsletter.sending.sender import Sender
from newsroom.audit.models import Entry
from tests.newsletter.cast import make_reader
from tests.newsletter.letters import SendingTestCase, frozen, make_issue, send_through, smtp, time_passes
from tests.newsletter.sink import Line, Sink, raw_server, serving

TROUBLED = "troubled.example"


class LaneTestCase(SendingTestCase):
    def setUp(self):
        now = timezone.now()
        self.there = [f"reader{number}@{TROUBLED}" for number in range(PATIENCE + 5)]
        self.elsewhere = [f"reader{number}@calm.example" for number in range(40)]
        for pair in zip(self.elsewhere, [*self.there, *self.elsewhere], strict=False):
            for address in pair:
                if not self.breaking.subscriptions.filter(subscriber__email=address).exists():
                    make_reader(address, self.breaking, confirmed_at=now)
        self.issue = frozen(make_issue(self.breaking, slug="lanes"))

    def send(self, **answers) -> Sink:
        with serving(Sink(**answers)) as sink:
            send_through(smtp(sink.port))
        self.issue.refresh_from_db()
        return sink

    def refusing(self, answer: str) -> Sink:
        return self.send(at_recipient=dict.fromkeys(self.there, answer))

    def tried(self) -> int:
        return self.issue.deliveries.filter(address__in=self.there, attempt__gt=0).count()


class RestTests(LaneTestCase):
    def test_after_many_refusals_in_a_row_a_domain_rests_and_the_others_have_all_theirs(self):
        sink = self.refusing("421 4.4.5 Overloaded")
        self.assertEqual(set(sink.recipients), set(self.elsewhere))
        self.assertEqual(self.tried(), PATIENCE)
        lane = Lane.objects.get()
        self.assertEqual((lane.domain, lane.because), (TROUBLED, "421 4.4.5 Overloaded"))
        self.assertTrue(timedelta(seconds=7) < lane.rests_until - timezone.now() < timedelta(seconds=13))

    def test_each_rest_is_longer_and_a_copy_that_is_taken_ends_it_all(self):
        self.refusing("421 4.4.5 Overloaded")
        Lane.objects.update(rests_until=timezone.now() - timedelta(seconds=1))
        time_passes(self.issue)
        self.refusing("421 4.4.5 Overloaded")
        self.assertGreater(Lane.objects.get().rests_until - timezone.now(), timedelta(seconds=14))
        Lane.objects.update(rests_until=timezone.now() - timedelta(seconds=1))
        time_passes(self.issue)
        self.send()
        self.assertEqual((Lane.objects.count(), self.issue.stand), (0, Issue.Stand.SENT))

    def test_a_full_mailbox_or_a_grey_list_is_nobody_else_s_trouble(self):
        for answer in ("452 4.2.2 Mailbox full", "450 4.7.1 Greylisted, try again"):
            with self.subTest(answer=answer):
                self.refusing(answer)
                self.assertEqual((Lane.objects.count(), self.tried()), (0, len(self.there)))

    def test_a_refusal_now_and_then_counts_for_nothing(self):
        self.send(at_recipient=dict.fromkeys(self.there[::2], "451 4.3.0 Later"))
        self.assertFalse(Lane.objects.filter(rests__gt=0).exists())


class SilenceTests(LaneTestCase):
    def test_two_that_hang_send_the_domain_to_rest_and_no_other_waits_for_it(self):
        taken: list[bytes] = []

        def hangs_for_them(line: Line) -> None:
            line.say("220 sink.example")
            line.answer("250 sink.example")
            while True:
                line.answer("250 Ok")
                recipient = line.hear()
                if TROUBLED.encode() in recipient:
                    line.hear()
                line.say("250 Ok")
                line.answer("354 Go on")
                line.hear_letter()
                line.say("250 Ok")
                taken.append(recipient)

        with raw_server(hangs_for_them) as port:
            began = time.monotonic()
            send_through(smtp(port, timeout=0.5))
        self.assertLess(time.monotonic() - began, 5)
        self.assertEqual(len(taken), len(self.elsewhere))
        self.assertEqual(self.tried(), 2)
        self.assertTrue(Lane.objects.get().is_silent)

    def test_of_all_senders_one_sees_whether_it_has_come_back(self):
        Lane.objects.stumble(TROUBLED, "timed out", in_silence=True)
        Lane.objects.update(rests_until=timezone.now() - timedelta(seconds=1))
        tries = [Sender(smtp(1), threading.Event())._lanes.lets_through(TROUBLED) for _sender in range(3)]
        self.assertEqual(tries, [True, False, False])


class ObjectionTests(LaneTestCase):
    BLOCKED = "550 5.7.1 Blocked by policy"

    def test_a_domain_that_wants_nothing_of_ours_rests_for_an_hour_and_nobody_is_suppressed(self):
        before = Suppression.objects.count()
        sink = self.refusing(self.BLOCKED)
        self.assertEqual(set(sink.recipients), set(self.elsewhere))
        self.assertEqual((self.tried(), self.issue.stand), (1, Issue.Stand.SENDING))
        lane = Lane.objects.get()
        self.assertGreater(lane.rests_until - timezone.now(), timedelta(minutes=59))
        self.assertEqual(Suppression.objects.count(), before)

    def test_when_many_domains_object_it_is_about_us_and_the_issue_pauses(self):
        for number in range(2):
            Lane.objects.stumble(f"other{number}.example", self.BLOCKED, rest=timedelta(hours=1))
        self.refusing(self.BLOCKED)
        self.assertEqual((self.issue.stand, self.issue.paused_because), (Issue.Stand.PAUSED, self.BLOCKED))
        self.assertEqual(Lane.objects.count(), 0)

    def test_somebody_lets_it_through_or_gives_it_up(self):
        self.refusing(self.BLOCKED)
        Lane.objects.get().let_through(by=self.erna)
        self.refusing(self.BLOCKED)  # the copy that was refused before fails, the next one objects
        self.assertEqual(self.issue.books()["failed"], 1)
        left = len(self.there) - 1
        self.assertEqual(Lane.objects.get().give_up(by=self.erna), left)
        self.send()
        self.assertEqual((self.issue.stand, self.issue.books()["failed"]), (Issue.Stand.SENT, left + 1))
        self.assertEqual(Entry.objects.filter(verb__in=["let through", "give up"]).count(), 2)


class FloodTests(LaneTestCase):
    UNKNOWN = "550 5.1.1 No such user"

    def test_a_flood_of_unknown_addresses_pauses_the_issue_and_strikes_nobody_off(self):
        before = Suppression.objects.count()
        sink = self.send(at_recipient=dict.fromkeys([*self.there, *self.elsewhere], self.UNKNOWN))
        self.assertEqual((self.issue.stand, sink.letters), (Issue.Stand.PAUSED, []))
        self.assertIn("too many addresses unknown", self.issue.paused_because)
        self.assertEqual(Suppression.objects.count(), before)
        self.assertEqual(self.issue.books()["failed"], 0)

    def test_after_somebody_resumed_it_is_believed(self):
        self.send(at_recipient=dict.fromkeys([*self.there, *self.elsewhere], self.UNKNOWN))
        before = Suppression.objects.count()
        refused = set(self.issue.deliveries.exclude(answer="").values_list("address", flat=True))
        self.issue.resume(by=self.erna)
        sink = self.send(at_recipient=dict.fromkeys(refused, self.UNKNOWN))
        self.assertEqual((len(refused), Suppression.objects.count() - before), (8, 8))
        self.assertEqual(set(sink.recipients), {*self.there, *self.elsewhere} - refused)
        self.assertEqual(self.issue.stand, Issue.Stand.SENT)

    def test_some_unknown_addresses_among_many_are_no_flood(self):
        before = Suppression.objects.count()
        self.send(at_recipient=dict.fromkeys(self.there[:7], self.UNKNOWN))
        self.assertEqual((self.issue.stand, Suppression.objects.count()), (Issue.Stand.SENT, before + 7))
