from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.content import Content


class Revision(models.Model):
    """The whole editable content of an article at one moment, numbered."""

    article = models.ForeignKey("Article", on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField(_("number"))
    kept = models.JSONField(_("content"))
    made_at = models.DateTimeField(_("made"), default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                name="articles_revision_number_once",
                fields=["article", "number"],
                violation_error_message=_("This revision is kept already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.content.title}"

    @property
    def content(self) -> Content:
        return Content.from_json(self.kept)
