"""What servers do to letters, and what becomes of them: promises 5 and 6."""

from datetime import timedelta
from itertools import pairwise

from django.core.exceptions import ValidationError
from django.utils import timezone

from newsletter.models import Issue, Suppression
from newsletter.models.suppression import key_hash
from newsletter.sending import ledger
from newsletter.sending.verdicts import MOST_ATTEMPTS
from tests.newsletter.cast import ROSA
from tests.newsletter.letters import MINA, PAUL, SendingTestCase, frozen, send_through, smtp, time_passes
from tests.newsletter.sink import Line, Sink, raw_server, serving

EHLO = "250 sink.example"
GREETING = "220 sink.example"


class RefusalTests(SendingTestCase):
    def setUp(self):
        frozen(self.issue)

    def send(self, **answers) -> Sink:
        with serving(Sink(**answers)) as sink:
            send_through(smtp(sink.port))
        self.issue.refresh_from_db()
        return sink

    def test_a_transient_refusal_waits_and_is_tried_again_with_the_same_bytes(self):
        self.send(at_recipient={ROSA: "451 4.7.1 Greylisted, come back later"})
        rosa = self.delivery_to(ROSA)
        self.assertEqual((rosa.state, rosa.attempt), ("queued", 1))
        self.assertIn("Greylisted", rosa.answer)
        wait = rosa.not_before - timezone.now()
        self.assertTrue(timedelta(seconds=28) < wait < timedelta(seconds=38), wait)
        self.assertEqual(self.issue.stand, Issue.Stand.SENDING)
        time_passes(self.issue)
        sink = self.send()
        self.assertEqual(sink.recipients, [ROSA])
        self.assertEqual(self.issue.stand, Issue.Stand.SENT)

    def test_waiting_doubles_and_ends_after_eight_attempts(self):
        waits = []
        for _attempt in range(MOST_ATTEMPTS - 1):
            self.send(at_recipient={ROSA: "452 4.2.2 Mailbox full"})
            waits.append(self.delivery_to(ROSA).not_before - timezone.now())
            time_passes(self.issue)
        self.assertTrue(all(later > earlier * 1.5 for earlier, later in pairwise(waits)), waits)
        self.send(at_recipient={ROSA: "452 4.2.2 Mailbox full"})
        self.assertEqual((self.states()[ROSA], self.delivery_to(ROSA).attempt), ("failed", 8))
        self.assertEqual(self.issue.stand, Issue.Stand.SENT)

    def test_an_address_that_does_not_exist_fails_and_is_suppressed(self):
        sink = self.send(at_recipient={ROSA: "550 5.1.1 No such user"})
        self.assertEqual(self.states(), {ROSA: "failed", PAUL: "accepted", MINA: "accepted"})
        bar = Suppression.objects.get(key_hash=key_hash(ROSA))
        self.assertEqual((bar.reason, bar.note), ("bounced", "550 5.1.1 No such user"))
        self.assertNotIn(ROSA, sink.recipients)

    def test_any_other_refusal_fails_this_copy_and_suppresses_nobody(self):
        before = Suppression.objects.count()
        self.send(at_recipient={ROSA: "550 Not today"}, at_end={PAUL: "552 5.3.4 Too large"})
        self.assertEqual(self.states(), {ROSA: "failed", PAUL: "failed", MINA: "accepted"})
        self.assertEqual(Suppression.objects.count(), before)

    def test_an_objection_to_us_pauses_the_issue_in_the_server_s_words(self):
        sink = self.send(at_end={ROSA: "550 5.7.1 Message refused: SPF fails"})
        self.assertEqual((self.issue.stand, sink.letters), (Issue.Stand.PAUSED, []))
        self.assertIn("SPF fails", self.issue.paused_because)
        self.assertEqual(self.issue.books()["queued"], 3)
        self.assertFalse(Suppression.objects.filter(key_hash=key_hash(ROSA)).exists())

    def test_after_somebody_resumed_the_same_objection_is_about_that_copy(self):
        refusing = {"at_recipient": {ROSA: "550 5.7.1 This mailbox takes no newsletters"}}
        self.send(**refusing)
        self.issue.resume(by=self.erna)
        sink = self.send(**refusing)
        self.assertEqual(self.states()[ROSA], "failed")
        self.assertEqual((len(sink.letters), self.issue.stand), (2, Issue.Stand.SENT))

    def test_an_answer_is_kept_without_line_ends_and_within_bounds(self):
        self.send(at_recipient={ROSA: "550-5.2.1 One\r\n550 5.2.1 " + "long " * 90})
        answer = self.delivery_to(ROSA).answer
        self.assertTrue(answer.startswith("550 5.2.1 One 5.2.1 long long"), answer)
        self.assertLessEqual(len(answer), 500)

    def test_an_address_that_cannot_be_written_fails_alone(self):
        self.issue.deliveries.filter(address=ROSA).update(address="räuber@readers.example")
        self.send()
        self.assertEqual(self.issue.books()["accepted"], 2)
        self.assertEqual(self.states()["räuber@readers.example"], "failed")


class BrokenConnectionTests(SendingTestCase):
    def setUp(self):
        frozen(self.issue)
        self.issue.deliveries.exclude(address=ROSA).delete()
        Issue.objects.filter(pk=self.issue.pk).update(audience=1)
        self.taken: list[bytes] = []

    def send_to(self, script) -> None:
        with raw_server(script) as port:
            send_through(smtp(port, timeout=0.5))
        self.issue.refresh_from_db()

    def takes_and_hangs_up(self, line: Line) -> None:
        line.say(GREETING)
        line.answer(EHLO, "250 Ok", "250 Ok", "354 Go on")
        self.taken.append(line.hear_letter())

    def test_a_server_that_hangs_up_after_the_letter_leaves_it_uncertain_and_gets_it_once_more(self):
        self.send_to(self.takes_and_hangs_up)
        rosa = self.delivery_to(ROSA)
        self.assertEqual((rosa.state, self.issue.stand), ("uncertain", Issue.Stand.SENDING))
        time_passes(self.issue)
        self.send_to(self.takes_and_hangs_up)
        self.assertEqual(len(self.taken), 2)
        self.assertEqual(self.taken[0], self.taken[1])
        time_passes(self.issue)
        self.send_to(self.takes_and_hangs_up)
        self.assertEqual((len(self.taken), self.states()[ROSA]), (2, "uncertain"))
        self.assertEqual(self.issue.stand, Issue.Stand.SENT)

    def test_silence_after_the_letter_is_uncertain_too(self):
        def falls_silent(line: Line) -> None:
            self.takes_and_hangs_up(line)
            line.hear()

        self.send_to(falls_silent)
        self.assertEqual(self.states()[ROSA], "uncertain")

    def test_nonsense_after_the_letter_is_uncertain_too(self):
        def babbles(line: Line) -> None:
            self.takes_and_hangs_up(line)
            line.say("bla")

        self.send_to(babbles)
        self.assertEqual(self.states()[ROSA], "uncertain")

    def test_a_server_that_breaks_off_before_the_letter_has_not_got_it(self):
        def breaks_off(line: Line) -> None:
            line.say(GREETING)
            line.answer(EHLO, "250 Ok")
            line.hear()

        self.send_to(breaks_off)
        rosa = self.delivery_to(ROSA)
        self.assertEqual((rosa.state, rosa.attempt), ("queued", 1))
        self.assertIsNotNone(rosa.not_before)

    def test_a_connection_that_was_closed_between_two_letters_is_opened_anew(self):
        self.issue.deliveries.all().delete()
        self.issue.deliveries.enter(self.issue.readers(), issue=self.issue)
        Issue.objects.filter(pk=self.issue.pk).update(audience=3)

        def takes_one(line: Line) -> None:
            line.say(GREETING)
            line.answer(EHLO, "250 Ok", "250 Ok", "354 Go on")
            self.taken.append(line.hear_letter())
            line.say("250 Ok")

        self.send_to(takes_one)
        self.assertEqual((len(self.taken), self.issue.books()["accepted"]), (3, 3))

    def test_where_nobody_listens_nothing_is_lost_and_nothing_counts(self):
        with raw_server(lambda line: None) as port:
            pass
        send_through(smtp(port))
        rosa = self.delivery_to(ROSA)
        self.assertEqual((rosa.state, rosa.attempt, rosa.not_before), ("queued", 0, None))
        self.assertIn("Connection refused", rosa.answer)
        with serving(Sink()) as sink:
            send_through(smtp(sink.port))
        self.assertEqual(sink.recipients, [ROSA])

    def test_a_sender_rests_after_a_server_that_is_not_there(self):
        with raw_server(lambda line: None) as port:
            pass
        sender = send_through(smtp(port))
        self.assertFalse(sender.round())
        self.assertEqual((self.states()[ROSA], self.delivery_to(ROSA).fence), ("queued", 1))

    def test_a_server_that_is_too_busy_is_no_fault_of_the_letter(self):
        def is_busy(line: Line) -> None:
            line.say(GREETING)
            line.answer(EHLO, "421 4.3.2 Too many connections")

        self.send_to(is_busy)
        rosa = self.delivery_to(ROSA)
        self.assertEqual((rosa.state, rosa.attempt), ("queued", 0))


class ReconcileTests(SendingTestCase):
    def setUp(self):
        frozen(self.issue)
        [copy, *_others] = ledger.claim(self.issue, size=1)[0]
        ledger.turn(self.issue, last=None, following=copy)
        time_passes(self.issue)
        ledger.sweep()

    def test_what_is_uncertain_is_settled_as_somebody_found_it(self):
        for verdict, state in (("accepted", "accepted"), ("failed", "failed"), ("repeat", "queued")):
            self.issue.deliveries.filter(address=ROSA).update(state="uncertain")
            self.assertEqual(self.issue.reconcile(verdict, by=self.erna), 1)
            self.assertEqual(self.states()[ROSA], state)

    def test_repeating_opens_a_finished_issue_again(self):
        self.issue.deliveries.exclude(address=ROSA).update(state="accepted")
        self.issue.deliveries.update(not_before=None)
        self.assertTrue(self.issue.finish())
        self.issue.reconcile("repeat", by=self.erna)
        with serving(Sink()) as sink:
            send_through(smtp(sink.port))
        self.issue.refresh_from_db()
        self.assertEqual((sink.recipients, self.issue.stand), ([ROSA], Issue.Stand.SENT))

    def test_an_issue_is_not_finished_while_a_copy_is_about_to_be_repeated(self):
        self.issue.deliveries.exclude(address=ROSA).update(state="accepted")
        self.assertFalse(self.issue.finish())


class PauseTests(SendingTestCase):
    def test_only_what_is_under_way_can_be_paused_and_only_what_is_paused_resumed(self):
        with self.assertRaisesMessage(ValidationError, "can be paused"):
            self.issue.pause(by=self.erna, because="No.")
        with self.assertRaisesMessage(ValidationError, "not paused"):
            self.issue.resume(by=self.erna)
        self.issue.send(by=self.erna)
        self.issue.pause(by=self.erna, because="Wait for the photo.")
        self.assertEqual((self.issue.stand, self.issue.paused_because), (Issue.Stand.PAUSED, "Wait for the photo."))
        self.issue.resume(by=self.erna)
        self.assertEqual(self.issue.stand, Issue.Stand.SCHEDULED)
