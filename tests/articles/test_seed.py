"""The page that started the project, put through the editor's form, comes out whole and in order.

Its sentences are its publisher's: they are read from beside the project and stand nowhere in it.
"""

import re
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from django.conf import settings

from articles.models import Article
from tests.articles.desk import ADD, DeskTestCase
from tests.cast import make_author, make_photo, picture

SEED = settings.BASE_DIR.parent / "shared" / "seed" / "article.txt"
pytestmark = pytest.mark.skipif(not SEED.exists(), reason="the captured page is not beside the project")


class Seed:
    """The captured page, taken apart by where things stand in it."""

    def __init__(self) -> None:
        lines = [line.strip() for line in SEED.read_text().splitlines() if line.strip()]
        self.byline = next(line for line in lines if line.startswith("by "))
        self.author = self.byline.removeprefix("by ")
        self.title = lines[lines.index(f"{self.author} profile image") - 1]
        self.credit = next(line for line in lines if line.startswith("Photo by "))
        self.maker, self.source = self.credit.removeprefix("Photo by ").split(" / ")
        start = lines.index(self.credit) + 1
        self.body = lines[start : lines.index(f"{self.author} profile image", start)]
        self.headings = [line for line in self.body if not line.endswith((".", "”"))]

    @property
    def html(self) -> str:
        return "".join(f"<h2>{line}</h2>" if line in self.headings else f"<p>{line}</p>" for line in self.body)


class Words(HTMLParser):
    """What a person reads or hears of a page, in its order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self._silent = 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag in {"script", "style", "head"}:
            self._silent += 1
        if alt := dict(attrs).get("alt"):
            self.said.append(alt)

    def handle_endtag(self, tag):
        if tag in {"script", "style", "head"}:
            self._silent -= 1

    def handle_data(self, data):
        if not self._silent:
            self.said.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.said))


class TheCapturedPage(DeskTestCase):
    def setUp(self) -> None:
        self.seed = Seed()
        author = make_author(self.seed.author, bio="Writes about machines.")
        author.wear(picture(300, 300))
        author.save()
        urls = {"maker_url": "https://unsplash.example/@maker", "source_url": "https://unsplash.example/"}
        photo = make_photo(maker=self.seed.maker, source=self.seed.source, caption="", **urls)
        self.client.force_login(self.erna)
        facts = self.typed(self.seed.title, standfirst="A standfirst of ours.", body=self.seed.html)
        facts |= {"bylines": [author.pk], "photo": photo.pk, "slug": "the-captured-page", "_publish": ""}
        answer = self.client.post(ADD, facts)
        assert answer.status_code == 302
        self.article = Article.objects.live().get(slug="the-captured-page")
        self.client.logout()
        self.html = self.client.get("/the-captured-page/").content.decode()
        self.text = Words(self.html).text

    def test_everything_is_there_in_the_order_of_the_page(self):
        portrait = f"{self.seed.author} profile image"
        parts = [
            self.seed.title,
            portrait,
            self.seed.byline,
            self.seed.credit,
            *self.seed.body,
            portrait,
            self.seed.byline,
        ]
        place = 0
        for part in parts:
            found = self.text.find(part, place)
            assert found >= 0, part
            place = found + 1

    def test_the_four_section_headings_are_headings(self):
        assert self.article.body_html in self.html
        shown = [unescape(found) for found in re.findall(r"<h2 id=[^>]*>(.*?)</h2>", self.article.body_html)]
        assert shown == self.seed.headings
        assert len(shown) == 4

    def test_the_credit_links_both(self):
        line = re.search(
            r'Photo by\s+<a href="([^"]+)"[^>]*>([^<]+)</a>\s*/\s*<a href="([^"]+)"[^>]*>([^<]+)</a>', self.html
        )
        assert line.groups() == (
            "https://unsplash.example/@maker",
            self.seed.maker,
            "https://unsplash.example/",
            self.seed.source,
        )

    def test_curly_quotes_apostrophes_and_both_figure_styles_are_as_typed(self):
        for sign in "“”’":
            wanted = "".join(self.seed.body).count(sign)
            assert wanted
            assert "".join(self.article.body_text).count(sign) == wanted
        for figure in ("$5 billion", "USD 183 billion"):
            assert figure in self.text

    def test_the_body_is_kept_word_for_word(self):
        assert self.article.body_text.split("\n\n") == self.seed.body
        places = [self.article.body_html.index(heading) for heading in self.seed.headings]
        assert all(before < after for before, after in pairwise(places))
