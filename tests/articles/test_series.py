"""Articles that are read one after the other."""

import re
from datetime import timedelta

import feedparser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import Article, Correction, Series
from tests.cast import NewsroomTestCase


class InSeries(NewsroomTestCase):
    @classmethod
    def gather(cls) -> None:
        super().gather()
        cls.series = Series.objects.create(name="Six Winds", slug="six-winds", description="One at a time.")
        for day, title in enumerate(("Third", "Second", "First")):
            cls.part(title, day)

    @classmethod
    def part(cls, title: str, days_ago: float, **facts) -> Article:
        at = timezone.now() - timedelta(days=days_ago, hours=1)
        return cls.make_article(title, at=at, series=cls.series.pk, **facts)

    def html(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, path
        return " ".join(answer.content.decode().split())

    def test_a_part_says_which_it_is_and_leads_to_its_neighbours(self):
        html = self.html("/second/")
        assert '<a href="/series/six-winds/">Six Winds</a>' in html
        assert "part 2 of 3" in html
        assert '<a rel="prev" href="/first/">' in html
        assert '<a rel="next" href="/third/">' in html

    def test_the_first_has_nothing_before_and_the_last_nothing_after(self):
        assert 'rel="prev"' not in self.html("/first/")
        assert 'rel="next"' not in self.html("/third/")

    def test_an_editors_number_goes_before_the_order_of_appearance(self):
        self.part("Prologue", 0.5, part=3)
        assert "part 3</span>" in self.html("/prologue/")
        assert '<a rel="next" href="/first/">' in self.html("/prologue/")

    def test_what_is_not_live_is_no_part(self):
        self.part("Fourth", -1)
        self.part("Zeroth", 9).withdraw(by=self.erna)
        assert "part 3 of 3" in self.html("/third/")
        assert "Fourth" not in self.html("/third/") + self.html("/series/six-winds/")

    def test_a_series_of_one_says_nothing(self):
        alone = Series.objects.create(name="Alone", slug="alone")
        self.make_article("Only", at=timezone.now() - timedelta(hours=2), series=alone.pk)
        assert "part 1 of 1" not in self.html("/only/")

    def test_its_page_lists_the_parts_in_the_order_of_reading(self):
        html = self.html("/series/six-winds/")
        places = [html.index(f'<a href="/{slug}/">') for slug in ("first", "second", "third")]
        assert places == sorted(places)
        assert re.findall(r"Part \d", html) == ["Part 1", "Part 2", "Part 3"]
        assert "Part 1" not in self.html("/section/coast/")
        assert "One at a time." in html

    def test_its_feed_has_every_part(self):
        feed = feedparser.parse(self.client.get("/series/six-winds/rss/").content)
        assert not feed.bozo
        assert {entry.title for entry in feed.entries} == {"First", "Second", "Third"}
        assert len(self.client.get("/series/six-winds/feed.json").json()["items"]) == 3

    def test_it_costs_no_query_of_its_own(self):
        for path, most in (("/second/", 3), ("/series/six-winds/", 4)):
            with CaptureQueriesContext(connection) as seen:
                self.html(path)
            assert len(seen) <= most, path

    def test_a_number_without_a_series_means_nothing(self):
        article = self.make_article("Stray", at=timezone.now(), part=4)
        article.refresh_from_db()
        assert article.part is None

    def test_a_series_that_is_deleted_leaves_its_articles(self):
        self.series.delete()
        assert "Six Winds" not in self.html("/second/")


class SeriousCorrections(NewsroomTestCase):
    def correct(self, **facts) -> str:
        Correction.objects.create(article=self.tides, wrong="We said 2012.", right="It was 2011.", **facts)
        return self.client.get("/tides/").content.decode().partition("<main>")[2]

    def test_a_serious_one_stands_above_the_text(self):
        html = self.correct(is_serious=True)
        assert html.index("It was 2011.") < html.index("she said.")
        assert html.count('id="corrections"') == 1

    def test_any_other_stands_below(self):
        html = self.correct()
        assert html.index("It was 2011.") > html.index("she said.")
        assert html.count('id="corrections"') == 1

    def test_both_are_led_to_and_the_id_is_there_once(self):
        self.correct()
        html = self.correct(is_serious=True)
        assert html.count("It was 2011.") == 2
        assert html.count('id="corrections"') == 1

    def test_the_date_line_says_what_was_done(self):
        for kind, words in (("correction", "Corrected"), ("clarification", "Clarified"), ("update", "Updated")):
            Correction.objects.all().delete()
            assert f">{words} " in self.correct(kind=kind)

    def test_a_later_year_is_said(self):
        article = self.make_article("Old", at=timezone.now() - timedelta(days=800))
        Correction.objects.create(article=article, wrong="a", right="b")
        assert f">Corrected {timezone.localtime().day} " in (html := self.client.get("/old/").content.decode())
        assert f"{timezone.localtime().year}</a>" in html
