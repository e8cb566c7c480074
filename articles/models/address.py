import re
import unicodedata
from functools import reduce
from operator import or_
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from authors.models import Author

# Who may hold an address, by the name of its column.
HOLDERS = ("article", "page", "section", "tag", "series", "author")


def spelled(path: str) -> str:
    """A path as the house writes it: small letters, single slashes, one at the end unless a file is named."""
    plain = re.sub("/+", "/", unicodedata.normalize("NFC", path).lower().strip("/"))
    last = plain.rpartition("/")[2]
    return f"/{plain}" if "." in last or not plain else f"/{plain}/"


def only(holder: str) -> models.Q:
    """Of everything that may answer, this and nothing else."""
    others = models.Q(**{f"{name}__isnull": name != holder for name in HOLDERS})
    return others & (~models.Q(target="") if holder == "target" else models.Q(target=""))


class AddressQuerySet(models.QuerySet["Address"]):
    def leading(self, *paths: str) -> "Address | None":
        """What the house knows of this path, or of the next one if it knows nothing of it; however they are written."""
        if any("\0" in path for path in paths):  # which no column holds, and no query may ask for
            return None
        wanted = [spelled(path) for path in paths]
        long = ("article__body", "article__body_html", "article__body_text", "article__search", "page__body")
        found = self.filter(path__in=wanted).select_related(*HOLDERS).defer(*long)
        known = {address.path: address for address in found}
        return next((known[path] for path in wanted if path in known), None)

    def hold(self, path: str, **holder: Any) -> None:
        """From now on this path is the holder's; an older claim on it was a redirect, and gives way."""
        self.update_or_create(path=path, defaults=dict.fromkeys(HOLDERS) | {"target": ""} | holder)


class Address(models.Model):
    """A path that is or was live, and what answers there. An old one is its holder's redirect, for ever.

    Articles and pages take theirs when readers get them. Those of sections, tags, series and authors are kept by the
    database itself, whoever writes a slug: see articles/memory.py.
    """

    path = models.CharField(_("path"), max_length=300, primary_key=True)

    # What answers there: exactly one of these
    article = models.ForeignKey(
        "Article", verbose_name=_("article"), null=True, blank=True, on_delete=models.CASCADE, related_name="addresses"
    )
    page = models.ForeignKey(
        "Page", verbose_name=_("page"), null=True, blank=True, on_delete=models.CASCADE, related_name="addresses"
    )
    section = models.ForeignKey(
        "Section", verbose_name=_("section"), null=True, blank=True, on_delete=models.CASCADE, related_name="addresses"
    )
    tag = models.ForeignKey(
        "Tag", verbose_name=_("tag"), null=True, blank=True, on_delete=models.CASCADE, related_name="addresses"
    )
    series = models.ForeignKey(
        "Series", verbose_name=_("series"), null=True, blank=True, on_delete=models.CASCADE, related_name="addresses"
    )
    author = models.ForeignKey(
        Author, verbose_name=_("author"), null=True, blank=True, on_delete=models.CASCADE, related_name="addresses"
    )
    target = models.CharField(_("leads to"), max_length=300, blank=True)

    objects = AddressQuerySet.as_manager()

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        constraints = [
            models.CheckConstraint(
                name="articles_address_path",
                condition=models.Q(path__regex=r"^(/[^/\sA-Z]+)+/?$"),
                violation_error_message=_("A path begins with a slash and has no capitals, such as /old-name/."),
            ),
            models.CheckConstraint(
                name="articles_address_one_answer",
                condition=reduce(or_, (only(holder) for holder in (*HOLDERS, "target"))),
                violation_error_message=_("An address leads to one thing of the magazine or to one path."),
            ),
            models.CheckConstraint(
                name="articles_address_target_stays_here",
                condition=models.Q(target="") | models.Q(target__regex=r"^/([^/\\]|$)"),
                violation_error_message=_("A redirect leads to a path of this site, such as /new-name/."),
            ),
            models.CheckConstraint(
                name="articles_address_target_is_another",
                condition=~models.Q(target=models.F("path")),
                violation_error_message=_("A redirect leads to another address than its own."),
            ),
        ]

    def __str__(self) -> str:
        return self.path

    @property
    def holder(self) -> Any:
        return next((held for name in HOLDERS if (held := getattr(self, name))), None)

    @property
    def is_gone(self) -> bool:
        """It was live, or it would have no address here; and somebody took it back."""
        return not getattr(self.holder, "is_live", True)

    @property
    def leads_to(self) -> str:
        """Where its holder is now; empty while readers do not get it."""
        return self.holder.get_absolute_url() if getattr(self.holder, "is_live", self.holder) else ""
