from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class PublicationQuerySet(models.QuerySet["Publication"]):
    def due(self) -> "PublicationQuerySet":
        return self.filter(done_at=None, due_at__lte=timezone.now())

    def waiting(self) -> "PublicationQuerySet":
        return self.filter(done_at=None)

    def coming(self, moment: datetime) -> "PublicationQuerySet":
        """Waiting for their hour, which has not passed at that moment; the next first."""
        return self.waiting().filter(due_at__gte=moment).order_by("due_at", "pk")

    def late(self, patience: timedelta) -> "PublicationQuerySet":
        """Due for so long that no worker can be at work; the oldest first."""
        return self.waiting().filter(due_at__lt=timezone.now() - patience).order_by("due_at", "pk")

    def shown(self) -> "PublicationQuerySet":
        return self.exclude(done_at=None)

    def newest_first(self) -> "PublicationQuerySet":
        return self.order_by("-due_at", "-pk")


class Publication(models.Model):
    """One revision's way to the readers, written in publish's own transaction; what follows from it hangs here."""

    article = models.ForeignKey("Article", on_delete=models.CASCADE, related_name="publications")
    revision = models.ForeignKey("Revision", on_delete=models.CASCADE, related_name="+")
    due_at = models.DateTimeField(_("due"))
    done_at = models.DateTimeField(_("done"), null=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    # The zone in which a person named the moment; the wall time itself is not stored.
    zone = models.CharField(max_length=60, blank=True)

    objects = PublicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("publication")
        verbose_name_plural = _("publications")
        constraints = [
            models.UniqueConstraint(
                name="articles_publication_revision_once",
                fields=["article", "revision"],
                violation_error_message=_("This revision is published or scheduled already."),
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], name="articles_publication_waiting", condition=models.Q(done_at=None))
        ]

    def __str__(self) -> str:
        return f"{self.article} ({self.due_at:%Y-%m-%d %H:%M} UTC)"

    def carry_out(self) -> bool:
        """What is due after publishing, once, whoever else tries. Says whether this call did it."""
        return self.article.follow(self)
