from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from newsletter.models.delivery import Delivery


class Attempt(models.Model):
    """What had become of a copy when somebody had it sent once more."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="earlier")
    edition = models.PositiveSmallIntegerField(_("number"))
    state = models.CharField(_("state"), max_length=9, choices=Delivery.State)
    handed_at = models.DateTimeField(_("handed over"), null=True)
    settled_at = models.DateTimeField(_("settled"), null=True)
    answer = models.CharField(_("the server’s answer"), max_length=500, blank=True)

    # Who wanted another, and when
    asked_at = models.DateTimeField(_("sent again"), default=timezone.now)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        verbose_name = _("earlier attempt")
        verbose_name_plural = _("earlier attempts")
        ordering = ["edition"]
        constraints = [
            models.UniqueConstraint(
                name="newsletter_attempt_once",
                fields=["delivery", "edition"],
                violation_error_message=_("This attempt is kept already."),
            ),
            models.CheckConstraint(
                name="newsletter_attempt_state",
                condition=models.Q(state__in=["accepted", "failed", "uncertain", "skipped"]),
                violation_error_message=_("Choose one of the states."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.delivery} ({self.edition})"
