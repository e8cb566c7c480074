"""Whatever happens in whatever order: who left is mailed nothing but the confirmation they ask for themselves."""

import itertools
import shutil
from datetime import timedelta
from pathlib import Path

import time_machine
from django.conf import settings
from django.test import TestCase
from django.utils import timezone
from hypothesis import HealthCheck, Phase
from hypothesis import settings as effort
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from newsletter.models import Consent, OptOut, Subscriber, Subscription, Suppression
from newsletter.people import person as people
from newsletter.people.exporting import export_subscribers
from newsletter.people.importing import import_subscribers
from newsletter.people.replaying import replay_optouts
from newsletter.people.suppressions import import_suppressions
from newsroom.addresses import email_key
from newsroom.audit.append_only import erasing
from tests.newsletter.cast import make_newsletters

# Two spellings of each: what merges is one person.
SPELLINGS = [
    ["ana@r.example", " ANA@R.example"],
    ["bo@r.example", "Bo@r.EXAMPLE"],
    ["cy@münchen.example", "CY@xn--mnchen-3ya.example"],
]
WHO = st.integers(0, len(SPELLINGS) - 1)
WORDS = st.sampled_from(["true", "false"])
# What a backup holds of them, children first.
KEPT = (Consent, Suppression, Subscription, Subscriber)
ROWS = st.lists(st.tuples(WHO, st.integers(0, 1), WORDS), min_size=1, max_size=5)


class Life(RuleBasedStateMachine):
    """Beside the house, a plain list of what each person did last."""

    @initialize()
    def begin(self) -> None:
        self.letters = make_newsletters()
        self.gone: set[tuple[int, int]] = set()
        self.barred: set[int] = set()
        self.dumps: list[bytes] = []
        self.backups: list[list] = []
        shutil.rmtree(Path(settings.PRIVATE_ROOT) / "optouts", ignore_errors=True)
        self.clock = time_machine.travel(timezone.now(), tick=False)
        self.traveller = self.clock.start()
        for letter in self.letters:  # the others come later, or never
            import_subscribers(
                self.file(f"email\n{SPELLINGS[0][0]}\n{SPELLINGS[1][0]}\n".encode()), newsletter=letter, by=None
            )

    def teardown(self) -> None:
        if hasattr(self, "clock"):
            self.clock.stop()
        self.empty()
        for letter in getattr(self, "letters", ()):
            letter.delete()

    def later(self) -> None:
        self.traveller.shift(timedelta(hours=25))

    def file(self, content: bytes):
        path = settings.SCRATCH / "life.csv"
        path.write_bytes(content)
        return path

    @rule(rows=ROWS, letter=st.integers(0, 1))
    def a_list_comes_in(self, rows, letter) -> None:
        lines = "".join(f'"{SPELLINGS[who][how]}",{word}\n' for who, how, word in rows)
        import_subscribers(self.file(f"email,subscribed\n{lines}".encode()), newsletter=self.letters[letter], by=None)
        self.gone |= {(who, letter) for who, _how, word in rows if word == "false"}

    @rule(who=WHO, kind=st.sampled_from(["bounces", "complaints", "unsubscribes"]))
    def a_mail_service_says_so(self, who, kind) -> None:
        import_suppressions(
            self.file(f"email\n{SPELLINGS[who][0]}\n".encode()), newsletters=self.letters, kind=kind, by=None
        )
        if kind == "unsubscribes":
            self.gone |= {(who, letter) for letter in (0, 1)}
        else:
            self.barred.add(who)

    @rule(
        who=WHO,
        letter=st.integers(0, 1),
        how=st.sampled_from([Subscription.Left.BUTTON, Subscription.Left.MAIL_PROGRAM]),
    )
    def somebody_leaves(self, who, letter, how) -> None:
        if place := self.place(who, letter):
            place.leave(how=how)
            self.gone.add((who, letter))

    @rule(who=WHO)
    def the_house_takes_them_off(self, who) -> None:
        if person := self.person(who):
            people.take_off(person, by=None)
            self.gone |= {(who, 0), (who, 1)}

    @rule(who=WHO)
    def somebody_is_erased(self, who) -> None:
        if person := self.person(who):
            people.erase(person, by=None)
            self.gone |= {(who, 0), (who, 1)}

    @rule(who=WHO, letter=st.integers(0, 1), presses=st.booleans())
    def somebody_asks(self, who, letter, presses) -> None:
        self.later()
        person = Subscriber.objects.known_as(SPELLINGS[who][1])
        at = timezone.now()
        if person.ask([self.letters[letter]]) and presses:
            self.traveller.shift(timedelta(minutes=5))
            place = self.place(who, letter)
            if person.confirm({place.pk: place.round}, asked_at=at):
                self.gone.discard((who, letter))
                self.barred.discard(who)  # a bounce is outdone; a complaint would not have been asked

    @rule()
    def a_dump_is_made(self) -> None:
        self.dumps.append(b"".join(export_subscribers(by=None)))

    @rule(which=st.integers(0, 50))
    def an_old_dump_is_brought_back(self, which) -> None:
        if self.dumps:
            import_subscribers(self.file(self.dumps[which % len(self.dumps)]), by=None)

    @invariant()
    def a_backup_is_made_after_each_step(self) -> None:
        if hasattr(self, "letters"):
            self.backups.append([(model, list(model.objects.order_by("pk"))) for model in KEPT])

    @rule(which=st.integers(0, 50))
    def a_backup_is_restored(self, which) -> None:
        if self.backups:
            OptOut.objects.put_away()  # as each commit does
            self.empty()
            for model, rows in reversed(self.backups[which % len(self.backups)]):
                model.objects.bulk_create(rows)
            replay_optouts(by=None)

    def empty(self) -> None:
        with erasing():
            for model in KEPT:
                model.objects.all().delete()

    def person(self, who: int) -> Subscriber | None:
        return Subscriber.objects.filter(email_key=email_key(SPELLINGS[who][0])).first()

    def place(self, who: int, letter: int) -> Subscription | None:
        found = Subscription.objects.to([self.letters[letter]]).for_reading()
        return found.filter(subscriber__email_key=email_key(SPELLINGS[who][0])).first()

    @invariant()
    def nobody_who_left_is_mailed(self) -> None:
        if not hasattr(self, "letters"):
            return
        for who, letter in itertools.product(range(len(SPELLINGS)), (0, 1)):
            found = Subscription.objects.to([self.letters[letter]]).mailable()
            is_mailed = found.filter(subscriber__email_key=email_key(SPELLINGS[who][0])).exists()
            assert not (is_mailed and (who in self.barred or (who, letter) in self.gone)), (SPELLINGS[who][0], letter)


class NobodyComesBack(TestCase):
    def test_by_any_way(self):
        run_state_machine_as_test(
            Life,
            settings=effort(
                max_examples=12, stateful_step_count=12, phases=[Phase.generate], deadline=None, derandomize=True,
                suppress_health_check=list(HealthCheck),
            ),
        )  # fmt: skip
