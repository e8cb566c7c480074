"""While somebody writes, their text is kept for them alone, one row for each sitting, until they save it."""

from datetime import timedelta
from uuid import uuid4

import time_machine
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, Presence, Revision
from tests.articles.desk import ADD, LIST, DeskTestCase, change


class Sittings(DeskTestCase):
    def setUp(self) -> None:
        self.client.force_login(self.ida_login)
        self.token = uuid4()

    def autosave(self, text: str, *, on: Article | None = None, **changed):
        article = on or self.harbour
        facts = self.typed("Harbour", on=article, body=f"<p>{text}</p>", sitting=self.token)
        return self.client.post(f"{LIST}{article.pk}/autosave/", facts | changed)

    def as_saved(self, article: Article) -> dict:
        facts = article.newest_revision.content.as_json() | {"sitting": self.token}
        return {name: "" if value is None else value for name, value in facts.items() if name != "schema"}

    def test_what_is_typed_is_kept_and_is_nobody_elses(self):
        said = self.autosave("First words").json()
        assert said["saved"].startswith("Draft kept at ")
        assert self.harbour.unsaved_of(self.ida_login).content.body == "<p>First words</p>"
        assert self.harbour.unsaved_of(self.erna) is None
        assert self.harbour.newest_revision.number == 1
        self.harbour.refresh_from_db()
        assert "First words" not in self.harbour.body

    def test_what_is_just_as_it_was_saved_is_no_draft(self):
        self.autosave("Typed, and taken back")
        said = self.autosave("", **self.as_saved(self.harbour)).json()
        assert said["saved"] == "As it is saved in revision 1."
        assert self.harbour.unsaved_of(self.ida_login) is None

    def test_a_sitting_is_one_row_and_one_entry_of_the_history(self):
        for number in range(20):
            self.autosave(f"Word {number}")
        assert Revision.every.filter(article=self.harbour).count() == 2
        self.client.post(
            change(self.harbour), self.typed("Harbour", on=self.harbour, sitting=self.token, body="<p>Done</p>")
        )
        assert [r.number for r in Revision.every.filter(article=self.harbour).order_by("number")] == [1, 2]
        assert self.harbour.unsaved_of(self.ida_login) is None

    def test_what_a_network_held_up_is_not_kept_over_what_was_typed_later(self):
        self.autosave("Typed later", turn=7)
        late = self.autosave("Typed", turn=6)
        assert late.json() == {"late": 7}
        assert self.harbour.unsaved_of(self.ida_login).content.body == "<p>Typed later</p>"
        # Whoever is still there takes a later turn.
        assert "late" not in self.autosave("Typed last", turn=8).json()
        assert self.harbour.unsaved_of(self.ida_login).content.body == "<p>Typed last</p>"

    def save(self, text: str, **changed):
        facts = self.typed("Harbour", on=self.harbour, body=f"<p>{text}</p>", sitting=self.token)
        return self.client.post(change(self.harbour), facts | changed)

    def test_what_a_network_held_up_is_no_draft_beside_what_was_saved_meanwhile(self):
        self.autosave("Typed", turn=1)
        self.save("Typed and saved", turn=3)
        assert self.autosave("Typed and", turn=2).json() == {"late": 3}
        assert self.harbour.unsaved_of(self.ida_login) is None

    def test_whoever_goes_back_to_a_form_that_was_saved_and_writes_on_is_kept(self):
        self.autosave("Typed", turn=1)
        self.save("Typed and saved", turn=2)
        sitting = self.autosave("Typed and saved, and more", turn=3).json()["sitting"]
        assert sitting != str(self.token)
        assert self.harbour.unsaved_of(self.ida_login).content.body == "<p>Typed and saved, and more</p>"

    def test_a_form_without_script_takes_no_turns_and_is_saved_all_the_same(self):
        self.autosave("Typed", turn=5)
        self.save("Saved")
        assert self.harbour.newest_revision.content.body == "<p>Saved</p>"
        self.save("Saved again", based_on=2)
        assert self.harbour.newest_revision.content.body == "<p>Saved again</p>"

    def test_half_an_hour_of_silence_ends_it(self):
        first = self.autosave("Before lunch").json()["sitting"]
        with time_machine.travel(timezone.now() + timedelta(minutes=31), tick=False):
            self.client.force_login(self.ida_login)
            second = self.autosave("After lunch").json()["sitting"]
        assert first != second
        kept = Revision.sittings.filter(article=self.harbour).values_list("kept__body", flat=True)
        assert set(kept) == {"<p>Before lunch</p>", "<p>After lunch</p>"}

    def test_the_form_opens_with_what_was_not_saved_and_says_so(self):
        self.autosave("Not saved")
        answer = self.client.get(change(self.harbour))
        self.assertContains(answer, "and did not save")
        assert answer.context["form"]["body"].value() == "<p>Not saved</p>"
        assert answer.context["form"]["sitting"].value() == str(self.token)
        self.client.force_login(self.erna)
        self.assertNotContains(self.client.get(change(self.harbour)), "Not saved")

    def test_it_can_be_thrown_away(self):
        self.autosave("Not saved")
        self.client.post(f"{LIST}{self.harbour.pk}/discard/{self.token}/")
        self.assertNotContains(self.client.get(change(self.harbour)), "Not saved")

    def test_nobody_throws_away_what_is_not_theirs(self):
        self.autosave("Ida’s")
        self.client.force_login(self.erna)
        self.client.post(f"{LIST}{self.harbour.pk}/discard/{self.token}/")
        assert self.harbour.unsaved_of(self.ida_login) is not None

    def test_a_live_text_stays_with_its_readers(self):
        self.autosave("Changed while live", on=self.tides, slug="tides", title="Tides")
        assert "Changed while live" not in self.client.get("/tides/").content.decode()

    def test_what_goes_live_at_the_hour_is_what_was_scheduled(self):
        self.client.force_login(self.erna)
        self.autosave("Never scheduled", on=self.storm, slug="storm", title="Storm")
        with time_machine.travel(self.storm.published_at + timedelta(minutes=1)):
            assert "Never scheduled" not in self.client.get("/storm/").content.decode()

    def test_an_unfinished_form_is_kept_as_it_stands(self):
        self.autosave("Half a", title="", slug="Not an address!", section="", bylines=["x"])
        content = self.harbour.unsaved_of(self.ida_login).content
        assert (content.title, content.slug, content.body) == ("", "Not an address!", "<p>Half a</p>")
        assert content.bylines == (self.ida.pk, self.tom.pk)

    def test_the_first_words_of_a_new_article_begin_it(self):
        said = self.client.post(
            f"{LIST}autosave/", {"title": "", "body": "<p>It began</p>", "sitting": self.token}
        ).json()
        article = Article.objects.newest_first().latest("pk")
        assert said["address"] == change(article)
        assert article.begun_by == self.ida_login
        assert article.newest_revision.content.body == "<p>It began</p>"

    def test_a_sitting_begins_one_article_whose_answers_are_lost(self):
        begin = reverse("admin:articles_article_begin")
        for turn, text in enumerate(("One", "One two", "One two three"), start=1):
            facts = self.typed("New", slug="", body=f"<p>{text}</p>", sitting=self.token, turn=turn)
            answer = self.client.post(begin, facts)
        assert answer.json()["newest"] == 1
        article = Article.objects.get(title="New")
        assert article.unsaved_of(self.ida_login).content.body == "<p>One two three</p>"
        # Its form was never told, and saves.
        self.client.post(ADD, facts | {"turn": 4})
        assert Article.objects.get(title="New").newest_revision.content.body == "<p>One two three</p>"
        assert article.unsaved_of(self.ida_login) is None

    def test_a_new_article_whose_button_is_pressed_twice_is_one(self):
        facts = self.typed("Twice", slug="", sitting=self.token, turn=1)
        addresses = {self.client.post(ADD, facts).url for _press in range(2)}
        assert len(addresses) == 1
        assert Article.objects.filter(title="Twice").count() == 1

    def test_whoever_may_not_change_it_keeps_nothing(self):
        assert self.autosave("Mine", on=self.salt).status_code == 403
        self.client.force_login(self.noll)
        assert self.client.post(f"{LIST}autosave/", {"title": "x"}).status_code == 403
        assert not Revision.sittings.exists()

    def test_a_token_of_somebody_else_is_not_written_over(self):
        self.autosave("Ida’s")
        self.client.force_login(self.erna)
        assert self.autosave("Erna’s").json()["sitting"] != str(self.token)
        assert self.harbour.unsaved_of(self.ida_login).content.body == "<p>Ida’s</p>"

    def test_a_bomb_of_nested_marks_is_refused_with_a_sentence(self):
        answer = self.client.post(
            f"{LIST}{self.harbour.pk}/autosave/", {"title": "x", "body": "<ul><li>" * 400, "sitting": self.token}
        )
        assert answer.status_code == 422
        assert "lie inside one another" in answer.json()["refused"]

    def test_whoever_is_logged_out_is_led_to_the_login_and_nothing_else(self):
        self.client.logout()
        assert self.autosave("Lost?").status_code == 302

    def test_hostile_markup_is_inert_already_when_it_is_kept(self):
        self.autosave("<script>steal()</script><img src=x onerror=steal()>Calm")
        assert self.harbour.unsaved_of(self.ida_login).content.body == "<p>Calm</p>"

    def test_get_changes_nothing(self):
        for path in ("autosave/", "attend/", f"discard/{self.token}/"):
            assert self.client.get(f"{LIST}{self.harbour.pk}/{path}").status_code == 405


class WhoElseIsThere(DeskTestCase):
    def attend(self, user, **said):
        self.client.force_login(user)
        return self.client.post(f"{LIST}{self.harbour.pk}/attend/", said)

    def test_each_sees_the_other_and_not_themselves(self):
        assert self.attend(self.ida_login).json()["others"] == []
        assert self.attend(self.erna).json()["others"] == ["ida"]
        self.assertContains(self.client.get(change(self.harbour)), "ida has this article open, too.")

    def test_whoever_left_or_fell_silent_is_gone(self):
        self.attend(self.ida_login)
        self.attend(self.ida_login, leave="")
        assert self.attend(self.erna).json()["others"] == []
        self.attend(self.ida_login)
        with time_machine.travel(timezone.now() + timedelta(minutes=1)):
            assert self.attend(self.erna).json()["others"] == []

    def test_it_says_that_somebody_saved_meanwhile(self):
        self.harbour.keep(self.content("Harbour", body="<p>New</p>"), by=self.erna)
        said = self.attend(self.ida_login).json()
        assert (said["newest"], said["newestBy"]) == (2, "erna")

    def test_whoever_may_not_see_it_learns_nothing(self):
        assert self.attend(self.noll).status_code == 403
        assert not Presence.objects.exists()

    def test_the_new_address_of_a_form_is_the_lists(self):
        self.client.force_login(self.ida_login)
        self.assertContains(self.client.get(ADD), f'data-autosave="{LIST}autosave/"')
