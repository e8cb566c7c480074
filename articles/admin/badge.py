"""Where an article stands, said so that an editor sees it at a glance."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from articles.models import Article

CHANGED = "changed"
COLOURS = {
    Article.Stand.DRAFT: "default",
    Article.Stand.SUBMITTED: "warning",
    Article.Stand.SCHEDULED: "info",
    Article.Stand.LIVE: "success",
    CHANGED: "warning",
    Article.Stand.WITHDRAWN: "danger",
}


def badge(article: Article) -> tuple[str, str]:
    """(kind, words). From a list it asks nothing more, if the list was made by `for_desk`."""
    stand = article.stand
    if stand == Article.Stand.SCHEDULED:
        return stand, _("Scheduled for %(moment)s") % {"moment": wall_time(article.published_at)}
    if stand == Article.Stand.LIVE and has_working_copy(article):
        return CHANGED, _("Live with unpublished changes")
    return stand, str(stand.label)


def has_working_copy(article: Article) -> bool:
    known = article.__dict__.get("has_newer")
    return bool(article.working_copy) if known is None else known


def wall_time(moment: datetime | None) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT") if moment else "–"
