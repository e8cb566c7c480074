"""How the front page is put together: what leads, and a strip for each section."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from articles.models import Article, Section
from articles.models.byline import MOST_PICKS

SECONDS = MOST_PICKS - 1
LATEST = 8
ON_TOP = MOST_PICKS + LATEST
STRIP = 4
# One large and the others beside it; side by side; words on a quiet ground; and words side by side.
LARGE, EVEN, QUIET, WORDS = range(4)
ARRANGEMENTS = (LARGE, EVEN, QUIET, LARGE, WORDS)
BESIDE_EACH_OTHER = 3


@dataclass(frozen=True)
class Strip:
    section: Section
    articles: list[Article]
    arrangement: int

    @property
    def has_large(self) -> bool:
        """Whether the first stands large, with the others beside it."""
        return self.arrangement == LARGE and len(self.articles) >= BESIDE_EACH_OTHER


@dataclass(frozen=True)
class Front:
    lead: Article | None
    seconds: list[Article]
    latest: list[Article]
    strips: list[Strip]


def compose(*, picks: Sequence[int] | None = None) -> Front:
    """Three queries, however large the magazine is. With `picks` as if these were picked, in this order."""
    top = list(Article.objects.live().for_cards().frontmost(ON_TOP, picks=picks))
    return Front(
        lead=top[0] if top else None,
        seconds=top[1 : 1 + SECONDS],
        latest=top[1 + SECONDS :],
        strips=_strips(shown={article.pk for article in top}),
    )


def _strips(shown: set[int]) -> list[Strip]:
    newest = Article.objects.live().filter(section=OuterRef("pk")).newest_first().values("pk")
    # Enough of each that a strip is full even if everything on top came from its section.
    sections = list(Section.objects.annotate(newest=ArraySubquery(newest[: STRIP + ON_TOP])))
    chosen = {section: [pk for pk in section.newest if pk not in shown][:STRIP] for section in sections}
    wanted = [pk for keys in chosen.values() for pk in keys]
    cards = {article.pk: article for article in Article.objects.for_cards().filter(pk__in=wanted)}
    filled = [(section, [cards[pk] for pk in keys if pk in cards]) for section, keys in chosen.items() if keys]
    return [
        Strip(section, articles, arrangement)
        for (section, articles), arrangement in zip(filled, cycle(ARRANGEMENTS), strict=False)
    ]
