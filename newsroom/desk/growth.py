"""How many read the letters: weeks of people who confirmed and who left, drawn on the server."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils import timezone

from newsletter.models import Subscription

WEEKS = 13
# The drawing, in its own units; the page scales it.
WIDTH, HEIGHT, FOOT, SIDE = 960, 220, 28, 64
MARGIN, GAP = 24, 0.34


@dataclass(frozen=True)
class Week:
    first: date
    last: date
    joined: int
    left: int

    @property
    def net(self) -> int:
        return self.joined - self.left


@dataclass(frozen=True)
class Bar:
    """One week as the drawing has it: above the line those who came, below it those who left."""

    week: Week
    x: float
    width: float
    joined_y: float
    joined_height: float
    left_y: float
    left_height: float
    label_x: float
    is_labelled: bool


@dataclass(frozen=True)
class Growth:
    total: int
    weeks: list[Week]

    @property
    def net(self) -> int:
        return sum(week.net for week in self.weeks)

    @property
    def joined(self) -> int:
        return sum(week.joined for week in self.weeks)

    @property
    def left(self) -> int:
        return sum(week.left for week in self.weeks)

    @property
    def size(self) -> str:
        return f"0 0 {WIDTH} {HEIGHT}"

    @property
    def most(self) -> int:
        return max((week.joined for week in self.weeks), default=0)

    @property
    def most_left(self) -> int:
        return max((week.left for week in self.weeks), default=0)

    @property
    def zero(self) -> float:
        """How far down the line lies from which both are measured."""
        span = self.most + self.most_left or 1
        return round(14 + (HEIGHT - FOOT - 28) * self.most / span, 1)

    @property
    def bars(self) -> list[Bar]:
        step = (WIDTH - SIDE - MARGIN) / WEEKS
        unit = (HEIGHT - FOOT - 28) / (self.most + self.most_left or 1)
        return [
            Bar(
                week=week,
                x=round(SIDE + number * step + step * GAP / 2, 1),
                width=round(step * (1 - GAP), 1),
                joined_y=round(self.zero - week.joined * unit, 1),
                joined_height=round(week.joined * unit, 1),
                left_y=self.zero,
                left_height=round(week.left * unit, 1),
                label_x=round(SIDE + (number + 0.5) * step, 1),
                is_labelled=number % 3 == 0,
            )
            for number, week in enumerate(self.weeks)
        ]


def growth() -> Growth:
    """Three queries, each on an index alone or on the rows of these weeks."""
    today = timezone.localdate()
    first = today - timedelta(days=7 * WEEKS - 1)
    begin = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) - (today - first)
    joined = _by_day(Subscription.objects.joined_since(begin), "confirmed_at")
    left = _by_day(Subscription.objects.lost_since(begin), "left_at")
    weeks = [_week(first + timedelta(days=7 * number), joined, left) for number in range(WEEKS)]
    return Growth(total=Subscription.objects.confirmed().count(), weeks=weeks)


def _by_day(places: Any, moment: str) -> dict[date, int]:
    days = places.order_by().values(day=TruncDate(moment))
    return dict(days.annotate(count=Count("pk")).values_list("day", "count"))


def _week(first: date, joined: dict[date, int], left: dict[date, int]) -> Week:
    days = [first + timedelta(days=number) for number in range(7)]
    return Week(first, days[-1], *(sum(counted.get(day, 0) for day in days) for counted in (joined, left)))
