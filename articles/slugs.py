"""Addresses made from headlines."""

from collections.abc import Iterator
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


def _candidates(base: str) -> Iterator[str]:
    yield base
    for number in count(2):
        yield f"{base}-{number}"


def _taken(base: str, keeping: Article | None) -> set[str]:
    articles = Article.objects.filter(slug__startswith=base)
    addresses = Address.objects.filter(path__startswith=f"/{base}")
    if keeping:
        articles, addresses = articles.exclude(pk=keeping.pk), addresses.exclude(article=keeping)
    paths = addresses.values_list("path", flat=True)
    return set(articles.values_list("slug", flat=True)) | {path.strip("/") for path in paths}
