"""What a page prints of an article beside its own columns: columns of JSON, fetched in the same query."""

from typing import TYPE_CHECKING

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import OuterRef
from django.db.models.functions import JSONObject
from django.utils import timezone

from articles.models.byline import Byline
from articles.models.correction import Correction
from articles.models.subject import Tag

if TYPE_CHECKING:
    from articles.models.queryset import ArticleQuerySet

# A series that is longer has its parts on its own page; what is read in order has an end.
SERIES_MOST = 200


def bylines() -> models.QuerySet:
    return Byline.objects.filter(article=OuterRef("pk")).order_by("position")


def tag_cards() -> ArraySubquery:
    tags = Tag.objects.filter(articles=OuterRef("pk")).order_by("name")
    return ArraySubquery(tags.values(card=JSONObject(name="name", slug="slug")))


def notes_on_article() -> models.QuerySet:
    return Correction.objects.filter(article=OuterRef("pk"), published_at__lte=timezone.now()).order_by("published_at")


def correction_cards() -> ArraySubquery:
    return ArraySubquery(
        notes_on_article().values(
            card=JSONObject(**{name: name for name in ("kind", "wrong", "right", "is_serious", "published_at")})
        )
    )


def part_cards(articles: "ArticleQuerySet") -> ArraySubquery:
    parts = articles.of_series(OuterRef("series"))[:SERIES_MOST]
    return ArraySubquery(parts.values(card=JSONObject(pk="pk", title="title", slug="slug")))
