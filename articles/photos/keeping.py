from typing import Any

from django.db import transaction

from articles.models import Article, Photo
from articles.tasks import defer_renditions
from newsroom.audit.models import Entry


@transaction.atomic
def keep(photo: Photo, *, by: Any, is_new: bool) -> None:
    """Save it; a worker cuts it anew, and the texts that show it say at once what it says now."""
    if is_new:
        photo.uploaded_by = by
    photo.save()
    defer_renditions(photo)
    for article in Article.objects.showing_photo(photo):
        article.rerender()
    Entry.objects.record("upload" if is_new else "change photo", on=photo, by=by)


@transaction.atomic
def discard(photo: Photo, *, by: Any) -> None:
    """Out of the library with its files. Raises ValidationError while a text shows it."""
    Entry.objects.record("delete photo", on=photo, by=by, sha256=photo.sha256)
    photo.discard()
