"""Every address of the desk, asked by everybody about everything: the answers are those of the declared rows.

An address that stands in none of the tables here fails the first test: whoever adds one says who may ask it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.test import TestCase
from django.urls import URLResolver, get_resolver
from django.utils import timezone

from articles.models import Article, Correction, Page, Pick, Series
from articles.roles import WORKS_IN, reach
from newsletter.letters.content import IssueContent
from newsletter.models import Delivery, Issue, Lane, Newsletter, Pace, Return, Subscriber, Suppression
from newsletter.people.intake import Intake
from newsroom import roles
from newsroom.identity.models import Link
from newsroom.roles import ADMIN, CONTRIBUTOR, EDITOR, GRANTS, WRITER
from tests.cast import Cast, make_photo, make_user

Stand = Article.Stand
NOBODY, STRANGER = "staff without a role", "anonymous"
PEOPLE = (ADMIN, EDITOR, WRITER, CONTRIBUTOR, NOBODY)
FINE = {200, 204, 302}


@dataclass(frozen=True)
class Door:
    """One address of an article: what is needed to GET and to POST it; None where the method is not answered."""

    path: str
    get: tuple[str, ...] | None
    post: tuple[str, ...] | None
    pressed: str = ""


# Of the article's own form, each button is a door.
DOORS = {
    "articles_article_change": (
        Door("change/", ("view",), ("change",), "_save"),
        Door("change/", ("view",), ("change", "submit"), "_submit"),
        Door("change/", ("view",), ("change", "send_back"), "_send_back"),
        Door("change/", ("view",), ("change", "publish"), "_publish"),
        Door("change/", ("view",), ("change", "publish"), "_schedule"),
    ),
    "articles_article_delete": (Door("delete/", ("delete",), ("delete",)),),
    "articles_article_history": (Door("history/", ("view",), ("view",)),),
    "articles_article_compare": (Door("compare/", ("view",), None),),
    "articles_article_name": (Door("name/1/", None, ("change",)),),
    "articles_article_preview": (Door("preview/", ("view",), ("view",)),),
    "articles_article_autosave": (Door("autosave/", None, ("change",)),),
    "articles_article_attend": (Door("attend/", None, ("view",)),),
    "articles_article_discard": (Door("discard/00000000-0000-4000-8000-000000000000/", None, ("change",)),),
    "articles_article_withdraw": (Door("withdraw/", None, ("view", "withdraw")),),
    "articles_article_restore": (Door("restore/1/", None, ("change",)),),
    "articles_article_open_preview": (Door("preview-links/", None, ("open_preview",)),),
    "articles_article_revoke_preview": (Door("preview-links/{link}/revoke/", None, ("open_preview",)),),
}
# What has no object, or whose rows are walked below.
ELSEWHERE = {
    *("index", "login", "logout", "password_change", "password_change_done", "jsi18n", "app_list", "search"),
    *("articles_article_begin", "articles_article_back", "articles_article_worker", "articles_article_offline"),
    "articles_article_linkable",
    *("roles", "account", "installation", "leave", "view_on_site", "autocomplete"),
    *("articles_photo_choose", "articles_photo_told", "articles_photo_bulk"),
    *(
        "newsletter_issue_preflight",
        "newsletter_issue_preview",
        "newsletter_issue_try",
        "newsletter_issue_autosave",
        "newsletter_issue_discard",
    ),
    *("newsletter_issue_attend", "newsletter_issue_schedule", "newsletter_issue_reconcile"),
    *("newsletter_issue_restore", "newsletter_issue_compare", "newsletter_issue_do", "auth_user_password_change"),
    *("figures", "issue_figures", "believe_returns", "newsletter_suppression_lift"),
    *("newsletter_delivery_do", "newsletter_lane_do"),
    *(f"newsletter_subscriber_{name}" for name in ("import", "intake", "refused", "export", "do")),
}
GENERIC = ("changelist", "add", "history", "delete", "change")
# What nobody does, whatever their role: the desk itself closes it.
NEVER = {
    "newsletter.subscriber": {"add", "change", "delete"},
    "newsletter.suppression": {"change", "delete"},
    "newsletter.return": {"add", "change", "delete"},
    "newsletter.delivery": {"add", "change", "delete"},
    "newsletter.lane": {"add", "change", "delete"},
    "newsletter.pace": {"add", "delete"},  # there is one, and it is there
    "audit.entry": {"add", "change", "delete"},
    "articles.publication": {"add", "change", "delete"},
    "identity.identity": {"add", "delete"},  # there is one, and it is there
    "procrastinate.procrastinatejob": {"add", "change", "delete"},
    "newsletter.issue": set(),
}


def names_of(resolver: URLResolver) -> Iterator[tuple[str, str]]:
    for found in resolver.url_patterns:
        if isinstance(found, URLResolver):
            yield from names_of(found)
        else:
            yield found.name or "", str(found.pattern)


class EveryAddressIsDeclared(TestCase):
    def test_none_is_missing_here(self):
        desk = next(found for found in get_resolver().url_patterns if getattr(found, "app_name", "") == "admin")
        generic = {
            f"{model._meta.app_label}_{model._meta.model_name}_{name}"
            for model in admin.site._registry
            for name in GENERIC
        }
        found = {name for name, _pattern in names_of(desk) if name}
        assert found - generic == set(DOORS) - generic | ELSEWHERE
        # Without a name: Django's old addresses, which lead to the form, and the end of the road.
        assert {pattern.rpartition("<path:object_id>/")[1] for name, pattern in names_of(desk) if not name} == {
            *("<path:object_id>/", "")
        }


class WalkingCast(Cast, TestCase):
    """Each person has an article of their own in each stand, and Sybil, who is nobody's colleague, has five more."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.gather()
        cls.people = {EDITOR: cls.erna, WRITER: cls.ida_login}
        for role in (ADMIN, CONTRIBUTOR):
            cls.people[role] = make_user(role, role)
        cls.people[NOBODY] = make_user("nobody", roles.CONTRIBUTOR)
        cls.people[NOBODY].groups.clear()
        cls.sybil = make_user("sybil", roles.WRITER)
        cls.articles = {
            (whose, stand): cls.stood(person, whose, stand)
            for whose, person in (cls.people | {"other": cls.sybil}).items()
            for stand in Stand
        }

    @classmethod
    def stood(cls, person, whose: str, stand: Stand) -> Article:
        title = f"Zebra {whose} {stand}".replace("staff without a role", "none")
        article = Article.objects.begin(cls.content(title, bylines=(cls.tom.pk,)), by=person)
        if stand == Stand.SUBMITTED:
            article.submit(by=person)
        elif stand != Stand.DRAFT:
            article.publish(by=cls.erna, at=timezone.now() + timedelta(days=1 if stand == Stand.SCHEDULED else -1))
            if stand == Stand.WITHDRAWN:
                article.withdraw(by=cls.erna)
        article.link, _token = article.open_preview(by=cls.erna)
        return article

    @contextmanager
    def undone(self) -> Iterator[None]:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)

    def answer(self, method: str, path: str, data: dict | None = None):
        with self.undone():
            return getattr(self.client, method)(path, data or {})

    def assert_refused(self, answer, *secrets: str) -> None:
        assert answer.status_code == 403, answer.request["PATH_INFO"]
        words = answer.content.decode()
        assert not [secret for secret in secrets if secret and secret in words]


class Articles(WalkingCast):
    def expected(self, role: str, needs: tuple[str, ...], *, own: bool, stand: Stand) -> bool:
        # To delete what readers had is closed to everybody; every other verb explains itself.
        if "delete" in needs and stand not in WORKS_IN["delete"]:
            return False
        return all(stand in reach(role, verb, own=own) for verb in needs)

    def walk(self, role: str) -> int:
        asked = 0
        self.client.force_login(self.people[role])
        for whose in (role, "other"):
            # To an admin nothing is another's: once through is enough.
            for stand in Stand if (role, whose) != (ADMIN, ADMIN) else [Stand.DRAFT]:
                article = self.articles[whose, stand]
                content = self.content(article.title)
                form = {"title": article.title, "slug": article.slug, "standfirst": "x", "body": content.body}
                form |= {"section": self.coast.pk, "bylines": [self.tom.pk], "based_on": 1, "at": "2040-01-01T12:00"}
                for door in [door for doors in DOORS.values() for door in doors]:
                    path = f"/admin/articles/article/{article.pk}/{door.path.format(link=article.link.pk)}"
                    methods = (
                        {"post": door.post}
                        if door.pressed not in {"", "_save"}
                        else {
                            "get": door.get,
                            "post": door.post,
                        }
                    )
                    for method, needs in methods.items():
                        data = form | {door.pressed: ""} if method == "post" and door.pressed else None
                        answer, asked = self.answer(method, path, data), asked + 1
                        told = (role, whose, stand, method, path, door.pressed, answer.status_code)
                        if needs is None:
                            assert answer.status_code == 405, told
                        elif self.expected(role, needs, own=whose == role, stand=stand):
                            assert answer.status_code in FINE, told
                            assert not answer.get("Location", "").startswith("/admin/login/"), told
                        else:
                            assert answer.status_code == 403, told
                            self.assert_refused(answer, article.title, article.slug)
        return asked

    def test_an_admin(self):
        assert self.walk(ADMIN) > 100

    def test_an_editor(self):
        assert self.walk(EDITOR) > 100

    def test_a_writer(self):
        assert self.walk(WRITER) > 100

    def test_a_contributor(self):
        assert self.walk(CONTRIBUTOR) > 100

    def test_staff_without_a_role(self):
        assert self.walk(NOBODY) > 100

    def test_the_matrix_itself_is_not_empty_nor_full(self):
        assert reach(WRITER, "change", own=True) == set(Stand)
        assert reach(CONTRIBUTOR, "change", own=True) == {Stand.DRAFT}
        for role in (WRITER, CONTRIBUTOR, NOBODY):
            for verb in WORKS_IN:
                assert not reach(role, verb, own=False), (role, verb)
            for verb in ("publish", "withdraw", "send_back", "delete"):
                assert not reach(role, verb, own=True), (role, verb)

    def test_without_a_login_there_is_only_the_login(self):
        for door in [door for doors in DOORS.values() for door in doors]:
            article = self.articles["other", Stand.DRAFT]
            path = f"/admin/articles/article/{article.pk}/{door.path.format(link=article.link.pk)}"
            for method in ("get", "post"):
                answer = self.answer(method, path)
                assert answer.status_code == 302 and answer["Location"].startswith("/admin/login/"), path

    def test_lists_choosers_and_the_first_page_name_only_what_one_may_see(self):
        for role in PEOPLE:
            self.client.force_login(self.people[role])
            for path in (
                *("/admin/", "/admin/articles/", "/admin/search/?s=zebra", "/admin/articles/article/?q=Zebra"),
                *(
                    f"/admin/autocomplete/?app_label={app}&model_name={model}&field_name=article&term=Zebra"
                    for app, model in (("articles", "pick"), ("articles", "correction"))
                ),
                "/admin/articles/article/?_popup=1&_to_field=id",
                "/admin/articles/photo/choose/?q=Zebra",
            ):
                words = self.answer("get", path).content.decode()
                sees_all = role in {ADMIN, EDITOR}
                assert sees_all or "Zebra other" not in words, (role, path)

    def test_the_door_to_the_site_opens_to_whoever_may_see_the_object(self):
        kind = ContentType.objects.get_for_model(Article).pk
        for role in PEOPLE:
            self.client.force_login(self.people[role])
            for whose in (role, "other"):
                article = self.articles[whose, Stand.DRAFT]
                answer = self.answer("get", f"/admin/r/{kind}/{article.pk}/")
                if Stand.DRAFT in reach(role, "view", own=whose == role):
                    assert answer.status_code == 302, (role, whose)
                else:
                    self.assert_refused(answer, article.title, article.slug)
            gone = self.answer("get", f"/admin/r/{kind}/999999/")
            assert gone.status_code == (404 if role in {ADMIN, EDITOR} else 403), role

    def test_a_form_sent_to_somebody_elses_list_does_nothing(self):
        for role in (WRITER, CONTRIBUTOR, NOBODY):
            self.client.force_login(self.people[role])
            article = self.articles["other", Stand.LIVE]
            for action in ("publish_now", "withdraw_chosen", "delete_selected"):
                answer = self.client.post(
                    "/admin/articles/article/", {"action": action, "_selected_action": [article.pk]}, follow=True
                )
                assert article.title not in answer.content.decode(), (role, action)
            article.refresh_from_db()
            assert article.is_live


class EverythingElse(WalkingCast):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        weekly = Newsletter.objects.create(name="Weekly", slug="weekly")
        cls.issue = Issue.objects.begin(weekly, IssueContent(subject="Zebra letter"), by=None)
        cls.other_photo, cls.own_photo = (make_photo(caption=f"Zebra {whose}") for whose in ("other", "own"))
        for photo, person in ((cls.other_photo, cls.sybil), (cls.own_photo, cls.ida_login)):
            photo.uploaded_by = person
            photo.save()
        Pick.objects.create(article=cls.tides)
        Correction.objects.create(article=cls.tides, wrong="Zebra wrong", right="Zebra right")
        Page.objects.create(title="Zebra page", slug="zebra-page")
        Series.objects.create(name="Zebra series", slug="zebra-series")
        Link.objects.create(place="header", label="The tides", path="/tides/")
        cls.reader = Subscriber.objects.known_as("zebra@readers.example")
        cls.intake = Intake("0" * 32, "zebra.csv", "subscribers", weekly.pk, cls.people[ADMIN].pk, 1, "read")
        cls.intake.report = {"rows": 1, "source": "CSV", "encoding": "utf-8"}
        cls.bar = Suppression.objects.bar("x@y.example", Suppression.Reason.OPERATOR, note="Zebra note")
        Return.objects.create(kind="bounced", at=timezone.now(), source="mailbox", key="zebra", said="Zebra is unknown")
        cls.zebra = Delivery.objects.create(issue=cls.issue, address="zebra@readers.example", token="z")
        Lane.objects.stumble("zebra.example", "421 4.4.5 Zebra is overloaded")
        Pace.objects.create(pk=1)

    def setUp(self):
        self.intake.keep()

    def rows(self, role: str, model: str, verb: str) -> bool:
        if verb in NEVER.get(model, ()):
            return False
        return role == ADMIN or any((row.model, row.verb) == (model, verb) and role in row.roles for row in GRANTS)

    def holds(self, role: str, model: str, verb: str, found) -> bool:
        """The rows, and of those with a test what it comes to for the objects of this cast."""
        if not self.rows(role, model, verb):
            return False
        if model == "articles.photo" and role == WRITER and verb == "change":
            return found == self.own_photo
        return True

    def objects(self) -> Iterator[tuple[str, object]]:
        for model in admin.site._registry:
            label = model._meta.label_lower
            if label == "articles.photo":
                yield from ((label, photo) for photo in (self.other_photo, self.own_photo))
            elif label != "articles.article":
                yield label, model._default_manager.order_by("-pk").first()

    def test_each_list_and_form_is_open_to_its_roles(self):
        asked = 0
        objects = list(self.objects())
        assert len([found for _label, found in objects if found is None]) == 0
        for role in PEOPLE:
            self.client.force_login(self.people[role])
            for label, found in objects:
                base = f"/admin/{label.replace('.', '/')}/"
                may = {verb: self.holds(role, label, verb, found) for verb in ("view", "add", "change", "delete")}
                sees = may["view"] or may["change"]
                for method, path, is_open in (
                    ("get", base, sees),
                    ("get", f"{base}add/", may["add"]),
                    ("post", f"{base}add/", may["add"]),
                    ("get", f"{base}{found.pk}/change/", sees),
                    ("post", f"{base}{found.pk}/change/", may["change"]),
                    ("get", f"{base}{found.pk}/delete/", may["delete"]),
                    ("post", f"{base}{found.pk}/delete/", may["delete"]),
                    ("get", f"{base}{found.pk}/history/", sees),
                ):
                    # What an open form does with what is sent is for the tests of that form.
                    if method == "post" and is_open:
                        continue
                    answer, asked = self.answer(method, path), asked + 1
                    told = (role, method, path, answer.status_code)
                    assert (answer.status_code in FINE) == is_open, told
                    if not is_open:
                        self.assert_refused(answer, "Zebra", "zebra@")
        assert asked > 500

    def test_what_is_not_a_list_or_a_form(self):
        person = self.sybil.pk
        doors = (
            ("get", f"/admin/authors/user/{person}/leave/", {ADMIN}),
            ("post", f"/admin/authors/user/{person}/leave/", {ADMIN}),
            ("get", f"/admin/authors/user/{person}/password/", {ADMIN}),
            ("post", f"/admin/authors/user/{person}/password/", {ADMIN}),
            ("get", f"/admin/newsletter/issue/{self.issue.pk}/preview/", {ADMIN, EDITOR}),
            ("post", f"/admin/newsletter/issue/{self.issue.pk}/do/pause/", {ADMIN, EDITOR}),
            ("post", f"/admin/newsletter/issue/{self.issue.pk}/schedule/", {ADMIN, EDITOR}),
            ("get", f"/admin/newsletter/issue/{self.issue.pk}/reconcile/", {ADMIN}),
            ("post", f"/admin/newsletter/issue/{self.issue.pk}/reconcile/", {ADMIN}),
            ("get", f"/admin/newsletter/issue/{self.issue.pk}/history/", {ADMIN, EDITOR}),
            ("get", f"/admin/newsletter/issue/{self.issue.pk}/compare/?new=1&old=1", {ADMIN, EDITOR}),
            ("post", f"/admin/newsletter/issue/{self.issue.pk}/try/", {ADMIN, EDITOR}),
            ("post", f"/admin/newsletter/issue/{self.issue.pk}/autosave/", {ADMIN, EDITOR}),
            ("post", f"/admin/newsletter/issue/{self.issue.pk}/attend/", {ADMIN, EDITOR}),
            ("post", f"/admin/newsletter/issue/{self.issue.pk}/discard/{uuid4()}/", {ADMIN, EDITOR}),
            ("post", f"/admin/newsletter/issue/{self.issue.pk}/restore/1/", {ADMIN, EDITOR}),
            ("get", f"/admin/newsletter/issue/{self.issue.pk}/preflight/", {ADMIN, EDITOR}),
            ("post", f"/admin/newsletter/issue/{self.issue.pk}/preflight/", {ADMIN, EDITOR}),
            ("get", "/admin/installation/", {ADMIN}),
            ("post", "/admin/installation/", {ADMIN}),
            ("get", "/admin/figures/", {ADMIN, EDITOR}),
            ("get", f"/admin/figures/{self.issue.pk}/", {ADMIN, EDITOR}),
            ("post", f"/admin/figures/{self.issue.pk}/believe/", {ADMIN}),
            ("post", f"/admin/newsletter/suppression/{self.bar.pk}/lift/", {ADMIN}),
            ("post", f"/admin/newsletter/delivery/{self.zebra.pk}/do/again/", {ADMIN}),
            ("post", f"/admin/newsletter/delivery/{self.zebra.pk}/do/failed/", {ADMIN}),
            ("post", f"/admin/newsletter/lane/{Lane.objects.get().pk}/do/give-up/", {ADMIN}),
            *(
                ("post", f"/admin/newsletter/subscriber/{self.reader.pk}/do/{verb}/", {ADMIN})
                for verb in ("take-off", "suppress", "lift", "erase")
            ),
            ("get", "/admin/newsletter/subscriber/import/", {ADMIN}),
            ("post", "/admin/newsletter/subscriber/import/", {ADMIN}),
            ("post", "/admin/newsletter/subscriber/export/", {ADMIN}),
            *(
                (method, f"/admin/newsletter/subscriber/import/{self.intake.token}/{end}", {ADMIN})
                for method, end in (("get", ""), ("get", "refused/"), ("post", ""))
            ),
            ("get", "/admin/articles/photo/choose/", {ADMIN, EDITOR, WRITER, CONTRIBUTOR}),
            ("get", "/admin/articles/article/add/", {ADMIN, EDITOR, WRITER, CONTRIBUTOR}),
            ("get", "/admin/articles/tag/add/?_popup=1&_to_field=id", {ADMIN, EDITOR, WRITER}),
            ("get", "/admin/autocomplete/?app_label=authors&model_name=author&field_name=user", {ADMIN}),
            ("get", "/admin/newsletter/", {ADMIN, EDITOR}),
            ("post", "/admin/articles/article/autosave/", {ADMIN, EDITOR, WRITER, CONTRIBUTOR}),
            ("get", "/admin/articles/article/back/", set(PEOPLE)),
            *(
                ("get", f"/admin/articles/article/{name}", {ADMIN, EDITOR, WRITER, CONTRIBUTOR})
                for name in ("worker.js", "offline/")
            ),
            *(("get", f"/admin/{name}/", set(PEOPLE)) for name in ("roles", "account", "password_change")),
            ("get", "/admin/", set(PEOPLE)),
        )
        for role in PEOPLE:
            self.client.force_login(self.people[role])
            for method, path, opens in doors:
                self.intake.keep()
                answer = self.answer(method, path)
                told = (role, method, path, answer.status_code)
                if role in opens:
                    assert answer.status_code in FINE, told
                elif path == "/admin/newsletter/":
                    assert answer.status_code == 404, told
                else:
                    self.assert_refused(answer, "Zebra", "sybil")
        self.client.logout()
        for method, path, _opens in doors:
            answer = self.answer(method, path)
            assert answer.status_code == 302 and "/admin/login/" in answer["Location"], path

    def test_a_login_that_is_not_staff_is_a_stranger(self):
        self.people[EDITOR].is_staff = False
        self.people[EDITOR].save()
        self.client.force_login(self.people[EDITOR])
        for label, found in self.objects():
            path = f"/admin/{label.replace('.', '/')}/{found.pk}/change/"
            assert "/admin/login/" in self.answer("get", path)["Location"], path
