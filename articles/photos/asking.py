"""What a person asks of the library, as the words of its queryset."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from articles.models import Photo

# What is to be done, and what a person calls it.
ONLY = {
    "wanting": _("Without alternative text or credit"),
    "licence_ending": _("Licence ends within 30 days"),
    "licence_ended": _("Licence has ended"),
    "expiring": _("Licence ends soon, or has ended"),
    "unused": _("Shown nowhere"),
}


def only(photos: Any, word: str | None) -> Any:
    return getattr(photos, word)() if word in ONLY else photos


def asked_for(asked: Mapping[str, str], *, by: Any) -> Any:
    found = only(Photo.objects.matching(asked.get("q", "")[:200]), asked.get("only"))
    if asked.get("kind") in Photo.Kind.values:
        found = found.of_kind(asked["kind"])
    if maker := asked.get("maker", "")[:120].strip():
        found = found.made_by(maker)
    if asked.get("whose") == "mine":
        found = found.uploaded_by(by)
    return found.newest_first()
