"""What the buttons of the article form do once the text is kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.admin.badge import wall_time
from articles.admin.wall_clock import moment_named
from articles.models import Article, Publication, Revision
from newsroom.roles import may

LONGEST_NOTE = 300
Stand = Article.Stand
ANYWHERE = frozenset(Stand)


@dataclass(frozen=True)
class Deed:
    """A pressed button: the revision that was just kept, who pressed, and what else the form said."""

    article: Article
    revision: Revision
    by: Any
    said: Mapping[str, str]


@dataclass(frozen=True)
class Verb:
    name: str
    label: Any
    needs: str
    stands: frozenset[Stand]
    carry_out: Callable[[Deed], str]
    refused: Any = ""

    def is_for(self, user: Any, article: Article | None) -> bool:
        stand = article.stand if article else Stand.DRAFT
        return stand in self.stands and may(user, self.needs, article or Article)


def save(deed: Deed) -> str:
    if deed.article.published_at is None:
        return _("Saved as revision %(number)s.") % {"number": deed.revision.number}
    return _("Saved as revision %(number)s. Readers get it when it is published.") % {"number": deed.revision.number}


def submit(deed: Deed) -> str:
    deed.article.submit(by=deed.by)
    return _("“%(article)s” is with the editors now.") % {"article": deed.article}


def send_back(deed: Deed) -> str:
    deed.article.send_back(by=deed.by, note=deed.said.get("note", "").replace("\0", "").strip()[:LONGEST_NOTE])
    return _("“%(article)s” is back with its writer.") % {"article": deed.article}


def publish(deed: Deed) -> str:
    if deed.article.is_live and deed.article.live_revision_id == deed.revision.pk:
        raise ValidationError(_("Readers have exactly this text already."))
    deed.article.publish(by=deed.by, revision=deed.revision, **_answer(deed))
    return _("“%(article)s” is live.") % {"article": deed.article}


def schedule(deed: Deed) -> str:
    at = moment_named(deed.said.get("at", ""), which=deed.said.get("which", ""))
    deed.article.publish(by=deed.by, revision=deed.revision, at=at, zone=settings.TIME_ZONE, **_answer(deed))
    named = {"article": deed.article, "moment": wall_time(at), "zone": settings.TIME_ZONE}
    return _("“%(article)s” appears on %(moment)s (%(zone)s).") % named


def _answer(deed: Deed) -> dict[str, Any]:
    """Whether the change of a live text was called a silent fix; a correction has a form of its own."""
    is_silent = "silent" in {deed.said.get("_publish"), deed.said.get("_schedule")}
    return {"change": Publication.Change.SILENT if is_silent else Publication.Change.UNSAID, "asking": True}


SAVE = Verb("save", gettext_lazy("Save"), "change", ANYWHERE, save)
PREVIEW = Verb("preview", gettext_lazy("Save and preview"), "change", ANYWHERE, save)
SUBMIT = Verb(
    "submit", gettext_lazy("Submit"), "submit", frozenset({Stand.DRAFT}), submit, gettext_lazy("Not submitted.")
)
SEND_BACK = Verb(
    "send_back",
    gettext_lazy("Send back"),
    "send_back",
    frozenset({Stand.SUBMITTED}),
    send_back,
    gettext_lazy("Not sent back."),
)
PUBLISH = Verb("publish", gettext_lazy("Publish now"), "publish", ANYWHERE, publish, gettext_lazy("Not published."))
SCHEDULE = Verb("schedule", gettext_lazy("Schedule"), "publish", ANYWHERE, schedule, gettext_lazy("Not scheduled."))
VERBS = (PUBLISH, SCHEDULE, SUBMIT, SEND_BACK, PREVIEW, SAVE)


def pressed(said: Mapping[str, str]) -> Verb:
    """The verb whose button was pressed; a form sent by the Enter key means Save."""
    return next((verb for verb in VERBS if f"_{verb.name}" in said), SAVE)
