"""Where an article shows photos."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from articles.models import Article
from articles.models.library import photos_to_come
from articles.photos.usage import Place, finder
from newsroom.roles import may, may_every


@finder
def articles_with(photos: Collection[int], user: Any) -> Iterator[tuple[int, Place]]:
    to_come = photos_to_come(photos)
    leads = Article.objects.filter(photo__in=photos).values_list("photo", "pk")
    shares = Article.objects.filter(share_photo__in=photos).values_list("share_photo", "pk")
    figures = Article.figures.through.objects.filter(photo__in=photos).values_list("photo", "article")
    found = {
        _("Lead photo"): list(leads),
        _("Share picture"): list(shares),
        _("In the text"): list(figures),
        _("In a text that readers do not have yet"): [(key, pk) for key, held in to_come.items() for pk in held],
    }
    names = _names({pk for pairs in found.values() for _photo, pk in pairs}, user)
    for how, pairs in found.items():
        for photo, pk in sorted(pairs):
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
