from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from newsletter.letters.content import IssueContent

# As with articles: whoever is silent for so long has got up.
SILENCE = timedelta(minutes=30)
OFFERED_FOR = timedelta(days=30)


class SavedManager(models.Manager["IssueRevision"]):
    """Everybody's revisions: those that somebody saved."""

    def get_queryset(self) -> models.QuerySet["IssueRevision"]:
        return super().get_queryset().filter(number__isnull=False)


class SittingManager(models.Manager["IssueRevision"]):
    """What somebody is writing, or left without saving: theirs alone, and never the newest for others."""

    def get_queryset(self) -> models.QuerySet["IssueRevision"]:
        return super().get_queryset().filter(number=None)

    def of(self, user: Any, issue: Any) -> models.QuerySet["IssueRevision"]:
        recent = timezone.now() - OFFERED_FOR
        return self.filter(issue=issue, made_by=user, made_at__gt=recent).order_by("-made_at")


class IssueRevision(models.Model):
    """The whole editable content of an issue at one moment, numbered once it is saved."""

    issue = models.ForeignKey("Issue", on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField(_("number"), null=True)
    sitting = models.UUIDField(null=True, editable=False)
    based_on = models.PositiveIntegerField(null=True, editable=False)
    kept = models.JSONField(_("content"))
    made_at = models.DateTimeField(_("made"), default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), null=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = SavedManager()
    sittings = SittingManager()
    every: models.Manager["IssueRevision"] = models.Manager()

    # Set by Issue.keep: the revision of somebody else that went into this one
    merged_with: "IssueRevision | None" = None

    class Meta:
        verbose_name = _("revision of an issue")
        verbose_name_plural = _("revisions of issues")
        ordering = ["-number"]
        base_manager_name = "every"
        constraints = [
            models.UniqueConstraint(
                name="newsletter_issuerevision_sitting_once",
                fields=["issue", "sitting"],
                violation_error_message=_("This sitting is kept already."),
            ),
            models.UniqueConstraint(
                name="newsletter_issuerevision_number_once",
                fields=["issue", "number"],
                violation_error_message=_("This revision is kept already."),
            ),
            models.CheckConstraint(
                name="newsletter_issuerevision_saved_or_sitting",
                condition=models.Q(number__isnull=False, sitting=None) | models.Q(number=None, sitting__isnull=False),
                violation_error_message=_("A revision is saved and numbered, or belongs to a sitting."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.content.subject}"

    @property
    def content(self) -> IssueContent:
        return IssueContent.from_json(self.kept)
