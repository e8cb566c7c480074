"""Every link for ever: whatever was live answers, says that it is gone, or leads on in one hop."""

import random
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import Address, Article, Page, Section, Series, Tag
from articles.models.address import spelled
from articles.tasks import carry_out_due
from authors.models import Author
from tests.cast import NewsroomTestCase


def make_page(slug: str, *, at=None, title: str = "About") -> Page:
    page = Page(title=title, slug=slug, body="<p>Us.</p>", published_at=at or timezone.now())
    page.full_clean(exclude=["body_html"])
    page.keep()
    return page


class Links(NewsroomTestCase):
    def rename(self, article: Article, slug: str, *, at=None) -> None:
        article.keep(self.content(article.title, slug=slug), by=self.ida_login)
        article.publish(by=self.erna, at=at)

    def leads(self, path: str, to: str) -> None:
        """In one hop, to something that is there."""
        answer = self.client.get(path)
        assert (answer.status_code, answer.headers.get("Location")) == (301, to), path
        assert self.client.get(to).status_code == 200, to

    def answers(self, status: int, *paths: str) -> None:
        for path in paths:
            assert self.client.get(path).status_code == status, path


class OfArticles(Links):
    def test_whatever_way_an_old_address_is_written_it_is_one_hop(self):
        self.rename(self.tides, "high-tides")
        for path in ("/tides/", "/tides", "/Tides", "/TIDES/", "/tides//", "/%54ides", "/tides%2f"):
            self.leads(path, "/high-tides/")
        for path in ("/High-Tides", "/HIGH-TIDES/", "/high-tides//"):
            self.leads(path, "/high-tides/")

    def test_slashes_before_it_are_forgiven_too(self):
        # The test client would take what follows two slashes for a host.
        for path in ("//tides//", "///Tides"):
            assert self.client.get("/", PATH_INFO=path).headers["Location"] == "/tides/"

    def test_the_twin_and_the_share_picture_move_along(self):
        self.rename(self.tides, "high-tides")
        for path in ("/tides.md", "/Tides.MD", "/tides.md/"):
            self.leads(path, "/high-tides.md")
        self.leads("/High-Tides.MD", "/high-tides.md")
        self.leads("/share/Tides.png", "/share/high-tides.png")

    def test_what_is_asked_along_with_an_old_address_is_kept(self):
        self.rename(self.tides, "high-tides")
        assert (
            self.client.get("/Tides?utm_source=x&y=%C3%BC").headers["Location"] == "/high-tides/?utm_source=x&y=%C3%BC"
        )

    def test_a_head_is_answered_like_a_get_and_nothing_else_is_led_on(self):
        self.rename(self.tides, "high-tides")
        assert self.client.head("/Tides").headers["Location"] == "/high-tides/"
        assert self.client.post("/Tides").status_code == 404
        assert self.client.post("/tides/").status_code == 405

    def test_nonsense_below_an_address_is_not_found(self):
        for path in ("/tides/index.html", "/tides/feed/", "/tides.html", "/tides.md.md", "/tides/tides/", "/ tides/",
                     "/tid\u00e9s/", "/tides\u200b/", "/section/coast/nonsense", "/Section/Coast/nonsense/",
                     "/section/coast/page/9/", "/" + "x" * 5000, "/tides;v=1/", "/\\tides", "/.."):  # fmt: skip
            self.answers(404, path)

    def test_there_and_back_again(self):
        for slug in ("high-tides", "tides", "low-tides", "high-tides"):
            self.rename(self.tides, slug)
        self.answers(200, "/high-tides/")
        for path in ("/tides", "/low-tides/"):
            self.leads(path, "/high-tides/")

    def test_two_articles_swap_their_addresses(self):
        ebb = self.make_article("Ebb")
        self.rename(self.tides, "other")
        self.rename(ebb, "tides")
        self.rename(self.tides, "ebb")
        self.answers(200, "/tides/", "/ebb/")
        self.leads("/other/", "/ebb/")
        assert "Ebb</h1>" in self.client.get("/tides/").text

    def test_withdrawn_is_gone_at_every_address_it_had_until_it_comes_back(self):
        self.rename(self.tides, "high-tides")
        self.tides.withdraw(by=self.erna, because="Wrong sea.")
        for path in ("/tides/", "/Tides", "/high-tides/", "/tides.md", "/High-Tides.md"):
            answer = self.client.get(path)
            assert answer.status_code == 410, path
        assert "Wrong sea." in self.client.get("/TIDES").text
        self.answers(404, "/share/tides.png")
        self.rename(self.tides, "spring-tides")
        for path in ("/tides/", "/high-tides"):
            self.leads(path, "/spring-tides/")

    def test_a_change_of_address_waits_for_its_hour(self):
        hour = timezone.now() + timedelta(hours=1)
        self.rename(self.tides, "high-tides", at=hour)
        self.answers(200, "/tides/")
        self.answers(404, "/high-tides/", "/High-Tides")
        with time_machine.travel(hour + timedelta(seconds=1)):
            carry_out_due()
            self.leads("/Tides", "/high-tides/")

    def test_nobody_takes_an_address_that_somebody_has_from_a_later_hour_on(self):
        self.rename(self.tides, "high-tides", at=timezone.now() + timedelta(hours=1))
        with pytest.raises(ValidationError, match="belongs to “Tides”"):
            self.make_article("High tides")
        with pytest.raises(ValidationError, match="An article has or had this address"):
            make_page("high-tides")

    def test_what_goes_live_at_its_hour_has_its_address_before_any_worker_comes(self):
        self.rename(self.tides, "high-tides")
        self.rename(self.storm, "tides", at=self.storm.published_at)
        self.answers(404, "/Storm")
        self.leads("/Tides", "/high-tides/")
        with time_machine.travel(self.storm.published_at + timedelta(seconds=1)):
            self.answers(200, "/tides/")
            self.leads("/Tides", "/tides/")
            self.rename(self.storm, "gale")
            self.leads("/tides/", "/gale/")
            self.storm.withdraw(by=self.erna)
            self.answers(410, "/tides/", "/gale/")

    def test_what_is_withdrawn_before_any_worker_came_is_gone_and_not_unknown(self):
        with time_machine.travel(self.storm.published_at + timedelta(seconds=1)):
            self.storm.withdraw(by=self.erna)
            self.answers(410, "/storm/")

    def test_a_redirect_costs_no_more_queries_than_a_page(self):
        self.rename(self.tides, "high-tides")
        with CaptureQueriesContext(connection) as seen:
            self.client.get("/tides/")
        assert len(seen) <= 5


class OfPages(Links):
    def test_a_page_that_is_renamed_leads_on(self):
        page = make_page("about")
        page.slug = "about-us"
        page.keep()
        for path in ("/about/", "/About"):
            self.leads(path, "/about-us/")
        self.answers(404, "/about.md", "/About.MD", "/share/about.png")

    def test_an_article_may_take_what_a_page_has_left(self):
        page = make_page("about")
        page.slug = "about-us"
        page.keep()
        self.rename(self.tides, "about")
        assert "Tides</h1>" in self.client.get("/about/").text

    def test_a_page_does_not_take_what_an_article_had(self):
        self.rename(self.tides, "high-tides")
        with pytest.raises(ValidationError, match="An article has or had this address"):
            make_page("tides")

    def test_a_draft_takes_nothing_from_readers(self):
        page = make_page("about")
        page.slug = "about-us"
        page.keep()
        make_page("about", at=timezone.now() + timedelta(days=1), title="New")
        self.leads("/about/", "/about-us/")
        with time_machine.travel(timezone.now() + timedelta(days=2)):
            assert "New</h1>" in self.client.get("/about/").text
            self.leads("/About", "/about/")

    def test_a_page_that_is_taken_back_is_gone(self):
        page = make_page("about")
        page.slug = "about-us"
        page.keep()
        page.published_at = None
        page.keep()
        self.answers(410, "/about/", "/about-us/")
        assert "This page has been withdrawn" in self.client.get("/about/").text


class OfListsAndTheirFeeds(Links):
    BELOW = ("", "rss/", "feed.json")

    def test_a_list_that_is_renamed_leads_on_with_all_below_it(self):
        series = Series.objects.create(name="Tides", slug="tides")
        self.make_article("A part", at=timezone.now() - timedelta(hours=1), series=series.pk)
        for holder, at in (
            (self.coast, "/section/coast/"),
            (self.tides_tag, "/tag/tides/"),
            (self.tom, "/author/tom-gale/"),
            (series, "/series/tides/"),
        ):
            holder.slug = f"new-{holder.slug}"
            holder.full_clean()
            holder.save()
            new = holder.get_absolute_url()
            for below in self.BELOW:
                self.leads(at + below, new + below)
                self.leads(f"{at}{below}".upper().rstrip("/"), new + below)
            self.leads(f"{at}page/1/", f"{new}page/1/")

    def test_a_list_is_found_however_it_is_written(self):
        for at in ("/section/coast/", "/tag/tides/", "/author/tom-gale/"):
            for below in self.BELOW:
                self.leads((at + below).upper(), at + below)
            self.leads(at.rstrip("/"), at)
            self.leads(f"{at}rss", f"{at}rss/")
            self.leads(f"{at}feed.json/", f"{at}feed.json")

    def test_the_database_remembers_whoever_writes(self):
        Tag.objects.filter(pk=self.tides_tag.pk).update(slug="high-water")
        Author.objects.filter(pk=self.tom.pk).update(slug="thomas-gale")
        self.leads("/tag/tides/rss/", "/tag/high-water/rss/")
        self.leads("/author/tom-gale/", "/author/thomas-gale/")

    def test_an_address_that_is_used_again_is_the_new_one_s(self):
        self.coast.slug = "shore"
        self.coast.save()
        newcomer = Section.objects.create(name="The new coast", slug="coast")
        assert "The new coast" in self.client.get("/section/coast/").text
        newcomer.slug = "cliffs"
        newcomer.save()
        self.leads("/section/coast/", "/section/cliffs/")
        self.leads("/section/Shore", "/section/shore/")

    def test_what_is_deleted_is_not_found_at_any_address(self):
        empty = Tag.objects.create(name="Empty", slug="empty")
        empty.slug = "void"
        empty.save()
        self.leads("/tag/empty/", "/tag/void/")
        empty.delete()
        self.answers(404, "/tag/empty/", "/tag/void/")

    def test_a_slug_is_kept_small_by_the_desk(self):
        for kind in (Section, Series, Tag, Author):
            made = kind(name="A", slug="Up")
            made.full_clean(exclude=["sort_name"])
            assert made.slug == "up"


class OfTheHouse(Links):
    def test_capitals_and_missing_slashes_are_forgiven_in_one_hop(self):
        month = f"/archive/{timezone.localtime(self.tides.published_at):%Y/%m}/"
        for path in ("/archive/", month, "/search/", "/rss/", "/corrections/rss/", "/newsletter/", "/feed.json"):
            for written in {path.rstrip("/"), path.upper(), path.upper().rstrip("/"), path.replace("/", "//")[1:]} - {
                path
            }:
                self.leads(written, path)
        assert self.client.get("/SEARCH?q=tide").headers["Location"] == "/search/?q=tide"
        assert self.client.get("/admin").headers["Location"] == "/admin/"

    def test_a_secret_keeps_its_capitals(self):
        assert self.client.get("/newsletter/confirm/AbC").headers["Location"] == "/newsletter/confirm/AbC/"
        assert self.client.get("/Newsletter/Confirm/AbC/").status_code == 404

    def test_what_programs_ask_for_is_taken_literally_and_costs_no_query(self):
        with CaptureQueriesContext(connection) as seen:
            self.answers(404, "/media/ab/CD.jpg", "/identity/L")
        assert not [query for query in seen if "articles_address" in query["sql"]]


class BroughtAlong(Links):
    """Addresses that another system had."""

    def bring(self, path: str, target: str) -> None:
        Address.objects.create(path=spelled(path), target=target)

    def test_an_address_of_any_shape_leads_to_its_article(self):
        for path in ("/2019/05/Some-Post.html", "/2019/05/some_post/", "/p/über-uns", "/index.php/archives/12"):
            self.bring(path, "/tides/")
            self.leads(path, "/tides/")
        self.leads("/2019/05/some-post.HTML/", "/tides/")
        self.leads("/p/u\u0308ber-uns/", "/tides/")

    def test_it_is_one_hop_however_often_its_end_has_moved(self):
        self.bring("/first/", "/second/")
        self.bring("/second/", "/tides/")
        self.bring("/list/", "/section/coast/rss/")
        self.rename(self.tides, "high-tides")
        self.coast.slug = "shore"
        self.coast.save()
        self.leads("/first/", "/high-tides/")
        self.leads("/list/", "/section/shore/rss/")
        self.tides.withdraw(by=self.erna)
        self.answers(410, "/first/")

    def test_a_ring_of_redirects_is_nowhere(self):
        self.bring("/first/", "/second/")
        self.bring("/second/", "/first/")
        self.answers(404, "/first/", "/second/")

    def test_it_may_lead_to_an_address_of_the_house_with_what_is_asked_there(self):
        self.bring("/suche/", "/search/?q=tide")
        self.leads("/suche/", "/search/?q=tide")
        self.bring("/dead/", "/never-written/")
        self.answers(404, "/dead/")

    def test_the_database_refuses_what_could_not_lead_anywhere(self):
        for path, facts in {
            "/Old/": {"target": "/new/"},
            "/old /": {"target": "/new/"},
            "old/": {"target": "/new/"},
            "/self/": {"target": "/self/"},
            "/off/": {"target": "//evil.example/"},
            "/two/": {"target": "/new/", "section": self.coast},
            "/both/": {"tag": self.tides_tag, "section": self.coast},
            "/none/": {},
        }.items():
            with pytest.raises(IntegrityError), transaction.atomic():
                Address.objects.create(path=path, **facts)


class AnyHistory(Links):
    """A long walk of an editor who cannot decide."""

    SLUGS = ("a", "b", "c", "d")

    def setUp(self):
        self.pages: list[Page] = []
        self.ever: set[str] = set()

    def step(self, dice: random.Random) -> str:
        deeds = [self.move, self.move, self.move, self.withdraw, self.publish, self.begin, self.make_page,
                 self.move_page, self.take_page_back, self.move_list, self.move_list, self.schedule]  # fmt: skip
        deed = dice.choice(deeds)
        try:
            with transaction.atomic():
                deed(dice)
        except ValidationError:
            return f"{deed.__name__}, refused"
        return deed.__name__

    def any_article(self, dice):
        return dice.choice(list(Article.objects.exclude(published_at=None).order_by("pk")))

    def move(self, dice):
        self.rename(self.any_article(dice), dice.choice(self.SLUGS))

    def schedule(self, dice):
        self.rename(self.any_article(dice), dice.choice(self.SLUGS), at=timezone.now() + timedelta(minutes=3))

    def withdraw(self, dice):
        self.any_article(dice).withdraw(by=self.erna)

    def publish(self, dice):
        self.any_article(dice).publish(by=self.erna)

    def begin(self, dice):
        later = timezone.now() + timedelta(minutes=dice.choice([0, 2]))
        self.make_article(dice.choice(self.SLUGS).upper(), at=later)

    def make_page(self, dice):
        self.pages.append(
            make_page(dice.choice(self.SLUGS), at=timezone.now() + timedelta(minutes=dice.choice([0, 2])))
        )

    def move_page(self, dice):
        page = Page.objects.get(pk=dice.choice(self.pages).pk) if self.pages else None
        if page:
            page.slug = dice.choice(self.SLUGS)
            page.full_clean(exclude=["body_html"])
            page.keep()

    def take_page_back(self, dice):
        page = Page.objects.get(pk=dice.choice(self.pages).pk) if self.pages else None
        if page:
            page.published_at = dice.choice([None, timezone.now()])
            page.keep()

    def move_list(self, dice):
        holder = dice.choice([self.coast, self.tides_tag, self.tom])
        other = Section.objects.exclude(pk=self.coast.pk).first() or Section.objects.create(name="Other", slug="other")
        holder = dice.choice([holder, other])
        holder.refresh_from_db()
        holder.slug = dice.choice(self.SLUGS)
        holder.full_clean(exclude=["sort_name"])
        holder.save()

    def note_what_is_live(self):
        live = [*Article.objects.live(), *Page.objects.live(), *Section.objects.all(), *Tag.objects.all(),
                *Author.objects.all()]  # fmt: skip
        self.ever |= {held.get_absolute_url() for held in live}

    def wrong(self) -> list[str]:
        found = []
        for path in sorted(self.ever):
            for written in (path, path.upper().rstrip("/")):
                answer = self.client.get(written)
                if answer.status_code == 301:
                    target = answer.headers["Location"]
                    end = self.client.get(target).status_code
                    if end == 200:
                        continue
                    found.append(f"{written} → {target} → {end}")
                elif answer.status_code not in {200, 410} or (written != path and answer.status_code == 200):
                    found.append(f"{written}: {answer.status_code}")
        return found

    def walk(self, seed: int, steps: int) -> None:
        dice = random.Random(seed)
        done = []
        for number in range(steps):
            with time_machine.travel(timezone.now() + timedelta(minutes=number), tick=False):
                self.note_what_is_live()
                done.append(self.step(dice))
                if dice.random() < 0.7:
                    carry_out_due()
                self.note_what_is_live()
                wrong = self.wrong()
            assert not wrong, (seed, done, wrong)
        assert sum("refused" not in deed for deed in done) > steps / 4, done
        assert len(self.ever) > 10

    def test_whatever_an_editor_does_no_address_is_lost(self):
        self.walk(seed=1, steps=40)

    def test_nor_in_another_history(self):
        self.walk(seed=2, steps=40)
