"""Leaving: by the pages, by the mail program, and back by the undo that follows."""

import re
from datetime import timedelta
from html import unescape

import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import override_settings
from django.utils import timezone

from newsletter.models import Consent, Subscription
from newsletter.models.subscriber import new_token
from newsletter.signup.tokens import UNDO, seal
from tests.newsletter.cast import OTTO, ROSA, LettersTestCase, make_reader, rows

ONE_CLICK = "List-Unsubscribe=One-Click"
MULTIPART = (
    '--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n',
    "multipart/form-data; boundary=b",
)
URLENCODED = (ONE_CLICK, "application/x-www-form-urlencoded")


class LeavingTestCase(LettersTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.rosas_breaking = make_reader(ROSA, cls.breaking, confirmed_at=timezone.now() - timedelta(days=1))

    def setUp(self) -> None:
        super().setUp()
        self.link = f"/newsletter/unsubscribe/{self.rosa.token}/"

    def stop(self, what: str = "one"):
        return self.client.post(self.link, {"stop": what})

    def undo_on(self, page) -> str:
        return unescape(re.search(r'name="undo" value="([^"]+)"', page.text).group(1))

    def is_mailed(self, place: Subscription) -> bool:
        return Subscription.objects.mailable().filter(pk=place.pk).exists()


class ThePageTest(LeavingTestCase):
    def test_it_shows_the_masked_address_the_newsletter_and_two_buttons(self):
        page = self.client.get(self.link)
        self.assertContains(page, "Weekly, sent to r•••@readers.example")
        self.assertContains(page, '<button class="pill" name="stop" value="one">Stop Weekly</button>', html=True)
        self.assertContains(
            page, '<button class="pill pill-quiet" name="stop" value="all">Stop all letters</button>', html=True
        )
        self.assertNotContains(page, ROSA)

    def test_looking_changes_nothing(self):
        before = rows()
        for _scanner in range(10):
            self.client.get(self.link)
            self.client.head(self.link)
            self.client.get(self.link, {"stop": "all", "List-Unsubscribe": "One-Click"})
        self.assertEqual(rows(), before)

    def test_a_post_that_presses_no_button_changes_nothing(self):
        before = rows()
        for fields in ({}, {"stop": "everything"}, {"List-Unsubscribe": "Two-Click"}):
            self.assertContains(self.client.post(self.link, fields), "Stop Weekly")
        self.assertEqual(rows(), before)

    def test_stop_one_leaves_that_letter(self):
        page = self.stop("one")
        self.assertContains(page, "Done. A letter already under way may still arrive")
        self.rosa.refresh_from_db()
        self.assertEqual(self.rosa.left_how, Subscription.Left.BUTTON)
        self.assertFalse(self.is_mailed(self.rosa))
        self.assertTrue(self.is_mailed(self.rosas_breaking))

    def test_stop_all_leaves_every_letter(self):
        self.assertContains(self.stop("all"), "Done. A letter already under way may still arrive")
        self.assertFalse(self.is_mailed(self.rosa) or self.is_mailed(self.rosas_breaking))

    def test_nobody_asks_why(self):
        self.assertNotRegex(self.stop().text, r"<textarea|type=\"radio\"|[Rr]eason|[Ww]hy")

    def test_afterwards_the_page_offers_what_is_left_to_stop(self):
        self.stop("one")
        page = self.client.get(self.link)
        self.assertNotContains(page, "Stop Weekly")
        self.assertContains(page, "Stop all letters")
        self.stop("all")
        self.assertContains(self.client.get(self.link), "No letter of ours goes to r•••@readers.example.")

    def test_it_needs_no_cookie_and_leaks_no_token(self):
        self.client.handler.enforce_csrf_checks = True
        for page in (self.client.get(self.link), self.stop()):
            self.assertEqual(page["Cache-Control"], "no-store")
            self.assertEqual(page["Referrer-Policy"], "no-referrer")
            self.assertEqual(page["X-Robots-Tag"], "noindex")
            self.assertFalse(page.cookies)

    def test_a_leaving_is_recorded_and_leaving_twice_is_leaving_once(self):
        self.stop("all")
        self.stop("all")
        self.assertEqual(Consent.objects.filter(act=Consent.Act.LEFT, address=ROSA).count(), 2)

    def test_links_of_years_ago_work_under_any_secret_key(self):
        with time_machine.travel(timezone.now() + timedelta(days=3650)), override_settings(SECRET_KEY="n" * 50):
            self.stop()
        self.assertFalse(self.is_mailed(self.rosa))

    def test_unknown_links_get_one_page(self):
        pages = set()
        token = self.rosa.token
        for unknown in (new_token(), "x", "A" * 32, token[:-1], token + "0", f"{token}%0a", "%00", "0" * 5000):
            for address in (f"/newsletter/unsubscribe/{unknown}/", f"/newsletter/preferences/{unknown}/"):
                for answer in (self.client.get(address), self.client.post(address, {"stop": "all"})):
                    self.assertEqual(answer.status_code, 404)
                    pages.add(answer.text)
        self.assertEqual(len(pages), 1)
        self.assertIn("This link does not work", pages.pop())


class OneClickTest(LeavingTestCase):
    """RFC 8058: a mail program posts, without cookie, Origin or Referer."""

    def press(self, body: str, content_type: str):
        self.client.handler.enforce_csrf_checks = True
        return self.client.post(self.link, body, content_type=content_type)

    def test_both_encodings_are_understood(self):
        for body, content_type in (URLENCODED, MULTIPART):
            with self.subTest(content_type), transaction.atomic():
                answer = self.press(body, content_type)
                self.assertEqual((answer.status_code, answer.text), (200, "You are unsubscribed."))
                self.assertTrue(answer["Content-Type"].startswith("text/plain"))
                self.assertFalse(answer.cookies)
                self.assertNotIn("Location", answer)
                self.rosa.refresh_from_db()
                self.assertEqual(self.rosa.left_how, Subscription.Left.MAIL_PROGRAM)
                transaction.set_rollback(True)

    def test_it_stops_that_letter_alone(self):
        self.press(*URLENCODED)
        self.assertFalse(self.is_mailed(self.rosa))
        self.assertTrue(self.is_mailed(self.rosas_breaking))

    def test_it_may_be_repeated(self):
        first = self.press(*URLENCODED)
        before = rows()
        again = self.press(*MULTIPART)
        self.assertEqual((first.status_code, first.text), (again.status_code, again.text))
        self.assertEqual(rows(), before)

    def test_it_works_for_who_never_confirmed(self):
        self.client.post(f"/newsletter/unsubscribe/{self.nils.token}/", {"List-Unsubscribe": "One-Click"})
        self.nils.refresh_from_db()
        self.assertTrue(self.nils.has_left)


class UndoTest(LeavingTestCase):
    def test_the_page_after_leaving_takes_it_back(self):
        answer = self.client.post(self.link, {"undo": self.undo_on(self.stop())})
        self.assertContains(answer, "<h1>You are subscribed</h1>", html=True)
        self.assertTrue(self.is_mailed(self.rosa))
        self.assertTrue(Consent.objects.filter(act=Consent.Act.RETURNED, address=ROSA).exists())

    def test_it_takes_back_all_that_was_stopped_together(self):
        self.client.post(self.link, {"undo": self.undo_on(self.stop("all"))})
        self.assertTrue(self.is_mailed(self.rosa) and self.is_mailed(self.rosas_breaking))

    def test_it_works_once(self):
        undo = self.undo_on(self.stop())
        self.client.post(self.link, {"undo": undo})
        self.stop()
        self.assertContains(self.client.post(self.link, {"undo": undo}), "Too late to undo")
        self.assertFalse(self.is_mailed(self.rosa))

    def test_it_works_for_ten_minutes(self):
        undo = self.undo_on(self.stop())
        with time_machine.travel(timezone.now() + timedelta(minutes=10, seconds=1)):
            answer = self.client.post(self.link, {"undo": undo})
        self.assertContains(answer, "Too late to undo")
        self.assertContains(answer, f"/newsletter/preferences/{self.rosa.token}/")
        self.assertFalse(self.is_mailed(self.rosa))

    def test_a_double_click_keeps_the_undo(self):
        self.stop()
        self.client.post(self.link, {"undo": self.undo_on(self.stop())})
        self.assertTrue(self.is_mailed(self.rosa))

    def test_a_forged_one_is_refused(self):
        undo = self.undo_on(self.stop())
        for forged in (undo[:-1], undo + "A", "", seal("confirm", [[self.rosa.pk, "2026-01-01T00:00:00+00:00"]])):
            self.assertEqual(self.client.post(self.link, {"undo": forged}).status_code, 404)
        self.assertFalse(self.is_mailed(self.rosa))

    def test_it_brings_nobody_else_back(self):
        ottos = seal(UNDO, [[self.otto.pk, self.otto.left_at.isoformat()]])
        self.client.post(self.link, {"undo": ottos})
        self.assertFalse(self.is_mailed(self.otto))

    def test_what_a_mail_program_stopped_is_not_offered_back(self):
        self.client.post(self.link, {"List-Unsubscribe": "One-Click"})
        self.assertNotContains(self.stop(), 'name="undo"')

    def test_who_never_confirmed_cannot_undo_into_a_subscription(self):
        page = self.client.post(f"/newsletter/unsubscribe/{self.nils.token}/", {"stop": "one"})
        self.assertNotContains(page, 'name="undo"')

    def test_who_was_asked_anew_after_leaving_cannot_either(self):
        self.subscribe(OTTO)
        page = self.client.post(f"/newsletter/unsubscribe/{self.otto.token}/", {"stop": "one"})
        self.assertContains(page, "Done.")
        self.assertNotContains(page, 'name="undo"')


class ConsentTest(LeavingTestCase):
    def test_the_database_itself_refuses_to_change_or_drop_it(self):
        self.stop()
        for statement in ("UPDATE newsletter_consent SET act = 'asked'", "DELETE FROM newsletter_consent"):
            refusal = self.assertRaisesMessage(IntegrityError, "never changed or deleted")
            with refusal, transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)

    def test_it_outlives_the_reader(self):
        self.stop()
        self.rosa.subscriber.delete()
        self.assertTrue(Consent.objects.filter(address=ROSA, act=Consent.Act.LEFT).exists())
