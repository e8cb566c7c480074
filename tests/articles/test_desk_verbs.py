"""The buttons: what each does, for whom, and what it says when it cannot."""

from datetime import timedelta

import time_machine
from django.core.exceptions import ValidationError
from django.test import SimpleTestCase, override_settings
from django.utils import timezone

from articles.admin.wall_clock import moment_named
from articles.models import Article
from tests.articles.desk import ADD, LIST, DeskTestCase, change
from tests.cast import make_photo

Stand = Article.Stand


def verb(article: Article, name: str) -> str:
    return f"/admin/articles/article/{article.pk}/{name}/"


class Publishing(DeskTestCase):
    def setUp(self):
        self.client.force_login(self.erna)

    def test_it_saves_the_form_first_and_publishes_that(self):
        self.press("publish", self.tides, "Tides, corrected")
        self.tides.refresh_from_db()
        assert self.tides.title == "Tides, corrected"
        self.assertContains(self.client.get("/tides/"), "Tides, corrected")

    def test_a_new_article_can_be_published_at_once(self):
        self.client.post(ADD, self.typed("Gulls") | {"_publish": ""})
        assert Article.objects.get(title="Gulls").is_live

    def test_what_is_missing_is_said_on_top_and_at_its_field_with_nothing_lost(self):
        answer = self.client.post(
            ADD, self.typed("Gulls", standfirst="", section="", body="<p>Typed.</p>") | {"_publish": ""}
        )
        gulls = Article.objects.get(title="Gulls")
        assert answer.status_code == 200
        for piece in ("Not published.", "Your text is saved as revision 1", "&lt;p&gt;Typed.&lt;/p&gt;"):
            self.assertContains(answer, piece)
        self.assertFormError(answer.context["form"], "standfirst", ["Write a standfirst."])
        self.assertFormError(answer.context["form"], "section", ["Choose a section."])
        self.assertContains(answer, "Write a standfirst.", count=2)
        # The form that came back belongs to the article that it made.
        self.assertContains(answer, f'action="{change(gulls)}"')
        assert answer.context["form"]["based_on"].value() == "1"
        assert gulls.stand == Stand.DRAFT

    def test_a_photo_without_credit_is_named_at_the_photo(self):
        bare = make_photo(maker="", source="", caption="Bare water")
        answer = self.press("publish", self.harbour, photo=bare.pk)
        self.assertFormError(
            answer.context["form"],
            "photo",
            ["The photo “Bare water” has no credit: say in the photo library who made it."],
        )

    def test_a_taken_address_is_said_at_the_address(self):
        facts = self.typed("Harbour", on=self.harbour, slug="tides") | {"_publish": ""}
        answer = self.client.post(change(self.harbour), facts)
        assert "belongs to “Tides”" in answer.context["form"].errors["slug"][0]

    def test_the_text_that_readers_have_is_not_published_again(self):
        answer = self.press("publish", self.tides)
        self.assertContains(answer, "Readers have exactly this text already.")
        assert self.tides.publications.count() == 1

    def test_a_withdrawn_article_can_come_back(self):
        self.press("publish", self.fog)
        self.fog.refresh_from_db()
        assert self.fog.is_live


class Scheduling(DeskTestCase):
    def setUp(self):
        self.client.force_login(self.erna)

    @override_settings(TIME_ZONE="Europe/London")
    def test_it_takes_the_time_of_the_house_and_keeps_its_zone(self):
        with time_machine.travel("2030-06-01T12:00Z", tick=False):
            self.client.force_login(self.erna)
            self.press("schedule", self.harbour, at="2030-06-02T08:00")
            self.harbour.refresh_from_db()
            assert self.harbour.published_at.isoformat() == "2030-06-02T07:00:00+00:00"
            assert self.harbour.stand == Stand.SCHEDULED
            assert self.harbour.publications.get().zone == "Europe/London"
            self.assertContains(self.client.get(LIST), "Scheduled for 2 Jun 2030, 08:00")

    def test_without_a_moment_it_asks_for_one_and_keeps_the_text(self):
        answer = self.press("schedule", self.harbour, "Harbour, later", at="")
        self.assertContains(answer, "Say on which day and at what time it is to appear.")
        assert self.harbour.newest_revision.content.title == "Harbour, later"

    def test_a_moment_in_the_past_is_refused(self):
        answer = self.press(
            "schedule", self.harbour, at=(timezone.now() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
        )
        self.assertContains(answer, "This moment has passed.")


@override_settings(TIME_ZONE="Europe/London")
class TheClockOnTheWall(SimpleTestCase):
    def setUp(self):
        timezone.get_default_timezone.cache_clear()
        self.addCleanup(timezone.get_default_timezone.cache_clear)
        traveller = time_machine.travel("2027-01-01T00:00Z", tick=False)
        traveller.start()
        self.addCleanup(traveller.stop)

    def test_an_hour_that_the_clocks_skip_is_refused(self):
        with self.assertRaisesMessage(ValidationError, "There is no 01:30 on that day in Europe/London"):
            moment_named("2027-03-28T01:30")

    def test_of_an_hour_that_comes_twice_it_asks_which(self):
        with self.assertRaisesMessage(ValidationError, "01:30 comes twice on that day"):
            moment_named("2027-10-31T01:30")
        assert moment_named("2027-10-31T01:30", which="first").isoformat() == "2027-10-31T00:30:00+00:00"
        assert moment_named("2027-10-31T01:30", which="second").isoformat() == "2027-10-31T01:30:00+00:00"

    def test_nonsense_is_answered_with_a_sentence(self):
        for text in ("", "tomorrow", "2027-02-30T10:00", "9" * 400):
            with self.assertRaisesMessage(ValidationError, "Say on which day"):
                moment_named(text)


class SubmittingAndSendingBack(DeskTestCase):
    def test_a_writer_submits_and_an_editor_sends_back_with_a_note(self):
        self.client.force_login(self.ida_login)
        self.press("submit", self.harbour)
        self.harbour.refresh_from_db()
        assert self.harbour.stand == Stand.SUBMITTED
        self.client.force_login(self.erna)
        self.press("send_back", self.harbour, note="Who was the pilot?")
        self.client.force_login(self.ida_login)
        page = self.client.get(change(self.harbour))
        self.assertContains(page, "erna sent this back.")
        self.assertContains(page, "Who was the pilot?")


class Withdrawing(DeskTestCase):
    def setUp(self):
        self.client.force_login(self.erna)

    def test_readers_are_told_the_reason(self):
        self.client.post(verb(self.tides, "withdraw"), {"because": "The wrong ship."})
        self.assertContains(self.client.get("/tides/"), "The wrong ship.", status_code=410)

    def test_a_draft_cannot_be_withdrawn_and_the_answer_says_so(self):
        answer = self.client.post(verb(self.harbour, "withdraw"), follow=True)
        self.assertContains(answer, "Only a live or scheduled article can be withdrawn.")

    def test_what_readers_once_had_cannot_be_deleted_by_anybody(self):
        for user in (self.erna, self.ada):
            self.client.force_login(user)
            for article in (self.tides, self.fog):
                assert self.client.post(verb(article, "delete"), {"post": "yes"}).status_code == 403
        assert self.client.post(verb(self.harbour, "delete"), {"post": "yes"}).status_code == 302
        assert not Article.objects.filter(pk=self.harbour.pk).exists()


class OnlyByPost(DeskTestCase):
    def test_get_changes_nothing(self):
        self.client.force_login(self.erna)
        before = list(Article.objects.order_by("pk").values())
        assert self.client.get(verb(self.tides, "withdraw")).status_code == 405
        assert self.client.get(verb(self.tides, "restore/1")).status_code == 405
        for name in ("publish", "schedule", "submit", "withdraw"):
            self.client.get(change(self.harbour), {f"_{name}": "", "at": "2040-01-01T10:00"})
        assert list(Article.objects.order_by("pk").values()) == before

    def test_another_sites_post_is_refused(self):
        strict = self.client_class(enforce_csrf_checks=True)
        strict.force_login(self.erna)
        assert strict.post(verb(self.tides, "withdraw")).status_code == 403
        assert strict.post(change(self.harbour), self.typed("X", on=self.harbour) | {"_publish": ""}).status_code == 403
        self.tides.refresh_from_db()
        assert self.tides.is_live


class FromTheList(DeskTestCase):
    def act(self, name: str, *articles: Article):
        chosen = [article.pk for article in articles]
        return self.client.post(LIST, {"action": name, "_selected_action": chosen}, follow=True)

    def test_each_refusal_is_told_with_its_article_and_the_others_are_done(self):
        self.client.force_login(self.erna)
        bare = Article.objects.begin(self.content("Bare", standfirst=""), by=self.erna)
        answer = self.act("publish_now", self.harbour, bare)
        self.assertContains(answer, "“Bare”: Write a standfirst.")
        self.assertContains(answer, "Done for 1 article.")
        self.harbour.refresh_from_db()
        assert self.harbour.is_live

    def test_a_writer_is_not_offered_them_and_cannot_use_them(self):
        self.client.force_login(self.ida_login)
        self.assertNotContains(self.client.get(LIST), "publish_now")
        self.act("publish_now", self.harbour)
        self.harbour.refresh_from_db()
        assert self.harbour.stand == Stand.DRAFT


class ThePreview(DeskTestCase):
    def test_it_shows_what_is_saved_and_is_never_stored(self):
        self.client.force_login(self.ida_login)
        self.press("preview", self.tides, "Tides, not yet")
        answer = self.client.get(verb(self.tides, "preview"))
        self.assertContains(answer, "Tides, not yet")
        assert "no-store" in answer["Cache-Control"]
        self.assertNotContains(self.client.get("/tides/"), "Tides, not yet")
