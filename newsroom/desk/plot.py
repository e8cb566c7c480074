"""A plot drawn on the server: groups of bars, and the same numbers as a table beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

# The drawing, in its own units; the page scales it.
WIDTH, HEIGHT, HEAD, FOOT, SIDE, MARGIN = 960, 220, 14, 28, 64, 24
GAP = 0.34
MOST_LABELS = 6


@dataclass(frozen=True)
class Series:
    name: Any
    kind: str  # of which colour and pattern; static/desk/dashboard.css draws it
    values: Sequence[float]


@dataclass(frozen=True)
class Bar:
    kind: str
    words: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Plot:
    """`groups` are named below the line; `decimals` and `unit` say how a number is written."""

    heading: Any
    groups: Sequence[str]
    series: Sequence[Series]
    decimals: int = 0
    unit: str = ""

    @property
    def size(self) -> str:
        return f"0 0 {WIDTH} {HEIGHT}"

    @property
    def most(self) -> float:
        return max((value for series in self.series for value in series.values), default=0)

    @property
    def places(self) -> str:
        """As the template’s filter wants it: with separators between the thousands."""
        return f"{self.decimals}g"

    @property
    def foot(self) -> int:
        return HEIGHT - FOOT

    @property
    def right(self) -> int:
        return WIDTH - MARGIN

    @property
    def step(self) -> float:
        return (WIDTH - SIDE - MARGIN) / max(len(self.groups), 1)

    @property
    def bars(self) -> list[Bar]:
        unit = (HEIGHT - HEAD - FOOT) / (self.most or 1)
        width = min(self.step * (1 - GAP) / max(len(self.series), 1), 60)
        whole = width * len(self.series)
        return [
            Bar(
                kind=series.kind,
                words=f"{group}, {series.name}: {value:.{self.decimals}f}{self.unit}",
                x=round(SIDE + number * self.step + (self.step - whole) / 2 + place * width, 1),
                y=round(HEIGHT - FOOT - value * unit, 1),
                width=round(width * 0.9, 1),
                height=round(value * unit, 1),
            )
            for place, series in enumerate(self.series)
            for number, (group, value) in enumerate(zip(self.groups, series.values, strict=True))
        ]

    @property
    def labels(self) -> list[tuple[float, str]]:
        every = -(-len(self.groups) // MOST_LABELS)
        return [
            (round(SIDE + (number + 0.5) * self.step, 1), group)
            for number, group in enumerate(self.groups)
            if number % every == 0
        ]
