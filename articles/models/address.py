from django.db import models
from django.utils.translation import gettext_lazy as _


class AddressQuerySet(models.QuerySet["Address"]):
    def leading(self, path: str) -> "Address | None":
        """What the house knows of this path, however it is written."""
        if "\0" in path:  # which no column holds, and no query may ask for
            return None
        return self.filter(path=path.lower()).select_related("article", "page").first()


class Address(models.Model):
    """A path that is or was live, and what answers there. An old one of an article is its redirect."""

    path = models.CharField(_("path"), max_length=300, primary_key=True)

    # What answers there: exactly one of these
    article = models.ForeignKey(
        "Article", verbose_name=_("article"), null=True, blank=True, on_delete=models.CASCADE, related_name="addresses"
    )
    page = models.ForeignKey(
        "Page", verbose_name=_("page"), null=True, blank=True, on_delete=models.CASCADE, related_name="addresses"
    )
    target = models.CharField(_("leads to"), max_length=300, blank=True)

    objects = AddressQuerySet.as_manager()

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        constraints = [
            models.CheckConstraint(
                name="articles_address_path",
                condition=models.Q(path__regex=r"^/([^/\s]+/)+$"),
                violation_error_message=_("A path begins and ends with a slash, such as /old-name/."),
            ),
            models.CheckConstraint(
                name="articles_address_one_answer",
                condition=(
                    models.Q(article__isnull=False, page=None, target="")
                    | models.Q(article=None, page__isnull=False, target="")
                    | (models.Q(article=None, page=None) & ~models.Q(target=""))
                ),
                violation_error_message=_("An address leads to an article, to a page or to a path: to exactly one."),
            ),
            models.CheckConstraint(
                name="articles_address_target_stays_here",
                condition=models.Q(target="") | models.Q(target__regex=r"^/([^/\\]|$)"),
                violation_error_message=_("A redirect leads to a path of this site, such as /new-name/."),
            ),
        ]

    def __str__(self) -> str:
        return self.path

    def leads_to(self, asked: str) -> str:
        """Where a reader who asked so is sent; empty when the answer is right there, or not for readers."""
        if self.target:
            return self.target
        holder = self.article or self.page
        if holder is None or not holder.is_live or holder.get_absolute_url() == asked:
            return ""
        return holder.get_absolute_url()

    @property
    def is_gone(self) -> bool:
        """It was live, and somebody took it back."""
        return bool(self.article and self.article.withdrawn_at)
