from datetime import timedelta

import time_machine
from django.core.exceptions import ValidationError
from django.utils import timezone

from newsletter.models import Issue, Newsletter, Subscription
from newsroom.audit.models import Entry
from tests.newsletter.cast import NILS, OTTO, ROSA, VERA, make_reader
from tests.newsletter.letters import BEN, MINA, PAUL, SendingTestCase, frozen, make_issue, send_through, smtp
from tests.newsletter.sink import Sink, serving


class SendTests(SendingTestCase):
    def test_an_issue_goes_out_in_five_minutes_unless_told_otherwise(self):
        now = timezone.now()
        with time_machine.travel(now, tick=False):
            self.issue.send(by=self.erna)
            self.assertEqual(self.issue.send_at, timezone.now() + timedelta(minutes=5))
            self.assertEqual(self.issue.stand, Issue.Stand.SCHEDULED)
            self.assertNotIn(self.issue, Issue.objects.due())
        with time_machine.travel(now + timedelta(minutes=5), tick=False):
            self.assertIn(self.issue, Issue.objects.due())

    def test_it_is_written_down_who_sent_it(self):
        self.issue.send(by=self.erna, now=True)
        entry = Entry.objects.get(verb="send")
        self.assertEqual((entry.person, entry.subject), (self.erna, "What the tide left"))
        self.assertEqual(self.issue.sent_by, self.erna)

    def test_an_issue_without_subject_content_or_readers_is_refused_with_a_sentence_for_each(self):
        empty = make_issue(self.breaking, subject=" ", intro="", slug="empty")
        with self.assertRaises(ValidationError) as refusal:
            empty.send(by=self.erna)
        self.assertEqual(
            refusal.exception.messages,
            ["Write a subject.", "Choose an article, or write an opening.", "Nobody subscribes to “Breaking” yet."],
        )
        empty.refresh_from_db()
        self.assertIsNone(empty.send_at)

    def test_every_article_must_be_before_readers_by_the_hour(self):
        issue = make_issue(self.weekly, self.storm, slug="storm")
        with self.assertRaisesMessage(ValidationError, "“Storm” is not before readers by then"):
            issue.send(by=self.erna)
        issue.send(by=self.erna, at=self.storm.published_at + timedelta(minutes=1))
        self.assertEqual(issue.stand, Issue.Stand.SCHEDULED)

    def test_sending_can_be_cancelled_until_it_is_frozen(self):
        self.issue.send(by=self.erna)
        self.issue.cancel_sending(by=self.erna)
        self.assertEqual(self.issue.stand, Issue.Stand.DRAFT)
        frozen(self.issue)
        with self.assertRaisesMessage(ValidationError, "too late to cancel"):
            self.issue.cancel_sending(by=self.erna)

    def test_a_scheduled_issue_is_not_sent_twice_but_can_be_moved_to_now(self):
        self.issue.send(by=self.erna)
        with self.assertRaisesMessage(ValidationError, "already"):
            self.issue.send(by=self.erna)
        self.issue.send(by=self.erna, now=True)
        self.assertIn(self.issue, Issue.objects.due())

    def test_what_is_going_out_cannot_be_sent_again(self):
        frozen(self.issue)
        with self.assertRaisesMessage(ValidationError, "going out already"):
            self.issue.send(by=self.erna, now=True)


class FreezeTests(SendingTestCase):
    def test_the_audience_is_everybody_who_confirmed_and_nobody_else(self):
        frozen(self.issue)
        self.assertEqual(set(self.states()), {ROSA, PAUL, MINA})
        self.assertEqual((self.issue.audience, self.issue.books()["queued"]), (3, 3))

    def test_who_signs_up_later_waits_for_the_next_issue(self):
        frozen(self.issue)
        make_reader(VERA, self.weekly, confirmed_at=timezone.now())
        with serving(Sink()) as sink:
            send_through(smtp(sink.port))
        self.assertNotIn(VERA, sink.recipients)

    def test_freezing_twice_changes_nothing(self):
        frozen(self.issue)
        before = self.issue.frozen_at
        self.assertFalse(self.issue.freeze())
        self.issue.refresh_from_db()
        self.assertEqual((self.issue.frozen_at, self.issue.deliveries.count()), (before, 3))

    def test_an_issue_whose_article_was_withdrawn_meanwhile_pauses_and_says_so(self):
        self.issue.send(by=self.erna, now=True)
        self.tides.withdraw(by=self.erna)
        with serving(Sink()) as sink:
            send_through(smtp(sink.port))
        self.issue.refresh_from_db()
        self.assertEqual((sink.letters, self.issue.stand), ([], Issue.Stand.PAUSED))
        self.assertIn("“Tides” is not before readers", self.issue.paused_because)
        self.assertNotIn(self.issue, Issue.objects.archived())

    def test_a_frozen_letter_does_not_follow_later_edits(self):
        frozen(self.issue)
        Issue.objects.filter(pk=self.issue.pk).update(subject="Something else")
        with serving(Sink()) as sink:
            send_through(smtp(sink.port))
        self.assertTrue(all(b"Subject: What the tide left\r\n" in letter for _to, letter in sink.letters))

    def test_a_freeze_that_breaks_off_leaves_neither_letter_nor_audience(self):
        Newsletter.objects.update(reply_to="räuber@readers.example")  # which no header can carry
        self.issue.send(by=self.erna, now=True)
        with self.assertRaises(ValueError):
            self.issue.freeze()
        self.issue.refresh_from_db()
        self.assertEqual((self.issue.frozen_at, self.issue.deliveries.count()), (None, 0))


class GoingOutTests(SendingTestCase):
    def test_each_confirmed_subscriber_gets_exactly_one_letter(self):
        for number in range(120):  # more than one batch
            make_reader(f"reader{number}@readers.example", self.weekly, confirmed_at=timezone.now())
        self.issue.send(by=self.erna, now=True)
        with serving(Sink()) as sink:
            send_through(smtp(sink.port))
        expected = {subscription.subscriber.email for subscription in self.weekly.subscriptions.mailable()}
        expected = {address.replace("bücher", "xn--bcher-kva") for address in expected}
        self.assertEqual(len(sink.recipients), 123)
        self.assertEqual(set(sink.recipients), expected)
        self.assertFalse({OTTO, NILS, BEN} & set(sink.recipients))
        self.issue.refresh_from_db()
        self.assertEqual(self.issue.stand, Issue.Stand.SENT)
        self.assertEqual((self.issue.books()["accepted"], self.issue.books()["open"]), (123, 0))
        self.assertRegex(self.delivery_to(ROSA).answer, r"^250 2\.0\.0 Ok: queued as \d+$")

    def test_who_leaves_after_the_freeze_is_skipped_and_the_delivery_says_why(self):
        frozen(self.issue)
        self.rosa.leave(how=Subscription.Left.BUTTON)
        with serving(Sink()) as sink:
            send_through(smtp(sink.port))
        self.assertNotIn(ROSA, sink.recipients)
        rosa = self.delivery_to(ROSA)
        self.assertEqual((rosa.state, rosa.answer), ("skipped", "The reader left before this copy went out."))

    def test_a_paused_issue_hands_over_nothing_and_resumes_where_it_stood(self):
        frozen(self.issue)
        self.issue.pause(by=self.erna, because="A wrong figure.")
        with serving(Sink()) as sink:
            send_through(smtp(sink.port))
            self.assertEqual((sink.letters, self.issue.books()["queued"]), ([], 3))
            self.issue.resume(by=self.erna)
            send_through(smtp(sink.port))
        self.assertEqual(len(sink.letters), 3)

    def test_books_that_do_not_balance_pause_the_issue(self):
        frozen(self.issue)
        self.delivery_to(PAUL).delete()
        with serving(Sink()) as sink:
            send_through(smtp(sink.port))
        self.issue.refresh_from_db()
        self.assertEqual((self.issue.stand, sink.letters), (Issue.Stand.PAUSED, []))
        self.assertEqual(self.issue.paused_because, "The books do not balance: 3 copies were made, 2 are there.")

    def test_the_books_take_one_query(self):
        frozen(self.issue)
        with self.assertNumQueries(1):
            books = self.issue.books()
        settled = sum(books[state] for state in ("open", "accepted", "failed", "uncertain", "skipped"))
        self.assertEqual((books["total"], settled), (3, 3))
