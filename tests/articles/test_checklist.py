"""What is looked at before a text may go out, and how the form says it."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.utils import timezone

from articles.models import Article, Page
from articles.readiness import State, check_list, problems_of
from tests.articles.desk import LIST, DeskTestCase, change
from tests.cast import NewsroomTestCase, make_photo


class CheckListTestCase(NewsroomTestCase):
    def lines(self, name: str, **changed) -> list[tuple[str, str]]:
        found = check_list(replace(self.content("Gulls"), **changed))
        return [(check.state, check.sentence) for check in found if check.name == name]

    def states(self, name: str, **changed) -> set[str]:
        return {state for state, _sentence in self.lines(name, **changed)}


class EachCheck(CheckListTestCase):
    def test_a_whole_text_is_clean_and_every_check_says_so(self):
        checks = check_list(self.content("Gulls"))
        assert {check.state for check in checks} == {State.OK}
        assert len({check.name for check in checks}) == len(checks) == 13

    def test_what_is_missing_is_wrong_and_names_its_field(self):
        bare = replace(
            self.content("Gulls"), title="", standfirst="", body="", section=None, bylines=(), slug="", photo=None
        )
        assert {error.code for error in problems_of(bare)} == {
            *("title", "standfirst", "body", "section", "bylines", "slug")
        }

    def test_a_text_without_a_lead_photo_or_tags_is_advised_and_may_go_out(self):
        content = replace(self.content("Gulls"), photo=None, tags=())
        assert {check.name for check in check_list(content) if check.state == State.ADVICE} == {"lead photo", "tags"}
        assert problems_of(content) == []

    def test_a_lead_photo_needs_credit_and_words_and_says_so_at_its_own_field(self):
        bare = make_photo(maker="", source="", alt="IMG_1.JPG", caption="Bare")
        assert len(self.lines("lead photo", photo=bare.pk)) == 2
        assert self.states("lead photo", photo=bare.pk) == {State.WRONG}
        figure = f'<p>Text.</p><figure data-photo="{bare.pk}"></figure>'
        assert self.states("photos", body=figure) == {State.WRONG}
        assert self.states("lead photo", body=figure) == {State.OK}

    def test_a_photo_that_is_gone_is_wrong(self):
        assert self.states("lead photo", photo=10**9) == {State.WRONG}

    def test_a_long_headline_is_advised_against(self):
        assert self.states("headline", title="x" * 91) == {State.ADVICE}
        assert self.states("headline", title="x" * 90) == {State.OK}


class ToCome(CheckListTestCase):
    def test_it_is_found_in_each_place_and_told_where(self):
        self.photo.caption = "The TK sound."
        self.photo.save()
        found = check_list(
            replace(
                self.content("Gulls TK"),
                standfirst="Costs TKTK.",
                body="<p>It was built in TK by the harbour board of Ayr.</p>",
            )
        )
        lines = [check for check in found if check.name == "to come"]
        assert [check.field for check in lines] == ["title", "standfirst", "body", "photo"]
        assert lines[2].sentence == "“TK” is left in the text: “It was built in TK by the harbour board”."

    def test_it_is_found_in_headings_notes_lists_and_tables(self):
        for body in (
            "<h2>TK</h2><p>x</p>",
            "<ul><li>($TK)</li></ul>",
            "<table><tbody><tr><td>TK,</td></tr></tbody></table>",
            "<blockquote><p>TK-TK</p></blockquote>",
        ):
            assert self.states("to come", body=body) == {State.WRONG}, body

    def test_it_is_not_found_inside_words(self):
        for words in ("ATK", "TKO", "TK-Maxx", "tk.", "Atkins", "TKs"):
            assert self.states("to come", body=f"<p>{words}</p>") == {State.OK}, words


class Headings(CheckListTestCase):
    def test_a_skipped_level_is_advice_because_readers_never_get_it(self):
        assert self.states("headings", body="<h3>Deep</h3><p>x</p>") == {State.ADVICE}
        assert self.states("headings", body="<h2>A</h2><h4>B</h4><p>x</p>") == {State.ADVICE}
        assert self.states("headings", body="<h2>A</h2><h3>B</h3><h2>C</h2><p>x</p>") == {State.OK}


class OwnLinks(CheckListTestCase):
    def to(self, *hrefs: str) -> set[str]:
        return self.states("links", body="".join(f'<p><a href="{href}">x</a></p>' for href in hrefs))

    def test_what_answers_is_clean(self):
        Page.objects.create(title="About", slug="about", published_at=timezone.now())
        self.tides.publish(
            by=self.erna, revision=self.tides.keep(self.content("Tides", slug="tides-again"), by=self.erna)
        )
        for href in (
            *("/tides-again/", "/tides/", "/tides-again", "/Tides/", "/about/", "/", "/rss/", "/archive/2026/"),
            *("/section/coast/", "/tag/tides/", "/author/ida-marsh/rss/", "/tides-again.md", "/share/tides.png"),
            *(
                "/search/?q=x",
                "https://else.example/nowhere/",
                "mailto:a@b.example",
                "#part",
                "/gulls/",
                "/newsletter/",
            ),
        ):
            assert self.to(href) == {State.OK}, href

    def test_what_leads_nowhere_is_wrong_and_is_named(self):
        for href in ("/nothing/", "/harbour/", "/fog/", "/section/hills/", "/author/nobody/", "/a/b/c/", "/fog.md"):
            assert self.to(href) == {State.WRONG}, href
        assert "/nothing/" in self.lines("links", body='<p><a href="/nothing/">x</a></p>')[0][1]

    def test_our_own_host_counts_as_ours(self):
        assert self.to("http://127.0.0.1:8000/nothing/") == {State.WRONG}
        assert self.to("http://127.0.0.1:8000/tides/") == {State.OK}

    def test_what_is_scheduled_there_will_answer(self):
        assert self.to("/storm/") == {State.ADVICE}

    def test_what_went_live_at_its_hour_answers_though_no_worker_wrote_its_address_down(self):
        Article.objects.filter(pk=self.storm.pk).update(published_at=timezone.now() - timedelta(seconds=1))
        assert self.to("/storm/") == {State.OK}

    def test_the_desk_and_previews_are_not_for_readers(self):
        assert self.to("/admin/") == self.to("/preview/" + "a" * 22 + "/") == {State.WRONG}

    def test_however_many_there_are_it_is_one_query(self):
        for count in (1, 40):
            links = "".join(f'<p><a href="/nothing-{number}/">x</a></p>' for number in range(count))
            content = replace(self.content("Gulls"), body=links)
            with self.assertNumQueries(3):  # photos, section, addresses
                check_list(content)


class WhatBlocks(NewsroomTestCase):
    def test_publishing_and_scheduling_are_refused_until_it_is_clean(self):
        self.harbour.keep(self.content("Harbour TK"), by=self.ida_login)
        for at in (None, timezone.now() + timedelta(days=1)):
            with self.assertRaisesMessage(ValidationError, "“TK” is left in the headline."):
                self.harbour.publish(by=self.erna, at=at)
        self.harbour.keep(self.content("Harbour", tags=(), photo=None), by=self.ida_login)
        self.harbour.publish(by=self.erna)
        assert self.harbour.is_live

    def test_what_moves_in_from_elsewhere_may_link_to_what_has_not_moved_in_yet(self):
        self.harbour.keep(self.content("Harbour", body='<p>See <a href="/later/">this</a>.</p>'), by=self.ida_login)
        with self.assertRaisesMessage(ValidationError, "The link to /later/ leads nowhere."):
            self.harbour.publish(by=self.erna)
        self.harbour.publish(by=self.erna, at=timezone.now() - timedelta(days=400))


class OnTheForm(DeskTestCase):
    def setUp(self):
        self.client.force_login(self.ida_login)

    def test_each_line_leads_to_its_field_and_saving_looks_again(self):
        self.press("save", self.harbour, standfirst="", body="<p>Depth: TK.</p>")
        page = self.client.get(change(self.harbour))
        self.assertContains(page, "Before it can be published")
        self.assertContains(page, "2 things to do")
        self.assertContains(page, '<a href="#id_standfirst" data-field="standfirst">Write a standfirst.</a>', html=True)
        self.assertContains(page, 'href="#id_body" data-field="body">“TK” is left in the text: “Depth: TK.”.')
        self.harbour.refresh_from_db()
        self.press("save", self.harbour)
        self.assertContains(self.client.get(change(self.harbour)), "nothing is in its way")

    def test_a_new_article_says_from_the_start_what_it_needs(self):
        page = self.client.get(f"{LIST}add/")
        self.assertContains(page, "Write a headline.")
        self.assertNotContains(page, "Name at least one author.")  # it is by whoever begins it

    def test_it_follows_what_is_kept_while_somebody_writes(self):
        kept = {"title": "Harbour", "standfirst": "", "body": "<p>Text</p>", "sitting": uuid4(), "based_on": 1}
        looked = self.client.post(f"{LIST}{self.harbour.pk}/autosave/", kept).json()["checklist"]
        assert "Write a standfirst." in looked
        looked = self.client.post(f"{LIST}{self.harbour.pk}/autosave/", kept | {"standfirst": "Of it."}).json()
        assert "It has a standfirst." in looked["checklist"]
        self.assertContains(self.client.get(change(self.harbour)), "It has a standfirst.")

    def test_what_readers_have_already_is_not_looked_through(self):
        self.assertNotContains(self.client.get(change(self.tides)), "Before it can be published")
        self.press("save", self.tides, "Tides TK")
        self.assertContains(self.client.get(change(self.tides)), "“TK” is left in the headline.")
