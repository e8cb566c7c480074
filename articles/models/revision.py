from collections.abc import Collection
from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.content import Content

# Whoever is silent for so long has got up; what they write then is a sitting of its own.
SILENCE = timedelta(minutes=30)
# How long a text that was never saved is offered to whoever wrote it.
OFFERED_FOR = timedelta(days=30)


class RevisionQuerySet(models.QuerySet["Revision"]):
    def to_come(self) -> Self:
        """What readers may get next: the newest above the live one, and what is scheduled."""
        newest = self.model.objects.filter(article=OuterRef("article")).order_by("-number").values("pk")[:1]
        publications = self.model._meta.apps.get_model("articles", "Publication").objects.waiting()
        above = Q(pk=Subquery(newest), article__live_revision__isnull=False)
        scheduled = Exists(publications.filter(revision=OuterRef("pk")))
        return self.filter(above | scheduled).exclude(pk=F("article__live_revision")).order_by()

    def showing_any(self, photos: Collection[int] | None) -> Self:
        """Those with one of the photos as their lead or in their text, and perhaps a few more."""
        if photos is None:
            return self
        if not photos:
            return self.none()
        keys = "|".join(str(int(photo)) for photo in photos)
        figure = rf'data-(photo|gallery)="([0-9]+,)*({keys})[,"]'
        return self.filter(Q(kept__photo__in=list(photos)) | Q(kept__body__regex=figure))


class SavedManager(models.Manager.from_queryset(RevisionQuerySet)):  # type: ignore[misc]
    """Everybody's revisions: those that somebody saved."""

    def get_queryset(self) -> RevisionQuerySet:
        return super().get_queryset().filter(number__isnull=False)


class SittingManager(models.Manager["Revision"]):
    """What somebody is writing, or left without saving: theirs alone, and never the newest for others."""

    def get_queryset(self) -> models.QuerySet["Revision"]:
        return super().get_queryset().filter(number=None)

    def of(self, user: Any, article: Any) -> models.QuerySet["Revision"]:
        recent = timezone.now() - OFFERED_FOR
        return self.filter(article=article, made_by=user, made_at__gt=recent).order_by("-made_at")

    def still_written(self) -> models.QuerySet["Revision"]:
        return self.filter(made_at__gt=timezone.now() - SILENCE)

    def forgotten(self) -> models.QuerySet["Revision"]:
        return self.filter(made_at__lt=timezone.now() - OFFERED_FOR)


class Revision(models.Model):
    """The whole editable content of an article at one moment.

    Saved ones are numbered. One that is still being written has no number but the token of its sitting: a browser's
    tab, until its text is saved or nothing is typed for half an hour.
    """

    article = models.ForeignKey("Article", on_delete=models.CASCADE, related_name="revisions")
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
    every: models.Manager["Revision"] = models.Manager()

    # Set by Article.keep: the revision of somebody else that went into this one
    merged_with: "Revision | None" = None

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering = ["-number"]
        base_manager_name = "every"
        constraints = [
            models.UniqueConstraint(
                name="articles_revision_sitting_once",
                fields=["article", "sitting"],
                violation_error_message=_("This sitting is kept already."),
            ),
            models.CheckConstraint(
                name="articles_revision_saved_or_sitting",
                condition=models.Q(number__isnull=False, sitting=None) | models.Q(number=None, sitting__isnull=False),
                violation_error_message=_("A revision is saved and numbered, or belongs to a sitting."),
            ),
            models.UniqueConstraint(
                name="articles_revision_number_once",
                fields=["article", "number"],
                violation_error_message=_("This revision is kept already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.content.title}"

    @property
    def content(self) -> Content:
        return Content.from_json(self.kept)
