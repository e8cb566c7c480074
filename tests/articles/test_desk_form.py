"""Writing: the form keeps revisions, never the live row, and loses nothing."""

from articles.content import Content
from articles.models import Article
from tests.articles.desk import ADD, LIST, DeskTestCase, change


class WhatSavingDoes(DeskTestCase):
    def setUp(self):
        self.client.force_login(self.ida_login)

    def test_a_new_article_is_a_draft_with_its_first_revision(self):
        answer = self.client.post(ADD, self.typed("Gulls") | {"_save": ""})
        gulls = Article.objects.get(title="Gulls")
        self.assertRedirects(answer, change(gulls))
        assert gulls.stand == Article.Stand.DRAFT
        assert gulls.begun_by == self.ida_login
        assert [revision.number for revision in gulls.revisions.all()] == [1]
        assert [author.name for author in gulls.people] == ["Ida Marsh", "Tom Gale"]

    def test_saving_a_live_text_leaves_the_readers_text_alone(self):
        before = Article.objects.values().get(pk=self.tides.pk)
        self.press("save", self.tides, "Tides, corrected")
        assert Article.objects.values().get(pk=self.tides.pk) == before
        assert self.tides.working_copy.content.title == "Tides, corrected"
        self.assertContains(self.client.get(change(self.tides)), "Live with unpublished changes")

    def test_the_form_opens_with_the_working_copy(self):
        self.press("save", self.tides, "Tides, corrected")
        self.assertContains(self.client.get(change(self.tides)), 'value="Tides, corrected"')

    def test_authors_keep_the_order_in_which_they_were_chosen(self):
        for first, second in ((self.tom, self.ida), (self.ida, self.tom)):
            self.press("save", self.harbour, bylines=[first.pk, second.pk])
            assert self.harbour.newest_revision.content.bylines == (first.pk, second.pk)
            page = self.client.get(change(self.harbour)).text
            assert page.index(f">{first}<") < page.index(f">{second}<")

    def test_a_new_article_starts_under_its_writers_name(self):
        self.assertContains(
            self.client.get(ADD), f'<option value="{self.ida.pk}" selected>Ida Marsh</option>', html=True
        )

    def test_an_empty_address_is_made_from_the_headline(self):
        self.client.post(ADD, self.typed("Élan vital", slug=""))
        assert Article.objects.get(title="Élan vital").slug == "elan-vital"

    def test_a_made_address_avoids_those_that_are_or_were_taken(self):
        self.tides.publish(by=self.erna, revision=self.tides.keep(self.content("Tides", slug="tides-2"), by=self.erna))
        # "tides" is what the form's script fills in.
        for typed, made in (("", "tides-3"), ("tides", "tides-4")):
            self.client.post(ADD, self.typed("Tides", slug=typed))
            assert Article.objects.latest("pk").slug == made

    def test_a_reserved_address_is_refused_and_nothing_is_lost(self):
        answer = self.client.post(ADD, self.typed("Gulls", slug="rss", standfirst="Typed with care."))
        self.assertContains(answer, "is an address of the house itself")
        self.assertContains(answer, "Typed with care.")
        assert not Article.objects.filter(title="Gulls").exists()

    def test_a_missing_headline_is_asked_for_and_nothing_is_lost(self):
        answer = self.client.post(ADD, self.typed("", standfirst="Typed with care."))
        self.assertContains(answer, "Write a headline, even a working one.")
        self.assertContains(answer, "Typed with care.")

    def test_the_same_text_twice_is_one_revision(self):
        facts = self.typed("Harbour, again", on=self.harbour)
        for _click in range(2):
            assert self.client.post(change(self.harbour), facts).status_code == 302
        assert self.harbour.revisions.count() == 2

    def test_saving_answers_that_it_was_saved(self):
        answer = self.client.post(change(self.harbour), self.typed("Harbour, again", on=self.harbour), follow=True)
        self.assertContains(answer, "Saved as revision 2.")


class TwoAtOnce(DeskTestCase):
    def setUp(self):
        self.client.force_login(self.ida_login)
        self.mine = self.typed("Mine", on=self.harbour, standfirst="My own standfirst.", body="<p>My own text.</p>")
        self.harbour.keep(self.content("Erna’s", slug="harbour"), by=self.erna, based_on=1)

    def test_the_second_one_gets_409_with_the_whole_text_and_the_other_revision(self):
        answer = self.client.post(change(self.harbour), self.mine)
        for piece in ("erna saved revision 2", "My own standfirst.", "My own text.", "?revision=2"):
            self.assertContains(answer, piece, status_code=409)
        assert self.harbour.newest_revision.content.title == "Erna’s"

    def test_saving_again_puts_it_on_top_and_the_history_keeps_both(self):
        form = self.client.post(change(self.harbour), self.mine).context["form"]
        assert (
            self.client.post(change(self.harbour), self.mine | {"based_on": form["based_on"].value()}).status_code
            == 302
        )
        assert [r.content.title for r in self.harbour.revisions.all()] == ["Mine", "Erna’s", "Harbour"]

    def test_a_form_that_does_not_say_what_it_is_based_on_overwrites_nobody(self):
        self.mine.pop("based_on")
        assert self.client.post(change(self.harbour), self.mine).status_code == 409

    def test_a_verb_on_an_old_text_is_not_carried_out(self):
        assert self.client.post(change(self.harbour), self.mine | {"_submit": ""}).status_code == 409
        self.harbour.refresh_from_db()
        assert self.harbour.stand == Article.Stand.DRAFT


class HostileText(DeskTestCase):
    BODY = (
        "<p onclick='steal()'>Calm <script>steal()</script><a href='javascript:steal()'>link</a></p>"
        "<img src=x onerror=steal()><iframe srcdoc='<p>x</p>'></iframe><svg><script>steal()</script></svg>"
    )
    TITLE = '<img src=x onerror="steal()">'

    def test_it_is_inert_in_what_is_kept_shown_and_previewed(self):
        self.client.force_login(self.ida_login)
        self.client.post(ADD, self.typed(self.TITLE, slug="calm", body=self.BODY))
        calm = Article.objects.get(slug="calm")
        assert calm.body == "<p>Calm link</p>"
        calm.publish(by=self.erna)
        of_calm = f"/admin/articles/article/{calm.pk}"
        pages = (
            change(calm),
            f"{of_calm}/preview/",
            f"{of_calm}/history/",
            f"{of_calm}/delete/",
            LIST,
            "/admin/",
            "/calm/",
        )
        for address in pages:
            page = self.client.get(address).text
            assert "steal()</script>" not in page, address
            assert "<img src=x" not in page, address
            assert "javascript:" not in page, address

    def test_template_syntax_is_printed_as_it_was_typed(self):
        self.client.force_login(self.ida_login)
        self.press("save", self.harbour, "{{ settings.SECRET_KEY }} {% include 'x' %}")
        self.assertContains(self.client.get(change(self.harbour)), "{{ settings.SECRET_KEY }}")


class AnOldRevision(DeskTestCase):
    def setUp(self):
        self.client.force_login(self.ida_login)
        self.harbour.keep(Content(title="Worse", slug="harbour"), by=self.ida_login)

    def test_it_is_listed_and_can_be_read(self):
        page = self.client.get(f"/admin/articles/article/{self.harbour.pk}/history/")
        self.assertContains(page, "Worse")
        self.assertContains(
            self.client.get(f"/admin/articles/article/{self.harbour.pk}/preview/?revision=1"), "Harbour"
        )

    def test_it_comes_back_as_a_new_one(self):
        self.client.post(f"/admin/articles/article/{self.harbour.pk}/restore/1/", {"based_on": 2})
        assert [r.content.title for r in self.harbour.revisions.all()] == ["Harbour", "Worse", "Harbour"]

    def test_one_that_never_was_is_not_found(self):
        for number in ("9", "²", "-1", "9" * 30):
            answer = self.client.get(f"/admin/articles/article/{self.harbour.pk}/preview/", {"revision": number})
            assert answer.status_code == 404, number
