"""What comes back: each fact once, whoever tells it how often, and only about a letter that we sent."""

import itertools
import random
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.test import override_settings
from django.utils import timezone

from newsletter.models import Delivery, Fact, Issue, Return, Subscription, Suppression
from newsletter.models.returned import Kind
from newsletter.returns.paths import return_path, seal
from newsletter.returns.reading import read
from newsletter.returns.reports import Report
from newsletter.returns.taking import returns_of, take
from newsroom.audit.models import Entry
from tests.newsletter.bounces import FULL, LATER, SPAM, accepted, arf, dsn
from tests.newsletter.cast import ROSA, make_reader
from tests.newsletter.letters import MINA, PAUL, SendingTestCase, frozen, make_issue, send_through, smtp
from tests.newsletter.sink import Sink, serving

Reason = Suppression.Reason


class Noting(Sink):
    """Writes down from where each letter says that it comes."""

    def __init__(self) -> None:
        super().__init__()
        self.paths: set[str] = set()

    async def handle_DATA(self, server, session, envelope):
        self.paths.add(envelope.mail_from)
        return await super().handle_DATA(server, session, envelope)


class ReturnsTestCase(SendingTestCase):
    def setUp(self):
        frozen(self.issue)
        accepted(self.issue)
        self.to_rosa, self.to_paul, self.to_mina = (self.delivery_to(address) for address in (ROSA, PAUL, MINA))

    def took(self, content: bytes):
        return [take(report) for report in read(content)]

    def reason(self, place: Subscription) -> str:
        bar = place.subscriber.bar
        return bar.reason if bar else ""

    def facts(self) -> set[tuple[str, str]]:
        return set(Fact.objects.values_list("delivery__address", "kind"))


class WhatFollows(ReturnsTestCase):
    def test_an_address_that_does_not_exist_is_suppressed_and_says_why(self):
        self.took(dsn(self.to_rosa))
        bar = self.rosa.subscriber.bar
        assert bar.reason == Reason.BOUNCED
        assert "550 5.1.1 User unknown" in bar.note and "What the tide left" in bar.note

    def test_a_complaint_is_suppressed_for_good(self):
        self.took(arf(self.to_paul))
        assert self.reason(self.paul) == Reason.COMPLAINT

    def test_who_unsubscribes_at_the_mail_service_has_left_by_their_mail_program(self):
        self.took(arf(self.to_paul, kind="opt-out"))
        self.paul.refresh_from_db()
        assert self.paul.left_how == Subscription.Left.MAIL_PROGRAM
        assert self.reason(self.paul) == ""

    def test_a_delay_a_full_mailbox_and_a_policy_suppress_nobody(self):
        for number, facts in enumerate((LATER, FULL, SPAM)):
            self.took(dsn(self.to_rosa, number=number, **facts))
        assert self.facts() == {(ROSA, "delayed"), (ROSA, "returned"), (ROSA, "blocked")}
        assert self.reason(self.rosa) == ""

    def test_five_letters_in_a_row_that_came_back_over_two_weeks_end_it(self):
        for week in range(1, 6):
            issue = frozen(make_issue(self.weekly, self.tides, slug=f"week-{week}"))
            accepted(issue)
            issue.deliveries.update(handed_at=timezone.now() + timedelta(weeks=week))
            assert self.reason(self.rosa) == ""
            self.took(dsn(issue.deliveries.get(address=ROSA), **FULL))
        assert self.reason(self.rosa) == Reason.BOUNCED
        assert self.rosa.subscriber.bar.note.startswith("5 letters in a row came back")
        assert self.reason(self.paul) == ""

    def test_one_letter_that_arrived_begins_the_count_anew(self):
        for week in range(1, 8):
            issue = frozen(make_issue(self.weekly, self.tides, slug=f"week-{week}"))
            accepted(issue)
            issue.deliveries.update(handed_at=timezone.now() + timedelta(weeks=week))
            if week != 4:
                self.took(dsn(issue.deliveries.get(address=ROSA), **FULL))
        assert self.reason(self.rosa) == ""

    def test_an_old_report_does_not_bar_who_confirmed_since(self):
        later = timezone.now() + timedelta(hours=1)
        Subscription.objects.filter(pk=self.rosa.pk).update(confirmed_at=later)
        self.took(dsn(self.to_rosa))
        self.took(arf(self.to_rosa, kind="opt-out"))
        self.rosa.refresh_from_db()
        assert self.reason(self.rosa) == "" and self.rosa.left_at is None
        assert self.facts() == {(ROSA, "bounced"), (ROSA, "unsubscribed")}

    def test_what_was_lifted_is_not_barred_again_by_the_same_report(self):
        self.took(dsn(self.to_rosa))
        self.rosa.subscriber.bar.lift(by=self.erna, because="She wrote from that address.")
        self.took(dsn(self.to_rosa))
        self.took(dsn(self.to_rosa, number=2))
        assert self.reason(self.rosa) == ""

    def test_a_bounce_never_softens_a_complaint(self):
        self.took(arf(self.to_rosa))
        self.took(dsn(self.to_rosa))
        assert self.reason(self.rosa) == Reason.COMPLAINT

    def test_a_person_s_returns_are_listed_newest_first_with_nobody_s_address_in_them(self):
        self.took(dsn(self.to_rosa, diagnosis=f"550 5.1.1 <{ROSA}> unknown, see {self.to_rosa.token}"))
        self.took(arf(self.to_rosa))
        rows = list(returns_of(self.rosa.subscriber.key_hash))
        assert [row.kind for row in rows] == ["complained", "bounced"]
        assert "r•••@readers.example" in rows[1].said
        for row in Return.objects.values():
            assert ROSA not in str(row) and self.to_rosa.token not in str(row)


class OnlyAboutOurLetters(ReturnsTestCase):
    def test_a_report_about_a_letter_that_we_did_not_send_changes_nothing(self):
        for content in (
            dsn(),
            dsn(address=ROSA),
            dsn(self.to_rosa, head="Message-ID: <0@x.example>\nTo: x@y.example\n"),
        ):
            [taken] = self.took(content)
            assert not taken.is_ours
        assert not Fact.objects.exists() and self.reason(self.rosa) == ""
        assert set(Return.objects.values_list("delivery", "issue")) == {(None, None)}

    def test_a_message_id_of_another_reader_is_not_enough(self):
        report = read(dsn(self.to_rosa))[0]
        stolen = Report("mailbox", Kind.BOUNCED, "x", message_ids=report.message_ids, recipients=(PAUL,))
        assert not take(stolen).is_ours

    def test_a_copy_that_was_never_handed_over_cannot_come_back(self):
        self.issue.deliveries.filter(pk=self.to_rosa.pk).update(handed_at=None)
        assert not self.took(dsn(self.to_rosa))[0].is_ours

    def test_the_signed_path_is_enough_even_when_nothing_of_the_letter_came_back(self):
        [taken] = self.took(dsn(self.to_rosa, sealed=True, address="rosa@her-new-provider.example"))
        assert taken.row.delivery == self.to_rosa
        assert self.reason(self.rosa) == Reason.BOUNCED

    def test_no_flipped_sign_of_a_signed_path_passes(self):
        sealed = seal(self.to_rosa.pk)
        for place in range(len(sealed)):
            for sign in "0f7a":
                forged = sealed[:place] + sign + sealed[place + 1 :]
                if forged != sealed:
                    report = Report("mailbox", Kind.BOUNCED, f"x{place}{sign}", sealed=(f"{forged}@r.example",))
                    assert not take(report).is_ours, forged
        assert self.reason(self.rosa) == ""

    def test_a_path_signed_before_the_key_was_changed_still_counts(self):
        sealed = seal(self.to_rosa.pk)
        with override_settings(SECRET_KEY="n" * 50, SECRET_KEY_FALLBACKS=[settings.SECRET_KEY]):
            assert seal(self.to_rosa.pk) != sealed
            assert take(Report("mailbox", Kind.BOUNCED, "x", sealed=(sealed.upper(),))).is_ours
        with override_settings(SECRET_KEY="n" * 50, SECRET_KEY_FALLBACKS=[]):
            assert not take(Report("mailbox", Kind.RETURNED, "y", sealed=(sealed,))).is_ours

    def test_the_sender_names_the_signed_path_and_without_a_domain_itself(self):
        assert return_path(7, otherwise="letters@magazine.example") == "letters@magazine.example"
        second = frozen(make_issue(self.weekly, self.tides, slug="second"))
        with override_settings(RETURN_PATH_DOMAIN="returns.magazine.example"), serving(Noting()) as sink:
            send_through(smtp(sink.port))
        sent = second.deliveries.filter(state="accepted")
        assert sink.paths == {f"{seal(delivery.pk)}@returns.magazine.example" for delivery in sent} and len(sent) == 3


class EachFactOnce(ReturnsTestCase):
    """Promise 9: a crash at each statement, each report thrice and in any order."""

    def reports(self) -> list[Report]:
        letters = (dsn(self.to_rosa), dsn(self.to_rosa, number=2), arf(self.to_paul), arf(self.to_mina, kind="opt-out"))
        return [report for content in letters for report in read(content)]

    def settled(self) -> dict:
        """Everything that may be counted."""
        places = Subscription.objects.order_by("pk").values_list("pk", "left_how")
        return {
            "facts": self.facts(),
            "bars": set(Suppression.objects.values_list("key_hash", "reason")),
            "left": list(places),
            "returns": Return.objects.count(),
            "counted": Fact.objects.counted([self.issue.pk]),
        }

    def crash_at(self, statement: int, report: Report) -> bool:
        """Take it in, and let the database break at that statement. Says whether there was one."""
        numbers = itertools.count(1)

        def breaks(execute, sql, parameters, many, context):
            if next(numbers) == statement:
                raise DatabaseError("the server ended")
            return execute(sql, parameters, many, context)

        try:
            with transaction.atomic(), connection.execute_wrapper(breaks):
                take(report)
        except DatabaseError:
            return True
        return False

    def test_a_crash_at_each_statement_and_three_replays_in_any_order_count_each_fact_once(self):
        reports = self.reports()
        with transaction.atomic():
            for report in reports:
                take(report)
            wanted = self.settled()
            transaction.set_rollback(True)
        assert wanted["counted"] == {self.issue.pk: {"bounced": 1, "complained": 1, "unsubscribed": 1}}
        crashes = 0
        for seed in range(3):
            shuffled = random.Random(seed)
            with transaction.atomic():
                for report in reports:
                    for statement in itertools.count(1):
                        before = self.settled()
                        if not self.crash_at(statement, report):
                            break
                        crashes += 1
                        assert self.settled() == before, statement
                thrice = reports * 3
                shuffled.shuffle(thrice)
                for report in thrice:
                    take(report)
                assert self.settled() == wanted
                transaction.set_rollback(True)
        assert crashes > 60

    def test_the_earliest_time_wins_whichever_comes_first(self):
        moments = [timezone.now() - timedelta(minutes=minutes) for minutes in (5, 50, 20)]
        self.issue.deliveries.update(handed_at=timezone.now() - timedelta(hours=2))
        for order in itertools.permutations(range(3)):
            with transaction.atomic():
                for number in order:
                    take(
                        Report("brevo", Kind.BOUNCED, f"e{number}", at=moments[number], sealed=(seal(self.to_rosa.pk),))
                    )
                assert Fact.objects.get().first_at == moments[1]
                transaction.set_rollback(True)

    def test_a_replay_with_another_time_is_the_same_report(self):
        for minutes in (5, 50, 20):
            at = timezone.now() - timedelta(minutes=minutes)
            take(Report("brevo", Kind.COMPLAINED, "one", at=at, sealed=(seal(self.to_rosa.pk),)))
        assert Return.objects.count() == Fact.objects.count() == 1

    def test_the_database_changes_no_report(self):
        self.took(dsn(self.to_rosa))
        for change in (Return.objects.all().delete, lambda: Return.objects.update(kind="delivered")):
            with self.assertRaisesMessage(DatabaseError, "never changed"), transaction.atomic():
                change()

    def test_what_a_clock_says_that_goes_wrong_is_held_between_handing_over_and_now(self):
        for number, at in enumerate((timezone.now() + timedelta(days=900), timezone.now() - timedelta(days=900))):
            take(Report("brevo", list(Kind)[number], f"e{number}", at=at, sealed=(seal(self.to_rosa.pk),)))
        self.to_rosa.refresh_from_db()
        for fact in Fact.objects.all():
            assert self.to_rosa.handed_at <= fact.first_at <= timezone.now()


class TheGuard(ReturnsTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        yesterday = timezone.now() - timedelta(days=1)
        for number in range(60):
            make_reader(f"reader{number}@readers.example", cls.weekly, confirmed_at=yesterday)

    def setUp(self):
        super().setUp()
        self.letters = list(self.issue.deliveries.order_by("pk"))

    def complain(self, *numbers: int) -> None:
        for number in numbers:
            take(Report("brevo", Kind.COMPLAINED, f"c{number}", sealed=(seal(self.letters[number].pk),)))

    def bounce(self, *numbers: int, kind: Kind = Kind.BOUNCED) -> None:
        for number in numbers:
            take(Report("brevo", kind, f"b{number}", sealed=(seal(self.letters[number].pk),)))

    def stand(self) -> str:
        self.issue.refresh_from_db()
        return self.issue.stand

    def enlarge(self, accepted: int) -> None:
        """As if that many copies had been taken over."""
        more = accepted - self.issue.deliveries.filter(state="accepted").count()
        Delivery.objects.bulk_create(
            Delivery(issue=self.issue, address=f"x{n}@x.example", token="0" * 32, state="accepted") for n in range(more)
        )

    def test_one_or_two_of_a_small_list_stop_nothing(self):
        self.complain(0, 1)
        assert self.stand() == Issue.Stand.SENDING

    def test_three_of_a_thousand_stop_it_with_a_sentence_and_fewer_only_warn(self):
        self.enlarge(1000)
        self.complain(0)
        assert not Entry.objects.filter(verb="warn of complaints").exists()
        self.complain(1)
        assert Entry.objects.filter(verb="warn of complaints").count() == 1
        assert self.stand() == Issue.Stand.SENDING
        self.complain(2)
        assert self.stand() == Issue.Stand.PAUSED
        assert self.issue.paused_because.startswith("3 readers reported this letter as spam")

    def test_two_of_two_thousand_are_no_news(self):
        self.enlarge(2000)
        self.complain(0, 1)
        assert not Entry.objects.filter(verb="warn of complaints").exists()

    def test_who_looked_and_resumed_is_stopped_again_only_when_it_doubled(self):
        self.complain(0, 1, 2)
        self.issue.refresh_from_db()
        self.issue.resume(by=self.erna)
        self.complain(3, 4)
        assert self.stand() == Issue.Stand.SENDING
        self.complain(5)
        assert self.stand() == Issue.Stand.PAUSED

    def test_a_finished_issue_is_not_paused_but_told(self):
        Issue.objects.filter(pk=self.issue.pk).update(finished_at=timezone.now())
        self.complain(0, 1, 2)
        assert self.stand() == Issue.Stand.SENT
        assert Entry.objects.filter(verb="complaints").count() == 1

    def test_a_flood_pauses_and_suppresses_nobody_not_even_the_first(self):
        self.bounce(*range(19))
        assert Suppression.objects.filter(reason=Reason.BOUNCED).count() == 19
        self.bounce(*range(19, 30))
        assert self.stand() == Issue.Stand.PAUSED
        assert self.issue.paused_because.startswith("20 copies came back at once")
        assert not Suppression.objects.filter(reason=Reason.BOUNCED).exists()
        assert Suppression.objects.filter(reason=Reason.COMPLAINT).count() == 1  # Ben's, of another day

    def test_policy_refusals_in_numbers_are_a_flood_too(self):
        self.bounce(*range(20), kind=Kind.BLOCKED)
        assert self.stand() == Issue.Stand.PAUSED

    def test_the_usual_few_bounces_of_a_large_list_are_no_flood(self):
        self.enlarge(1000)
        self.bounce(*range(40))
        assert self.stand() == Issue.Stand.SENDING
        assert Suppression.objects.filter(reason=Reason.BOUNCED).count() == 40
