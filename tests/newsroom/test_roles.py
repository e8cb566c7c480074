"""Who may do what: by role, verb and object, on every address of the desk."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group

from articles.models import Article, Photo
from newsletter.models import Issue, Newsletter
from newsroom.roles import GRANTS, ROLES, may, may_every
from tests.articles.desk import ADD, DeskTestCase, change

VERBS = ("view", "change", "submit", "send_back", "publish", "withdraw", "delete")


class TheMatrix(DeskTestCase):
    def allowed(self, user, article: Article) -> set[str]:
        return {verb for verb in VERBS if may(user, verb, article)}

    def test_an_editor_may_do_everything_to_every_article_but_delete_what_was_published(self):
        assert self.allowed(self.erna, self.harbour) == set(VERBS)
        assert self.allowed(self.erna, self.tides) == set(VERBS) - {"delete"}

    def test_a_writer_may_write_and_submit_what_is_theirs(self):
        for article in (self.harbour, self.tides, self.storm, self.fog):
            assert self.allowed(self.ida_login, article) == {"view", "change", "submit"}
        assert self.allowed(self.ida_login, self.salt) == set()

    def test_an_article_under_a_writers_byline_is_theirs(self):
        shared = Article.objects.begin(self.content("Shared"), by=self.erna)
        assert self.allowed(self.ida_login, shared) == {"view", "change", "submit"}

    def test_a_contributor_may_change_own_drafts_until_they_are_submitted(self):
        draft = Article.objects.begin(self.content("Col’s", bylines=()), by=self.col)
        assert self.allowed(self.col, draft) == {"view", "change"}
        draft.submit(by=self.erna)
        assert self.allowed(self.col, draft) == {"view"}
        draft.publish(by=self.erna, revision=draft.keep(self.content("Col’s", slug="cols"), by=self.erna))
        assert self.allowed(self.col, draft) == {"view"}
        assert self.allowed(self.col, self.harbour) == set()

    def test_an_admin_may_do_everything_and_somebody_without_a_role_nothing(self):
        assert self.allowed(self.ada, self.salt) == set(VERBS)
        assert self.allowed(self.noll, self.salt) == set()

    def test_an_account_that_was_closed_may_do_nothing(self):
        self.ada.is_active = False
        assert not may(self.ada, "view", self.tides)
        assert not may_every(self.ada, "view", Article)

    def test_own_photos_are_a_writers_to_change_and_others_are_not(self):
        mine = Photo(uploaded_by=self.ida_login)
        assert may(self.ida_login, "change", mine)
        assert not may(self.ida_login, "change", self.photo)
        assert not may(self.col, "change", Photo(uploaded_by=self.col))

    def test_only_an_editor_sends_and_only_an_unsent_issue_is_changed(self):
        issue = Issue(newsletter=Newsletter(name="The Weekly"))
        assert may(self.erna, "send", issue) and may(self.erna, "change", issue)
        assert not may(self.ida_login, "send", issue)
        assert not may(self.ida_login, "view", issue)

    def test_groups_hold_what_the_rows_say(self):
        for role in ROLES:
            declared = {row.permission for row in GRANTS if role in row.roles}
            held = Group.objects.get(name=role).permissions.values_list("content_type__app_label", "codename")
            assert {f"{app}.{codename}" for app, codename in held} == declared

    def test_the_roles_page_prints_them(self):
        self.client.force_login(self.col)
        page = self.client.get("/admin/roles/")
        for words in ("change · own", "change · other people’s", "Draft, Submitted"):
            self.assertContains(page, words)


class OtherPeoplesArticles(DeskTestCase):
    ADDRESSES = ("change", "history", "delete", "preview")

    def test_a_writer_gets_403_without_a_word_about_them(self):
        self.client.force_login(self.ida_login)
        for name in self.ADDRESSES:
            answer = self.client.get(f"/admin/articles/article/{self.salt.pk}/{name}/")
            self.assertNotContains(answer, "Salt", status_code=403)
        for name in ("withdraw", "restore/1", "change"):
            answer = self.client.post(
                f"/admin/articles/article/{self.salt.pk}/{name}/", self.typed("Mine", on=self.salt)
            )
            self.assertNotContains(answer, "Salt", status_code=403)
        assert self.salt.revisions.count() == 1

    def test_numbers_that_do_not_exist_look_the_same(self):
        self.client.force_login(self.ida_login)
        for name in self.ADDRESSES:
            assert self.client.get(f"/admin/articles/article/999999/{name}/").status_code == 403

    def test_verbs_beyond_a_role_are_refused_and_not_offered(self):
        self.client.force_login(self.ida_login)
        self.assertNotContains(self.client.get(change(self.harbour)), "Publish now")
        for name in ("publish", "schedule", "send_back"):
            answer = self.client.post(change(self.harbour), self.typed("Harbour!", on=self.harbour) | {f"_{name}": ""})
            assert answer.status_code == 403
        assert self.client.post(ADD, self.typed("New") | {"_publish": ""}).status_code == 403
        assert self.client.post(f"/admin/articles/article/{self.tides.pk}/withdraw/").status_code == 403
        self.harbour.refresh_from_db()
        assert (self.harbour.stand, self.harbour.title) == (Article.Stand.DRAFT, "Harbour")
        assert not Article.objects.filter(title="New").exists()

    def test_fields_that_the_form_does_not_have_are_ignored(self):
        self.client.force_login(self.ida_login)
        extra = {"published_at": "2020-01-01", "begun_by": self.erna.pk, "status": "published", "is_superuser": "on"}
        self.client.post(change(self.harbour), self.typed("Harbour!", on=self.harbour) | extra)
        self.harbour.refresh_from_db()
        assert (self.harbour.title, self.harbour.published_at, self.harbour.begun_by) == (
            "Harbour!",
            None,
            self.ida_login,
        )

    def test_a_contributor_reads_a_submitted_draft_and_cannot_save_it(self):
        draft = Article.objects.begin(self.content("Col’s", bylines=()), by=self.col)
        draft.submit(by=self.erna)
        self.client.force_login(self.col)
        self.assertContains(self.client.get(change(draft)), "You can read this article, but not change it now.")
        assert self.client.post(change(draft), self.typed("Mine", on=draft)).status_code == 403


class EveryListOfTheDesk(DeskTestCase):
    """What is not granted is closed, whatever is registered later."""

    OPEN = {
        "editor": {"article", "photo", "section", "series", "tag", "page", "pick", "correction", "author"}
        | {"newsletter", "issue", "identity", "link", "publication"},
        "writer": {"article", "photo", "section", "series", "tag", "author"},
        "contributor": {"article", "photo", "section", "series", "tag", "author"},
    }

    def test_each_role_opens_its_own_and_nothing_else(self):
        people = {"editor": self.erna, "writer": self.ida_login, "contributor": self.col}
        for role, user in people.items():
            self.client.force_login(user)
            for model in admin.site._registry:
                address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
                is_open = self.client.get(address).status_code in {200, 302}
                assert is_open == (model._meta.model_name in self.OPEN[role]), (role, address)

    def test_an_admin_opens_every_list_form_and_empty_form(self):
        self.client.force_login(self.ada)
        for model in admin.site._registry:
            if model._meta.app_label == "procrastinate":
                continue
            address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
            assert self.client.get(address, follow=True).status_code == 200, address
            assert self.client.get(f"{address}add/").status_code in {200, 403}, address
            first = model._default_manager.first()
            if first is not None:
                assert self.client.get(f"{address}{first.pk}/change/").status_code == 200, address


@pytest.mark.parametrize("row", GRANTS, ids=lambda row: f"{row.model}-{row.verb}")
def test_each_row_names_a_permission_that_exists(row):
    options = apps.get_model(row.model)._meta
    known = {f"{verb}_{options.model_name}" for verb in options.default_permissions} | {
        name for name, _ in options.permissions
    }
    assert row.permission.partition(".")[2] in known
