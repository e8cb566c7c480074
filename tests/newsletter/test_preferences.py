"""One page for all letters: unticking leaves at once, ticking asks by mail."""

import re

from django.utils import timezone

from newsletter.models import Consent, Subscription, Suppression
from tests.newsletter.cast import NILS, ROSA, LettersTestCase, link_in, rows


class PreferencesTest(LettersTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.link = f"/newsletter/preferences/{self.rosa.token}/"

    def ticked(self, page) -> list[str]:
        return re.findall(r'name="newsletter"\s+value="(\w+)"\s+checked', page.text)

    def choose(self, *slugs: str):
        return self.client.post(self.link, {"newsletter": slugs, "keep": "yes"})

    def test_it_shows_every_newsletter_and_ticks_those_that_come(self):
        page = self.client.get(self.link)
        self.assertContains(page, "Weekly")
        self.assertContains(page, "Breaking")
        self.assertEqual(self.ticked(page), ["weekly"])
        self.assertContains(page, "r•••@readers.example")
        self.assertNotContains(page, ROSA)
        self.assertContains(page, f'href="/newsletter/unsubscribe/{self.rosa.token}/">Stop all letters</a>')

    def test_looking_changes_nothing(self):
        before = rows()
        self.client.get(self.link)
        self.client.head(self.link)
        self.client.get(self.link, {"keep": "yes"})
        self.assertEqual(rows(), before)

    def test_unticking_leaves_at_once(self):
        page = self.choose()
        self.assertContains(page, "You have left Weekly.")
        self.assertEqual(self.ticked(page), [])
        self.rosa.refresh_from_db()
        self.assertEqual(self.rosa.left_how, Subscription.Left.BUTTON)

    def test_ticking_sends_the_confirmation_mail_and_says_so(self):
        page = self.choose("weekly", "breaking")
        self.assertContains(
            page, "We have sent a mail to r•••@readers.example: press its link, and Breaking will come."
        )
        self.assertContains(page, "It waits for your confirmation.")
        self.assertEqual(self.ticked(page), ["weekly"])
        [mail] = self.post_room.work()
        self.client.post(link_in(mail))
        self.assertEqual(self.ticked(self.client.get(self.link)), ["weekly", "breaking"])

    def test_coming_back_by_it_needs_the_mail_too(self):
        link = f"/newsletter/preferences/{self.otto.token}/"
        self.client.post(link, {"newsletter": ["weekly"]})
        self.otto.refresh_from_db()
        self.assertFalse(self.otto.is_confirmed)
        [mail] = self.post_room.work()
        self.client.post(link_in(mail))
        self.otto.refresh_from_db()
        self.assertTrue(self.otto.is_confirmed)

    def test_the_words_that_were_ticked_are_kept(self):
        self.choose("weekly", "breaking")
        consent = Consent.objects.get(address=ROSA, act=Consent.Act.ASKED)
        self.assertEqual(consent.wording, "Your letters\nBreaking: When it cannot wait.")

    def test_a_pending_letter_is_not_ticked_and_not_left_by_that(self):
        self.client.post(f"/newsletter/preferences/{self.nils.token}/", {"keep": "yes"})
        self.nils.refresh_from_db()
        self.assertIsNone(self.nils.left_at)

    def test_the_same_choice_changes_nothing_and_says_so(self):
        before = rows()
        self.assertContains(self.choose("weekly"), "Nothing has changed.")
        self.assertEqual(rows(), before)

    def test_what_is_no_newsletter_counts_as_nothing(self):
        self.assertContains(self.choose("weekly", "daily", "\x00"), "Nothing has changed.")

    def test_it_does_not_promise_a_mail_that_may_not_go(self):
        Suppression.objects.create(key_hash=self.rosa.subscriber.key_hash, reason="complaint")
        page = self.choose("weekly", "breaking")
        self.assertContains(page, "No new mail goes to r•••@readers.example now")
        self.assertEqual(self.post_room.work(), [])

    def test_an_address_that_bounced_is_not_shown_as_reached(self):
        Suppression.objects.create(key_hash=self.rosa.subscriber.key_hash, reason="bounced", at=timezone.now())
        self.assertEqual(self.ticked(self.client.get(self.link)), [])

    def test_it_is_sealed_like_every_page_of_a_link(self):
        self.client.handler.enforce_csrf_checks = True
        for page in (self.client.get(self.link), self.choose("weekly")):
            self.assertEqual(page.status_code, 200)
            self.assertEqual(page["Cache-Control"], "no-store")
            self.assertEqual(page["Referrer-Policy"], "no-referrer")
            self.assertFalse(page.cookies)

    def test_any_letter_of_a_reader_opens_the_same_choice(self):
        self.client.post(self.ask(NILS, newsletter=["breaking"]))
        other = Subscription.objects.get(subscriber__email=NILS, newsletter=self.breaking)
        for token in (self.nils.token, other.token):
            self.assertEqual(self.ticked(self.client.get(f"/newsletter/preferences/{token}/")), ["breaking"])
