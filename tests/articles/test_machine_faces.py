"""What programs read: metadata, feeds, sitemaps, Markdown, and the picture under a shared link."""

import io
import json
import re
from datetime import timedelta
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from urllib.parse import urlsplit
from uuid import UUID
from xml.etree import ElementTree

import feedparser
import pytest
import time_machine
import xmlschema
from django.conf import settings
from django.db import connection
from django.test import SimpleTestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from markdown_it import MarkdownIt
from PIL import Image

from articles import share, sitemaps
from articles.body import render
from articles.body.markdown import escaped, to_markdown
from articles.models import Article, Correction, Page, Photo, Section, Tag
from articles.paging import PER_PAGE
from newsroom.identity.models import Identity
from newsroom.identity.templatetags.furniture import absolute
from newsroom.identity.templatetags.furniture import moment as iso
from tests.cast import NewsroomTestCase, make_author, make_photo
from tests.real import needs_real_files, real

SITE = settings.SITE_URL
HOSTILE = "]]></script><script>alert(1)</script>\x01 “&” *x* [y](z) ---"
CONTENT, DUBLIN, MEDIA, ATOM = (
    f"{{{name}}}"
    for name in (
        "http://purl.org/rss/1.0/modules/content/",
        "http://purl.org/dc/elements/1.1/",
        "http://search.yahoo.com/mrss/",
        "http://www.w3.org/2005/Atom",
    )
)
LISTS = ("/", "/section/coast/", "/tag/tides/", "/author/ida-marsh/")
RSS = ("/rss/", "/section/coast/rss/", "/tag/tides/rss/", "/author/ida-marsh/rss/")


class Head(HTMLParser):
    """The links, the meta tags and the data of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.meta: dict[str, list[str]] = {}
        self.links: list[dict[str, str]] = []
        self.data: list[str] = []
        self.scripts: list[dict[str, str]] = []
        self._in_data = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        facts = {key: value or "" for key, value in attrs}
        if tag == "meta" and (name := facts.get("property") or facts.get("name")):
            self.meta.setdefault(name, []).append(facts["content"])
        elif tag == "link":
            self.links.append(facts)
        elif tag == "script":
            self.scripts.append(facts)
            self._in_data = facts.get("type") == "application/ld+json"

    def handle_endtag(self, tag):
        self._in_data = False

    def handle_data(self, data):
        if self._in_data:
            self.data.append(data)

    def linked(self, rel: str, media_type: str = "") -> list[str]:
        return [link["href"] for link in self.links if link["rel"] == rel and link.get("type", "") == media_type]

    def things(self, kind: str) -> list[dict]:
        documents = [json.loads(data) for data in self.data]
        assert all(document["@context"] == "https://schema.org" for document in documents)
        return [thing for document in documents for thing in document["@graph"] if thing["@type"] == kind]


def xml(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)  # noqa: S314 - our own


class Faces(NewsroomTestCase):
    def text(self, path: str, status: int = 200) -> str:
        answer = self.client.get(path)
        assert answer.status_code == status, (path, answer.status_code)
        return answer.content.decode()

    def head(self, path: str, status: int = 200) -> Head:
        return Head(self.text(path, status))

    def queries(self, path: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert self.client.get(path).status_code == 200, path
        return len(seen)

    def channel(self, path: str) -> ElementTree.Element:
        return xml(self.text(path)).find("channel")


class TheStructuredData(Faces):
    def test_an_article_says_what_it_is_and_whose(self):
        (article,) = self.head("/tides/").things("NewsArticle")
        assert article["headline"] == "Tides"
        assert article["description"] == "What tides does to a town."
        assert article["url"] == article["mainEntityOfPage"] == f"{SITE}/tides/"
        assert article["articleSection"] == "Coast"
        assert article["keywords"] == ["Tides"]
        assert article["wordCount"] == self.tides.word_count > 0
        assert article["inLanguage"] == "en-gb"
        assert article["isAccessibleForFree"] is True
        assert [person["name"] for person in article["author"]] == ["Ida Marsh", "Tom Gale"]
        assert article["author"][0]["url"] == f"{SITE}/author/ida-marsh/"
        assert article["publisher"]["name"] == "Longshore"

    def test_the_picture_brings_its_credit_and_licence(self):
        photo = make_photo(licence="CC BY 4.0", licence_url="https://licence.example/by")
        self.make_article("Ebb", photo=photo.pk)
        (article,) = self.head("/ebb/").things("NewsArticle")
        (image,) = article["image"]
        assert image["url"] == SITE + photo.stand_in_url
        assert (image["width"], image["height"]) == (320, 180)
        assert image["creditText"] == "Photo by Mara Lind / Longshore"
        assert image["creator"] == {"@type": "Person", "name": "Mara Lind", "url": "https://mara.example/"}
        assert image["license"] == "https://licence.example/by"
        assert image["caption"] == "The sound at noon."

    def test_a_picture_made_by_a_machine_says_so(self):
        photo = make_photo(kind="ai", licence="All rights reserved")
        self.make_article("Ebb", photo=photo.pk)
        (image,) = self.head("/ebb/").things("NewsArticle")[0]["image"]
        assert image["digitalSourceType"].endswith("TrainedAlgorithmicMediaDigitalSource")
        assert image["license"] == {"@type": "CreativeWork", "name": "All rights reserved"}

    def test_moments_and_corrections_are_data(self):
        (article,) = self.head("/tides/").things("NewsArticle")
        assert article["dateModified"] == article["datePublished"]
        assert "correction" not in article
        Correction.objects.create(article=self.tides, wrong="We said 2012.", right="It was 2011.")
        (article,) = self.head("/tides/").things("NewsArticle")
        (note,) = article["correction"]
        assert note["@type"] == "CorrectionComment"
        assert note["text"] == "Correction: We said 2012. It was 2011."
        assert article["dateModified"] == note["datePublished"] > article["datePublished"]

    def test_breadcrumbs_lead_from_the_front_page(self):
        for path, names in {
            "/tides/": ["Front page", "Coast", "Tides"],
            "/section/coast/": ["Front page", "Coast"],
            "/tag/tides/": ["Front page", "Tides"],
            "/author/ida-marsh/": ["Front page", "Ida Marsh"],
        }.items():
            (trail,) = self.head(path).things("BreadcrumbList")
            assert [step["name"] for step in trail["itemListElement"]] == names
            assert [step["position"] for step in trail["itemListElement"]] == list(range(1, len(names) + 1))
            assert trail["itemListElement"][-1]["item"] == SITE + path

    def test_an_author_is_a_person_with_a_face(self):
        (page,) = self.head("/author/ida-marsh/").things("ProfilePage")
        person = page["mainEntity"]
        assert person["@type"] == "Person"
        assert person["url"] == page["url"] == f"{SITE}/author/ida-marsh/"
        assert person["name"] == "Ida Marsh"
        assert person["description"] == "Ida writes about water."
        assert person["image"] == SITE + self.ida.portrait_url

    def test_the_front_page_says_how_to_search(self):
        (site,) = self.head("/").things("WebSite")
        template = site["potentialAction"]["target"]["urlTemplate"]
        found = self.text(urlsplit(template.replace("{search_term_string}", "tide")).path + "?q=tide")
        assert "/tides/" in found

    def test_the_logo_is_there_in_the_size_that_is_said(self):
        (site,) = self.head("/").things("WebSite")
        logo = site["publisher"]["logo"]
        answer = self.client.get(logo["url"].removeprefix(SITE))
        with Image.open(io.BytesIO(answer.content)) as icon:
            assert icon.size == (logo["width"], logo["height"])
            assert icon.format == "PNG"

    def test_nothing_in_the_data_ends_its_element(self):
        self.make_article(HOSTILE, slug="hostile", standfirst="<!--<script>\u2028&amp;")
        head = self.head("/hostile/")
        (article,) = head.things("NewsArticle")
        assert article["headline"] == Article.objects.get(slug="hostile").title
        assert article["description"] == "<!--<script> &amp;"
        assert not re.search("[<>&\u2028]", head.data[0])
        assert all(script.get("src") or script["type"] == "application/ld+json" for script in head.scripts)

    def test_a_preview_and_an_error_say_nothing_to_programs(self):
        for path, status in (("/fog/", 410), ("/storm/", 404)):
            head = self.head(path, status)
            assert not head.data, path
            assert not head.linked("canonical"), path
            assert head.meta["robots"] == ["noindex"], path


def ancestors(vocabulary: dict, kind: str) -> set[str]:
    above = vocabulary[kind].get("rdfs:subClassOf", [])
    above = [node["@id"] for node in (above if isinstance(above, list) else [above])]
    return {kind}.union(*(ancestors(vocabulary, name) for name in above if name in vocabulary))


def strangers(vocabulary: dict, thing: dict) -> list[str]:
    """What schema.org does not know of this thing, or not for its type."""
    kind = f"schema:{thing['@type']}"
    if kind not in vocabulary:
        return [kind]
    found = []
    for name, value in thing.items():
        if name == "@type":
            continue
        domains = vocabulary.get(f"schema:{name}", {}).get("schema:domainIncludes", [])
        domains = {node["@id"] for node in (domains if isinstance(domains, list) else [domains])}
        if not domains & ancestors(vocabulary, kind):
            found.append(f"{thing['@type']}.{name}")
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict):
                found += strangers(vocabulary, inner)
    return found


@needs_real_files
class TheVocabulary(Faces):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        graph = json.loads(real("schema/schemaorg-all-https.jsonld").read_text())["@graph"]
        cls.vocabulary = {node["@id"]: node for node in graph}

    def test_schema_org_knows_every_property_of_every_page(self):
        photo = make_photo(kind="ai", licence="CC0", licence_url="https://licence.example/")
        self.make_article("Ebb", photo=photo.pk)
        self.make_article("Plain", photo=None)
        Correction.objects.create(article=self.tides, wrong="We said 2012.", right="It was 2011.")
        for path in (*LISTS, "/tides/", "/ebb/", "/plain/"):
            documents = [json.loads(data) for data in self.head(path).data]
            assert documents, path
            for thing in (thing for document in documents for thing in document["@graph"]):
                assert strangers(self.vocabulary, thing) == [], path

    def test_a_word_that_schema_org_does_not_know_is_found(self):
        for thing in ({"@type": "Nonsense"}, {"@type": "Person", "wordCount": 3}, {"@type": "Person", "moodiness": 1}):
            assert strangers(self.vocabulary, thing), thing


class TheTags(Faces):
    def test_every_page_names_its_one_address(self):
        Page(title="About", slug="about", body="<p>Us.</p>", published_at=timezone.now()).keep()
        for number in range(PER_PAGE + 1):
            self.make_article(f"Ebb {number}", at=timezone.now() - timedelta(hours=number))
        month = f"/archive/{timezone.localtime():%Y/%m}/"
        paths = [*LISTS, "/tides/", "/about/", "/archive/", month, "/corrections/", "/newsletter/"]
        for path in [*paths, "/page/2/", "/section/coast/page/2/"]:
            assert self.head(f"{path}?utm_source=x").linked("canonical") == [SITE + path], path
            assert self.head(path).meta["og:url"] == [SITE + path]

    def test_the_first_of_the_numbered_pages_is_the_list_itself(self):
        assert self.head("/section/coast/page/1/").linked("canonical") == [f"{SITE}/section/coast/"]

    def test_a_list_by_moment_is_a_page_of_its_own_and_an_article_is_not(self):
        moment = "2026-01-02T00:00:00+00:00"
        (address,) = self.head(f"/?before={moment.replace('+', '%2B')}").linked("canonical")
        assert address == f"{SITE}/?before=2026-01-02T00%3A00%3A00%2B00%3A00"
        assert self.head("/tides/?before=x").linked("canonical") == [f"{SITE}/tides/"]

    def test_search_and_the_newsletter_forms_stay_out_of_search_engines(self):
        for path in ("/search/", "/search/?q=tide", "/newsletter/"):
            assert self.head(path).meta["robots"] == ["noindex"], path
        for path in (*LISTS, "/tides/"):
            assert "robots" not in self.head(path).meta, path

    def test_a_shared_article_shows_headline_picture_and_moment(self):
        meta = self.head("/tides/").meta
        assert meta["og:type"] == ["article"]
        assert meta["og:title"] == ["Tides"]
        assert meta["og:description"] == meta["description"] == ["What tides does to a town."]
        assert meta["og:site_name"] == ["Longshore"]
        assert meta["og:locale"] == ["en_GB"]
        assert meta["og:image"] == [SITE + self.photo.stand_in_url]
        assert (meta["og:image:width"], meta["og:image:height"]) == (["320"], ["180"])
        assert meta["og:image:alt"] == ["Grey water under a pale sky"]
        assert meta["twitter:card"] == ["summary_large_image"]
        assert meta["article:section"] == ["Coast"]
        assert meta["article:tag"] == ["Tides"]
        assert meta["article:published_time"] == [iso(self.tides.first_published_at)]
        assert "article:modified_time" not in meta

    def test_no_moment_has_more_of_a_second_than_html_takes(self):
        Correction.objects.create(article=self.tides, wrong="We said 2012.", right="It was 2011.")
        for path in (*LISTS, "/tides/", "/corrections/", "/search/?q=tide"):
            moments = re.findall(r'datetime="([^"]*)"', self.text(path))
            assert moments or path == "/", path
            assert not [moment for moment in moments if "." in moment], path

    def test_an_update_is_told(self):
        self.tides.keep(self.content("Tides", standfirst="Now longer."), by=self.ida_login)
        self.tides.publish(by=self.erna)
        assert len(self.head("/tides/").meta["article:modified_time"]) == 1

    def test_lists_have_a_title_of_their_own(self):
        assert self.head("/section/coast/").meta["og:title"] == ["Coast"]
        assert self.head("/author/ida-marsh/").meta["og:title"] == ["Ida Marsh"]
        assert self.head("/").meta["og:title"] == ["Longshore"]
        assert self.head("/archive/").meta["og:title"] == ["Archive"]

    def test_feeds_and_twins_are_linked_and_answer(self):
        for path in (*LISTS, "/tides/"):
            head = self.head(path)
            for media_type in ("application/rss+xml", "application/feed+json"):
                assert head.linked("alternate", media_type), path
                for address in head.linked("alternate", media_type):
                    self.text(address.removeprefix(SITE))
        assert self.head("/tides/").linked("alternate", "text/markdown") == [f"{SITE}/tides.md"]

    def test_a_hostile_headline_stays_one_attribute(self):
        self.make_article(HOSTILE + '"><b onclick="x">', slug="hostile")
        head = self.head("/hostile/")
        assert head.meta["og:title"] == [Article.objects.get(slug="hostile").title]

    def test_faces_cost_no_query_of_their_own(self):
        self.make_article("Plain", photo=None)
        assert self.queries("/plain/") <= 3
        for path in LISTS:
            assert self.queries(path) <= 4, path
        for path in ("/plain.md", "/llms.txt", "/share/plain.png"):
            assert self.queries(path) <= 3, path


class AnAddress(SimpleTestCase):
    def test_a_path_gets_the_site_and_a_whole_address_stays(self):
        assert absolute("/tides/") == f"{SITE}/tides/"
        assert absolute() == SITE
        assert absolute("https://pictures.example/a.jpg") == "https://pictures.example/a.jpg"


LOOK = share.Look("Longshore", ".", "#be2612")


class TheSharePicture(Faces):
    def test_an_article_without_a_photo_gets_one(self):
        self.make_article("Plain", photo=None)
        head = self.head("/plain/")
        assert head.meta["og:image"] == [f"{SITE}/share/plain.png"]
        assert head.meta["og:image:alt"] == ["Plain"]
        assert head.things("NewsArticle")[0]["image"][0]["url"] == f"{SITE}/share/plain.png"
        answer = self.client.get("/share/plain.png")
        assert answer["Content-Type"] == "image/png"
        assert answer["Cache-Control"] == "no-cache", "a changed headline is not a day late on a picture"
        assert self.client.get("/share/plain.png", headers={"If-None-Match": answer["ETag"]}).status_code == 304
        assert not answer.cookies
        with Image.open(io.BytesIO(answer.content)) as picture:
            assert picture.size == (1200, 630)
            assert [str(side) for side in picture.size] == head.meta["og:image:width"] + head.meta["og:image:height"]
        assert len(answer.content) < 60_000

    def test_what_readers_may_not_see_has_none(self):
        for slug in ("harbour", "storm", "fog", "never-written"):
            self.text(f"/share/{slug}.png", 404)

    def test_it_shows_the_headline(self):
        assert share.draw("Tides", "Coast", LOOK) == share.draw("Tides", "Coast", LOOK)
        assert share.draw("Tides", "Coast", LOOK) != share.draw("Ebb", "Coast", LOOK)

    def test_it_is_in_the_magazines_own_look(self):
        assert share.draw("Tides", "Coast", LOOK) != share.draw(
            "Tides", "Coast", share.Look("Longshore", "", "#1567e2")
        )
        before = self.share_of("/share/tides.png")
        Identity.objects.update(accent="#1f6feb")
        assert self.share_of("/share/tides.png") != before

    def share_of(self, path: str) -> bytes:
        return self.client.get(path).content

    def test_a_letter_that_the_font_lacks_leaves_no_gap(self):
        house = share.draw("Longshore", "Coast", LOOK)
        assert share.draw("Прилив", "Coast", LOOK) == house
        assert share.draw("Tides 🦀", "Coast", LOOK) == share.draw("Tides", "Coast", LOOK) != house

    def test_the_letters_of_all_of_europe_are_drawn(self):
        house = share.draw("Longshore", "Coast", LOOK)
        for name in ("Łukasz", "Dvořák", "Şafak", "Țara", "Ħamrun"):
            assert share.draw(name, "Coast", LOOK) not in (house, share.draw(name[1:], "Coast", LOOK))

    def test_a_word_from_two_files_stands_in_one_piece(self):
        face = share.Face("newsreader-600", 92)
        assert face.length("Dvořák") == face.length("Dvo") + face.length("ř") + face.length("ák")
        assert face.length("ř") > 0

    def test_any_headline_fits(self):
        for headline in ("", "W" * 200, "word " * 40, "Ünïcödé — “quoted” 数 🦀 \x01", "a"):
            with Image.open(
                io.BytesIO(share.draw(headline, "S" * 60, share.Look("M" * 60, ".", "#be2612")))
            ) as picture:
                margin = picture.convert("RGB").crop((share.SIZE[0] - 30, 20, *share.SIZE))
                assert margin.getcolors(1) is not None, headline


class TheMarkdown(Faces):
    def twin(self, path: str) -> tuple[dict, str]:
        answer = self.client.get(path)
        assert answer["Content-Type"] == "text/markdown; charset=utf-8"
        _empty, front, body = answer.content.decode().split("---\n", 2)
        facts = dict(line.split(": ", 1) for line in front.splitlines())
        return {name: json.loads(value) for name, value in facts.items()}, body

    def test_the_front_matter_says_what_the_page_says(self):
        facts, _body = self.twin("/tides.md")
        assert facts["title"] == "Tides"
        assert facts["standfirst"] == "What tides does to a town."
        assert facts["authors"] == ["Ida Marsh", "Tom Gale"]
        assert facts["section"] == "Coast"
        assert facts["tags"] == ["Tides"]
        assert facts["canonical_url"] == f"{SITE}/tides/"
        assert facts["published"] == self.tides.first_published_at.isoformat(timespec="seconds")
        assert self.client.get("/tides.md")["Link"] == f'<{SITE}/tides/>; rel="canonical"'

    def test_the_body_is_whole_with_picture_credit_and_corrections(self):
        Correction.objects.create(article=self.tides, wrong="We said 2012.", right="It was 2011.")
        _facts, body = self.twin("/tides.md")
        parts = [
            "# Tides",
            f"![Grey water under a pale sky]({SITE}{self.photo.stand_in_url})",
            "The sound at noon. Photo by Mara Lind / Longshore",
            "“The sea is patient,” she said.",
            "## A first part",
            "It costs $5 million.",
            "## Corrections",
            "We said 2012. It was 2011.",
        ]
        places = [body.find(part) for part in parts]
        assert -1 not in places and places == sorted(places), places

    def test_a_twin_lives_moves_and_goes_with_its_article(self):
        for slug in ("harbour", "storm", "never-written"):
            self.text(f"/{slug}.md", 404)
        assert "What fog does" not in self.text("/fog.md", 410)
        self.tides.keep(self.content("Tides", slug="high-tides"), by=self.ida_login)
        self.tides.publish(by=self.erna)
        moved = self.client.get("/tides.md")
        assert (moved.status_code, moved["Location"]) == (301, "/high-tides.md")
        self.text("/high-tides.md")

    def test_a_hostile_headline_is_words(self):
        self.make_article(HOSTILE, slug="hostile")
        facts, body = self.twin("/hostile.md")
        assert "\x01" not in body
        assert facts["title"] == Article.objects.get(slug="hostile").title
        html = MarkdownIt("commonmark").render(body)
        assert "<script>" not in html
        assert "<em>x</em>" not in html

    def test_llms_txt_names_what_is_live_and_its_twins(self):
        text = self.text("/llms.txt")
        assert text.startswith("# Longshore\n")
        assert f"[Tides]({SITE}/tides.md): What tides does to a town." in text
        assert f"({SITE}/section/coast/)" in text
        for title in ("Harbour", "Storm", "Fog"):
            assert title not in text
        for address in re.findall(r"\]\((.+?)\)", text):
            self.text(address.removeprefix(SITE))


def read(markdown: str) -> str:
    """As any reader of CommonMark with tables understands it."""
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(markdown)


class TheMarkdownOfABody(SimpleTestCase):
    def test_every_kind_of_block_comes_back_as_itself(self):
        for html in (
            "<p>one <strong>two</strong> <em>three</em> <s>four</s></p>",
            "<h2>A</h2>\n<h3>B</h3>\n<h4>C</h4>",
            "<ul>\n<li>a</li>\n<li>b</li>\n</ul>",
            '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>',
            "<ul>\n<li>\n<p>a</p>\n<ul>\n<li>b</li>\n</ul>\n</li>\n</ul>",
            "<blockquote>\n<p>a</p>\n<p>b</p>\n</blockquote>",
            "<pre><code>a = `1`\n  ```\n</code></pre>",
            "<p>a<code>x`y</code></p>",
            '<p><a href="https://a.example/b?c=d">e</a></p>',
            "<p>a<br />\nb</p>",
            "<p>a</p>\n<hr />\n<p>b</p>",
        ):
            tight = re.sub(r">\n(?=<)|(?<=<br />)\n", lambda found: found[0].rstrip("\n"), html)
            rendered = re.sub(
                r"\s*\n\s*", "", read(to_markdown(tight.replace("<br />", "<br>").replace("<hr />", "<hr>")))
            )
            assert rendered.replace("<del>", "<s>") == re.sub(r"\s*\n\s*", "", html), html

    def test_a_table_has_a_head_and_rows(self):
        table = (
            "<table><tbody><tr><th><p>a|b</p></th><th>c</th></tr><tr><td>1</td><td><p>2</p></td></tr></tbody></table>"
        )
        html = read(to_markdown(render(table, {})))
        assert "<th>a|b</th>" in html
        assert "<td>2</td>" in html

    def test_marks_hold_to_their_words(self):
        assert read(to_markdown("<p>a<strong> b </strong>c</p>")) == "<p>a <strong>b</strong> c</p>\n"

    def test_signs_in_the_text_stay_text(self):
        for text in (
            "1. a",
            "- a",
            "# a",
            "+ a",
            "a * b * c",
            "_a_",
            "[a](b)",
            "`a`",
            "a\\",
            "~~~",
            "> a",
            "---",
            "===",
        ):
            assert read(to_markdown(f"<p>{text.replace('>', '&gt;')}</p>")) == f"<p>{text.replace('>', '&gt;')}</p>\n"
            assert read(escaped(text)) == f"<p>{text.replace('>', '&gt;')}</p>\n"
        assert read(to_markdown("<p>&lt;script&gt;&amp;amp;</p>")) == "<p>&lt;script&gt;&amp;amp;</p>\n"

    def test_pull_quotes_are_dropped_and_addresses_whole(self):
        body = '<aside aria-hidden="true"><p>q</p></aside><p><a href="#part">a</a> <a href="/b (1)/">b</a></p>'
        markdown = to_markdown(body, base=f"{SITE}/tides/")
        assert markdown == f"[a]({SITE}/tides/#part) [b]({SITE}/b%20%281%29/)"

    def test_a_figure_keeps_its_words_and_credit(self):
        photo = make_photo_row()
        markdown = to_markdown(render('<figure data-photo="1" data-width="wide"></figure>', {1: photo}))
        assert "![A breakwater](" in markdown
        assert "Noon. Photo by [Mara Lind](https://mara.example/)" in markdown


def make_photo_row():
    return Photo(
        alt="A breakwater", caption="Noon.", maker="Mara Lind", maker_url="https://mara.example/", width=1600,
        height=900, stand_in="ab/cd.jpg", colour="#2f6688",
    )  # fmt: skip


@needs_real_files
@pytest.mark.parametrize("number", range(8))
def test_naughty_strings_stay_text_in_markdown(number):
    strings = json.loads(real("hostile/blns.json").read_text())[number::8]
    for text in strings:
        words = " ".join(re.sub(r"[\x00-\x1f\x7f\ufffe\uffff]", "", text).split())
        rendered = Words(read(escaped(words))).text
        assert " ".join(rendered.split()) == words, text


class Words(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.feed(html)
        self.close()

    def handle_data(self, data):
        self.text += data


class TheFeeds(Faces):
    def test_every_feed_is_well_formed_and_names_itself(self):
        for path in (*RSS, "/corrections/rss/"):
            assert not feedparser.parse(self.client.get(path).content).bozo, path
            channel = self.channel(path)
            (itself,) = channel.findall(f"{ATOM}link")
            assert itself.attrib == {"rel": "self", "href": SITE + path}
            assert channel.findtext("link").startswith(SITE)
            assert channel.findtext("description")
            assert channel.findtext("language") == "en-gb"
            assert self.client.get(path)["Content-Type"] == "application/rss+xml; charset=utf-8"

    def test_a_guid_outlives_slug_and_headline(self):
        for path in RSS:
            (before,) = self.channel(path).findall("item/guid")
            assert before.attrib == {"isPermaLink": "false"}
            assert UUID(before.text)
        self.tides.keep(self.content("High tides"), by=self.ida_login)
        self.tides.publish(by=self.erna)
        item = self.channel("/rss/").find("item")
        assert item.findtext("title") == "High tides"
        assert item.findtext("guid") == before.text

    def test_two_articles_have_two_guids(self):
        self.make_article("Ebb")
        guids = [guid.text for guid in self.channel("/rss/").findall("item/guid")]
        assert len(set(guids)) == len(guids) == 2

    def test_moments_are_written_as_mail_writes_them(self):
        item = self.channel("/rss/").find("item")
        written = item.findtext("pubDate")
        assert re.fullmatch(r"[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} [+-]\d{4}", written)
        assert parsedate_to_datetime(written) == self.tides.first_published_at.replace(microsecond=0)
        assert parsedate_to_datetime(self.channel("/rss/").findtext("lastBuildDate"))

    def test_the_whole_text_every_author_and_subject(self):
        item = self.channel("/rss/").find("item")
        assert "It costs $5 million." in item.findtext(f"{CONTENT}encoded")
        assert [name.text for name in item.findall(f"{DUBLIN}creator")] == ["Ida Marsh", "Tom Gale"]
        assert [name.text for name in item.findall("category")] == ["Coast", "Tides"]

    def test_the_picture_comes_with_its_size_words_and_credit(self):
        picture = self.channel("/rss/").find(f"item/{MEDIA}content")
        assert picture.attrib == {
            "url": SITE + self.photo.stand_in_url,
            "medium": "image",
            "type": "image/jpeg",
            "width": "320",
            "height": "180",
        }
        assert picture.findtext(f"{MEDIA}credit") == "Photo by Mara Lind / Longshore"
        assert picture.findtext(f"{MEDIA}description") == "The sound at noon."
        # An enclosure must say its length, and nobody knows it without asking the storage.
        assert self.channel("/rss/").find("item/enclosure") is None

    def test_every_address_in_a_text_is_whole(self):
        targets = ("/a/", "#b", "//c.example/", "mailto:d@e.example")
        links = " ".join(f'<a href="{target}">a</a>' for target in targets)
        photo = make_photo()
        body = f'<p>{links}</p><figure data-photo="{photo.pk}" data-width="text"></figure>'
        self.make_article("Ebb", body=body, at=timezone.now() - timedelta(hours=1))
        content = self.channel("/rss/").findtext(f"item/{CONTENT}encoded")
        addresses = re.findall(r'(?:href|src)="([^"]*)"', content)
        assert len(addresses) >= 5
        assert all(re.match(r"https?://|mailto:", address) for address in addresses), addresses
        assert f"{SITE}/ebb/#b" in addresses
        assert "srcset" not in content

    def test_hostile_words_leave_a_feed_well_formed(self):
        Identity.objects.update(name="Long\x02shore", description="A\x03<b>")
        self.coast.name = "Coast\x04 ]]>"
        self.coast.save()
        self.make_article(HOSTILE, slug="hostile", body="<p>]]&gt;\x01<em>a</em></p>")
        for path in (*RSS, "/sitemap-news.xml", "/sitemap-articles.xml"):
            assert "\x01" not in self.text(path)
            xml(self.text(path))
        for path in ("/feed.json", "/section/coast/feed.json"):
            assert json.loads(self.text(path))["items"]

    def test_json_feeds_have_what_the_others_have(self):
        for path in ("/feed.json", "/section/coast/feed.json", "/tag/tides/feed.json", "/author/ida-marsh/feed.json"):
            answer = self.client.get(path)
            assert answer["Content-Type"] == "application/feed+json"
            feed = answer.json()
            assert feed["version"] == "https://jsonfeed.org/version/1.1"
            assert feed["feed_url"] == SITE + path
            (item,) = feed["items"]
            assert UUID(item["id"])
            assert item["url"] == f"{SITE}/tides/"
            assert "It costs $5 million." in item["content_html"]
            assert item["image"] == SITE + self.photo.stand_in_url
            assert item["_picture"]["credit"] == "Photo by Mara Lind / Longshore"
            assert item["authors"][0]["avatar"] == SITE + self.ida.portrait_url
            assert item["tags"] == ["Tides"]

    def test_a_feed_of_nothing_there_is_not_found(self):
        for path in ("/section/none/rss/", "/tag/none/feed.json", "/author/none/rss/"):
            self.text(path, 404)


@needs_real_files
class TheSitemaps(Faces):
    def held_to(self, path: str, *schemas: str) -> ElementTree.Element:
        schema = xmlschema.XMLSchema(
            str(real(f"sitemap/{schemas[0]}")),
            locations=[
                (f"http://www.google.com/schemas/{name.removesuffix('.xsd')}/0.9", str(real(f"sitemap/{name}")))
                for name in schemas[1:]
            ],
            allow="local",
        )
        schema.validate(self.text(path))
        return xml(self.text(path))

    def test_the_index_and_its_parts(self):
        Page(title="About", slug="about", body="<p>Us.</p>", published_at=timezone.now()).keep()
        index = self.held_to("/sitemap.xml", "siteindex.xsd")
        addresses = [place.text for place in index.iter() if place.tag.endswith("loc")]
        # Articles, sections, tags, authors and pages.
        assert len(addresses) == 5
        for address in addresses:
            part = self.held_to(address.removeprefix(SITE), "sitemap.xsd")
            places = [place.text for place in part.iter() if place.tag.endswith("loc")]
            assert places and all(place.startswith(f"{SITE}/") for place in places)

    def test_the_news(self):
        self.make_article("Ebb & “Flow” <b>", slug="ebb")
        news = self.held_to("/sitemap-news.xml", "sitemap.xsd", "sitemap-news.xsd")
        assert [title.text for title in news.iter() if title.tag.endswith("title")] == ["Ebb & “Flow” <b>"]

    def test_what_is_no_sitemap_is_refused(self):
        with pytest.raises(xmlschema.XMLSchemaException):
            self.held_to("/rss/", "sitemap.xsd")


class TheNews(Faces):
    def test_news_are_two_days_old_at_most(self):
        self.make_article("Ebb", at=timezone.now() - timedelta(hours=47))
        self.make_article("Flow", at=timezone.now() - timedelta(hours=49))
        text = self.text("/sitemap-news.xml")
        assert "/ebb/" in text
        assert "/flow/" not in text
        with time_machine.travel(timezone.now() + timedelta(hours=2)):
            assert "/ebb/" not in self.text("/sitemap-news.xml")

    def test_an_update_of_an_old_article_is_no_news(self):
        self.fog.publish(by=self.erna)
        assert "/fog/" not in self.text("/sitemap-news.xml")

    def test_there_are_never_more_than_a_thousand(self):
        assert sitemaps.NEWS_MOST == 1000
        self.make_article("Ebb")
        self.make_article("Flow")
        most, sitemaps.NEWS_MOST = sitemaps.NEWS_MOST, 1
        try:
            assert self.text("/sitemap-news.xml").count("<url>") == 1
        finally:
            sitemaps.NEWS_MOST = most


class TheParts(Faces):
    def lastmods(self, path: str) -> dict[str, str]:
        return {
            place[0].text.removeprefix(SITE): place[1].text if len(place) > 1 else "" for place in xml(self.text(path))
        }

    def test_lists_are_named_when_they_have_something_to_show(self):
        Section.objects.create(name="Empty", slug="empty")
        Tag.objects.create(name="Empty", slug="empty")
        make_author("Nobody")
        for part, path in {"sections": "/section/coast/", "tags": "/tag/tides/"}.items():
            assert self.lastmods(f"/sitemap-{part}.xml").keys() == {path}
        assert self.lastmods("/sitemap-authors.xml").keys() == {"/author/ida-marsh/", "/author/tom-gale/"}
        named = self.lastmods("/sitemap.xml")
        assert "/sitemap-pages.xml" not in named
        self.tides.withdraw(by=self.erna)
        assert not self.lastmods("/sitemap.xml")

    def test_a_moment_is_that_of_the_last_change_corrections_too(self):
        self.make_article("Ebb")
        (part,) = [path for path in self.lastmods("/sitemap.xml") if "articles" in path]
        assert self.lastmods(part)["/tides/"] == iso(self.tides.published_at)
        later = timezone.now() - timedelta(minutes=1)
        Correction.objects.create(article=self.tides, wrong="We said 2012.", right="2011.", published_at=later)
        assert self.lastmods(part)["/tides/"] == iso(later)
        assert self.lastmods("/sitemap.xml")[part] == self.lastmods(part)["/ebb/"]
        Correction.objects.create(article=self.tides, wrong="We said 2012.", right="2011.")
        assert self.lastmods("/sitemap.xml")[part] == self.lastmods(part)["/tides/"] >= self.lastmods(part)["/ebb/"]

    def test_articles_are_cut_by_key_and_each_stands_in_one_part(self):
        for number in range(5):
            self.make_article(f"Ebb {number}", at=timezone.now() - timedelta(hours=number))
        keys, sitemaps.KEYS = sitemaps.KEYS, 2
        try:
            parts = [path for path in self.lastmods("/sitemap.xml") if "articles" in path]
            assert len(parts) >= 3
            found = [path for part in parts for path in self.lastmods(part)]
            assert sorted(found) == sorted(article.get_absolute_url() for article in Article.objects.live())
            assert self.lastmods("/sitemap-articles.xml") == self.lastmods(parts[-1])
        finally:
            sitemaps.KEYS = keys

    def test_a_part_that_is_none_is_not_found(self):
        for part in ("0", "-1", "9", "999999999", "9" * 30, "x", "²", ""):
            self.text(f"/sitemap-articles.xml?p={part}", 404)
        self.text("/sitemap-nothing.xml", 404)

    def test_three_queries_and_none_of_them_makes_what_is_known(self):
        for number in range(5):
            self.make_article(f"Ebb {number}", at=timezone.now() - timedelta(hours=number))
        paths = ["/sitemap.xml", "/sitemap-articles.xml", "/sitemap-articles.xml?p=1", "/sitemap-tags.xml"]
        for path in [*paths, "/sitemap-authors.xml", "/sitemap-sections.xml", "/sitemap-news.xml"]:
            assert self.queries(path) <= 3, path
            known = self.client.get(path).headers["ETag"]
            assert self.client.get(path, headers={"If-None-Match": known}).status_code == 304, path
        self.make_article("Flow")
        for path in ("/sitemap.xml", "/sitemap-articles.xml", "/sitemap-news.xml"):
            assert self.client.get(path, headers={"If-None-Match": known}).status_code == 200, path
