"""Where an article shows photos."""

from collections.abc import Collection, Iterable, Iterator
from heapq import nlargest
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from articles.models import Article, Photo
from articles.models.library import photos_to_come
from articles.photos.usage import Place, finder
from newsroom.roles import may, may_every


@finder
def articles_with(photos: Collection[int], user: Any, most: int) -> Iterator[tuple[int, Place]]:
    ways = (_("Lead photo"), _("Share picture"), _("In the text"))
    leads = Article.objects.filter(photo=OuterRef("pk")).order_by("-pk").values("pk")
    shares = Article.objects.filter(share_photo=OuterRef("pk")).order_by("-pk").values("pk")
    figures = Article.figures.through.objects.filter(photo=OuterRef("pk")).order_by("-article").values("article")
    shown = (
        Photo.objects.filter(pk__in=photos)
        .order_by()
        .values_list("pk", *(ArraySubquery(found[:most]) for found in (leads, shares, figures)))
    )
    found = {photo: dict(zip(ways, keys, strict=True)) for photo, *keys in shown}
    for photo, keys in photos_to_come(photos).items():
        found[photo][_("In a text that readers do not have yet")] = nlargest(most, keys)
    names = _names({pk for ways in found.values() for keys in ways.values() for pk in keys}, user)
    for photo, held in found.items():
        for how, keys in held.items():
            for pk in keys:
                yield photo, _place(how, pk, names)


def _names(keys: Iterable[int], user: Any) -> dict[int, str]:
    """Of the articles that this person may see."""
    if not may(user, "view", Article):
        return {}
    articles = Article.objects.filter(pk__in=keys).only("title")
    reach = articles if may_every(user, "view", Article) else articles.of_user(user)
    return {article.pk: str(article) for article in reach}


def _place(how: Any, pk: int, names: dict[int, str]) -> Place:
    if pk not in names:
        return Place(how)
    return Place(how, names[pk], reverse("admin:articles_article_change", args=[pk]))
