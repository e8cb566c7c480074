"""The two mails that the form may cause, and how few of them."""

import threading
from datetime import timedelta

import time_machine
from django.conf import settings
from django.db import connection
from django.test import Client, TransactionTestCase, override_settings
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from newsletter import mail as mail_door
from newsletter.models import Consent, Subscriber, Subscription, Suppression
from newsletter.signup.moment import Live
from newsroom.audit.append_only import erasing
from newsroom.identity.models import Identity
from tests.newsletter.cast import (
    NILS,
    OTTO,
    ROSA,
    VERA,
    LettersTestCase,
    link_in,
    make_newsletters,
    make_reader,
    words_of,
)


class TheMailTest(LettersTestCase):
    def mail_to(self, address: str, **fields):
        self.subscribe(address, **fields)
        [mail] = self.post_room.work()
        return mail

    def test_no_request_waits_for_the_mail_server(self):
        self.subscribe(VERA)
        [job] = self.post_room.jobs()
        self.assertEqual(job.task_name, "newsletter.ask")
        self.assertFalse(settings.MAILBOX.exists())

    def test_it_asks_for_confirmation(self):
        mail = self.mail_to(VERA)
        self.assertEqual(mail["Subject"], "Confirm your subscription to Longshore")
        self.assertEqual(mail["To"], VERA)
        self.assertEqual(mail["From"], settings.DEFAULT_FROM_EMAIL)
        for kind in ("plain", "html"):
            words = words_of(mail, kind)
            self.assertIn("Weekly", words)
            self.assertIn("The link lives 7 days.", words)
            self.assertIn("If you did not ask for it, ignore this mail: nothing more will come.", words)
            self.assertIn(f"{settings.SITE_URL}/newsletter/confirm/", words)

    @override_settings(SITE_URL="https://magazine.example")
    def test_its_link_goes_by_the_configured_site_whoever_asked(self):
        self.client.post("/newsletter/subscribe/", {"email": VERA}, headers={"Host": "localhost"})
        [mail] = self.post_room.work()
        self.assertIn("https://magazine.example/newsletter/confirm/", words_of(mail))
        self.assertNotIn("localhost", mail.as_string())

    def test_it_names_every_newsletter_that_was_ticked(self):
        self.assertIn("Weekly and Breaking", words_of(self.mail_to(VERA, newsletter=["breaking", "weekly"])))

    def test_a_confirmed_reader_is_told_so_with_the_preferences_link(self):
        mail = self.mail_to(ROSA)
        self.assertEqual(mail["Subject"], "You are already subscribed")
        self.assertEqual(link_in(mail), f"/newsletter/preferences/{self.rosa.token}/")
        self.assertIn("You are already subscribed", words_of(mail))

    def test_a_confirmed_reader_who_ticks_more_is_asked_about_that_alone(self):
        mail = self.mail_to(ROSA, newsletter=["weekly", "breaking"])
        self.assertEqual(mail["Subject"], "Confirm your subscription to Longshore")
        self.assertIn("Breaking", words_of(mail))
        self.assertNotIn("Weekly", words_of(mail))

    def test_who_left_is_asked_and_stays_away_meanwhile(self):
        self.assertEqual(self.mail_to(OTTO)["Subject"], "Confirm your subscription to Longshore")
        self.otto.refresh_from_db()
        self.assertIsNotNone(self.otto.left_at)
        self.assertEqual(self.otto.round, 2)

    def test_nothing_that_a_visitor_typed_is_in_it(self):
        mail = self.mail_to("buy-pills@readers.example", page="/buy-pills/")
        for kind in ("plain", "html"):
            self.assertNotIn("pills", words_of(mail, kind))

    def test_it_is_one_mail_in_two_forms_for_a_program(self):
        mail = self.mail_to(VERA)
        self.assertEqual(mail.get_content_type(), "multipart/alternative")
        self.assertEqual(mail["Auto-Submitted"], "auto-generated")
        for name in ("From", "To", "Subject", "Date", "Message-ID"):
            self.assertEqual(len(mail.get_all(name)), 1, name)

    def test_its_message_id_is_the_one_that_consent_names(self):
        mail = self.mail_to(VERA)
        self.assertEqual(Consent.objects.get(address=VERA).message_id, mail["Message-ID"])

    def test_a_job_that_runs_twice_writes_the_same_mail_to_the_byte(self):
        self.subscribe(VERA)
        [job] = self.post_room.jobs()
        first = self.post_room.work()[0]
        self.post_room.done.clear()
        with time_machine.travel(timezone.now() + timedelta(minutes=9)):
            second = self.post_room.work()[0]
        self.assertEqual(first.as_bytes(), second.as_bytes())
        self.assertEqual(job.args["message_id"], first["Message-ID"])

    def test_a_long_name_of_the_magazine_survives_the_header(self):
        name = "Der große Küstenbote “für alle”, täglich neu aus dem Hafenviertel"[:60]
        Identity.objects.update(name=name)
        mail = self.mail_to(VERA)
        self.assertEqual(mail["Subject"], f"Confirm your subscription to {name}")

    def test_an_international_domain_is_written_as_mail_servers_know_it(self):
        self.assertEqual(self.mail_to("vera@straße.example")["To"], "vera@xn--strae-oqa.example")

    def test_who_left_before_the_job_ran_is_not_mailed(self):
        self.subscribe(NILS)
        self.nils.leave(how=Subscription.Left.BUTTON)
        self.assertEqual(self.post_room.work(), [])

    def test_who_was_deleted_before_the_job_ran_is_not_mailed(self):
        self.subscribe(VERA)
        Subscriber.objects.filter(email=VERA).delete()
        self.assertEqual(self.post_room.work(), [])

    def test_list_headers_are_never_folded(self):
        token = "a" * 180
        mail = mail_door.Mail(
            "S", "T", to=[VERA], headers={"Message-ID": "<a@b>", "List-Unsubscribe": f"<https://m.example/{token}/>"}
        )
        self.assertIn(f"List-Unsubscribe: <https://m.example/{token}/>\n".encode(), mail.message().as_bytes())

    def test_its_links_stand_in_it_whole(self):
        self.assertIn(f"{settings.SITE_URL}{link_in(self.mail_to(VERA))}\n".encode(), self.newest_file())

    def test_what_must_be_encoded_has_short_lines(self):
        Identity.objects.update(name="Küstenbote")
        self.mail_to(VERA)
        for line in self.newest_file().splitlines():
            self.assertLessEqual(len(line), 78)
            line.decode("ascii")

    def newest_file(self) -> bytes:
        return max(settings.MAILBOX.glob("*.eml")).read_bytes().replace(b"\r\n", b"\n")


class FewMailsTest(LettersTestCase):
    def mails(self, address: str, times: int, *, apart: timedelta) -> int:
        start, sent = timezone.now(), 0
        for number in range(times):
            with time_machine.travel(start + apart * number):
                self.subscribe(address)
                sent += len(self.post_room.work())
        return sent

    def test_three_a_day_whatever_happens(self):
        self.assertEqual(self.mails(VERA, 12, apart=timedelta(minutes=5)), 3)

    def test_three_a_day_to_a_confirmed_reader(self):
        self.assertEqual(self.mails(ROSA, 6, apart=timedelta(minutes=5)), 3)

    def test_the_next_day_is_a_new_day(self):
        self.assertEqual(self.mails(VERA, 6, apart=timedelta(hours=9)), 6)

    def test_a_double_click_is_one_mail(self):
        self.assertEqual(self.mails(VERA, 3, apart=timedelta(seconds=10)), 1)

    def test_another_newsletter_within_the_half_minute_is_asked_about(self):
        self.ask(VERA)
        self.ask(VERA, newsletter=["breaking"])

    def test_dots_and_tags_are_other_people(self):
        self.ask("ve.ra@readers.example")
        self.ask("vera+news@readers.example")

    def test_an_address_that_bounced_or_was_erased_is_asked_once_a_day(self):
        for address, reason in (("bert@readers.example", "bounced"), ("edda@readers.example", "erased")):
            place = make_reader(address, self.weekly, confirmed_at=timezone.now() - timedelta(days=1))
            Suppression.objects.create(key_hash=place.subscriber.key_hash, reason=reason)
            self.assertEqual(self.mails(address, 5, apart=timedelta(hours=4)), 1)

    def test_the_day_is_remembered_of_an_erased_person(self):
        self.subscribe(VERA)
        vera = Subscriber.objects.get(email=VERA)
        Suppression.objects.create(key_hash=vera.key_hash, reason="erased")
        with erasing():
            Consent.objects.filter(address=VERA).update(address="", origin="")
        vera.delete()
        self.post_room.work()
        self.assertEqual(self.mails(VERA, 3, apart=timedelta(hours=1)), 0)

    def test_who_complained_is_never_mailed_nor_whom_the_house_barred(self):
        for address, reason in (("cora@readers.example", "complaint"), ("bob@readers.example", "operator")):
            place = make_reader(address, self.weekly)
            Suppression.objects.create(key_hash=place.subscriber.key_hash, reason=reason)
            self.assertEqual(self.mails(address, 2, apart=timedelta(days=2)), 0)

    def test_who_complains_before_the_job_ran_is_not_mailed(self):
        self.subscribe(VERA)
        Suppression.objects.create(key_hash=Subscriber.objects.get(email=VERA).key_hash, reason="complaint")
        self.assertEqual(self.post_room.work(), [])


class RaceTest(TransactionTestCase):
    """100 people press at once, all with Vera's address."""

    def test_a_hundred_at_once_are_one_reader_and_one_mail(self):
        make_newsletters()
        live = Live().time
        addresses = [VERA, VERA.upper(), f" {VERA}", VERA.title()] * 25
        answers, waiting = [], iter(addresses)
        lock = threading.Lock()

        def press() -> None:
            while True:
                with lock:
                    address = next(waiting, None)
                if address is None:
                    break
                answers.append(Client().post("/newsletter/subscribe/", {"email": address, "time": live}).status_code)
            connection.close()

        def take_in(job: ProcrastinateJob) -> None:
            app.tasks[job.task_name].func(**job.args)
            connection.close()

        together([threading.Thread(target=press) for _number in range(10)])
        self.assertEqual(answers, [200] * 100)
        wishes = list(ProcrastinateJob.objects.filter(task_name="newsletter.knock"))
        self.assertEqual(len(wishes), 3)
        together([threading.Thread(target=take_in, args=[job]) for job in wishes])
        self.assertEqual(Subscriber.objects.count(), 1)
        self.assertEqual(Subscription.objects.count(), 1)
        self.assertEqual(ProcrastinateJob.objects.filter(task_name="newsletter.ask").count(), 1)


def together(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
