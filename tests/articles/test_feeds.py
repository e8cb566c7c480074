"""Feeds as their readers, the hub and a careful guest of both find them."""

import re
from datetime import datetime, timedelta
from xml.etree import ElementTree

import feedparser
import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from articles import hub
from articles.models import Article, Correction, Photo, Section
from articles.tasks import carry_out_due, tell_hub
from authors.models import Author
from newsroom.fetch import Refused
from newsroom.identity.models import Identity
from tests.cast import NewsroomTestCase
from tests.newsroom.test_fetch import listening, says

SITE = settings.SITE_URL
ATOM = "{http://www.w3.org/2005/Atom}"
HUB = "https://hub.example/publish?for=ü"
OF = ("/", "/section/coast/", "/tag/tides/", "/author/ida-marsh/")
RSS = tuple(f"{path}rss/" for path in OF)
JSON = tuple(f"{path}feed.json" for path in OF)
CORRECTIONS = "/corrections/rss/"


class Feeds(NewsroomTestCase):
    def get(self, path: str, known: str = ""):
        return self.client.get(path, headers={"If-None-Match": known} if known else {})

    def channel(self, path: str) -> ElementTree.Element:
        return ElementTree.fromstring(self.get(path).content).find("channel")  # noqa: S314 - our own


class WhatTheySay(Feeds):
    def test_no_feed_has_anything_that_a_reader_could_not_show(self):
        self.make_article("Ebb", body='<p>A</p><script>alert(1)</script><iframe src="/x"></iframe><p style="x">B</p>')
        Correction.objects.create(article=self.tides, wrong="We said 1 < 2 & <b>.", right="It is.")
        for path in (*RSS, CORRECTIONS):
            feed = feedparser.parse(self.get(path).content)
            assert not feed.bozo, (path, feed.get("bozo_exception"))
            assert feed.version == "rss20"
            assert not re.search("<(script|iframe|style|object|embed|form)|style=|srcset=", self.get(path).text)

    def test_a_channel_has_what_it_should_have_once(self):
        for path in (*RSS, CORRECTIONS):
            channel = self.channel(path)
            for name in ("title", "link", "description", "language", "lastBuildDate", "ttl"):
                assert len([part for part in channel if part.tag == name and part.text]) == 1, (path, name)
            assert [link.get("rel") for link in channel.findall(f"{ATOM}link")] == ["self"]

    def test_a_description_is_read_as_html_and_stays_what_was_written(self):
        self.make_article("Ebb", standfirst="1 < 2 & <b>bold</b>")
        Correction.objects.create(article=self.tides, wrong="We said 1 < 2.", right="Less.")
        assert self.channel("/rss/").find("item").findtext("description") == "1 &lt; 2 &amp; &lt;b&gt;bold&lt;/b&gt;"
        assert self.channel(CORRECTIONS).find("item").findtext("description") == "We said 1 &lt; 2. Less."
        assert self.get("/feed.json").json()["items"][0]["summary"] == "1 < 2 & <b>bold</b>"

    def test_what_was_corrected_stands_at_the_end_of_the_text_and_renews_its_date(self):
        self.storm.withdraw(by=self.erna)
        words = "<p><strong>Corrected 3 February 2031:</strong> We said 1 &lt; 2 &amp; &lt;b&gt;. It is 3.</p>"
        with time_machine.travel("2031-02-03T12:00Z", tick=False):
            Correction.objects.create(article=self.tides, wrong="We said 1 < 2 & <b>.", right="It is 3.")
            Correction.objects.create(
                article=self.tides, wrong="Later.", right="Later.", published_at=timezone.now() + timedelta(days=1)
            )
            item = self.channel("/rss/").find("item")
            content = item.find("{http://purl.org/rss/1.0/modules/content/}encoded").text
            assert content.endswith(f"</p>{words}")
            assert item.find(f"{ATOM}updated").text == "2031-02-03T12:00:00+00:00"
            (entry,) = self.get("/feed.json").json()["items"]
            assert entry["content_html"] == content
            assert entry["date_modified"] == "2031-02-03T12:00:00+00:00"

    def test_a_renamed_list_keeps_its_items(self):
        before = [item.findtext("guid") for item in self.channel("/section/coast/rss/").findall("item")]
        self.coast.slug = "shore"
        self.coast.save()
        moved = self.get("/section/coast/rss/")
        assert moved.headers["Location"] == "/section/shore/rss/"
        assert [item.findtext("guid") for item in self.channel("/section/shore/rss/").findall("item")] == before

    def test_json_feeds_hold_to_their_standard(self):
        self.make_article("Plain", photo=None, tags=())
        for path, home in zip(JSON, OF, strict=True):
            answer = self.get(path)
            assert answer.headers["Content-Type"] == "application/feed+json"
            feed = answer.json()
            held(feed, required={"version": str, "title": str, "items": list}, optional=TOP)
            assert (feed["feed_url"], feed["home_page_url"]) == (SITE + path, SITE + home)
            for person in feed["authors"]:
                held(person, required={}, optional=PERSON)
            for item in feed["items"]:
                held(item, required={"id": str, "url": str, "content_html": str}, optional=ITEM)
                assert item["authors"], path
                for person in item["authors"]:
                    held(person, required={"name": str}, optional=PERSON)
                for name in ("date_published", "date_modified"):
                    assert name not in item or datetime.fromisoformat(item[name]).tzinfo
            assert len({item["id"] for item in feed["items"]}) == len(feed["items"])

    def test_a_feed_is_asked_for_and_not_told(self):
        for path in (*RSS, *JSON, CORRECTIONS):
            assert self.client.post(path).status_code == 405
            assert self.client.head(path).status_code == 200


PERSON = {"name": str, "url": str, "avatar": str}
TOP = {
    "home_page_url": str, "feed_url": str, "description": str, "user_comment": str, "next_url": str, "icon": str,
    "favicon": str, "authors": list, "language": str, "expired": bool, "hubs": list,
}  # fmt: skip
ITEM = {
    "external_url": str, "title": str, "content_text": str, "summary": str, "image": str, "banner_image": str,
    "date_published": str, "date_modified": str, "authors": list, "tags": list, "language": str, "attachments": list,
}  # fmt: skip


def held(thing: dict, *, required: dict[str, type], optional: dict[str, type]) -> None:
    """To jsonfeed.org/version/1.1: what must be there is, what is there is known, and addresses are whole."""
    assert required.keys() <= thing.keys(), thing.keys()
    for name, value in thing.items():
        if name.startswith("_"):
            continue
        assert isinstance(value, (required | optional)[name]), (name, value)
        if name.endswith("url") or name in {"image", "avatar", "icon", "favicon"}:
            assert value.startswith("http"), (name, value)


class WhoeverHasIt(Feeds):
    def test_is_told_so_before_anything_is_made(self):
        for number in range(5):
            self.make_article(f"Ebb {number}", at=timezone.now() - timedelta(hours=number))
        for path, most in {**dict.fromkeys((*RSS, *JSON), 3), CORRECTIONS: 2}.items():
            etag = self.get(path).headers["ETag"]
            with CaptureQueriesContext(connection) as seen:
                answer = self.get(path, known=etag)
            assert (answer.status_code, answer.content) == (304, b""), path
            assert answer.headers["ETag"] == etag
            assert len(seen) <= most, path
            assert not [query for query in seen if "body_html" in query["sql"]], path
            with CaptureQueriesContext(connection) as seen:
                assert self.get(path, known='"another"').status_code == 200
            assert len(seen) <= most + 1, path
            assert self.get(path, known=f"W/{etag}").status_code == 304

    def test_hears_of_everything_that_changes_what_it_would_read(self):
        def again(article: Article, **changed) -> None:
            article.keep(self.content("Tides", **changed), by=self.ida_login)
            article.publish(by=self.erna)

        changes = {
            "an update": lambda: again(self.tides, standfirst="New."),
            "an address": lambda: again(self.tides, slug="high-tides"),
            "a name": lambda: Author.objects.filter(pk=self.tom.pk).update(name="Tom Gales"),
            "an order": lambda: again(self.tides, bylines=(self.tom.pk, self.ida.pk)),
            "a section": lambda: Section.objects.filter(pk=self.coast.pk).update(name="Shore"),
            "a tag": lambda: type(self.tides_tag).objects.update(name="High tides"),
            "a credit": lambda: Photo.objects.update(maker="Nobody"),
            "a magazine": lambda: Identity.objects.update(name="Longshores"),
            "a hub": lambda: Identity.objects.update(hub=HUB),
            "an article": lambda: self.make_article("Ebb"),
            "a withdrawal": lambda: Article.objects.get(slug="ebb").withdraw(by=self.erna),
        }
        paths = [*RSS, *JSON]
        for change, happens in changes.items():
            before = {path: self.get(path).headers["ETag"] for path in paths}
            happens()
            for path in paths:
                assert self.get(path, known=before[path]).status_code == 200, (change, path)

    def test_hears_of_what_its_hour_brings(self):
        known = self.get("/rss/").headers["ETag"]
        with time_machine.travel(self.storm.published_at + timedelta(seconds=1)):
            assert "Storm" in self.get("/rss/", known=known).text

    def test_hears_of_a_correction_in_the_text_and_of_its_hour(self):
        for path in (RSS[0], JSON[0]):
            known = self.get(path).headers["ETag"]
            note = Correction.objects.create(
                article=self.tides, wrong="A.", right="B.", published_at=timezone.now() + timedelta(hours=1)
            )
            assert self.get(path, known).status_code == 304
            with time_machine.travel(timezone.now() + timedelta(hours=2)):
                assert self.get(path, known).status_code == 200
            note.delete()

    def test_hears_of_a_correction(self):
        known = self.get(CORRECTIONS).headers["ETag"]
        note = Correction.objects.create(article=self.tides, wrong="We said 2012.", right="It was 2011.")
        changed = self.get(CORRECTIONS, known=known)
        assert changed.status_code == 200
        Correction.objects.filter(pk=note.pk).update(right="It was 2010.")
        assert "2010" in self.get(CORRECTIONS, known=changed.headers["ETag"]).text


class TheHub(Feeds):
    def jobs(self) -> list[dict]:
        return [job.args for job in ProcrastinateJob.objects.filter(task_name="articles.tell_hub").order_by("pk")]

    def test_a_feed_names_its_hub_and_itself(self):
        Identity.objects.update(hub=HUB)
        for path in RSS:
            links = {link.get("rel"): link.get("href") for link in self.channel(path).findall(f"{ATOM}link")}
            assert links == {"self": SITE + path, "hub": HUB}
        for path in JSON:
            assert self.get(path).json()["hubs"] == [{"type": "WebSub", "url": HUB}]
        for path in (*RSS, *JSON):
            said = self.get(path).headers["Link"]
            assert said == f'<{SITE}{path}>; rel="self", <https://hub.example/publish?for=%C3%BC>; rel="hub"'

    def test_without_a_hub_nobody_is_named_and_nothing_is_to_be_told(self):
        for path in (*RSS, *JSON):
            assert self.get(path).headers["Link"] == f'<{SITE}{path}>; rel="self"'
            assert "hub" not in self.get(path).text
        carry_out_due()
        self.tides.withdraw(by=self.erna)
        assert self.jobs() == []

    def test_a_publication_an_update_and_a_withdrawal_are_told_and_nothing_before_its_hour(self):
        carry_out_due()
        Identity.objects.update(hub=HUB)
        self.make_article("Gale", at=timezone.now() + timedelta(days=2)).withdraw(by=self.erna)
        carry_out_due()
        assert self.jobs() == []
        with time_machine.travel(self.storm.published_at + timedelta(seconds=1)):
            carry_out_due()
            carry_out_due()
            assert self.jobs() == [{"article": self.storm.pk}]
        self.tides.keep(self.content("Tides II", slug="tides"), by=self.ida_login)
        self.tides.publish(by=self.erna)
        carry_out_due()
        self.tides.withdraw(by=self.erna)
        assert self.jobs()[1:] == [{"article": self.tides.pk}] * 2

    def test_it_hears_of_every_feed_in_which_the_article_stands_or_stood(self):
        ideas = Section.objects.create(name="Ideas", slug="ideas")
        carry_out_due()
        self.tides.keep(self.content("Tides", section=ideas.pk, bylines=(self.ida.pk,)), by=self.ida_login)
        self.tides.publish(by=self.erna)
        carry_out_due()
        paths = {"/", "/section/coast/", "/section/ideas/", "/tag/tides/", "/author/ida-marsh/", "/author/tom-gale/"}
        feeds = hub.feeds_of(self.tides)
        assert sorted(feeds) == sorted(f"{SITE}{path}{feed}" for path in paths for feed in ("rss/", "feed.json"))
        for feed in feeds:
            assert self.get(feed.removeprefix(SITE)).status_code == 200

    def test_it_is_told_one_feed_at_a_time(self):
        with listening(says(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")) as listener:
            feeds = [f"{SITE}/rss/", f"{SITE}/feed.json"]
            hub.tell(f"http://127.0.0.1:{listener.port}/", feeds, allow=self.at(listener))
            first, second = listener.asked
        assert first.startswith("POST / HTTP/1.1\r\n")
        assert first.endswith("hub.mode=publish&hub.url=http%3A%2F%2F127.0.0.1%3A8000%2Frss%2F")
        assert second.endswith("feed.json")

    def test_one_that_is_away_is_told_again_and_one_that_will_not_hear_is_not(self):
        for status in (500, 503, 429):
            with listening(says(f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n".encode())) as listener:
                with pytest.raises(hub.HubIsAway, match=str(status)):
                    hub.tell(f"http://127.0.0.1:{listener.port}/", ["a", "b"], allow=self.at(listener))
                assert listener.calls == 1
        with listening(says(b"HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n")) as listener:
            with self.assertLogs("articles.hub", "WARNING"):
                hub.tell(f"http://127.0.0.1:{listener.port}/", ["a", "b"], allow=self.at(listener))
            assert listener.calls == 2

    def test_a_hub_inside_the_house_is_never_called(self):
        with listening() as listener:
            Identity.objects.update(hub=f"http://127.0.0.1:{listener.port}/")
            with pytest.raises(Refused):
                tell_hub(article=self.tides.pk)
            assert listener.calls == 0
        Identity.objects.update(hub="")
        tell_hub(article=self.tides.pk)

    def at(self, listener) -> set[str]:
        return {f"127.0.0.1:{listener.port}"}
