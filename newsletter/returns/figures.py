"""What became of the issues, in numbers: for one, and for the last ones of a newsletter.

As many queries for an issue of a million copies as for one of ten: what is finished was summed once, what came back is
few, and who joined and left since is on an index.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q
from django.db.models.functions import TruncDate
from django.utils import timezone

from newsletter.models import Delivery, Fact, Figures, Issue, Newsletter
from newsletter.models.returned import CAME_BACK, Kind

ISSUES = 12
DAYS = 14
State = Delivery.State


@dataclass(frozen=True)
class Row:
    """One issue in numbers. Who joined and who left: from it to the next issue of its newsletter."""

    issue: Issue
    accepted: int
    failed: int
    uncertain: int
    skipped: int
    open: int
    came_back: int
    bounced: int
    complained: int
    joined: int
    left: int

    @property
    def total(self) -> int:
        return self.accepted + self.failed + self.uncertain + self.skipped + self.open

    def share(self, count: int) -> float:
        """Of each hundred copies that mail servers took over."""
        return 100 * count / self.accepted if self.accepted else 0.0

    @property
    def failed_share(self) -> float:
        return 100 * self.failed / (self.accepted + self.failed) if self.failed else 0.0

    @property
    def came_back_share(self) -> float:
        return self.share(self.came_back)

    @property
    def left_share(self) -> float:
        return self.share(self.left)

    @property
    def complained_share(self) -> float:
        return self.share(self.complained)


@dataclass(frozen=True)
class Day:
    first: date
    came_back: int
    complained: int
    left: int


def of_newsletter(newsletter: Newsletter) -> list[Row]:
    """Its last issues, the oldest first."""
    frozen = newsletter.issues.archived().for_archive().newest_first()[:ISSUES]
    return _rows(newsletter, list(reversed(frozen)), until=timezone.now())


def of_issue(issue: Issue) -> Row:
    following = issue.newsletter.issues.filter(frozen_at__gt=issue.frozen_at).order_by("frozen_at", "pk")
    until = following.values_list("frozen_at", flat=True).first()
    return _rows(issue.newsletter, [issue], until=until or timezone.now())[0]


def days_of(issue: Issue) -> list[Day]:
    """What came back of it, and who left its newsletter, in its first days."""
    frozen_at = issue.frozen_at or timezone.now()
    begin = timezone.localdate(frozen_at)
    facts = Fact.objects.about(issue).filter(kind__in=(*CAME_BACK, Kind.COMPLAINED)).order_by()
    counted: dict[tuple[date, str], int] = {}
    days = facts.values_list(TruncDate("first_at"), "kind")
    for day, kind, count in days.annotate(Count("pk")):
        name = "complained" if kind == Kind.COMPLAINED else "came back"
        counted[day, name] = counted.get((day, name), 0) + count
    end = frozen_at + timedelta(days=DAYS)
    lost = issue.newsletter.subscriptions.lost_since(frozen_at).filter(left_at__lt=end)
    left = dict(lost.order_by().values_list(TruncDate("left_at")).annotate(Count("pk")))
    return [
        Day(day, counted.get((day, "came back"), 0), counted.get((day, "complained"), 0), left.get(day, 0))
        for day in (begin + timedelta(days=number) for number in range(DAYS))
        if day <= timezone.localdate()
    ]


def sum_up() -> int:
    """The books of finished issues, kept. Says how many were summed."""
    kept = Figures.objects.filter(finished_at=F("issue__finished_at"))
    doubted = dict(kept.filter(uncertain__gt=0).values_list("issue", "uncertain"))
    found = _counted(Delivery.objects.uncertain().filter(issue__in=doubted)) if doubted else {}
    changed = [pk for pk, count in doubted.items() if found.get(pk, {}).get(State.UNCERTAIN, 0) != count]
    finished = Issue.objects.filter(finished_at__isnull=False).for_archive()
    stale = finished.exclude(pk__in=kept.exclude(issue__in=changed).values("issue"))
    count = 0
    for issue in stale:
        counts = issue.deliveries.counted()
        books = {name: counts[name] for name in ("accepted", "failed", "uncertain", "skipped")}
        Figures.objects.update_or_create(issue=issue, defaults=books | {"finished_at": issue.finished_at})
        count += 1
    return count


# How it is counted


def _rows(newsletter: Newsletter, issues: list[Issue], *, until: datetime) -> list[Row]:
    if not issues:
        return []
    books = _books(issues)
    facts = Fact.objects.counted(issue.pk for issue in issues)
    ends = [issue.frozen_at for issue in issues[1:]] + [until]
    windows = [(issue.frozen_at, end) for issue, end in zip(issues, ends, strict=True)]
    joined = _in_windows(newsletter.subscriptions.filter(confirmed_at__isnull=False), "confirmed_at", windows)
    left = _in_windows(newsletter.subscriptions.filter(confirmed_at__isnull=False), "left_at", windows)
    rows = []
    for number, issue in enumerate(issues):
        known, kinds = books[issue.pk], facts.get(issue.pk, {})
        rows.append(
            Row(
                issue=issue,
                accepted=known["accepted"],
                failed=known["failed"],
                uncertain=known["uncertain"],
                skipped=known["skipped"],
                open=sum(known.get(state, 0) for state in Delivery.OPEN),
                came_back=sum(kinds.get(kind, 0) for kind in CAME_BACK),
                bounced=kinds.get(Kind.BOUNCED, 0),
                complained=kinds.get(Kind.COMPLAINED, 0),
                joined=joined[number],
                left=left[number],
            )
        )
    return rows


def _books(issues: list[Issue]) -> dict[int, dict[str, int]]:
    summed = {figures.issue_id: figures for figures in Figures.objects.filter(issue__in=issues)}
    doubted = [pk for pk, figures in summed.items() if figures.uncertain]
    uncertain = _counted(Delivery.objects.uncertain().filter(issue__in=doubted)) if doubted else {}
    books: dict[int, dict[str, int]] = {}
    for issue in issues:
        found = summed.get(issue.pk)
        if found is None or found.finished_at != issue.finished_at:
            continue
        if found.uncertain == uncertain.get(issue.pk, {}).get(State.UNCERTAIN, 0):
            names = ("accepted", "failed", "uncertain", "skipped")
            books[issue.pk] = {name: getattr(found, name) for name in names}
    others = [issue.pk for issue in issues if issue.pk not in books]
    counted = _counted(Delivery.objects.filter(issue__in=others)) if others else {}
    for pk in others:
        books[pk] = dict.fromkeys(State.values, 0) | counted.get(pk, {})
    return books


def _counted(deliveries: Any) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    for issue, state, count in deliveries.order_by().values_list("issue", "state").annotate(Count("pk")):
        found.setdefault(issue, {})[state] = count
    return found


def _in_windows(places: Any, moment: str, windows: Iterable[tuple[datetime | None, datetime | None]]) -> list[int]:
    """How many in each, by one query on the index of that moment."""
    spans = [Q(**{f"{moment}__gte": begin, f"{moment}__lt": end}) for begin, end in windows]
    if not spans:
        return []
    first = min(begin for begin, _end in windows if begin)
    counts = places.filter(**{f"{moment}__gte": first}).order_by()
    found = counts.aggregate(**{f"w{number}": Count("pk", filter=span) for number, span in enumerate(spans)})
    return [found[f"w{number}"] for number in range(len(spans))]
