"""The first page of the desk: what waits for this person, what goes out, what is stuck."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from procrastinate.contrib.django.models import ProcrastinateJob

from articles.admin.badge import COLOURS, badge, wall_time
from articles.admin.writing import PATIENCE
from articles.models import Article, Correction, Photo, Pick, Publication
from newsletter.models import Delivery, Issue, Newsletter
from newsletter.returns.guard import COMPLAINTS, MANY_COMPLAINTS, MANY_RETURNS
from newsroom.audit.models import Entry
from newsroom.desk.growth import growth
from newsroom.identity.models import Identity
from newsroom.roles import ADMIN, may, may_every, roles_of

SHOWN = 6
# A picture takes a worker seconds; a letter that was refused is news for a fortnight.
LONGEST_FOR_A_PICTURE = timedelta(minutes=10)
NEWS = timedelta(days=14)


@dataclass(frozen=True)
class Row:
    words: str
    url: str = ""
    note: str = ""
    colour: str = ""


@dataclass(frozen=True)
class Card:
    heading: str
    rows: list[Row]
    empty: str
    more: str = ""
    more_words: str = ""
    is_alarm: bool = False
    foot: str = ""


@dataclass
class Person:
    """Who looks, and what they may see of the magazine; asked once."""

    user: Any
    sees_all: bool = field(init=False)
    articles: Any = field(init=False)

    def __post_init__(self) -> None:
        everything = Article.objects.for_desk()
        self.sees_all = may_every(self.user, "view", Article)
        self.articles = everything if self.sees_all else everything.of_user(self.user)


def magazine_name(request: HttpRequest) -> str:
    """Asked once per request, though the theme prints it more than once."""
    known = request.__dict__
    if "magazine_name" not in known:
        known["magazine_name"] = Identity.objects.present().name
    return known["magazine_name"]


def fill(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """The theme calls this before it prints the page. As many queries for a magazine of any size."""
    user = request.user
    if not may(user, "view", Article):
        return context
    person = Person(user)
    context["may_write"], context["may_arrange"] = may(user, "add", Article), may(user, "change", Pick)
    cards = [card for make in CARDS if (card := make(person)) is not None]
    context["cards"] = sorted(cards, key=lambda card: not card.is_alarm)
    context["growth"] = growth() if may(user, "view", Newsletter) else None
    return context


def stuck(person: Person) -> Card | None:
    """Whatever a person must look after, because no worker will or none does."""
    if not person.sees_all:
        return None
    rows = [row for look in STUCK for row in look(person)]
    return Card(_("Stuck"), rows, _("Nothing is stuck."), is_alarm=bool(rows))


def waiting_for_me(person: Person) -> Card:
    """To editors what was submitted, to writers what came back to them."""
    back = Article.objects.for_desk().of_user(person.user).sent_back().order_by("-sent_back_at")
    rows = [Row(str(article), _form(article), _("sent back")) for article in back[:SHOWN]]
    if may(person.user, "publish", Article):
        submitted = person.articles.submitted().order_by("submitted_at")
        rows = [*_stories(submitted), *rows][:SHOWN]
        return Card(_("Waiting for me"), rows, _("Nobody waits for you."), f"{_list()}?stand=submitted")
    return Card(_("Waiting for me"), rows, _("Nothing came back to you."))


def my_drafts(person: Person) -> Card:
    mine = Article.objects.for_desk().of_user(person.user).drafts().order_by("-pk")
    return Card(_("My drafts"), _stories(mine), _("You have no drafts."), f"{_list()}?stand=draft&whose=mine")


def going_out(person: Person) -> Card:
    """Articles, changes of articles and letters until midnight by the clock of the house; and what comes after."""
    now = timezone.now()
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    coming = Publication.objects.coming(now - PATIENCE).select_related("article", "article__live_revision")
    if not person.sees_all:
        coming = coming.filter(article__in=Article.objects.of_user(person.user))
    found: list[tuple[Any, Row]] = [(row.due_at, _publication_row(row)) for row in coming[: SHOWN + 1]]
    if may_every(person.user, "view", Issue):
        found += [
            (issue.send_at, Row(str(issue), _form(issue), _at(issue.send_at, _("letter"))))
            for issue in Issue.objects.coming().select_related("newsletter")[: SHOWN + 1]
        ]
    found.sort(key=lambda dated: dated[0])
    today = [row for at, row in found if at < midnight][:SHOWN]
    later = next(((at, row) for at, row in found if at >= midnight), None)
    foot = _("Next: “%(what)s”, %(when)s") % {"what": later[1].words, "when": wall_time(later[0])} if later else ""
    more = f"{_list()}?stand=scheduled"
    return Card(_("Going out today"), today, _("Nothing goes out today."), more, _("All scheduled"), foot=foot)


def last_published(person: Person) -> Card:
    rows = []
    for article in person.articles.live().newest_first()[:SHOWN]:
        kind, words = badge(article)
        if kind == Article.Stand.LIVE:
            rows.append(Row(str(article), _form(article), _day(article.published_at)))
        else:
            rows.append(Row(str(article), _form(article), words, COLOURS[kind]))
    return Card(_("Last published"), rows, _("Nothing is published yet."), f"{_list()}?stand=live")


def last_corrections(person: Person) -> Card | None:
    if not may_every(person.user, "view", Correction):
        return None
    notes = Correction.objects.live().newest_first().select_related("article")[:SHOWN]
    rows = [Row(str(note.article), _form(note), f"{note.kind_label}, {_day(note.published_at)}") for note in notes]
    more = reverse("admin:articles_correction_changelist")
    return Card(_("Last corrections"), rows, _("Nothing had to be corrected."), more)


CARDS: tuple[Callable[[Person], Card | None], ...] = (
    waiting_for_me,
    my_drafts,
    going_out,
    last_published,
    last_corrections,
    stuck,
)


# What may be stuck


def _late_publications(person: Person) -> Iterable[Row]:
    for late in Publication.objects.late(PATIENCE).select_related("article")[:SHOWN]:
        words = _("publication late since %(when)s") % {"when": wall_time(late.due_at)}
        yield Row(str(late.article), _form(late.article), words, "danger")


def _stopped_issues(person: Person) -> Iterable[Row]:
    if may_every(person.user, "view", Issue):
        for issue in Issue.objects.stopped().order_by("-paused_at")[:SHOWN]:
            yield Row(str(issue), _form(issue), _("letter paused"), "warning")


def _alarming_issues(person: Person) -> Iterable[Row]:
    """Letters that readers reported as spam, or that came back in numbers."""
    if may_every(person.user, "view", Issue):
        words = {
            COMPLAINTS: _("reported as spam"),
            MANY_COMPLAINTS: _("reported as spam by many"),
            MANY_RETURNS: _("copies come back in numbers"),
        }
        recent = Entry.objects.filter(verb__in=words, at__gte=timezone.now() - NEWS)
        for line in {(found.subject_id, found.verb): found for found in recent.order_by("at")[:100]}.values():
            url = reverse("admin:issue_figures", args=[line.subject_id])
            yield Row(line.subject, url, words[line.verb], "warning" if line.verb == COMPLAINTS else "danger")


def _troubled_deliveries(person: Person) -> Iterable[Row]:
    if not may_every(person.user, "view", Issue):
        return
    recent = Issue.objects.frozen_since(timezone.now() - NEWS)
    counted = Delivery.objects.troubled().filter(issue__in=recent).values("issue", "issue__subject", "state").order_by()
    for row in counted.annotate(count=Count("pk")).order_by("-issue", "state")[:SHOWN]:
        words = (
            ngettext("%(count)s copy uncertain", "%(count)s copies uncertain", row["count"])
            if row["state"] == Delivery.State.UNCERTAIN
            else ngettext("%(count)s copy refused", "%(count)s copies refused", row["count"])
        )
        url = reverse("admin:newsletter_issue_change", args=[row["issue"]])
        yield Row(row["issue__subject"], url, words % {"count": row["count"]}, "warning")


def _failed_jobs(person: Person) -> Iterable[Row]:
    """Only the admin can do something about them."""
    if person.user.is_superuser or ADMIN in roles_of(person.user):
        failed = ProcrastinateJob.objects.filter(status="failed").values("task_name").order_by("task_name")
        for row in failed.annotate(count=Count("pk"))[:SHOWN]:
            words = ngettext("%(count)s job failed", "%(count)s jobs failed", row["count"]) % {"count": row["count"]}
            yield Row(row["task_name"], note=words, colour="danger")


def _photos_without_renditions(person: Person) -> Iterable[Row]:
    waiting = Photo.objects.awaiting_renditions_since(timezone.now() - LONGEST_FOR_A_PICTURE)
    for photo in waiting.order_by("uploaded_at")[:SHOWN]:
        yield Row(str(photo), _form(photo), _("small pictures not made yet"), "warning")


STUCK: tuple[Callable[[Person], Iterable[Row]], ...] = (
    _late_publications,
    _stopped_issues,
    _alarming_issues,
    _troubled_deliveries,
    _failed_jobs,
    _photos_without_renditions,
)


def _stories(articles: Any) -> list[Row]:
    rows = []
    for article in articles[:SHOWN]:
        kind, words = badge(article)
        rows.append(Row(str(article), _form(article), words, COLOURS[kind]))
    return rows


def _publication_row(coming: Publication) -> Row:
    kind = _("change") if coming.article.is_live else _("article")
    return Row(str(coming.article), _form(coming.article), _at(coming.due_at, kind))


def _list() -> str:
    return reverse("admin:articles_article_changelist")


def _form(row: Any) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def _at(moment: datetime | None, kind: str) -> str:
    return f"{date_format(timezone.localtime(moment), 'TIME_FORMAT')}, {kind}" if moment else kind


def _day(moment: datetime | None) -> str:
    return date_format(timezone.localtime(moment), "DATE_FORMAT") if moment else ""
