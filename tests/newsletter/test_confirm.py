"""The link in the mail: looking changes nothing, one press confirms, and an old link brings nobody back."""

import secrets
from datetime import timedelta

import time_machine
from django.conf import settings
from django.core import signing
from django.test import override_settings
from django.utils import timezone

from newsletter.models import Consent, Newsletter, Subscriber, Subscription, Suppression
from newsletter.signup.tokens import UNDO, seal
from tests.newsletter.cast import NILS, OTTO, ROSA, VERA, LettersTestCase, link_in, rows


class ConfirmTestCase(LettersTestCase):
    def place_of(self, address: str, newsletter=None) -> Subscription:
        return Subscription.objects.get(subscriber__email=address, newsletter=newsletter or self.weekly)

    def assert_sealed(self, page) -> None:
        """Nothing of the page is stored, found or passed on, and no cookie is set."""
        self.assertEqual(page["Cache-Control"], "no-store")
        self.assertEqual(page["Referrer-Policy"], "no-referrer")
        self.assertEqual(page["X-Robots-Tag"], "noindex")
        self.assertFalse(page.cookies)


class OneLastPressTest(ConfirmTestCase):
    def test_the_page_shows_the_masked_address_and_one_button(self):
        page = self.client.get(self.ask(VERA))
        self.assertContains(page, "<h1>One last press</h1>", html=True)
        self.assertContains(page, "v•••@readers.example")
        self.assertNotContains(page, VERA)
        self.assertContains(page, '<button class="pill">Yes, send me Weekly</button>', html=True)
        self.assert_sealed(page)

    def test_looking_changes_nothing_however_often_and_the_press_still_works(self):
        link = self.ask(VERA)
        before = rows()
        for _scanner in range(20):
            self.client.get(link)
            self.client.head(link)
        self.assertEqual(rows(), before)
        self.client.post(link)
        self.assertTrue(self.place_of(VERA).is_confirmed)

    def test_the_press_confirms(self):
        page = self.client.post(self.ask(VERA))
        self.assertContains(page, "<h1>You are subscribed</h1>", html=True)
        self.assertIn(self.place_of(VERA), Subscription.objects.mailable())
        self.assert_sealed(page)

    def test_the_press_is_recorded_with_its_words_and_its_origin(self):
        self.client.post(self.ask(VERA), REMOTE_ADDR="203.0.113.9")
        consent = Consent.objects.get(address=VERA, act=Consent.Act.CONFIRMED)
        self.assertEqual((consent.newsletter, consent.wording), ("Weekly", "Yes, send me Weekly"))
        self.assertEqual(consent.origin, "203.0.113.9")

    def test_a_second_use_says_the_same_and_records_nothing_more(self):
        link = self.ask(VERA)
        self.client.post(link)
        before = rows()
        for answer in (self.client.get(link), self.client.post(link)):
            self.assertContains(answer, "<h1>You are subscribed</h1>", html=True)
        self.assertEqual(rows(), before)

    def test_several_newsletters_share_one_button(self):
        link = self.ask(VERA, newsletter=["weekly", "breaking"])
        self.assertContains(self.client.get(link), "Yes, send me Weekly and Breaking")
        self.client.post(link)
        self.assertEqual(Subscription.objects.mailable().filter(subscriber__email=VERA).count(), 2)

    def test_of_several_newsletters_those_count_that_were_not_left_since(self):
        link = self.ask(VERA, newsletter=["weekly", "breaking"])
        self.place_of(VERA).leave(how=Subscription.Left.BUTTON)
        self.assertContains(self.client.get(link), "Yes, send me Breaking")
        self.client.post(link)
        self.assertFalse(self.place_of(VERA).is_confirmed)
        self.assertTrue(self.place_of(VERA, self.breaking).is_confirmed)

    def test_two_mails_of_one_round_are_equally_good(self):
        first = self.ask(VERA)
        with time_machine.travel(timezone.now() + timedelta(minutes=4)):
            self.ask(VERA)
            self.client.post(first)
        self.assertTrue(self.place_of(VERA).is_confirmed)

    def test_it_needs_no_cookie_and_no_csrf_token(self):
        link = self.ask(VERA)
        self.client.handler.enforce_csrf_checks = True
        self.assertEqual(self.client.post(link, headers={"Origin": "null"}).status_code, 200)
        self.assertTrue(self.place_of(VERA).is_confirmed)


class ExpiryTest(ConfirmTestCase):
    def test_a_link_lives_seven_days(self):
        link = self.ask(VERA)
        with time_machine.travel(timezone.now() + timedelta(days=6, hours=23)):
            self.assertContains(self.client.get(link), "One last press")
        with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1)):
            self.assertContains(self.client.get(link), "<h1>This link has expired</h1>", html=True)

    def test_an_expired_one_confirms_nothing_and_sends_a_new_one_without_retyping(self):
        link = self.ask(VERA)
        with time_machine.travel(timezone.now() + timedelta(days=8)):
            page = self.client.get(link)
            self.assertContains(page, "Send a new link")
            self.assertContains(page, "v•••@readers.example")
            self.assert_sealed(page)
            answer = self.client.post(link, {"again": "yes"})
            self.assertContains(answer, "Success! Now Check Your Email")
            self.assertContains(answer, "Sent to v•••@readers.example")
            self.assertFalse(self.place_of(VERA).is_confirmed)
            [mail] = self.post_room.work()
            self.assertEqual(mail["To"], VERA)

    def test_a_bare_post_to_an_expired_one_is_that_button_too(self):
        link = self.ask(VERA)
        with time_machine.travel(timezone.now() + timedelta(days=8)):
            self.client.post(link)
            self.assertEqual(len(self.post_room.work()), 1)

    def test_the_new_link_works(self):
        link = self.ask(VERA)
        with time_machine.travel(timezone.now() + timedelta(days=8)):
            self.client.post(link)
            [mail] = self.post_room.work()
            self.client.post(link_in(mail))
            self.assertTrue(self.place_of(VERA).is_confirmed)

    def test_a_confirmed_reader_is_told_so_even_then(self):
        link = self.ask(VERA)
        self.client.post(link)
        with time_machine.travel(timezone.now() + timedelta(days=30)):
            self.assertContains(self.client.get(link), "You are subscribed")

    def test_a_clock_that_is_put_back_revives_no_leaving(self):
        link = self.ask(VERA)
        self.client.post(link)
        self.place_of(VERA).leave(how=Subscription.Left.BUTTON)
        with time_machine.travel(timezone.now() - timedelta(hours=1)):
            self.client.post(link)
            self.assertFalse(self.place_of(VERA).is_confirmed)


class RoundsTest(ConfirmTestCase):
    """Otto read, left, and may come back; nobody else can bring him back."""

    def left_with_an_old_link(self) -> str:
        link = self.ask(VERA)
        self.client.post(link)
        self.place_of(VERA).leave(how=Subscription.Left.BUTTON)
        return link

    def test_a_link_from_before_the_leaving_is_spent(self):
        link = self.left_with_an_old_link()
        before = rows()
        for answer in (self.client.get(link), self.client.post(link)):
            self.assertContains(answer, "<h1>This link has been used</h1>", html=True)
            self.assertContains(answer, "Subscribe again")
        self.assertEqual(rows(), before)

    def test_an_unused_link_from_before_the_leaving_is_spent_too(self):
        link = self.ask(VERA)
        self.place_of(VERA).leave(how=Subscription.Left.MAIL_PROGRAM)
        self.client.post(link)
        self.assertFalse(self.place_of(VERA).is_confirmed)

    def test_the_spent_page_offers_a_new_round(self):
        link = self.left_with_an_old_link()
        with time_machine.travel(timezone.now() + timedelta(minutes=2)):
            self.assertContains(self.client.post(link, {"again": "yes"}), "Success! Now Check Your Email")
            self.assertEqual(len(self.post_room.work()), 1)
            self.assertEqual(self.place_of(VERA).round, 2)
            self.assertIsNotNone(self.place_of(VERA).left_at)

    def test_asking_anew_does_not_revive_the_old_link(self):
        old = self.left_with_an_old_link()
        with time_machine.travel(timezone.now() + timedelta(minutes=2)):
            new = self.ask(VERA)
            self.assertContains(self.client.post(old), "This link has been used")
            self.assertFalse(self.place_of(VERA).is_confirmed)
            self.assertContains(self.client.post(new), "You are subscribed")
            self.assertTrue(self.place_of(VERA).is_confirmed)

    def test_coming_back_clears_the_leaving(self):
        self.client.post(self.ask(OTTO))
        self.otto.refresh_from_db()
        self.assertTrue(self.otto.is_confirmed)
        self.assertEqual((self.otto.left_at, self.otto.left_how), (None, ""))

    def test_somebody_elses_asking_changes_nothing_for_who_left(self):
        self.subscribe(OTTO)
        self.otto.refresh_from_db()
        self.assertNotIn(self.otto, Subscription.objects.mailable())
        self.assertNotIn(self.otto, Subscription.objects.pending())

    def test_leaving_anew_before_confirming_spends_that_round_too(self):
        link = self.ask(OTTO)
        self.client.post(f"/newsletter/unsubscribe/{self.otto.token}/", {"stop": "one"})
        self.assertContains(self.client.post(link), "This link has been used")
        self.otto.refresh_from_db()
        self.assertFalse(self.otto.is_confirmed)


class SuppressedTest(ConfirmTestCase):
    def suppress(self, subscriber: Subscriber, reason: str) -> None:
        Suppression.objects.create(key_hash=subscriber.key_hash, reason=reason)

    def test_a_new_double_opt_in_lifts_a_bounce(self):
        self.suppress(self.rosa.subscriber, "bounced")
        link = self.ask(ROSA)
        self.assertContains(self.client.get(link), "One last press")
        self.client.post(link)
        self.assertIn(self.rosa, Subscription.objects.mailable())
        self.assertFalse(Suppression.objects.exists())

    def test_a_link_from_before_the_bounce_does_not(self):
        link = self.ask(VERA)
        self.client.post(link)
        self.suppress(self.place_of(VERA).subscriber, "bounced")
        self.assertContains(self.client.post(link), "This link has been used")
        self.assertTrue(Suppression.objects.exists())

    def test_nothing_lifts_a_complaint(self):
        link = self.ask(VERA)
        self.suppress(self.place_of(VERA).subscriber, "complaint")
        self.client.post(link)
        self.assertFalse(self.place_of(VERA).is_confirmed)
        self.assertTrue(Suppression.objects.exists())


class ForgedTest(ConfirmTestCase):
    def test_every_altered_link_gets_one_and_the_same_page(self):
        link = self.ask(VERA)
        token = link.split("/")[3]
        pages = set()
        flipped = [token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :] for at in range(0, len(token), 5)]
        random = [secrets.token_urlsafe(60) for _number in range(10)]
        own = [
            signing.dumps([1, [[1, 1]]], salt="newsletter.confirm"),
            seal(UNDO, [[self.nils.pk, 1]]),
            token[:-1],
            token + "A",
            token.partition(".")[0],
            token.replace(".", ":"),
            "%00",
            "ü",
        ]
        before = rows()
        for forged in [*flipped, *random, *own]:
            for answer in (
                self.client.get(f"/newsletter/confirm/{forged}/"),
                self.client.post(f"/newsletter/confirm/{forged}/", {"again": "yes"}),
            ):
                self.assertEqual(answer.status_code, 404, forged)
                self.assert_sealed(answer)
                pages.add(answer.text)
        self.assertEqual(len(pages), 1)
        [page] = pages
        self.assertIn("This link does not work", page)
        self.assertIn('href="/newsletter/"', page)
        self.assertEqual(rows(), before)

    def test_the_link_of_somebody_who_is_gone_gets_that_page(self):
        link = self.ask(VERA)
        Subscriber.objects.get(email=VERA).delete()
        self.assertContains(self.client.get(link), "This link does not work", status_code=404)

    def test_a_link_carries_no_address(self):
        token = self.ask(VERA).split("/")[3]
        self.assertNotIn(b"vera", signing.b64_decode(token.partition(".")[0].encode()))

    def test_a_link_outlives_a_change_of_the_secret_key(self):
        link = self.ask(VERA)
        with override_settings(SECRET_KEY="n" * 50, SECRET_KEY_FALLBACKS=[settings.SECRET_KEY]):
            self.assertContains(self.client.get(link), "One last press")


class AgainTest(ConfirmTestCase):
    def test_pending_readers_may_ask_for_the_mail_once_more(self):
        self.assertContains(self.client.get(self.ask(NILS)), "Yes, send me Weekly")

    def test_a_house_of_three_letters_names_them_as_a_sentence_does(self):
        Newsletter.objects.create(name="Corrections", slug="corrections", description="What was wrong.", position=3)
        link = self.ask(VERA, newsletter=["weekly", "breaking", "corrections"])
        self.assertContains(self.client.get(link), "Yes, send me Weekly, Breaking and Corrections")
