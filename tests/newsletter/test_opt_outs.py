"""Opt-outs outlive the database: what is put away of each, and what a restored database is told again."""

import json
import shutil
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from pathlib import Path

import time_machine
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import TransactionTestCase, override_settings
from django.utils import timezone
from procrastinate.contrib.django import app

from newsletter.models import Consent, Installation, OptOut, Subscriber, Subscription, Suppression
from newsletter.people import person as people
from newsletter.people.importing import import_subscribers
from newsletter.people.replaying import replay_optouts
from newsletter.people.suppressions import import_suppressions
from newsletter.tasks import put_opt_outs_away
from newsroom import doctor
from newsroom.audit.append_only import erasing
from newsroom.audit.models import Entry
from tests.newsletter.cast import OTTO, ROSA, VERA, LettersTestCase, make_newsletters, make_reader

FOLDER = Path(settings.PRIVATE_ROOT) / "optouts"
Left, Reason, Act = Subscription.Left, Suppression.Reason, OptOut.Act
# What a backup holds of the people, children first.
KEPT = (Consent, Suppression, Subscription, Subscriber)


def lines() -> list[dict]:
    return [json.loads(line) for path in FOLDER.rglob("*.jsonl") for line in path.read_text().splitlines()]


class OptOutTestCase(LettersTestCase):
    def setUp(self) -> None:
        super().setUp()
        shutil.rmtree(FOLDER, ignore_errors=True)

    @contextmanager
    def committed(self):
        with self.captureOnCommitCallbacks(execute=True):
            yield

    def leave(self, place: Subscription | None = None, how: str = Left.BUTTON) -> None:
        with self.committed():
            (place or self.rosa).leave(how=how)

    def is_mailed(self, address: str) -> bool:
        return Subscription.objects.mailable().filter(subscriber__email=address).exists()

    def come_back(self, address: str) -> None:
        """By a new double opt-in, the next day."""
        person, at = Subscriber.objects.known_as(address), timezone.now()
        self.assertTrue(person.ask([self.weekly]))
        place = person.subscriptions.get(newsletter=self.weekly)
        with self.committed():
            self.assertTrue(person.confirm({place.pk: place.round}, asked_at=at))

    def list(self, content: str) -> Path:
        path = Path(settings.SCRATCH) / "list.csv"
        path.write_text(content)
        return path


class WhatIsPutAwayTest(OptOutTestCase):
    def test_a_press_is_an_object_under_the_key_without_the_address(self):
        with self.committed():
            self.client.post(f"/newsletter/unsubscribe/{self.rosa.token}/", {"List-Unsubscribe": "One-Click"})
        [path] = FOLDER.rglob("*.jsonl")
        self.assertEqual(path.stem, self.rosa.subscriber.key_hash)
        [line] = lines()
        self.rosa.refresh_from_db()
        self.assertEqual(
            (line["act"], line["key"], line["newsletter"], line["how"], line["at"]),
            ("left", path.stem, "weekly", "mail program", self.rosa.left_at.isoformat()),
        )
        self.assertNotIn("rosa", path.read_text().lower())
        self.assertNotIn("readers.example", path.read_text())
        self.assertFalse(OptOut.objects.exists())

    def test_every_way_out_is_put_away(self):
        def erase():
            people.erase(self.rosa.subscriber, by=None)

        ways = {
            ("left", "staff"): lambda: people.take_off(self.nils.subscriber, by=None),
            ("left", "import"): lambda: import_subscribers(
                self.list("email,subscribed\nzoe@r.example,false\n"), newsletter=self.weekly, by=None
            ),
            ("barred", "operator"): lambda: people.suppress(
                self.rosa.subscriber, by=None, because="rosa@readers.example"
            ),
            ("barred", "bounced"): lambda: import_suppressions(
                self.list("email\nyan@r.example\n"), newsletters=[self.weekly], kind="bounces", by=None
            ),
            ("barred", "complaint"): lambda: Suppression.objects.bar(OTTO, Reason.COMPLAINT),
            ("erased", ""): erase,
        }
        for known, go in ways.items():
            with self.subTest(known), self.committed():
                go()
            self.assertIn(known, {(line["act"], line["how"]) for line in lines()})
        self.assertFalse(OptOut.objects.exists())
        self.assertNotIn("@", "".join(path.read_text() for path in FOLDER.rglob("*.jsonl")))

    def test_a_list_of_thousands_is_a_handful_of_objects(self):
        rows = "".join(f"reader{number}@r.example,false\n" for number in range(1_500))
        with self.committed():
            import_subscribers(self.list(f"email,subscribed\n{rows}"), newsletter=self.weekly, by=None)
        self.assertEqual(len(lines()), 1_500)
        self.assertEqual(len(list(FOLDER.rglob("*.jsonl"))), 2)

    def test_nothing_is_put_away_of_what_was_rolled_back(self):
        with self.committed():
            import_subscribers(
                self.list("email,subscribed\nzoe@r.example,false\n"), newsletter=self.weekly, by=None, dry_run=True
            )
        self.assertEqual((lines(), OptOut.objects.count()), ([], 0))


class TheSweepTest(OptOutTestCase):
    def test_it_writes_what_a_process_that_died_after_its_commit_could_not(self):
        self.rosa.leave(how=Left.BUTTON)
        self.assertEqual(lines(), [])
        self.assertEqual(put_opt_outs_away(0), 1)
        self.assertEqual([line["key"] for line in lines()], [self.rosa.subscriber.key_hash])
        self.assertEqual(put_opt_outs_away(0), 0)

    def test_one_that_died_between_writing_and_clearing_is_put_away_twice_and_says_no_more(self):
        self.rosa.leave(how=Left.BUTTON)
        row = OptOut.objects.get()
        put_opt_outs_away(0)
        row.save(force_insert=True)
        put_opt_outs_away(0)
        self.assertEqual(len(lines()), 2)
        self.assertEqual(replay_optouts(by=None).known, 1)

    def test_it_is_asked_each_minute(self):
        [found] = [
            task
            for task in app.periodic_registry.periodic_tasks.values()
            if task.task.name == "newsletter.put_opt_outs_away"
        ]
        self.assertEqual(found.cron, "* * * * *")


class AStorageThatIsAwayTest(TransactionTestCase):
    """With real commits."""

    def setUp(self) -> None:
        shutil.rmtree(FOLDER, ignore_errors=True)
        self.addCleanup(lambda: FOLDER.unlink(missing_ok=True) if FOLDER.is_file() else None)
        weekly, _breaking = make_newsletters()
        self.rosa = make_reader(ROSA, weekly, confirmed_at=timezone.now())

    def test_the_press_holds_and_the_next_sweep_writes_it(self):
        FOLDER.parent.mkdir(parents=True, exist_ok=True)
        FOLDER.write_text("No folder can be made here.")
        with self.assertLogs("django.db.backends.base", "ERROR"):
            answer = self.client.post(f"/newsletter/unsubscribe/{self.rosa.token}/", {"stop": "one"})
        self.assertContains(answer, "Done.")
        self.rosa.refresh_from_db()
        self.assertTrue(self.rosa.has_left)
        with self.assertRaises(OSError):
            put_opt_outs_away(0)
        self.assertEqual(OptOut.objects.count(), 1)
        FOLDER.unlink()
        self.assertEqual((put_opt_outs_away(0), len(lines()), OptOut.objects.count()), (1, 1, 0))


class RestoredTestCase(OptOutTestCase):
    """What the people’s tables were a while ago is put in their place; the private storage stays as it is."""

    def setUp(self) -> None:
        super().setUp()
        self.backup = [(model, list(model.objects.order_by("pk"))) for model in KEPT]
        clock = time_machine.travel(timezone.now() + timedelta(hours=1))
        self.clock = clock.start()
        self.addCleanup(clock.stop)

    def restore(self) -> None:
        with erasing():
            for model in KEPT:
                model.objects.all().delete()
        OptOut.objects.all().delete()
        for model, rows in reversed(self.backup):
            model.objects.bulk_create(rows)
        self.assertTrue(self.is_mailed(ROSA))

    def replayed(self, **expected: int) -> None:
        told = replay_optouts(by=None)
        self.assertEqual({name: value for name, value in told.as_json().items() if name in expected}, expected)
        again = replay_optouts(by=None)
        self.assertEqual(again.applied, 0)


class TheDoctorTest(OptOutTestCase):
    def test_it_finds_what_has_waited_for_long(self):
        self.rosa.leave(how=Left.BUTTON)
        self.assertTrue(doctor.opt_outs().is_ok)
        with time_machine.travel(timezone.now() + timedelta(minutes=11)):
            self.assertIn("1 opt-out is not in the private storage yet", doctor.opt_outs().sentence)
            put_opt_outs_away(0)
            self.assertTrue(doctor.opt_outs().is_ok)


class ARestoredDatabaseTest(RestoredTestCase):
    def test_who_left_since_has_left_again_as_they_did(self):
        self.leave()
        was = Subscription.objects.get(pk=self.rosa.pk)
        self.restore()
        self.replayed(left=1, applied=1)
        now = Subscription.objects.get(pk=self.rosa.pk)
        self.assertEqual((now.left_at, now.left_how, now.has_left), (was.left_at, Left.BUTTON, True))
        self.assertEqual(Consent.objects.of(self.rosa.subscriber.key_hash).get(act="left").source, "optouts")

    def test_what_a_process_that_died_did_not_write_but_the_sweep_did_counts(self):
        self.rosa.leave(how=Left.BUTTON)
        put_opt_outs_away(0)
        self.restore()
        self.replayed(left=1)
        self.assertFalse(self.is_mailed(ROSA))

    def test_who_was_suppressed_since_is_so_again(self):
        for reason in (Reason.BOUNCED, Reason.COMPLAINT):
            with self.committed():
                Suppression.objects.bar(ROSA, reason)
        self.restore()
        self.replayed(suppressed=1)
        self.assertEqual(Suppression.objects.of_address(ROSA).get().reason, Reason.COMPLAINT)

    def test_who_was_erased_since_is_erased_again(self):
        with self.committed():
            Suppression.objects.bar(ROSA, Reason.COMPLAINT)
            people.erase(self.rosa.subscriber, by=None)
        self.restore()
        self.replayed(erased=1)
        self.assertFalse(Subscriber.objects.filter(email=ROSA).exists())
        self.assertFalse(Consent.objects.filter(address=ROSA).exists())
        self.assertEqual(Suppression.objects.of_address(ROSA).get().reason, Reason.COMPLAINT)

    def test_a_person_who_came_after_the_backup_and_left_is_brought_back_by_no_list(self):
        vera = make_reader(VERA, self.weekly, confirmed_at=timezone.now())
        self.leave(vera)
        self.restore()
        self.replayed(left=1)
        import_subscribers(self.list(f"email\n{VERA}\n"), newsletter=self.weekly, by=None)
        self.assertFalse(self.is_mailed(VERA))

    def test_who_left_and_came_back_before_the_loss_stays(self):
        self.leave()
        self.clock.shift(timedelta(days=1))
        self.come_back(ROSA)
        self.restore()
        self.replayed(applied=0)
        self.assertTrue(self.is_mailed(ROSA))

    def test_who_undid_it_at_once_stays_too(self):
        self.leave()
        self.rosa.refresh_from_db()
        with self.committed():
            self.assertTrue(self.rosa.come_back(left_at=self.rosa.left_at))
        self.restore()
        self.replayed(applied=0)
        self.assertTrue(self.is_mailed(ROSA))

    def test_nobody_is_brought_back(self):
        self.leave()
        self.backup = [(model, list(model.objects.order_by("pk"))) for model in KEPT]
        self.clock.shift(timedelta(days=1))
        self.come_back(ROSA)
        with erasing():
            for model in KEPT:
                model.objects.all().delete()
        for model, rows in reversed(self.backup):
            model.objects.bulk_create(rows)
        self.replayed(applied=0)
        self.assertFalse(self.is_mailed(ROSA))

    def test_what_they_press_after_the_restore_holds(self):
        self.leave()
        with self.committed():
            Suppression.objects.bar(ROSA, Reason.BOUNCED)
        self.restore()
        self.replayed(applied=2)
        self.clock.shift(timedelta(days=2))
        self.come_back(ROSA)
        self.replayed(applied=0)
        self.assertTrue(self.is_mailed(ROSA))

    def test_a_press_that_only_the_database_knows_of_outdoes_it_as_well(self):
        self.leave()
        objects = {path: path.read_bytes() for path in FOLDER.rglob("*.jsonl")}
        self.clock.shift(timedelta(days=1))
        self.come_back(ROSA)
        for path in FOLDER.rglob("*.jsonl"):
            if path not in objects:
                path.unlink()
        self.replayed(applied=0, outdone=1)
        self.assertTrue(self.is_mailed(ROSA))

    def test_what_the_house_lifted_is_lifted_and_what_a_flood_struck_off_is_not(self):
        with self.committed():
            people.suppress(self.rosa.subscriber, by=None)
            Suppression.objects.bar(OTTO, Reason.BOUNCED)
        with self.committed():
            people.lift_suppression(self.rosa.subscriber, by=None, because="They wrote.")
            Suppression.objects.of_address(OTTO).take_back()
        self.restore()
        self.replayed(applied=0)

    def test_a_newsletter_that_was_renamed_since_is_found(self):
        self.weekly.slug = "thursdays"
        self.leave()
        self.weekly.refresh_from_db()
        self.restore()
        self.replayed(left=1)

    def test_a_line_that_was_cut_off_keeps_nobody_else(self):
        self.leave()
        [path] = FOLDER.rglob("*.jsonl")
        (path.parent / "torn.jsonl").write_bytes(path.read_bytes()[:40])
        (path.parent / "strange.jsonl").write_text('[1]\n{"schema": 9}\nnull\n')
        self.restore()
        told = replay_optouts(by=None)
        self.assertEqual((told.left, told.unreadable), (1, 4))


class TheCommandTest(RestoredTestCase):
    def run_it(self, *options: str) -> str:
        out = StringIO()
        call_command("replay_optouts", *options, stdout=out)
        return out.getvalue().strip()

    def test_it_says_how_many_and_writes_it_down(self):
        self.leave()
        self.restore()
        self.assertEqual(
            self.run_it("--dry-run"),
            "Would apply 1 opt-outs of 1 that were put away: 1 left, 0 suppressed, 0 erased; nothing was changed.",
        )
        self.assertTrue(self.is_mailed(ROSA))
        self.assertEqual(self.run_it(), "Applied 1 opt-outs of 1 that were put away: 1 left, 0 suppressed, 0 erased.")
        self.assertFalse(self.is_mailed(ROSA))
        self.assertEqual(Entry.objects.filter(verb="replay opt-outs").get().details["left"], 1)
        self.assertEqual(json.loads(self.run_it("--json"))["known"], 1)

    def test_nothing_put_away_is_nothing_to_do(self):
        self.assertIn("Applied 0 opt-outs of 0", self.run_it())

    def test_another_key_is_refused(self):
        Installation.objects.know_key()
        with override_settings(SUPPRESSION_KEY="x" * 50), self.assertRaisesMessage(CommandError, "SUPPRESSION_KEY"):
            self.run_it()
