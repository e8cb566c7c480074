"""The way of a delivery from hand to hand, and that whoever lost a copy writes nothing."""

from datetime import timedelta
from itertools import product

from django.db import IntegrityError, transaction
from django.utils import timezone

from newsletter.models import Delivery, Subscription, Suppression
from newsletter.sending import ledger
from newsletter.sending.ledger import Outcome
from tests.newsletter.cast import ROSA, make_reader
from tests.newsletter.letters import MINA, PAUL, SendingTestCase, frozen, time_passes

State = Delivery.State


class LedgerTestCase(SendingTestCase):
    def setUp(self):
        frozen(self.issue)

    def claim(self, size: int = 10) -> list[ledger.Copy]:
        return ledger.claim(self.issue, size=size)[0]

    def begin(self, copy: ledger.Copy) -> str | None:
        return ledger.turn(self.issue, last=None, following=copy)

    def settle(self, copy: ledger.Copy, state: State = State.ACCEPTED, **facts) -> None:
        ledger.settle(self.issue, Outcome(copy, state, "250 Ok", **facts))


class ClaimTests(LedgerTestCase):
    def test_a_claimed_copy_is_nobody_else_s(self):
        self.assertEqual([copy.address for copy in self.claim(size=2)], [ROSA, PAUL])
        self.assertEqual([copy.address for copy in self.claim()], [MINA])
        self.assertEqual(self.claim(), [])

    def test_what_waits_is_not_claimed_before_its_time(self):
        self.issue.deliveries.update(not_before=timezone.now() + timedelta(seconds=30))
        self.assertEqual(self.claim(), [])

    def test_who_left_or_is_suppressed_is_skipped_in_the_claim_itself(self):
        self.rosa.leave(how=Subscription.Left.BUTTON)
        Suppression.objects.bar(PAUL, Suppression.Reason.OPERATOR)
        copies, skipped = ledger.claim(self.issue, size=10)
        self.assertEqual(([copy.address for copy in copies], skipped), ([MINA], 2))
        self.assertEqual(self.delivery_to(ROSA).answer, "The reader left before this copy went out.")
        self.assertEqual(self.delivery_to(PAUL).answer, "The address is suppressed.")

    def test_who_leaves_after_the_claim_is_skipped_before_a_byte_leaves(self):
        copy, *_others = self.claim()
        self.rosa.leave(how=Subscription.Left.BUTTON)
        self.assertEqual(self.begin(copy), "skipped")
        self.assertEqual(self.states()[ROSA], State.SKIPPED)

    def test_an_erased_reader_is_skipped(self):
        self.rosa.subscriber.delete()
        self.claim()
        self.assertEqual(self.states()[ROSA], State.SKIPPED)

    def test_the_claim_agrees_with_mailable_on_every_kind_of_reader(self):
        moment = timezone.now()
        left = {"left_at": moment, "left_how": Subscription.Left.BUTTON}
        kinds = product([{}, {"confirmed_at": moment}], [{}, left], [None, *Suppression.Reason])
        for number, (confirmed, gone, reason) in enumerate(kinds):
            reader = make_reader(f"kind{number}@readers.example", self.weekly, **confirmed | gone)
            Delivery.objects.create(
                issue=self.issue, subscriber=reader.subscriber, address=reader.subscriber.email, token=reader.token
            )
            if reason:
                Suppression.objects.bar(reader.subscriber.email, reason)
        mailable = {subscription.subscriber.email for subscription in self.weekly.subscriptions.mailable()}
        self.assertEqual({copy.address for copy in self.claim(size=100)}, mailable)

    def test_a_paused_issue_gives_no_copies_away(self):
        copy, *_others = self.claim(size=1)
        self.issue.pause(by=None, because="A wrong figure.")
        self.assertEqual(self.claim(), [])
        self.assertIsNone(self.begin(copy))


class TurnTests(LedgerTestCase):
    def test_one_statement_settles_one_copy_and_begins_the_next(self):
        first, second, _third = self.claim()
        self.begin(first)
        ledger.turn(self.issue, last=Outcome(first, State.ACCEPTED, "250 Ok"), following=second)
        self.assertEqual(self.states(), {ROSA: "accepted", PAUL: "handing", MINA: "claimed"})
        rosa = self.delivery_to(ROSA)
        self.assertEqual((rosa.attempt, rosa.answer, rosa.leased_until), (1, "250 Ok", None))
        self.assertLessEqual(rosa.handed_at, rosa.settled_at)

    def test_released_copies_are_there_for_others_and_those_begun_are_not(self):
        copies = self.claim()
        self.begin(copies[0])
        ledger.release(copies)
        self.assertEqual(self.states(), {ROSA: "handing", PAUL: "queued", MINA: "queued"})

    def test_what_never_left_the_house_does_not_count_as_an_attempt(self):
        copy, *_others = self.claim()
        self.begin(copy)
        self.settle(copy, State.QUEUED, counts=False)
        self.assertEqual((self.delivery_to(ROSA).attempt, self.delivery_to(ROSA).state), (0, "queued"))


class FenceTests(LedgerTestCase):
    def test_a_sender_that_slept_through_its_lease_writes_nothing(self):
        stale = self.claim()
        self.begin(stale[0])
        time_passes(self.issue)
        ledger.sweep()
        fresh = self.claim()
        self.begin(fresh[0])
        before = list(self.issue.deliveries.order_by("pk").values())
        self.settle(stale[0])
        self.assertIsNone(self.begin(stale[1]))
        ledger.renew(stale)
        ledger.release(stale)
        self.assertEqual(list(self.issue.deliveries.order_by("pk").values()), before)

    def test_nor_does_it_settle_what_another_sender_is_handing_over_by_now(self):
        [stale] = self.claim(size=1)
        time_passes(self.issue)
        ledger.sweep()
        fresh, *_others = self.claim()
        self.assertEqual((self.begin(fresh), fresh.id), ("handing", stale.id))
        self.settle(stale)
        self.assertEqual(self.states()[ROSA], "handing")
        self.settle(fresh)
        self.assertEqual(self.states()[ROSA], "accepted")

    def test_each_claim_moves_the_fence(self):
        [first] = self.claim(size=1)
        ledger.release([first])
        [second] = self.claim(size=1)
        self.assertGreater(second.fence, first.fence)

    def test_a_lease_that_ended_is_over_even_before_anybody_swept(self):
        copy, *_others = self.claim()
        time_passes(self.issue)
        self.assertIsNone(self.begin(copy))

    def test_renewing_keeps_what_is_held(self):
        copies = self.claim()
        self.begin(copies[0])
        time_passes(self.issue)
        ledger.renew(copies)
        ledger.sweep()
        self.assertEqual(self.states(), {ROSA: "handing", PAUL: "claimed", MINA: "claimed"})


class SweepTests(LedgerTestCase):
    def test_what_a_dead_sender_held_goes_back_and_what_it_was_handing_over_is_uncertain(self):
        copies = self.claim(size=2)
        self.begin(copies[0])
        ledger.sweep()
        self.assertEqual(self.states()[ROSA], "handing")
        time_passes(self.issue)
        ledger.sweep()
        self.assertEqual(self.states(), {ROSA: "uncertain", PAUL: "queued", MINA: "queued"})
        self.assertIn("before the mail server had answered", self.delivery_to(ROSA).answer)

    def test_an_uncertain_copy_is_repeated_once_and_then_stays_uncertain(self):
        for expected in ("queued", "uncertain"):
            copy, *others = self.claim()
            ledger.release(others)
            self.begin(copy)
            time_passes(self.issue)
            ledger.sweep()
            self.assertEqual(self.states()[ROSA], "uncertain")
            time_passes(self.issue)
            ledger.sweep()
            self.assertEqual(self.states()[ROSA], expected)
        self.assertEqual(self.delivery_to(ROSA).attempt, 2)
        self.assertFalse(self.issue.deliveries.unfinished().filter(address=ROSA).exists())


class DatabaseTests(LedgerTestCase):
    def test_one_reader_has_one_delivery_of_an_issue(self):
        with self.assertRaises(IntegrityError), transaction.atomic():
            Delivery.objects.create(issue=self.issue, subscriber=self.rosa.subscriber, address=ROSA, token="x")

    def test_a_lease_without_a_holder_is_impossible(self):
        for wrong in ({"state": State.CLAIMED}, {"leased_until": timezone.now()}):
            with self.assertRaises(IntegrityError), transaction.atomic():
                self.issue.deliveries.filter(address=ROSA).update(**wrong)
