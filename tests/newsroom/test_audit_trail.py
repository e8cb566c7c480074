"""The trail: each verb writes one line, and the lines can be read however many there are."""

import inspect
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import FunctionType
from uuid import uuid4

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.db import connection, transaction
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles import leaving
from articles.admin import photo as photos
from articles.models import Article, Correction, Pick, PreviewLink
from newsletter.letters.content import IssueContent
from newsletter.models import (
    Delivery,
    Installation,
    Issue,
    Lane,
    LetterOnPublish,
    Pace,
    Preflight,
    Subscriber,
    Suppression,
)  # fmt: skip
from newsletter.people import person as people
from newsletter.people.exporting import export_subscribers
from newsletter.people.importing import import_subscribers
from newsletter.people.replaying import replay_optouts
from newsletter.people.suppressions import import_suppressions
from newsroom.audit.models import Entry
from newsroom.written import Written
from tests.articles.desk import ADD, DeskTestCase
from tests.cast import make_photo, picture
from tests.newsletter.letters import SendingTestCase, frozen

TRAIL = "/admin/audit/entry/"


def verbs_of_the_house() -> dict[str, FunctionType]:
    """Whatever takes who did it: the public methods of our models and their managers, and the verbs beside them."""
    homes: list[type] = []
    for label in ("articles", "authors", "newsletter", "identity"):
        for model in apps.get_app_config(label).get_models():
            manager = type(model._default_manager)
            queryset = getattr(manager, "_queryset_class", manager)
            homes += [model, manager if queryset is QuerySet else queryset]
    found = {
        f"{home.__name__}.{name}": method
        for home in homes
        for base in home.__mro__
        if base in {home, Written}
        for name, method in vars(base).items()
        if isinstance(method, FunctionType) and not name.startswith("_")
    }
    found |= {"leaving.leave": leaving.leave, "photo.keep": photos.keep}
    verbs = (people.take_off, people.suppress, people.lift_suppression, people.erase, import_subscribers)
    found |= {
        f"people.{verb.__name__}": verb for verb in (*verbs, import_suppressions, export_subscribers, replay_optouts)
    }
    return {name: method for name, method in found.items() if "by" in inspect.signature(method).parameters}


class EachVerbWritesOneLine(SendingTestCase):
    # Part of another verb, which writes the line; or what somebody does for themselves alone, each second.
    NOT_ALONE = {
        "Photo.take",
        "Article.sit",
        "Article.attend",
        "Article.leave",
        "Article.discard",
        "Issue.sit",
        "Issue.attend",
        "Issue.leave",
        "PresenceQuerySet.attend",
        "Issue.discard",
    }

    # Made of others, each of which writes its own.
    LINES = {"people.lift_suppression": 2, "Article.correct": 3}

    def setUp(self):
        self.by = {"by": self.erna}
        self.draft = Article.objects.begin(self.content("Draft"), **self.by)
        self.submitted = Article.objects.begin(self.content("Submitted"), **self.by)
        self.submitted.submit(**self.by)
        self.link, _token = self.draft.open_preview(**self.by)
        self.photo_of_mine = make_photo()
        self.note = Correction.objects.create(article=self.tides, wrong="x", right="y")

    def presses(self) -> dict:
        content = self.content("New words")
        return {
            "ArticleQuerySet.begin": lambda: Article.objects.begin(content, **self.by),
            "ArticleQuerySet.begun_in": lambda: Article.objects.begun_in(uuid4(), content, turn=1, **self.by),
            "Article.keep": lambda: self.draft.keep(content, **self.by),
            "Article.submit": lambda: self.draft.submit(**self.by),
            "Article.send_back": lambda: self.submitted.send_back(**self.by, note="No."),
            "Article.publish": lambda: self.submitted.publish(**self.by),
            "Article.withdraw": lambda: self.tides.withdraw(**self.by),
            "Article.open_preview": lambda: self.draft.open_preview(**self.by),
            "PreviewLinkQuerySet.make": lambda: PreviewLink.objects.make(self.draft, **self.by),
            "PreviewLink.revoke": lambda: self.link.revoke(**self.by),
            "Article.correct": lambda: self.tides.correct(
                self.content("Tides", body="<p>New.</p>"), Correction(wrong="a", right="b"), **self.by
            ),
            "Article.restore": lambda: self.draft.restore(self.draft.newest_revision, **self.by),
            "Correction.file": lambda: Correction(article=self.tides, wrong="c", right="d").file(**self.by),
            "Correction.amend": lambda: self.note.amend(**self.by),
            "Correction.take_back": lambda: self.note.take_back(**self.by),
            "Revision.call": lambda: self.draft.newest_revision.call("As it was", **self.by),
            "User.choose_mails": lambda: self.erna.choose_mails([], **self.by),
            "leaving.leave": lambda: leaving.leave(self.ida_login, to=self.erna, **self.by),
            "photo.keep": lambda: photos.keep(self.photo_of_mine, **self.by, is_new=False),
            "PickManager.arrange": lambda: Pick.objects.arrange([self.tides.pk], was=Pick.objects.order(), **self.by),
            "PickManager.drop": lambda: (
                Pick.objects.create(article=self.tides),
                Pick.objects.drop(self.tides.pk, **self.by),
            ),
            "InstallationManager.confirm": self.confirmed_anew,
            "Preflight.overrule": lambda: Preflight.objects.keep(self.issue, []).overrule(**self.by, because="x"),
            "people.take_off": lambda: people.take_off(self.rosa.subscriber, **self.by),
            "people.suppress": lambda: people.suppress(self.rosa.subscriber, **self.by),
            "people.lift_suppression": lambda: people.lift_suppression(self.suppressed(), because="x", **self.by),
            "people.erase": lambda: people.erase(self.rosa.subscriber, **self.by),
            "people.import_subscribers": lambda: import_subscribers(self.list(), newsletter=self.weekly, **self.by),
            "people.import_suppressions": lambda: import_suppressions(
                self.list(), newsletters=[self.weekly], kind="bounces", **self.by
            ),
            "people.replay_optouts": lambda: replay_optouts(**self.by),
            "people.export_subscribers": lambda: export_subscribers(newsletter=self.weekly, **self.by),
            "IssueQuerySet.begin": lambda: Issue.objects.begin(self.weekly, IssueContent(subject="New"), **self.by),
            "IssueQuerySet.begin_like_last": lambda: Issue.objects.begin_like_last(
                self.weekly, subject="Next", **self.by
            ),
            "IssueQuerySet.begin_from": lambda: Issue.objects.begin_from(
                self.tides, newsletter=self.weekly, publication=None, **self.by
            ),
            "Issue.keep": lambda: self.issue.keep(replace(self.issue.content, subject="Kept"), **self.by),
            "Issue.restore": lambda: self.issue.restore(self.issue.newest_revision, **self.by),
            "Issue.try_out": lambda: self.issue.try_out([self.erna], **self.by),
            "LetterOnPublishQuerySet.choose": lambda: LetterOnPublish.objects.choose(
                self.tides, {self.weekly.pk}, among={self.weekly.pk}, **self.by
            ),
            "Issue.send": lambda: self.issue.send(**self.by),
            "Issue.cancel_sending": lambda: self.prepared(sent=True).cancel_sending(**self.by),
            "Issue.pause": lambda: self.prepared(sent=True).pause(**self.by, because="Wait."),
            "Issue.resume": lambda: self.prepared(sent=True, paused=True).resume(**self.by),
            "Suppression.lift": lambda: Suppression.objects.get().lift(**self.by, because="They wrote."),
            "Issue.reconcile": lambda: self.uncertain().reconcile("failed", **self.by),
            "Delivery.send_again": lambda: self.a_copy("accepted").send_again(**self.by),
            "Delivery.settle": lambda: self.a_copy("uncertain").settle("failed", **self.by),
            "Lane.let_through": lambda: self.lane().let_through(**self.by),
            "Lane.give_up": lambda: self.lane().give_up(**self.by),
            "Pace.set": lambda: Pace.objects.current().set(per_second=5, per_hour=None, **self.by),
        }

    def confirmed_anew(self) -> None:
        Installation.objects.forget()
        Installation.objects.confirm(**self.by)

    def suppressed(self) -> Subscriber:
        Suppression.objects.bar(self.rosa.subscriber.email, Suppression.Reason.OPERATOR)
        return self.rosa.subscriber

    def list(self) -> Path:
        path = settings.SCRATCH / "trail.csv"
        path.write_text("email\nnew@readers.example\n")
        return path

    def prepared(self, *, sent: bool = False, paused: bool = False) -> Issue:
        facts = {"send_at": timezone.now() + timedelta(hours=1) if sent else None}
        Issue.objects.filter(pk=self.issue.pk).update(**facts, paused_at=timezone.now() if paused else None)
        return self.issue

    def a_copy(self, state: str) -> Delivery:
        issue = frozen(self.issue)
        issue.deliveries.update(state=state)
        self.before = Entry.objects.count()
        return issue.deliveries.first()

    def lane(self) -> Lane:
        Lane.objects.stumble("readers.example", "421 4.4.5 Overloaded")
        return Lane.objects.get()

    def uncertain(self) -> Issue:
        issue = frozen(self.issue)
        issue.deliveries.filter(pk=issue.deliveries.first().pk).update(state="uncertain", settled_at=None)
        self.before = Entry.objects.count()
        return issue

    def test_each_of_them_is_pressed_here(self):
        assert set(self.presses()) == set(verbs_of_the_house()) - self.NOT_ALONE

    def test_who_what_on_what_when_and_from_where(self):
        for name, press in self.presses().items():
            with self.subTest(name), transaction.atomic():
                self.before = Entry.objects.count()
                moment = timezone.now()
                press()
                assert Entry.objects.count() == self.before + self.LINES.get(name, 1), name
                line = Entry.objects.order_by("-pk").first()
                assert (line.person, line.person_name, line.origin) == (self.erna, "erna", "shell"), name
                assert line.verb and line.subject and line.subject_id and line.at >= moment, name
                transaction.set_rollback(True)
            for found in (self.draft, self.submitted, self.tides, self.link, self.erna, self.ida_login, self.issue):
                found.refresh_from_db()


class FormsWriteOneLine(DeskTestCase):
    """What is changed in a form of the desk, without a verb of its own."""

    def setUp(self):
        self.client.force_login(self.ada)

    def lines(self, path: str, data: dict) -> list[str]:
        newest = Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        answer = self.client.post(path, data, REMOTE_ADDR="192.0.2.7")
        assert answer.status_code == 302, (path, answer.status_code)
        lines = Entry.objects.filter(pk__gt=newest)
        assert {(line.person, line.origin) for line in lines} <= {(self.ada, "192.0.2.7")}
        return [line.verb for line in lines]

    def test_adding_changing_and_deleting(self):
        facts = {"name": "Hills", "slug": "hills", "description": "", "position": 2}
        assert self.lines("/admin/articles/section/add/", facts) == ["add"]
        path = f"/admin/articles/section/{type(self.coast).objects.get(slug='hills').pk}"
        assert self.lines(f"{path}/change/", facts | {"name": "Hill"}) == ["change"]
        assert self.lines(f"{path}/delete/", {"post": "yes"}) == ["delete"]

    def test_a_list_that_is_edited_writes_a_line_for_each_that_changed(self):
        rows = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-0-id": self.coast.pk, "form-0-position": 7}
        assert self.lines("/admin/articles/section/", rows | {"_save": ""}) == ["change"]

    def test_those_with_verbs_of_their_own_write_no_second_one(self):
        page = {"title": "About", "slug": "about", "standfirst": "", "body": "<p>x</p>"}
        assert self.lines("/admin/articles/page/add/", page) == ["save page"]
        facts = {"article": self.tides.pk, "kind": "update", "wrong": "a", "right": "b"}
        facts |= {"published_at_0": "2026-01-01", "published_at_1": "10:00"}
        assert self.lines("/admin/articles/correction/add/", facts) == ["correct"]
        photo = {"file": picture(), "alt": "Water", "caption": "", "kind": "photo", "maker": "M", "focus_x": "0.5"}
        assert self.lines("/admin/articles/photo/add/", photo | {"focus_y": "0.5"}) == ["upload"]
        assert self.lines(f"/admin/articles/article/{self.harbour.pk}/delete/", {"post": "yes"}) == ["delete"]

    def test_logins(self):
        facts = {"username": "new", "email": "new@magazine.example", "role": "writer", "usable_password": "true"}
        words = {"password1": "long-enough-word", "password2": "long-enough-word"}
        assert self.lines("/admin/authors/user/add/", facts | words) == ["appoint"]
        person = type(self.ada).objects.get(username="new")
        path = f"/admin/authors/user/{person.pk}"
        assert self.lines(f"{path}/change/", facts | {"role": "editor", "is_active": "on"}) == ["appoint"]
        assert self.lines(f"{path}/change/", facts | {"role": "editor", "first_name": "N"}) == ["change"]
        assert self.lines(f"{path}/password/", words | {"usable_password": "true"}) == ["change"]

    def test_the_article_form_writes_one_line_for_what_was_saved_and_one_for_the_verb(self):
        self.client.force_login(self.ada)
        verbs = self.lines(ADD, self.typed("Gulls") | {"_publish": ""})
        assert sorted(verbs) == ["begin", "publish"]

    def test_every_form_of_the_desk_has_an_author_of_its_lines(self):
        for model, options in admin.site._registry.items():
            if model._meta.app_label != "procrastinate":
                assert hasattr(options, "noted_by_verbs"), model


class TheTrailAtTheDesk(DeskTestCase):
    def setUp(self):
        self.client.force_login(self.ada)

    def listed(self, query: str = "") -> set[str]:
        page = self.client.get(f"{TRAIL}?{query}")
        assert page.status_code == 200
        return {f"{line.verb} {line.subject}" for line in page.context["cl"].result_list}

    def test_it_is_filtered_by_person_verb_kind_and_day(self):
        self.harbour.submit(by=self.ida_login)
        assert self.listed("verb=submit") == {"submit Harbour"}
        assert "submit Harbour" in self.listed(f"person={self.ida_login.pk}")
        assert "submit Harbour" not in self.listed(f"person={self.erna.pk}")
        assert self.listed("kind=articles.article") == self.listed()
        assert self.listed("kind=authors.user") == set()
        today = timezone.localdate()
        assert "submit Harbour" in self.listed(f"day={today.isoformat()}")
        assert self.listed(f"day={(today - timedelta(days=1)).isoformat()}") == set()
        assert self.listed("q=harb") == {"begin Harbour", "submit Harbour"}
        for nonsense in ("day=tomorrow", "day=9999-12-31", "person=x", "person=" + "9" * 40, "verb=none", "kind=a.b.c"):
            assert self.client.get(f"{TRAIL}?{nonsense}").status_code in {200, 302}, nonsense

    def test_the_filters_offer_what_is_there(self):
        page = self.client.get(TRAIL)
        self.assertContains(page, "verb=withdraw")
        assert Entry.objects.known("verb") == sorted(set(Entry.objects.values_list("verb", flat=True)))

    def test_a_line_leads_to_what_it_was_done_to_while_that_is_there(self):
        self.harbour.submit(by=self.ida_login)
        line = Entry.objects.newest("submit", on=self.harbour)
        address = f'href="/admin/articles/article/{self.harbour.pk}/change/"'
        self.assertContains(self.client.get(f"{TRAIL}{line.pk}/change/"), address)
        Article.objects.filter(pk=self.harbour.pk).delete()
        page = self.client.get(f"{TRAIL}{line.pk}/change/")
        self.assertNotContains(page, address)
        self.assertContains(page, "Harbour")

    def test_nothing_counts_the_whole_trail(self):
        Entry.objects.bulk_create(Entry(verb="save", subject_type="articles.article", subject="x") for _n in range(80))
        with CaptureQueriesContext(connection) as asked:
            self.listed()
        on_trail = [query["sql"] for query in asked if "audit_entry" in query["sql"]]
        assert on_trail
        for sql in on_trail:
            assert "LIMIT" in sql and "DISTINCT" not in sql, sql
