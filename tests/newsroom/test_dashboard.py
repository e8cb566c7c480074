"""The first page of the desk: what each person finds there, and that it costs the same at any size."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import time_machine
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django import app

from articles.models import Article, Correction, Photo
from articles.tasks import carry_out_due
from newsletter.models import Delivery, Newsletter, Subscription
from newsroom.desk.growth import growth
from tests.articles.desk import DeskTestCase
from tests.cast import make_photo
from tests.newsletter.cast import make_reader
from tests.newsletter.letters import SendingTestCase, frozen

DESK = "/admin/"
NOON = datetime(2026, 11, 24, 12, tzinfo=ZoneInfo("UTC"))


class TheFirstPage(DeskTestCase):
    def setUp(self):
        carry_out_due()

    def cards(self, user) -> dict[str, list[str]]:
        self.client.force_login(user)
        page = self.client.get(DESK)
        self.page = page
        return {card.heading: [row.words for row in card.rows] for card in page.context["cards"]}

    def test_an_editor_finds_what_waits_what_goes_out_and_what_was_corrected(self):
        self.harbour.submit(by=self.ida_login)
        Correction.objects.create(article=self.tides, wrong="Seven.", right="Six.", published_at=timezone.now())
        assert self.cards(self.erna) == {
            "Stuck": [],
            "Waiting for me": ["Harbour"],
            "My drafts": ["Salt"],
            "Going out today": [],
            "Last published": ["Tides"],
            "Last corrections": ["Tides"],
        }
        self.assertContains(self.page, "Nothing is stuck.")
        self.assertContains(self.page, "Next: “Storm”")

    def test_a_writer_finds_their_own_and_what_came_back(self):
        self.harbour.submit(by=self.ida_login)
        assert self.cards(self.ida_login)["Waiting for me"] == []
        self.assertContains(self.page, "Nothing came back to you.")
        self.harbour.send_back(by=self.erna, note="Shorter.")
        assert self.cards(self.ida_login) == {
            "Waiting for me": ["Harbour"],
            "My drafts": ["Harbour"],
            "Going out today": [],
            "Last published": ["Tides"],
        }
        self.assertNotContains(self.page, "Salt")

    def test_who_has_no_article_sees_no_title_of_others(self):
        assert not any(self.cards(self.col).values())
        for title in ("Tides", "Storm", "Salt", "Harbour"):
            self.assertNotContains(self.page, title)
        self.client.force_login(self.noll)
        assert "cards" not in self.client.get(DESK).context

    @time_machine.travel(NOON, tick=False)
    def test_what_goes_out_until_midnight_is_named_with_its_hour_and_kind(self):
        evening = NOON + timedelta(hours=8)
        self.make_article("Dusk", at=evening)
        dawn = self.make_article("Dawn", at=NOON - timedelta(days=1))
        dawn.publish(
            by=self.erna, revision=dawn.keep(self.content("Dawn", body="<p>New.</p>"), by=self.ida_login), at=evening
        )
        self.make_article("Morrow", at=NOON + timedelta(hours=13))
        assert self.cards(self.erna)["Going out today"] == ["Dusk", "Dawn"]
        self.assertContains(self.page, "20:00, article")
        self.assertContains(self.page, "20:00, change")

    def test_what_no_worker_does_is_stuck(self):
        late = self.make_article("Late", at=timezone.now() + timedelta(minutes=1))
        fresh, old = make_photo(caption="Fresh"), make_photo(caption="Old")
        Photo.objects.filter(pk=self.photo.pk).update(renditions=[{"shape": "whole"}])
        assert (fresh.renditions, old.renditions) == ([], [])
        Photo.objects.filter(pk=old.pk).update(uploaded_at=timezone.now() - timedelta(minutes=11))
        assert self.cards(self.erna)["Stuck"] == ["Old"]
        with time_machine.travel(timezone.now() + timedelta(minutes=3)):
            assert self.cards(self.erna)["Stuck"] == ["Late", "Old"]
            self.assertContains(self.page, "publication late since")
            assert "Stuck" not in self.cards(self.ida_login)
            late.publications.get().carry_out()
            assert self.cards(self.erna)["Stuck"] == ["Old"]

    def test_failed_jobs_are_the_admins_to_see(self):
        job = app.configure_task("articles.tell_hub", allow_unknown=False).defer(article=1)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE id = %s", [job])
        assert "articles.tell_hub" in self.cards(self.ada)["Stuck"]
        self.assertContains(self.page, "1 job failed")
        assert "articles.tell_hub" not in self.cards(self.erna)["Stuck"]

    def test_it_costs_the_same_for_a_magazine_of_any_size(self):
        Newsletter.objects.create(name="Weekly", slug="weekly", description="On Thursdays.")
        make_photo()
        Photo.objects.update(uploaded_at=timezone.now() - timedelta(hours=1))
        self.client.force_login(self.erna)
        before = self.cost()
        call_command("fill", articles=300, subscribers=200, seed=2, verbosity=0)
        assert Article.objects.submitted().count() > 0
        assert self.cost() == before

    def cost(self) -> int:
        with CaptureQueriesContext(connection) as queries:
            self.client.get(DESK)
        return len(queries)


class Letters(SendingTestCase):
    def setUp(self):
        carry_out_due()
        self.client.force_login(self.erna)

    def stuck(self) -> list[tuple[str, str]]:
        cards = {card.heading: card for card in self.client.get(DESK).context["cards"]}
        return [(row.words, row.note) for row in cards["Stuck"].rows]

    def test_copies_that_were_refused_or_are_uncertain_are_named_with_their_letter(self):
        issue = frozen(self.issue)
        assert self.stuck() == []
        copies = list(Delivery.objects.filter(issue=issue))
        for copy, state in zip(copies, ("failed", "uncertain"), strict=False):
            Delivery.objects.filter(pk=copy.pk).update(state=state)
        expected = [(str(issue), "1 copy refused"), (str(issue), "1 copy uncertain")]
        assert self.stuck() == expected[: len(copies)]

    def test_a_paused_letter_is_stuck_and_a_coming_one_goes_out(self):
        self.issue.send(by=self.erna)
        cards = {card.heading: card for card in self.client.get(DESK).context["cards"]}
        assert str(self.issue) in str(cards["Going out today"])
        frozen(self.issue)
        self.issue.refresh_from_db()
        self.issue.pause(by=self.erna, because="A wrong name.")
        assert (str(self.issue), "letter paused") in self.stuck()


class TheGrowthOfTheLetters(DeskTestCase):
    def setUp(self):
        self.weekly = Newsletter.objects.create(name="Weekly", slug="weekly", description="On Thursdays.")

    def reader(self, number: int, *, confirmed: int, left: int | None = None) -> None:
        now = timezone.now()
        gone = {"left_at": now - timedelta(days=left), "left_how": Subscription.Left.BUTTON} if left is not None else {}
        make_reader(f"r{number}@readers.example", self.weekly, confirmed_at=now - timedelta(days=confirmed), **gone)

    def test_weeks_count_who_joined_and_who_left_and_the_total_is_who_is_there(self):
        self.reader(1, confirmed=0)
        self.reader(2, confirmed=8)
        self.reader(3, confirmed=300, left=8)
        self.reader(4, confirmed=300)
        make_reader("r5@readers.example", self.weekly)  # never confirmed
        found = growth()
        assert (found.total, found.joined, found.left, found.net) == (3, 2, 1, 1)
        assert [(week.joined, week.left) for week in found.weeks[-2:]] == [(1, 1), (1, 0)]
        assert found.weeks[-1].last == timezone.localdate() and len(found.weeks) == 13
        with self.assertNumQueries(3):
            growth()

    def test_the_plot_says_as_a_table_what_it_draws(self):
        self.reader(1, confirmed=0)
        self.reader(2, confirmed=100, left=1)
        self.client.force_login(self.erna)
        page = self.client.get(DESK)
        self.assertContains(page, "<svg")
        self.assertContains(page, "The same as a table")
        self.assertContains(page, "<td>1</td>", html=True)
        self.assertContains(page, "1 joined and 1 left")
        tallest = max(page.context["growth"].bars, key=lambda bar: bar.joined_height)
        assert tallest.week.joined == 1 and tallest.joined_y + tallest.joined_height == page.context["growth"].zero

    def test_writers_do_not_see_it_and_without_readers_nothing_is_drawn(self):
        self.client.force_login(self.ida_login)
        self.assertNotContains(self.client.get(DESK), "Readers of the letters")
        self.client.force_login(self.erna)
        page = self.client.get(DESK)
        self.assertContains(page, "Readers of the letters")
        self.assertNotContains(page, "growth__plot")
