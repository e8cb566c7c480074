"""What readers get at each address."""

import re
from datetime import timedelta
from itertools import pairwise

import feedparser
import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver
from django.utils import timezone

from articles.models import Correction, Page, Pick, Section
from articles.paging import PER_PAGE
from newsroom.reserved import SEGMENTS
from tests.cast import NewsroomTestCase


class Pages(NewsroomTestCase):
    def get(self, path: str, status: int = 200):
        answer = self.client.get(path)
        assert answer.status_code == status, (path, answer.status_code)
        return answer

    def html(self, path: str, status: int = 200) -> str:
        return self.get(path, status).content.decode()

    def queries(self, path: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            self.get(path)
        return len(seen)


class TheArticle(Pages):
    def test_everything_of_the_page_that_started_it_is_there_in_order(self):
        html = self.html("/tides/")
        parts = [
            "Tides</h1>",
            "What tides does to a town.",
            'alt="Ida Marsh profile image"',
            "Photo by",
            "“The sea is patient,” she said.",
            "A first part</h2>",
            'alt="Ida Marsh profile image"',
            "Ida writes about water.",
            "Subscribe to Our Newsletter",
        ]
        place = 0
        for part in parts:
            found = html.find(part, place)
            assert found >= 0, part
            place = found + 1

    def test_what_it_holds_decides_how_it_opens(self):
        self.make_article("Ebb", photo=None)
        self.make_article("A headline of middling length", photo=None)
        short, middling = self.html("/ebb/"), self.html("/a-headline-of-middling-length/")
        assert 'class="story story-essay"' in short
        assert 'class="story"' in self.html("/tides/")
        assert 'class="short"' in short
        assert 'class="short"' not in middling

    def test_every_author_stands_at_the_top_and_in_the_box(self):
        html = self.html("/tides/")
        top, box = html.split("she said.", 1)
        for name in ("Ida Marsh", "Tom Gale"):
            assert name in top
            assert name in box

    def test_the_credit_links_maker_and_source(self):
        html = " ".join(self.html("/tides/").split())
        assert 'Photo by <a href="https://mara.example/"' in html
        assert '>Mara Lind</a> / <a href="https://longshore.example/"' in html

    def test_read_more_is_there_only_when_there_is_more(self):
        assert "Read More" not in self.html("/tides/")
        self.make_article("Spring tides", at=timezone.now() - timedelta(days=1))
        assert "Read More" in self.html("/tides/")

    def test_corrections_stand_on_the_page_and_on_theirs(self):
        Correction.objects.create(article=self.tides, wrong="We said 2012.", right="It was 2011.")
        for path in ("/tides/", "/corrections/", "/corrections/rss/"):
            assert "It was 2011." in self.html(path), path

    def test_three_queries_however_many_authors_tags_and_articles(self):
        for number in range(12):
            self.make_article(f"Ebb {number}", at=timezone.now() - timedelta(hours=number))
        assert self.queries("/tides/") <= 3

    def test_a_long_read_has_its_parts_listed_and_every_line_leads_to_one(self):
        parts = ["High water", "Low &amp; slack", "High water"]
        body = "".join(f"<h2>{part}</h2><h3>Aside</h3><p>{'word ' * 400}</p>" for part in parts)
        self.make_article("Long read", body=body)
        html = self.html("/long-read/")
        contents = html[html.index('<nav class="contents"') :].partition("</nav>")[0]
        anchors = ["high-water", "low-slack", "high-water-2"]
        assert [line.partition('"')[0] for line in contents.split('href="#')[1:]] == anchors
        assert "Low &amp; slack</a>" in contents
        assert all(html.count(f'<h2 id="{anchor}">') == 1 for anchor in anchors)
        assert self.queries("/long-read/") <= 3

    def test_a_short_text_and_one_with_two_parts_have_no_list(self):
        self.make_article("Short", body="<h2>A</h2><p>a</p>" * 4)
        self.make_article("Undivided", body=f"<h2>A</h2><h2>B</h2><p>{'word ' * 1300}</p>")
        for path in ("/short/", "/undivided/"):
            assert 'class="contents"' not in self.html(path), path

    def test_an_article_without_photo_and_tags_is_a_page_too(self):
        self.make_article("Plain", photo=None, tags=())
        assert "Plain</h1>" in self.html("/plain/")


class WhatIsNotThere(Pages):
    def test_drafts_and_scheduled_texts_answer_like_nothing_at_all(self):
        for path in ("/harbour/", "/storm/", "/never-written/"):
            assert "Storm" not in self.html(path, 404)

    def test_a_scheduled_article_is_there_at_its_hour(self):
        with time_machine.travel(self.storm.published_at + timedelta(seconds=1)):
            self.get("/storm/")

    def test_a_withdrawn_article_is_gone_and_says_why(self):
        html = self.html("/fog/", 410)
        assert "It named the wrong ship." in html
        assert "What fog does" not in html

    def test_nothing_unpublished_leaks_on_any_surface(self):
        surfaces = ["/", "/section/coast/", "/tag/tides/", "/author/ida-marsh/", "/rss/", "/feed.json", "/archive/"]
        surfaces += ["/section/coast/rss/", "/sitemap-articles.xml", "/sitemap-news.xml", "/search/?q=storm"]
        for path in surfaces:
            html = self.html(path)
            for title in ("Harbour", "Storm", "Fog"):
                assert title not in html, (path, title)
                assert f"/{title.lower()}/" not in html, (path, title)

    def test_an_old_address_leads_to_the_new_one_in_one_hop(self):
        self.tides.keep(self.content("Tides", slug="high-tides"), by=self.ida_login)
        self.tides.publish(by=self.erna)
        answer = self.get("/tides/", 301)
        assert answer["Location"] == "/high-tides/"
        self.get("/high-tides/")

    def test_capitals_and_a_missing_slash_are_forgiven(self):
        assert self.get("/Tides/", 301)["Location"] == "/tides/"
        assert self.get("/tides", 301)["Location"] == "/tides/"

    def test_strange_numbers_are_answered_without_an_error(self):
        for path in ("/page/0/", "/page/-1/", "/page/99999999/", "/page/²/", "/archive/0000/", "/archive/2026/13/"):
            self.get(path, 404)
        for path in ("/?before=yesterday", "/?before=2026-02-30T00:00:00Z", "/?before=2026-01-01"):
            self.get(path, 404)


class Listings(Pages):
    def test_four_queries_at_any_size(self):
        for number in range(PER_PAGE + 3):
            self.make_article(f"Ebb {number}", at=timezone.now() - timedelta(hours=number))
        Pick.objects.create(article=self.tides, position=1)
        paths = ["/", "/page/2/", "/section/coast/", "/section/coast/page/2/", "/tag/tides/", "/author/ida-marsh/"]
        for path in [*paths, "/archive/", "/search/?q=ebb", "/corrections/"]:
            assert self.queries(path) <= 4, path

    def test_the_front_page_opens_with_the_picks_in_their_order(self):
        for number in range(3):
            self.make_article(f"Ebb {number}", at=timezone.now() - timedelta(hours=number))
        Pick.objects.create(article=self.tides, position=1)
        html = self.html("/")
        assert html.index("Tides</a>") < html.index("Ebb 0</a>") < html.index("Ebb 1</a>")

    def test_a_pick_that_is_not_live_is_not_shown(self):
        Pick.objects.create(article=self.storm, position=1)
        assert "Storm" not in self.html("/")

    def test_sections_have_strips_of_what_is_not_on_top_already(self):
        for number in range(20):
            self.make_article(f"Ebb {number}", at=timezone.now() - timedelta(hours=number))
        html = self.html("/")
        assert html.count("/ebb-15/") >= 1
        assert 'href="/section/coast/"' in html

    def test_strips_differ_from_their_neighbours(self):
        for number in range(6):
            section = Section.objects.create(name=f"Part {number}", slug=f"part-{number}", position=number + 9)
            self.make_article(f"Ebb {number}", section=section.pk, at=timezone.now() - timedelta(days=40))
        for number in range(12):
            self.make_article(f"Flood {number}", at=timezone.now() - timedelta(hours=number))
        strips = re.findall(r'class="strip strip-(\d)"', self.html("/"))
        assert len(strips) >= 6
        assert all(one != next_one for one, next_one in pairwise(strips))
        assert set(strips) == {"0", "1", "2", "3"}

    def test_an_empty_section_says_so(self):
        Section.objects.create(name="Ideas", slug="ideas")
        self.get("/section/ideas/")

    def test_older_pages_are_reached_by_moment(self):
        answer = self.client.get("/", {"before": (timezone.now() - timedelta(days=1)).isoformat()})
        assert "Tides" in answer.content.decode()
        answer = self.client.get("/", {"before": (timezone.now() - timedelta(days=9)).isoformat()})
        assert "/tides/" not in answer.content.decode()

    def test_numbers_beyond_ten_lead_to_the_archive(self):
        assert self.get("/page/11/", 302)["Location"] == "/archive/"

    def test_search_finds_words_by_their_stem_and_not_what_is_hidden(self):
        assert "/tides/" in self.html("/search/?q=tide")
        assert "No article has “volcano”" in self.html("/search/?q=volcano")
        for query in ("%00", "a" * 50_000, '"' * 5000, "*:* | !", "'; drop table"):
            self.client.get("/search/", {"q": query})
            assert self.client.get("/search/", {"q": query}).status_code == 200

    def test_pages_of_the_house_are_reached_by_their_name(self):
        page = Page(title="About", slug="about", body="<p>Who we are.</p>", published_at=timezone.now())
        page.full_clean(exclude=["body_html"])
        page.keep()
        assert "Who we are." in self.html("/about/")


class Feeds(Pages):
    def test_every_feed_is_well_formed_whole_and_absolute(self):
        for path in ("/rss/", "/section/coast/rss/", "/tag/tides/rss/", "/author/tom-gale/rss/"):
            feed = feedparser.parse(self.get(path).content)
            assert not feed.bozo, path
            (entry,) = feed.entries
            assert entry.link == "http://127.0.0.1:8000/tides/"
            assert "It costs $5 million." in entry.content[0].value
            assert [author["name"] for author in entry.authors] == ["Ida Marsh", "Tom Gale"]

    def test_json_feed(self):
        feed = self.get("/feed.json").json()
        assert feed["version"] == "https://jsonfeed.org/version/1.1"
        assert [item["title"] for item in feed["items"]] == ["Tides"]
        assert feed["items"][0]["authors"][0]["name"] == "Ida Marsh"

    def test_a_hostile_headline_is_inert_everywhere(self):
        self.make_article("]]><script>alert(1)</script>\x0b&", slug="hostile")
        for path in ("/", "/hostile/", "/rss/", "/sitemap-news.xml", "/archive/"):
            assert "<script>alert" not in self.html(path), path
        assert not feedparser.parse(self.get("/rss/").content).bozo

    def test_the_old_feed_address_leads_there(self):
        assert self.get("/feed/", 301)["Location"] == "/rss/"


class TheHouse(Pages):
    def test_no_page_for_readers_sets_a_cookie_or_allows_inline_script(self):
        for path in ("/", "/tides/", "/section/coast/", "/search/?q=tide", "/newsletter/", "/fog/", "/nothing/"):
            answer = self.client.get(path)
            assert not answer.cookies, path
            policy = answer["Content-Security-Policy"]
            assert "unsafe-inline" not in policy, path
            assert "object-src 'none'" in policy
            assert "base-uri 'none'" in policy
            assert answer["X-Content-Type-Options"] == "nosniff"

    def test_a_foreign_host_is_refused(self):
        assert self.client.get("/", headers={"host": "evil.example"}).status_code == 400

    def test_health(self):
        assert self.get("/healthz/").json() == {"lives": True}
        assert self.get("/readyz/").json() == {"database": True, "migrations": True, "storage": True, "queue": True}

    def test_robots(self):
        assert "Sitemap: http://127.0.0.1:8000/sitemap.xml" in self.html("/robots.txt")

    def test_sitemaps_name_what_is_live(self):
        assert "http://127.0.0.1:8000/tides/" in self.html("/sitemap-articles.xml")
        assert "sitemap-articles.xml" in self.html("/sitemap.xml")


def first_segments(patterns) -> set[str]:
    found = set()
    for pattern in patterns:
        route = str(pattern.pattern).lstrip("^")
        segment = route.partition("/")[0]
        if segment and "<" not in segment and "[" not in segment and segment[0] != ".":
            found.add(segment)
        if not route and hasattr(pattern, "url_patterns"):
            found |= first_segments(pattern.url_patterns)
    return found


def test_every_fixed_first_segment_is_reserved():
    found = first_segments(get_resolver().url_patterns)
    assert {"admin", "newsletter", "section", "rss", "mail"} <= found
    assert found <= SEGMENTS


@pytest.mark.parametrize("segment", ["admin", "static", "media", "accounts", "feed", "page"])
def test_reserved(segment):
    assert segment in SEGMENTS
