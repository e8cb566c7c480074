"""How an article looks in search results and under a shared link, and where it first appeared."""

import json
import re

import pytest
from django.core.exceptions import ValidationError

from articles.content import Content
from articles.models import Article
from tests.articles.desk import DeskTestCase, change
from tests.cast import make_photo

ELSEWHERE = "https://elsewhere.example/tides"


def facts_of(page) -> dict:
    (said,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page.text)
    return json.loads(said)["@graph"][0]


class WhatReadersMachinesGet(DeskTestCase):
    def change(self, **changed) -> None:
        self.tides.publish(by=self.erna, revision=self.tides.keep(self.content("Tides", **changed), by=self.erna))

    def test_search_title_and_description_stand_in_the_head_and_the_headline_on_the_page(self):
        self.change(search_title="Spring tides explained", search_description="Why the sea rises.")
        page = self.client.get("/tides/")
        self.assertContains(page, "<title>Spring tides explained · Longshore</title>", html=True)
        self.assertContains(page, '<meta name="description" content="Why the sea rises.">', html=True)
        self.assertContains(page, '<meta property="og:title" content="Spring tides explained">', html=True)
        self.assertContains(page, '<meta property="og:description" content="Why the sea rises.">', html=True)
        self.assertRegex(page.text, r"<h1[^>]*>Tides</h1>")
        facts = facts_of(page)
        assert (facts["headline"], facts["description"]) == ("Tides", "What tides does to a town.")

    def test_left_empty_they_are_headline_and_standfirst(self):
        page = self.client.get("/tides/")
        self.assertContains(page, "<title>Tides · Longshore</title>", html=True)
        self.assertContains(page, '<meta property="og:description" content="What tides does to a town.">', html=True)

    def test_the_share_picture_is_the_chosen_one_else_the_lead_else_drawn(self):
        chosen = make_photo(640, 336, alt="A chosen lamp")
        for changed, name in (
            ({"share_photo": chosen.pk}, chosen.stand_in_url),
            ({}, self.photo.stand_in_url),
            ({"photo": None}, "/share/tides.png"),
        ):
            self.change(**changed)
            page = self.client.get("/tides/").text
            assert re.findall(r'og:image" content="([^"]+)"', page)[0].endswith(name), changed

    def test_a_page_with_all_of_them_still_costs_three_queries(self):
        self.change(search_title="Spring", share_photo=make_photo().pk, canonical_url=ELSEWHERE)
        self.client.get("/tides/")
        with self.assertNumQueries(3):
            self.client.get("/tides/")

    def test_what_first_appeared_elsewhere_says_so_and_is_in_no_sitemap(self):
        self.tides.withdraw(by=self.erna)
        surf = self.make_article("Surf")
        for sitemap in ("/sitemap-articles.xml", "/sitemap-news.xml"):
            self.assertContains(self.client.get(sitemap), "/surf/")
        self.assertContains(self.client.get("/sitemap.xml"), "sitemap-articles")
        surf.publish(by=self.erna, revision=surf.keep(self.content("Surf", canonical_url=ELSEWHERE), by=self.erna))
        page = self.client.get("/surf/")
        self.assertContains(page, f'<link rel="canonical" href="{ELSEWHERE}">', html=True)
        self.assertContains(page, f'<meta property="og:url" content="{ELSEWHERE}">', html=True)
        facts = facts_of(page)
        assert facts["isBasedOn"] == facts["mainEntityOfPage"] == ELSEWHERE
        assert self.client.get("/surf.md")["Link"] == f'<{ELSEWHERE}>; rel="canonical"'
        for sitemap in ("/sitemap-articles.xml", "/sitemap-news.xml"):
            self.assertNotContains(self.client.get(sitemap), "/surf/")
        self.assertNotContains(self.client.get("/sitemap.xml"), "sitemap-articles")
        self.assertContains(self.client.get("/rss/"), "Surf")

    def test_a_share_picture_needs_its_credit_like_every_other(self):
        anonymous = make_photo(maker="", source="")
        self.tides.keep(self.content("Tides", share_photo=anonymous.pk), by=self.erna)
        with pytest.raises(ValidationError) as refused:
            self.tides.publish(by=self.erna)
        assert [problem.code for problem in refused.value.error_list] == ["share_photo"]

    def test_a_share_picture_is_not_deleted_from_under_a_link(self):
        chosen = make_photo()
        self.client.force_login(self.ada)
        address = f"/admin/articles/photo/{chosen.pk}/delete/"
        assert self.client.get(address).status_code == 200
        self.change(share_photo=chosen.pk)
        assert self.client.post(address, {"post": "yes"}).status_code == 403

    def test_a_revision_from_before_there_were_such_fields_still_opens(self):
        kept = self.content("Tides").as_json()
        for name in ("search_title", "search_description", "share_photo", "canonical_url"):
            del kept[name]
        assert Content.from_json(kept) == self.content("Tides")


class WhatTheFormTakes(DeskTestCase):
    def setUp(self):
        self.client.force_login(self.ida_login)

    def test_it_keeps_them_in_the_revision_and_shows_them_again(self):
        chosen = make_photo()
        typed = {"search_title": " Spring  tides ", "search_description": "Why.", "share_photo": chosen.pk}
        self.press("save", self.harbour, **typed, canonical_url=ELSEWHERE)
        content = self.harbour.newest_revision.content
        assert (content.search_title, content.search_description) == ("Spring tides", "Why.")
        assert (content.share_photo, content.canonical_url) == (chosen.pk, ELSEWHERE)
        page = self.client.get(change(self.harbour))
        self.assertContains(page, 'value="Spring tides"')
        self.assertContains(page, '<details class="elsewhere" id="elsewhere" open>')

    def test_left_alone_the_part_is_closed(self):
        self.assertContains(self.client.get(change(self.harbour)), '<details class="elsewhere" id="elsewhere" >')

    def test_an_address_without_https_or_of_our_own_is_refused_beside_its_field(self):
        for typed, sentence in (
            ("http://elsewhere.example/a", "begins with https://"),
            ("javascript:alert(1)", "valid URL"),
            ("http://127.0.0.1:8000/tides/", "begins with https://"),
        ):
            page = self.press("save", self.harbour, canonical_url=typed)
            assert any(sentence in error for error in page.context["form"].errors["canonical_url"]), typed
        with self.settings(SITE_URL="https://longshore.example"):
            page = self.press("save", self.harbour, canonical_url="https://longshore.example/tides/")
        assert "of our own" in page.context["form"].errors["canonical_url"][0]
        assert Article.objects.get(pk=self.harbour.pk).revisions.count() == 1
