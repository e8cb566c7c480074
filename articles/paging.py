"""Lists cut into pages: the first ten by number, everything older by moment."""

from datetime import UTC, datetime

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
        # Always a queryset here; the stubs allow a list, whose count() is another thing.
        return self.object_list[: PER_PAGE * NUMBERED].count()  # type: ignore[attr-defined]


def cut(articles: QuerySet, number: int, paginator: type[Paginator] = ShortPaginator) -> Page:
    """Page `number`; raises Http404 beyond the end."""
    try:
        return paginator(articles, PER_PAGE).page(number)
    except EmptyPage as beyond:
        raise Http404 from beyond


def moment_in(text: str | None) -> datetime | None:
    """The moment of `?before=`; raises Http404 for what is none."""
    if not text:
        return None
    try:
        moment = parse_datetime(text)
        if moment is None or moment.tzinfo is None:
            raise Http404
        # In UTC, because a zone that Python knows may be one too far for the database.
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as nonsense:
        raise Http404 from nonsense
