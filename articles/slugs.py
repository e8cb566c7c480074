"""Addresses made from headlines."""

from itertools import count

from django.utils.text import slugify

from articles.models import Address, Article
from newsroom.reserved import SEGMENTS

LONGEST = 80


def free_slug(title: str, *, keeping: Article | None = None) -> str:
    """The headline as an address that no other article or page has or had."""
    base = slugify(title)[: LONGEST - 8].strip("-_") or "untitled"
    taken = _taken(base, keeping) | SEGMENTS
    return next(slug for slug in _candidates(base) if slug not in taken)


def _candidates(base: str):
    yield base
    for number in count(2):
        yield f"{base}-{number}"


def _taken(base: str, keeping: Article | None) -> set[str]:
    pk = keeping.pk if keeping else None
    articles = Article.objects.exclude(pk=pk).filter(slug__startswith=base).values_list("slug", flat=True)
    paths = Address.objects.exclude(article=pk) if pk else Address.objects.all()
    paths = paths.filter(path__startswith=f"/{base}").values_list("path", flat=True)
    return set(articles) | {path.strip("/") for path in paths}
