"""Where a letter shows photos: beside the articles in it."""

from collections.abc import Collection, Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from articles.photos.usage import Place, finder
from newsletter.models import Issue
from newsroom.roles import may


@finder
def issues_with(photos: Collection[int], user: Any, most: int) -> Iterator[tuple[int, Place]]:
    is_seen = may(user, "view", Issue)
    found = Issue.objects.filter(articles__photo__in=photos).order_by("-pk").distinct()
    for photo, pk, subject in found.values_list("articles__photo", "pk", "subject"):
        address = reverse("admin:newsletter_issue_change", args=[pk])
        yield photo, Place(_("In a letter"), subject, address) if is_seen else Place(_("In a letter"))
