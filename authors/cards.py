"""What an article prints of its authors, fetched together with the article."""

from dataclasses import dataclass, fields

from django.contrib.postgres.expressions import ArraySubquery
from django.core.files.storage import storages
from django.db.models import QuerySet
from django.db.models.functions import JSONObject
from django.urls import reverse

from authors.models import portrait_srcset


@dataclass(frozen=True)
class AuthorCard:
    name: str
    slug: str
    role: str = ""
    bio: str = ""
    website: str = ""
    portrait: str = ""

    @property
    def url(self) -> str:
        return reverse("author", args=[self.slug])

    @property
    def portrait_url(self) -> str:
        return storages["default"].url(self.portrait) if self.portrait else ""

    @property
    def portrait_srcset(self) -> str:
        return portrait_srcset(self.portrait)


CARD_FIELDS = tuple(field.name for field in fields(AuthorCard))


def author_cards(bylines: QuerySet) -> ArraySubquery:
    """A column with one JSON object per row of `bylines`, which has a foreign key `author`."""
    return ArraySubquery(bylines.values(card=JSONObject(**{name: f"author__{name}" for name in CARD_FIELDS})))
