"""A copy of one's data, and its end: by a mail of its own, within the hour, for the person alone."""

import json
from datetime import timedelta

import time_machine
from django.utils import timezone

from newsletter.models import Consent, Subscriber, Suppression
from newsroom.audit.models import Entry
from tests.newsletter.cast import ROSA, LettersTestCase, link_in, rows, words_of


class OwnDataTest(LettersTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.preferences = f"/newsletter/preferences/{self.rosa.token}/"

    def link(self) -> str:
        page = self.client.post(self.preferences, {"data": "mail"})
        self.assertContains(page, "We have sent a mail to r•••@readers.example")
        [mail] = self.post_room.work()
        self.assertEqual(mail["To"], ROSA)
        self.assertIn("Your data", words_of(mail))
        return link_in(mail)

    def test_the_link_of_a_letter_shows_and_erases_nothing(self):
        page = self.client.get(self.preferences)
        self.assertNotContains(page, ROSA)
        self.client.post(self.preferences, {"do": "erase for ever"})
        self.assertTrue(Subscriber.objects.filter(email=ROSA).exists())

    def test_looking_changes_nothing(self):
        link, before = self.link(), rows()
        for _scanner in range(3):
            self.client.get(link)
            self.client.head(link)
            self.client.get(link, {"do": "erase for ever"})
        self.assertEqual(rows(), before)

    def test_the_copy_holds_what_is_known(self):
        answer = self.client.post(self.link(), {"do": "download"})
        self.assertEqual(answer["Content-Disposition"], 'attachment; filename="newsletter-data.json"')
        self.assertEqual((answer["Cache-Control"], answer["Referrer-Policy"]), ("no-store", "no-referrer"))
        known = json.loads(answer.content)
        self.assertEqual(known["address"], ROSA)
        self.assertEqual([place["newsletter__name"] for place in known["subscriptions"]], ["Weekly"])

    def test_erasing_asks_once_more_and_then_nothing_but_hashes_is_left(self):
        link = self.link()
        self.assertContains(self.client.post(link, {"do": "erase"}), "Erase everything?")
        self.assertTrue(Subscriber.objects.filter(email=ROSA).exists())
        self.assertContains(self.client.post(link, {"do": "erase for ever"}), "Your data is erased")
        self.assertFalse(Subscriber.objects.filter(email=ROSA).exists())
        self.assertFalse(Consent.objects.filter(address=ROSA).exists())
        self.assertEqual(Suppression.objects.get().reason, Suppression.Reason.ERASED)
        self.assertEqual(Entry.objects.get(verb="erase").details, {"asked": "reader"})
        self.assertEqual(self.client.get(link).status_code, 404)

    def test_after_an_hour_it_offers_a_new_link_and_does_nothing_else(self):
        link = self.link()
        with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=False):
            self.assertContains(self.client.get(link), "This link has expired")
            for pressed in ("download", "erase for ever", ""):
                self.assertNotIn(
                    "attachment", self.client.post(link, {"do": pressed}).headers.get("Content-Disposition", "")
                )
            self.assertTrue(Subscriber.objects.filter(email=ROSA).exists())
            new = link_in(self.post_room.work()[0])
            self.assertContains(self.client.get(new), "Download it")

    def test_no_more_than_three_mails_come_of_it_in_a_day(self):
        pages = [self.client.post(self.preferences, {"data": "mail"}).text for _press in range(5)]
        self.assertEqual(["We have sent a mail" in page for page in pages], [True] * 3 + [False] * 2)
        self.assertEqual(len(self.post_room.work()), 3)

    def test_a_forged_link_is_answered_as_any_other(self):
        self.assertEqual(self.client.get(f"{self.link()[:-3]}xx/").status_code, 404)
        self.assertEqual(self.client.get("/newsletter/data/gibberish/").status_code, 404)
