"""Copies of which nobody knows whether they were taken, letters that are too late, and one more for one person."""

import re
from datetime import timedelta

import time_machine
from django.core.exceptions import ValidationError
from django.utils import timezone

from newsletter.models import Issue, Newsletter, Subscription, Suppression
from newsletter.sending import ledger
from newsroom.audit.models import Entry
from tests.newsletter.cast import ROSA
from tests.newsletter.letters import PAUL, SendingTestCase, frozen, parsed, send_through, smtp, time_passes
from tests.newsletter.sink import Line, Sink, raw_server, serving

Doubt, Stand = Newsletter.Doubt, Issue.Stand


class PolicyTests(SendingTestCase):
    def doubtful(self, policy: Doubt, **facts) -> None:
        Newsletter.objects.filter(pk=self.weekly.pk).update(on_doubt=policy, **facts)
        frozen(self.issue)
        self.taken: list[bytes] = []

        def takes_and_hangs_up(line: Line) -> None:
            line.say("220 sink.example")
            line.answer("250 sink.example", "250 Ok", "250 Ok", "354 Go on")
            self.taken.append(line.hear_letter())

        with raw_server(takes_and_hangs_up) as port:
            send_through(smtp(port, timeout=0.5))
        self.issue.refresh_from_db()

    def go_on(self) -> Sink:
        time_passes(self.issue)
        with serving(Sink()) as sink:
            send_through(smtp(sink.port))
        self.issue.refresh_from_db()
        return sink

    def test_they_are_repeated_once_after_as_long_as_the_newsletter_says(self):
        self.doubtful(Doubt.REPEAT, repeat_after=600)
        wait = self.delivery_to(ROSA).not_before - timezone.now()
        self.assertTrue(timedelta(minutes=9) < wait <= timedelta(minutes=10), wait)
        self.assertEqual(len(self.go_on().letters), 3)
        self.assertEqual(self.issue.stand, Stand.SENT)

    def test_they_are_never_repeated_where_the_newsletter_says_so(self):
        self.doubtful(Doubt.NEVER)
        self.assertEqual((len(self.taken), self.issue.books()["uncertain"]), (3, 3))
        self.assertEqual(self.issue.stand, Stand.SENT)
        self.assertEqual(self.go_on().letters, [])

    def test_a_newsletter_that_asks_pauses_at_the_end_until_they_are_settled(self):
        self.doubtful(Doubt.ASK)
        self.assertEqual(self.issue.stand, Stand.PAUSED)
        self.assertIn("Nobody knows whether 3 copies were taken", self.issue.paused_because)
        self.delivery_to(ROSA).settle("accepted", by=self.erna)
        with self.assertRaisesMessage(ValidationError, "nobody knows whether"):
            self.delivery_to(ROSA).settle("failed", by=self.erna)
        self.issue.reconcile("repeat", by=self.erna)
        self.issue.resume(by=self.erna)
        self.assertEqual(len(self.go_on().letters), 2)
        self.assertEqual((self.issue.stand, self.issue.books()["accepted"]), (Stand.SENT, 3))

    def test_what_a_dead_sender_was_handing_over_follows_the_same_policy(self):
        for policy, state in ((Doubt.NEVER, "uncertain"), (Doubt.REPEAT, "queued")):
            Newsletter.objects.filter(pk=self.weekly.pk).update(on_doubt=policy)
            if not self.issue.is_frozen:
                frozen(self.issue)
            self.issue.deliveries.update(state="queued", repeated_at=None)
            [copy] = ledger.claim(self.issue, size=1)[0]
            ledger.turn(self.issue, last=None, following=copy)
            for _round in range(2):
                time_passes(self.issue)
                ledger.sweep()
            self.assertEqual(self.states()[ROSA], state)


class TooLateTests(SendingTestCase):
    def test_a_worker_that_comes_back_too_late_pauses_and_a_person_may_send_it_all_the_same(self):
        now = timezone.now()
        end = now + timedelta(hours=3)
        self.issue.send(by=self.erna, at=now + timedelta(hours=1), not_after=end)
        with serving(Sink()) as sink, time_machine.travel(now + timedelta(hours=4)):
            send_through(smtp(sink.port))
            self.issue.refresh_from_db()
            self.assertEqual((sink.letters, self.issue.stand, self.issue.audience), ([], Stand.PAUSED, None))
            self.assertIn("It was not to be sent after", self.issue.paused_because)
            self.issue.resume(by=self.erna)
            send_through(smtp(sink.port))
            self.assertEqual(len(sink.letters), 3)

    def test_what_is_left_of_an_issue_that_began_in_time_is_not_sent_either(self):
        frozen(self.issue)
        Issue.objects.filter(pk=self.issue.pk).update(not_after=timezone.now())
        self.assertEqual(ledger.claim(self.issue, size=10), ([], 0))
        with serving(Sink()) as sink:
            send_through(smtp(sink.port))
        self.issue.refresh_from_db()
        self.assertEqual((sink.letters, self.issue.stand), ([], Stand.PAUSED))

    def test_an_end_before_the_beginning_is_refused(self):
        soon = timezone.now() + timedelta(hours=1)
        with self.assertRaisesMessage(ValidationError, "too late before it begins"):
            self.issue.send(by=self.erna, at=soon, not_after=soon)


class AgainTests(SendingTestCase):
    def setUp(self):
        frozen(self.issue)
        self.first = self.send(at_recipient={PAUL: "550 5.2.1 Disabled"})

    def send(self, **answers) -> dict[str, bytes]:
        with serving(Sink(**answers)) as sink:
            send_through(smtp(sink.port))
        self.issue.refresh_from_db()
        return dict(sink.letters)

    def test_one_person_gets_it_once_more_as_a_new_message_and_nobody_else_does(self):
        books = self.issue.books()
        self.delivery_to(ROSA).send_again(by=self.erna)
        self.assertEqual(self.issue.books()["total"], books["total"])
        again = self.send()
        self.assertEqual(set(again), {ROSA})
        before, after = (parsed(letters[ROSA])["Message-ID"] for letters in (self.first, again))
        self.assertEqual(after, before.replace("@", ".2@"))
        self.assertEqual(
            re.sub(rb"Message-ID: .*", b"", self.first[ROSA]), re.sub(rb"Message-ID: .*", b"", again[ROSA])
        )
        self.assertEqual((self.issue.stand, self.issue.books()), (Stand.SENT, books))

    def test_what_had_become_of_it_and_who_wanted_another_is_kept(self):
        was = self.delivery_to(PAUL)
        was.send_again(by=self.erna)
        self.send()
        now, kept = self.delivery_to(PAUL), self.delivery_to(PAUL).earlier.get()
        self.assertEqual((now.state, now.edition), ("accepted", 2))
        self.assertEqual((kept.edition, kept.state, kept.answer), (1, "failed", "550 5.2.1 Disabled"))
        self.assertEqual((kept.asked_by, kept.settled_at), (self.erna, kept.settled_at))
        self.assertIsNotNone(kept.handed_at)
        self.assertEqual(Entry.objects.newest("send again", on=now).details, {"edition": 2})

    def test_who_left_or_is_suppressed_or_erased_gets_nothing(self):
        self.rosa.leave(how=Subscription.Left.BUTTON)
        Suppression.objects.bar(PAUL, Suppression.Reason.COMPLAINT)
        copies = [self.delivery_to(ROSA), self.delivery_to(PAUL)]
        self.mina.subscriber.delete()
        copies.append(self.issue.deliveries.get(subscriber=None))
        for copy in copies:
            with self.assertRaisesMessage(ValidationError, "nothing is sent"):
                copy.send_again(by=self.erna)
        self.assertEqual(self.send(), {})

    def test_who_leaves_after_the_press_gets_nothing_either(self):
        self.delivery_to(ROSA).send_again(by=self.erna)
        self.rosa.leave(how=Subscription.Left.BUTTON)
        self.assertEqual((self.send(), self.states()[ROSA]), ({}, "skipped"))

    def test_a_copy_that_is_on_its_way_is_not_sent_beside_itself(self):
        self.delivery_to(ROSA).send_again(by=self.erna)
        with self.assertRaisesMessage(ValidationError, "still on its way"):
            self.delivery_to(ROSA).send_again(by=self.erna)


class AtTheDeskTests(SendingTestCase):
    def setUp(self):
        frozen(self.issue)
        with serving(Sink()) as sink:
            send_through(smtp(sink.port))
        self.erna.is_superuser = True
        self.erna.save()
        self.client.force_login(self.erna)
        self.path = f"/admin/newsletter/delivery/{self.delivery_to(ROSA).pk}"

    def test_a_copy_is_found_by_its_address_and_sent_again_by_a_button(self):
        self.assertContains(self.client.get("/admin/newsletter/delivery/", {"q": ROSA}), f"{self.path}/change/")
        page = self.client.get(f"{self.path}/change/")
        self.assertContains(page, f'action="{self.path}/do/again/"')
        self.assertNotContains(page, "do/failed/")
        answer = self.client.post(f"{self.path}/do/again/", follow=True)
        self.assertContains(answer, "as a new message")
        self.assertEqual(self.delivery_to(ROSA).edition, 2)
        self.assertEqual(self.client.get(f"{self.path}/do/again/").status_code, 405)

    def test_a_refusal_is_a_sentence(self):
        self.rosa.leave(how=Subscription.Left.BUTTON)
        self.assertContains(self.client.post(f"{self.path}/do/again/", follow=True), "nothing is sent")
        self.assertEqual(self.delivery_to(ROSA).edition, 1)

    def test_the_pace_is_set_in_a_form_and_written_down_once(self):
        self.client.post("/admin/newsletter/pace/add/", {"per_second": "20", "per_hour": ""})
        self.client.post("/admin/newsletter/pace/1/change/", {"per_second": "30", "per_hour": "1000"})
        self.assertEqual(Entry.objects.filter(verb="set pace").count(), 2)
        self.assertEqual(Entry.objects.filter(subject_type="newsletter.pace").count(), 2)
        page = self.client.post("/admin/newsletter/pace/1/change/", {"per_second": "0", "per_hour": ""})
        self.assertContains(page, "a pace is at least one copy")
