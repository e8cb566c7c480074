import re
from datetime import timedelta
from html.parser import HTMLParser

import time_machine
from django.conf import settings
from django.test import SimpleTestCase, override_settings
from django.utils import timezone

from newsroom.desk.matrix import WORDS
from newsroom.roles import GRANTS
from tests.cast import NewsroomTestCase
from tests.catalogue import as_compiled, compiled, entries_of, templates, unmarked_words, wanted
from tests.newsletter.cast import VERA, LettersTestCase, words_of

FOLDER = settings.BASE_DIR / "locale" / "de" / "LC_MESSAGES"
ENTRIES = entries_of(FOLDER / "django.po")
HEADER, *MESSAGES = ENTRIES
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd%]|<[^>]+>")
# Classes of the desk, and the names of what machines read: the same in every language.
SAME_EVERYWHERE = {
    *("change-form", "change-form writing", "px"),
    *("## Optional", "- [RSS]()", "- [JSON Feed]()", "- [Sitemap]()"),
}
# Sentences, which no text of the cast could hold by chance, and the short words that readers meet most.
SENTENCES = {entry.key[1] for entry in MESSAGES if re.match(r"[A-Z][^%]* [^%]* [^%]*$", entry.key[1])}
SHORT = {"min read", "Read More", "Subscribe", "Sections", "Subjects", "Latest", "Updated", "Corrected", "Photo by"}
ENGLISH = SENTENCES | SHORT | {"E-mail address", "Back to the top", "profile image", "Archive", "Newer", "Older"}


class Said(HTMLParser):
    """What a page says: its text, and the attributes that are read out."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.muted = ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.muted = tag if tag in {"script", "style"} else ""
        self.words += [value or "" for name, value in attributes if name in {"alt", "aria-label", "title"}]

    def handle_endtag(self, tag):
        self.muted = ""

    def handle_data(self, data):
        self.words += [] if self.muted else [data]

    def __str__(self) -> str:
        return " ".join(" ".join(self.words).split())


class GermanCatalogueTests(SimpleTestCase):
    def test_it_holds_what_code_and_templates_say_and_nothing_else(self):
        known = {entry.key for entry in MESSAGES}
        self.assertEqual(wanted() - known, set(), "Run `make messages` and translate these.")
        self.assertEqual(known - wanted(), set(), "Run `make messages`: nobody says this any more.")

    def test_everything_is_translated_and_nothing_is_a_guess(self):
        self.assertEqual([entry.key for entry in MESSAGES if not all(entry.words)], [])
        self.assertEqual([entry.key for entry in ENTRIES if "fuzzy" in entry.flags], [])
        self.assertEqual([entry.key for entry in MESSAGES if entry.plural and len(entry.words) != 2], [])

    def test_placeholders_and_tags_are_those_of_the_original(self):
        pairs = [pair for entry in MESSAGES for pair in zip(entry.originals, entry.words, strict=True)]
        wrong = [pair for pair in pairs if len({tuple(sorted(PLACEHOLDER.findall(words))) for words in pair}) > 1]
        self.assertEqual(wrong, [])

    def test_quotation_marks_are_german(self):
        straight = [words for entry in MESSAGES for words in entry.words if '"' in re.sub(r"<[^>]+>", "", words)]
        self.assertEqual(straight, [])
        unpaired = [words for entry in MESSAGES for words in entry.words if words.count("„") != words.count("“")]
        self.assertEqual(unpaired, [])

    def test_the_compiled_catalogue_is_made_from_it(self):
        self.assertEqual(compiled(FOLDER / "django.mo"), as_compiled(ENTRIES), "Run `make messages`.")

    def test_no_template_says_anything_past_gettext(self):
        for template in templates():
            with self.subTest(template.relative_to(settings.BASE_DIR)):
                self.assertEqual(set(unmarked_words(template)) - SAME_EVERYWHERE, set())

    def test_the_table_of_roles_has_a_word_for_every_grant(self):
        # Whose and in which stand, the table says by its columns.
        tests = {row.of.__name__ for row in GRANTS if row.of and not hasattr(row.of, "stands")}
        used = {row.verb for row in GRANTS} | tests
        self.assertEqual(used - set(WORDS), set())


class NoEnglish:
    def assert_german(self, page: str) -> str:
        """What the page says, once it is known to say nothing of ours in English."""
        said = str(Said(page))
        self.assertIn('<html lang="de"', page)
        self.assertEqual({words for words in ENGLISH if re.search(rf"\b{re.escape(words)}", said)}, set())
        return said

    def read(self, path: str, *, status: int = 200) -> str:
        response = self.client.get(path)
        self.assertEqual(response.status_code, status)
        return self.assert_german(response.content.decode())


@override_settings(LANGUAGE_CODE="de")
@time_machine.travel("2026-11-24 12:00:00+00:00")
class GermanPagesTests(NoEnglish, NewsroomTestCase):
    @classmethod
    def gather(cls) -> None:
        super().gather()
        cls.tides.publish(by=cls.erna, revision=cls.tides.keep(cls.content("Tides", body="<p>New.</p>"), by=cls.erna))
        cls.tides.corrections.create(wrong="Falsch.", right="Richtig.", published_at=timezone.now())

    def test_an_article(self):
        said = self.read("/tides/")
        for words in (
            "22. November 2026",
            "Korrigiert am 24. November",
            "Korrektur, 24. November 2026",
            "1 Min. Lesezeit",
            "Von Ida Marsh und Tom Gale",
            "Foto: Mara Lind / Longshore",
            "Porträt von Ida Marsh",
            "Unseren Newsletter abonnieren",
            "Zum Text springen",
            "Themen",
        ):
            with self.subTest(words):
                self.assertIn(words, said)

    def test_the_front_page(self):
        said = self.read("/")
        self.assertIn("22. November 2026", said)
        self.assertIn("Alles, was wir veröffentlicht haben", said)

    def test_lists_and_errors(self):
        for path, status, words in (
            ("/section/coast/", 200, "Per RSS folgen"),
            ("/tag/tides/", 200, "Thema"),
            ("/author/ida-marsh/", 200, "22. November 2026"),
            ("/archive/", 200, "November 1 Artikel"),
            ("/archive/2026/11/", 200, "November 2026"),
            ("/corrections/", 200, "24. November 2026"),
            ("/nothing/", 404, "Diese Seite gibt es nicht"),
            ("/fog/", 410, "Dieser Artikel wurde zurückgezogen"),
        ):
            with self.subTest(path):
                self.assertIn(words, self.read(path, status=status))

    def test_one_and_many(self):
        self.assertIn("„town“ kommt in 1 Artikel vor.", self.read("/search/?q=town"))
        self.make_article("Ebb", at=timezone.now() - timedelta(hours=1))
        self.assertIn("„town“ kommt in 2 Artikeln vor.", self.read("/search/?q=town"))
        self.assertIn("„zebra“ kommt in keinem Artikel vor.", self.read("/search/?q=zebra"))

    def test_the_desk(self):
        self.client.force_login(self.erna)
        said = self.read(f"/admin/articles/article/{self.storm.pk}/change/")
        self.assertIn("Geplant für 25. Nov. 2026, 12:00", said)
        self.assertIn("Jetzt veröffentlichen", said)
        self.assertIn("eigene Entwürfe", self.read("/admin/roles/"))


@override_settings(LANGUAGE_CODE="de")
class GermanLettersTests(NoEnglish, LettersTestCase):
    def test_the_page_of_the_newsletters(self):
        said = self.read("/newsletter/")
        self.assertIn("Unseren Newsletter abonnieren", said)
        self.assertIn("Welche Briefe?", said)

    def test_the_dialog_after_subscribing(self):
        said = self.assert_german(self.subscribe(VERA).content.decode())
        self.assertIn("Geschafft! Sehen Sie jetzt in Ihr Postfach", said)

    def test_the_confirmation_mail(self):
        self.subscribe(VERA, newsletter=["weekly", "breaking"])
        [mail] = self.post_room.work()
        self.assertEqual(mail["Subject"], "Bitte bestätigen Sie Ihr Abonnement bei Longshore")
        words = "Jemand, vermutlich Sie, hat Longshore gebeten, Weekly und Breaking an diese Adresse zu senden."
        self.assertIn(words, words_of(mail))
        self.assertIn(words, self.assert_german(words_of(mail, "html")))
        self.assertEqual({phrase for phrase in ENGLISH if phrase in words_of(mail)}, set())

    def test_confirming_and_leaving(self):
        said = self.read(self.ask(VERA))
        self.assertIn("Dürfen wir Weekly an", said)
        self.assertIn("Diese Briefe abbestellen?", self.read(f"/newsletter/unsubscribe/{self.rosa.token}/"))
        self.assertIn("Ihre Briefe", self.read(f"/newsletter/preferences/{self.rosa.token}/"))
