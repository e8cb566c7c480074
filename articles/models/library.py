"""How a photo is found, and what may become of it."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Func, Q
from django.db.models.fields.json import KT
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.models.revision import Revision

if TYPE_CHECKING:
    from articles.models.photo import Photo  # noqa: F401 - named in a string below

# How long before its end a licence is spoken of.
NOTICE = timedelta(days=30)


class Right(models.TextChoices):
    """Where a photo may be shown."""

    WEB = "web", _("on the site")
    LETTER = "letter", _("in letters")
    FEED = "feed", _("in feeds")


def every_right() -> list[str]:
    return list(Right.values)


class PhotoQuerySet(models.QuerySet["Photo"]):
    def awaiting_renditions(self) -> Self:
        return self.filter(renditions=[])

    def awaiting_renditions_since(self, moment: datetime) -> Self:
        return self.awaiting_renditions().filter(uploaded_at__lt=moment)

    # What it shows and whose it is

    def matching(self, words: str) -> Self:
        """Each of the words in the caption, the alternative text or the credit."""
        found = self
        for word in words.split():
            places = ("caption", "alt", "maker", "source")
            found = found.filter(Q(*((f"{place}__icontains", word) for place in places), _connector=Q.OR))
        return found

    def of_kind(self, kind: str) -> Self:
        return self.filter(kind=kind)

    def made_by(self, maker: str) -> Self:
        return self.filter(maker__icontains=maker)

    def uploaded_by(self, user: Any) -> Self:
        return self.filter(uploaded_by=user)

    def wanting(self) -> Self:
        """Without alternative text or credit: nothing that shows one can be published."""
        return self.filter(Q(alt="") | Q(maker="", source=""))

    def of_file(self, fingerprint: str) -> Self:
        """The oldest first: the others came later."""
        return self.filter(sha256=fingerprint).order_by("pk")

    # How long it may be shown

    def licence_ending(self) -> Self:
        """Within the next days; those whose licence is over are not among them."""
        today = timezone.localdate()
        return self.filter(licensed_until__range=(today, today + NOTICE))

    def licence_ended(self) -> Self:
        return self.filter(licensed_until__lt=timezone.localdate())

    def expiring(self) -> Self:
        """Somebody has to look after their licence: it ends soon, or has ended."""
        return self.filter(licensed_until__lte=timezone.localdate() + NOTICE)

    # Where it is shown

    def unused(self) -> Self:
        """In no text, of whatever stand, and in none that is saved and not before readers yet."""
        return self.filter(leads=None, shares=None, shown_in=None).exclude(pk__in=photos_to_come().keys())

    # In what order

    def newest_first(self) -> Self:
        return self.order_by("-uploaded_at", "-pk")


def photos_to_come(among: Collection[int] | None = None) -> dict[int, set[int]]:
    """The photos of texts that are saved and that readers do not have yet, each with the ids of the articles."""
    found: dict[int, set[int]] = {}
    figures = FiguresIn(KT("kept__body"))
    kept = Revision.objects.to_come().values_list("article", "kept__photo", "kept__share_photo", figures)
    for article, lead, share, shown in kept:
        for photo in {*filter(None, (lead, share)), *(int(key) for keys in shown for key in keys.split(",") if key)}:
            if among is None or photo in among:
                found.setdefault(photo, set()).add(article)
    return found


class FiguresIn(Func):
    """Of each figure in a text that was cleaned, the ids; the texts themselves stay in the database."""

    arity = 1
    output_field = ArrayField(models.TextField())
    template = (
        "ARRAY(SELECT figure[2] FROM regexp_matches("
        """%(expressions)s, '<[a-z]+[^<>]* data-(photo|gallery)="([0-9,]+)"', 'g') AS figure)"""
    )
