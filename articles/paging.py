"""Lists cut into pages: the first ten by number, everything older by moment."""

from datetime import datetime

from django.core.paginator import EmptyPage, Page, Paginator
from django.db.models import QuerySet
from django.http import Http404
from django.utils.dateparse import parse_datetime
from django.utils.functional import cached_property

PER_PAGE = 18
NUMBERED = 10


class ShortPaginator(Paginator):
    """Counts no further than it numbers: a million rows are not counted for a reader who turns one page."""

    @cached_property
    def count(self) -> int:
        return self.object_list[: PER_PAGE * NUMBERED].count()  # type: ignore[attr-defined]


def cut(articles: QuerySet, number: int) -> Page:
    """Page `number`; raises Http404 beyond the end."""
    try:
        return ShortPaginator(articles, PER_PAGE).page(number)
    except EmptyPage as beyond:
        raise Http404 from beyond


def single(articles: QuerySet) -> Page:
    """All of a short list as its only page."""
    found = list(articles)
    return Paginator(found, max(1, len(found))).page(1)


def moment_in(text: str | None) -> datetime | None:
    """The moment of `?before=`; raises Http404 for what is none."""
    if not text:
        return None
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Http404
    return moment
