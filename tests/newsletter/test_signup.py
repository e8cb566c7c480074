"""The form, and the one answer that everybody gets."""

import re
from html import unescape

from django.conf import settings
from django.test import override_settings

from newsletter.models import Consent, Newsletter, Subscriber, Subscription, Suppression
from newsletter.signup.words import wording
from newsroom.identity.models import Identity
from tests.newsletter.cast import NILS, OTTO, ROSA, VERA, LettersTestCase, make_reader, rows

FIXED = (
    "Success! Now Check Your Email",
    "To complete Subscribe, click the confirmation link in your inbox. "
    "If it doesn’t arrive within 3 minutes, check your spam folder.",
    "Ok, Thanks",
)
SORRY = "This does not look like an e-mail address. It needs the form name@example.org."


class TheFormTest(LettersTestCase):
    def test_the_page_names_every_newsletter_and_offers_the_first(self):
        page = self.client.get("/newsletter/")
        self.assertContains(page, '<h1 id="dialog-heading" data-dialog>Subscribe to Our Newsletter</h1>', html=True)
        self.assertContains(page, "What we found out, on Thursdays.")
        self.assertContains(page, "When it cannot wait.")
        self.assertEqual(re.findall(r'value="(\w+)"\s+checked', page.text), ["weekly"])

    def test_a_single_newsletter_needs_no_choice(self):
        self.breaking.delete()
        self.assertNotContains(self.client.get("/newsletter/"), "checkbox")

    def test_a_house_without_newsletters_says_so(self):
        Newsletter.objects.all().delete()
        self.assertContains(self.client.get("/newsletter/"), "There is no newsletter to subscribe to yet.")
        self.assertContains(self.subscribe(VERA), "There is no newsletter to subscribe to yet.", status_code=400)

    def test_the_archive_is_linked_once_there_is_one(self):
        self.assertNotContains(self.client.get("/newsletter/"), "Read past issues")

    def test_the_field_has_a_label_its_kind_and_its_error(self):
        page = self.client.get("/newsletter/").text
        [field] = re.findall(r'<input[^>]*type="email"[^>]*>', page)
        for attribute in ('autocomplete="email"', " required", 'name="email"', 'aria-describedby="email-error-page"'):
            self.assertIn(attribute, field)
        self.assertIn('<label for="email-page">E-mail address</label>', page)
        self.assertIn('id="email-error-page"', page)
        self.assertNotIn("aria-invalid", page)

    def test_it_is_never_stored_and_sets_no_cookie(self):
        for page in (self.client.get("/newsletter/"), self.subscribe(VERA), self.subscribe("nobody")):
            self.assertEqual(page["Cache-Control"], "no-store")
            self.assertEqual(page["X-Robots-Tag"], "noindex")
            self.assertFalse(page.cookies)
            self.assertNotIn("Cookie", page.get("Vary", ""))

    def test_the_words_that_are_kept_are_the_words_that_are_shown(self):
        page = re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", self.client.get("/newsletter/").text)))
        for line in wording(Identity.objects.present(), [self.weekly, self.breaking]).splitlines():
            self.assertIn(line, page)

    def test_reading_it_changes_nothing(self):
        before = rows()
        for _again in range(3):
            self.client.get("/newsletter/")
            self.client.head("/newsletter/")
            self.assertRedirects(self.client.get("/newsletter/subscribe/", {"email": VERA}), "/newsletter/")
        self.assertEqual(rows(), before)


class TheAnswerTest(LettersTestCase):
    def test_it_says_the_three_fixed_sentences_to_the_letter(self):
        answer = self.subscribe(VERA)
        self.assertEqual(answer.status_code, 200)
        for sentence in FIXED:
            self.assertRegex(answer.text, rf">\s*{re.escape(sentence)}\s*<")

    def test_beneath_them_it_says_where_the_mail_went_and_offers_two_ways_out(self):
        _fixed, beneath = self.subscribe(VERA).text.split("Ok, Thanks")
        self.assertIn(f"Sent to {VERA}", beneath)
        self.assertIn('<a href="/newsletter/" data-subscribe-open>Wrong address?</a>', beneath)
        self.assertIn('<button class="pill pill-quiet">Send again</button>', beneath)

    def test_ok_thanks_leads_back_to_the_page_it_came_from(self):
        self.assertContains(self.subscribe(VERA, page="/tides/"), 'href="/tides/" data-close')

    def test_only_a_path_of_this_site_counts_as_that_page(self):
        for page in (
            "//evil.example/",
            "/\\evil.example",
            "https:evil.example",
            "/\t/evil.example",
            "evil",
            "/\n/x",
            "",
        ):
            with self.subTest(page):
                answer = self.subscribe(VERA, page=page)
                self.assertContains(answer, 'href="/" data-close')
                self.assertNotContains(answer, "evil")

    def test_the_form_remembers_the_page_that_led_to_it(self):
        page = self.client.get("/newsletter/", headers={"Referer": "http://testserver/tides/?utm_source=x"})
        self.assertContains(page, 'name="page" value="/tides/"')
        page = self.client.get("/newsletter/", headers={"Referer": "https://elsewhere.example/tides/"})
        self.assertContains(page, 'name="page" value="/"')

    def test_send_again_waits_three_minutes_without_any_script(self):
        self.assertContains(self.subscribe(VERA), '<form class="again"')
        style = (settings.BASE_DIR / "static/css/page.css").read_text()
        self.assertRegex(style, r"\.again { animation: again 1ms 180s both; }")
        self.assertRegex(style, r"@keyframes again { from { visibility: hidden; }")

    def test_send_again_posts_the_same_once_more(self):
        answer = self.subscribe(VERA, newsletter=["breaking"], page="/tides/").text
        again = answer[answer.index('<form class="again"') :]
        self.assertEqual(
            dict(re.findall(r'name="(\w+)" value="([^"]*)"', again)),
            {"email": VERA, "newsletter": "breaking", "page": "/tides/", "time": ""},
        )

    def test_it_is_the_same_for_every_address(self):
        """New, pending, confirmed, left, suppressed for good or for now, and one whose day is full."""
        complained = make_reader("cora@readers.example", self.weekly)
        bounced = make_reader("bert@readers.example", self.weekly)
        for place, reason in ((complained, "complaint"), (bounced, "bounced")):
            Suppression.objects.create(key_hash=place.subscriber.key_hash, reason=reason)
        addresses = [VERA, NILS, ROSA, OTTO, complained.subscriber.email, bounced.subscriber.email, VERA]
        answers = set()
        for address in addresses:
            answer = self.subscribe(address, page="/tides/", newsletter=["weekly"])
            headers = tuple(sorted((name, value) for name, value in answer.items() if name != "Content-Length"))
            answers.add((answer.status_code, headers, answer.text.replace(address, "@")))
        self.assertEqual(len(answers), 1)

    def test_what_a_program_filled_in_is_answered_alike_and_dropped(self):
        before = rows()
        answer = self.subscribe(VERA, homepage="https://pills.example")
        self.assertIn(FIXED[0], answer.text)
        self.assertEqual(rows(), before)

    def test_the_address_is_escaped(self):
        answer = self.subscribe("o'neill&sons@readers.example")
        self.assertContains(answer, "Sent to o&#x27;neill&amp;sons@readers.example")


class BadInputTest(LettersTestCase):
    def refused(self, address: str) -> str:
        before = rows()
        answer = self.subscribe(address)
        self.assertEqual(answer.status_code, 400, address[:60])
        self.assertEqual(rows(), before)
        return answer.text

    def test_the_form_comes_back_with_what_was_typed_and_the_error_beside_it(self):
        page = self.refused("vera@")
        [field] = re.findall(r'<input[^>]*type="email"[^>]*>', page)
        for attribute in ('value="vera@"', 'aria-invalid="true"', 'aria-describedby="email-error-page"'):
            self.assertIn(attribute, field)
        self.assertInHTML(f'<p class="error" id="email-error-page" data-error>{SORRY}</p>', page)

    def test_an_empty_field_is_told_what_belongs_there(self):
        for nothing in ("", "   "):
            self.assertIn("Write your e-mail address here, in the form name@example.org.", self.refused(nothing))

    def test_what_would_write_a_header_is_refused(self):
        for address in (
            "a@x.io\r\nBcc:v@y.io",
            "a@x.io\nBcc:v@y.io",
            "a\r@x.io",
            "a@x.io\x00",
            "a\x7f@x.io",
            "a@x.io,b@y.io",
        ):
            self.assertIn(SORRY, self.refused(address))

    def test_what_no_mail_server_takes_is_refused(self):
        for address in (
            "vera",
            "@x.io",
            "a b@x.io",
            "a@x..io",
            "müller@x.io",
            "straße@x.io",
            "Ro\u017fa@x.io",
            "a@-x.io",
        ):
            self.assertIn(SORRY, self.refused(address))

    def test_overlong_addresses_are_refused_at_once(self):
        for address in (
            "a" * 10_000 + "@x.io",
            "a" * 64_000 + "@x.io",
            "a." * 100_000 + "@x.io",
            "a@" + "a." * 100_000,
        ):
            self.assertIn(SORRY, self.refused(address))

    def test_an_address_in_another_script_is_taken_by_its_domain(self):
        self.subscribe("vera@bücher.example")
        self.assertTrue(Subscriber.objects.filter(email_key="vera@xn--bcher-kva.example").exists())

    def test_an_unknown_newsletter_gets_a_sentence(self):
        for slug in ("daily", "", "\x00", "weekly\x00"):
            before = rows()
            answer = self.subscribe(VERA, newsletter=["weekly", slug])
            self.assertContains(answer, "There is no such newsletter: choose one of those named here.", status_code=400)
            self.assertContains(answer, f'value="{VERA}"', status_code=400)
            self.assertEqual(rows(), before)

    def test_too_much_is_refused_before_it_is_read(self):
        answer = self.subscribe("a" * 1_000_001)
        self.assertContains(answer, "Please begin again with your e-mail address.", status_code=413)

    def test_a_thousand_fields_are_refused(self):
        fields = "&".join(f"f{number}=1" for number in range(1001))
        answer = self.client.post("/newsletter/subscribe/", fields, content_type="application/x-www-form-urlencoded")
        self.assertEqual(answer.status_code, 400)

    def test_other_methods_are_refused(self):
        self.assertEqual(self.client.put("/newsletter/subscribe/").status_code, 405)
        self.assertEqual(self.client.post("/newsletter/").status_code, 405)


class ForeignSitesTest(LettersTestCase):
    def answer_to(self, **headers):
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post("/newsletter/subscribe/", {"email": VERA}, headers=names)

    def test_a_form_on_another_site_subscribes_nobody(self):
        before = rows()
        for headers in (
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Sec_Fetch_Site": "cross-site"},
            {"Origin": "http://testserver", "Sec_Fetch_Site": "cross-site"},
            {"Origin": "http://testserver.evil.example"},
            {"Origin": "https://testserver"},
        ):
            answer = self.answer_to(**headers)
            self.assertContains(
                answer, "This form was sent from another site, so nobody was subscribed.", status_code=403
            )
        self.assertEqual(rows(), before)

    @override_settings(SITE_URL="https://magazine.example")
    def test_our_own_pages_may(self):
        for headers in (
            {},
            {"Origin": "http://testserver"},
            {"Origin": "https://magazine.example"},
            {"Origin": "http://testserver", "Sec_Fetch_Site": "same-origin"},
            {"Origin": "null", "Sec_Fetch_Site": "same-origin"},
            {"Sec_Fetch_Site": "none"},
        ):
            self.assertEqual(self.answer_to(**headers).status_code, 200, headers)


class WhatIsWrittenDownTest(LettersTestCase):
    def test_a_new_reader_is_pending(self):
        self.subscribe(f" {VERA.upper()} ")
        place = Subscription.objects.get(subscriber__email_key=VERA)
        self.assertEqual(place.newsletter, self.weekly)
        self.assertIsNone(place.confirmed_at)
        self.assertNotIn(place, Subscription.objects.confirmed())

    def test_one_address_is_one_row_however_it_is_typed(self):
        for typed in (VERA, VERA.upper(), f"  {VERA}  ", "Vera@Readers.Example"):
            self.subscribe(typed)
        self.assertEqual(Subscriber.objects.filter(email__iexact=VERA).count(), 1)

    def test_consent_says_when_from_where_and_in_answer_to_which_words(self):
        self.post({"email": VERA, "page": "/tides/"}, REMOTE_ADDR="203.0.113.9")
        consent = Consent.objects.get(address=VERA)
        self.assertEqual((consent.act, consent.newsletter), (Consent.Act.ASKED, "Weekly"))
        self.assertEqual((consent.origin, consent.page), ("203.0.113.9", "/tides/"))
        self.assertEqual(
            consent.wording.splitlines(),
            [
                "Subscribe to Our Newsletter",
                "One letter on Thursdays.",
                "We send one mail to confirm. Every letter has a link to leave.",
                "Subscribe",
            ],
        )
        [job] = self.post_room.jobs()
        self.assertEqual(consent.message_id, job.args["message_id"])

    def test_ticked_newsletters_are_part_of_the_words(self):
        self.subscribe(VERA, newsletter=["weekly", "breaking"])
        [consent, _other] = Consent.objects.filter(address=VERA)
        self.assertIn("Breaking: When it cannot wait.", consent.wording)
        self.assertEqual(Subscription.objects.filter(subscriber__email=VERA).count(), 2)

    def test_without_a_choice_it_is_the_first_newsletter(self):
        self.breaking.position = 0
        self.breaking.save(update_fields=["position"])
        self.subscribe(VERA)
        self.assertEqual(Subscription.objects.get(subscriber__email=VERA).newsletter, self.breaking)
