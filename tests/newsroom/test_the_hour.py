"""What is set for an hour is nowhere a second before it, and everywhere at most five seconds after."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import transaction
from django.test import override_settings
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from articles.models import Article, Correction, Series
from articles.tasks import carry_out_due
from newsletter.models import Issue
from tests.articles.desk import DeskTestCase, change
from tests.cast import make_photo
from tests.crawler import SILENT, Answer, Crawler, Told, routes, surfaces
from tests.newsletter.letters import make_issue, make_newsletters

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
PATIENCE = 5


class Hour(DeskTestCase):
    """A text that nobody has seen and a change of one that everybody has are set for the same moment, by the form."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.voyages = Series.objects.create(name="Voyages", slug="voyages")
        photo = make_photo(320, 200, caption="A sail.")
        facts = {"slug": "qwindle", "standfirst": "Zephyrine weather.", "series": cls.voyages.pk, "photo": photo.pk}
        body = f'<p>Zephyrine.</p><figure data-photo="{photo.pk}"></figure>'
        cls.first = Article.objects.begin(cls.content("Qwindle Marrowfat", body=body, **facts), by=cls.erna)
        ago = timezone.now() - timedelta(days=40)
        cls.live = cls.make_article("Oldwick Harrier", at=ago, slug="oldwick", body="<p>The Harrier sails.</p>")
        note = {"wrong": "It sailed on Monday.", "right": "It sailed on Tuesday."}
        Correction.objects.create(article=cls.live, published_at=ago, **note)
        weekly, _breaking = make_newsletters()
        cls.issue = make_issue(weekly, cls.first, cls.live)
        letter = dict.fromkeys(("letter_html", "letter_text", "letter_from", "letter_head"), "As it went out.")
        Issue.objects.update(frozen_at=ago, audience=0, **letter)
        cls.sail = photo

    @contextmanager
    def set_for(self, wall: str, zone: str, *, which: str = ""):
        """Three days before, an editor schedules both. The moment, and a crawler."""
        with override_settings(TIME_ZONE=zone):
            day = datetime.fromisoformat(wall).replace(tzinfo=UTC) - timedelta(days=3)
            with time_machine.travel(day, tick=False):
                self.client.force_login(self.erna)
                when = {"at": wall, "which": which}
                facts = self.typed("Qwindle Marrowfat", on=self.first, **vars_of(self.first)) | when
                self.client.post(change(self.first), facts | {"_schedule": ""})
                newer = {"slug": "newmark", "body": "<p>The Plover sails.</p>"}
                facts = self.typed("Newmark Plover", on=self.live, **newer) | when
                self.client.post(change(self.live), facts | {"_schedule": "silent"})
                self.client.logout()
            self.first.refresh_from_db()
            moment = self.first.published_at
            assert moment, "the form refused"
            assert self.live.publications.waiting().get().due_at == moment
            yield moment, self.crawler(moment)

    def crawler(self, moment: datetime) -> Crawler:
        def fetch(path: str, headers: dict[str, str]) -> Answer:
            answer = self.client.get(path, headers=headers)
            return Answer(answer.status_code, answer.headers, answer.content.decode(errors="replace"))

        told = Told(
            moment=timezone.localtime(moment),
            before_all=timezone.localtime(self.live.published_at),
            photo=self.sail.stand_in_url.rpartition("/")[2].partition(".")[0],
            section=self.coast.slug,
            tag=self.tides_tag.slug,
            author=self.ida.slug,
            series=self.voyages.slug,
            beside="tides",
            issue=f"{self.issue.newsletter.slug}/{self.issue.slug}",
        )
        return Crawler(told, fetch)

    def seen(self, crawler: Crawler, at: datetime, **out: bool) -> list[str]:
        with time_machine.travel(at, tick=False):
            return crawler.walk(**out)

    def work(self, at: datetime) -> int:
        with time_machine.travel(at, tick=False):
            return carry_out_due()

    def through(self, seconds, wall: str, zone: str, *, which: str = "") -> tuple[int, int]:
        """With a worker that looks each second. Requests made, and after how many seconds all agreed."""
        with self.set_for(wall, zone, which=which) as (moment, crawler):
            agreed = None
            for second in seconds:
                at = moment + second * SECOND
                self.work(at)
                faults = self.seen(crawler, at, first=second >= 0, change=second >= 0)
                if second < 0 or second >= PATIENCE:
                    assert not faults, (second, faults)
                if second >= 0 and not faults and agreed is None:
                    agreed = second
            return crawler.requests, agreed


class EverySurface(Hour):
    def test_is_either_crawled_or_says_nothing_of_any_article(self):
        with self.set_for("2030-06-03T09:00", "Europe/Berlin") as (_moment, crawler):
            known = surfaces(crawler.told).keys() | SILENT.keys()
        assert set(routes()) <= known, "a new address: say in tests/crawler.py what it shows"
        assert known <= set(routes()) | {"mail/", "mail/<eml:name>/", "mail/<eml:name>/html/"}

    def test_agrees_at_the_hour_after_the_clocks_went_forward(self):
        assert self.through([-1, 0], "2030-03-31T03:00", "Europe/Berlin")[1] == 0

    def test_agrees_at_the_second_of_an_hour_that_comes_twice_and_not_at_the_first(self):
        assert self.through([-3600, -1, 0], "2030-10-27T02:30", "Europe/Berlin", which="second")[1] == 0

    def test_agrees_where_the_clocks_go_back_by_half_an_hour(self):
        assert self.through([-1800, -1, 0], "2030-04-07T01:45", "Australia/Lord_Howe", which="second")[1] == 0

    def test_without_a_worker_a_new_text_is_on_time_and_a_change_follows_its_return(self):
        with self.set_for("2030-06-03T09:00", "Europe/Berlin") as (moment, crawler):
            assert not self.seen(crawler, moment - SECOND, first=False, change=False)
            assert not self.seen(crawler, moment, first=True, change=False)
            back = moment + timedelta(hours=2)
            assert not self.seen(crawler, back, first=True, change=False)
            assert self.work(back)
            assert not self.seen(crawler, back, first=True, change=True)

    def test_keeps_what_appeared_when_the_clock_is_set_back_and_shows_nothing_twice(self):
        with self.set_for("2030-06-03T09:00", "Europe/Berlin") as (moment, crawler):
            self.work(moment)
            news = ProcrastinateJob.objects.count()
            done = list(self.first.publications.values_list("done_at", flat=True))
            for at in (moment - HOUR, moment + HOUR):
                assert self.work(at) == 0
                assert not self.seen(crawler, at, first=True, change=True), at
            assert ProcrastinateJob.objects.count() == news
            assert list(self.first.publications.values_list("done_at", flat=True)) == done
            with time_machine.travel(moment - HOUR, tick=False):
                self.first.refresh_from_db()
                assert self.first.is_live
                assert not Article.objects.scheduled().contains(self.first)
                self.first.withdraw(by=self.erna, because="A wrong ship.")
            for at in (moment - SECOND, moment, moment + HOUR):
                self.work(at)
                with time_machine.travel(at, tick=False):
                    assert self.client.get(f"/{crawler.told.first_slug}/").status_code == 410

    def test_shows_nothing_early_when_the_clock_is_an_hour_slow_and_all_of_it_once_it_is_put_right(self):
        with self.set_for("2030-06-03T09:00", "Europe/Berlin") as (moment, crawler):
            self.work(moment - HOUR)
            assert not self.seen(crawler, moment - HOUR, first=False, change=False)
            self.work(moment + HOUR - SECOND)
            assert not self.seen(crawler, moment + HOUR - SECOND, first=True, change=True)

    def test_tells_a_text_that_is_set_for_a_later_hour_after_it_was_withdrawn_at_that_hour_alone(self):
        with self.set_for("2030-06-03T09:00", "Europe/Berlin") as (moment, crawler):
            self.work(moment)
            with time_machine.travel(moment + SECOND, tick=False):
                self.first.refresh_from_db()
                self.first.withdraw(by=self.erna)
                self.first.publish(by=self.erna, at=moment + HOUR)
            early = self.seen(crawler, moment + 2 * SECOND, first=False, change=True)
            assert not [fault for fault in early if "leaks" in fault]
            assert not self.seen(crawler, moment + HOUR, first=True, change=True)

    def test_has_a_withdrawn_text_no_more(self):
        with self.set_for("2030-06-03T09:00", "Europe/Berlin") as (moment, crawler):
            self.work(moment)
            assert not self.seen(crawler, moment, first=True, change=True)
            with time_machine.travel(moment + SECOND, tick=False):
                self.first.refresh_from_db()
                self.first.withdraw(by=self.erna, because="A wrong ship.")
                told = crawler.told
                left = [fault for fault in crawler.walk(first=False, change=True) if "leaks" in fault]
                assert not left
                assert self.client.get(f"/{told.first_slug}/").status_code == 410

    @pytest.mark.bench
    def test_agrees_each_second_from_half_a_minute_before_to_half_a_minute_after(self):
        cases = [
            ("2030-06-03T09:00", "Europe/Berlin", ""),
            ("2030-03-31T03:00", "Europe/Berlin", ""),
            ("2030-10-27T02:30", "Europe/Berlin", "first"),
            ("2030-10-27T02:30", "Europe/Berlin", "second"),
            ("2030-04-07T01:45", "Australia/Lord_Howe", "second"),
            ("2030-10-06T02:30", "Australia/Lord_Howe", ""),
        ]
        for wall, zone, which in cases:
            with self.subTest(wall=wall, zone=zone, which=which), transaction.atomic():
                self.first, self.live = (Article.objects.get(pk=known.pk) for known in (self.first, self.live))
                requests, agreed = self.through(range(-30, 31), wall, zone, which=which)
                print(f"{wall} {zone} {which}: {requests} requests, 0 leaks, all agree after {agreed} s")
                transaction.set_rollback(True)


def vars_of(article: Article) -> dict:
    """What the form holds of it beside its headline."""
    content = article.newest_revision.content
    names = ("slug", "standfirst", "series", "photo", "body")
    return {name: getattr(content, name) for name in names}
