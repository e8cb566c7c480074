import hashlib
import hmac
from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from newsroom.addresses import email_key


def key_hash(email_key: str) -> str:
    """How an address is kept when it may not be kept: HMAC-SHA256 under SUPPRESSION_KEY, in hexadecimal."""
    return hmac.new(settings.SUPPRESSION_KEY.encode(), email_key.encode(), hashlib.sha256).hexdigest()


class SuppressionManager(models.Manager["Suppression"]):
    def bar(self, email: str, reason: str, *, note: str = "") -> "Suppression":
        """Mail nothing to this address from now on. What only the house can lift outlives every other reason."""
        known = {"reason": reason, "at": timezone.now(), "note": note[:300]}
        found, is_new = self.get_or_create(key_hash=key_hash(email_key(email)), defaults=known)
        if not is_new and found.Reason(found.reason).is_liftable:
            for name, value in known.items():
                setattr(found, name, value)
            found.save(update_fields=list(known))
        return found


class Suppression(models.Model):
    """An address that may not be mailed, kept as a keyed hash."""

    class Reason(models.TextChoices):
        BOUNCED = "bounced", _("The address does not exist")
        ERASED = "erased", _("The person had their data erased")
        COMPLAINT = "complaint", _("The person reported a letter as spam")
        OPERATOR = "operator", _("The house decided so")

        @property
        def is_liftable(self) -> bool:
            """Whether the person's own new double opt-in lifts it."""
            return self in {self.BOUNCED, self.ERASED}

    key_hash = models.CharField(max_length=64)
    reason = models.CharField(_("reason"), max_length=10, choices=Reason)
    at = models.DateTimeField(_("since"), default=timezone.now)
    note = models.CharField(_("note"), max_length=300, blank=True)

    objects = SuppressionManager()

    class Meta:
        verbose_name = _("suppression")
        verbose_name_plural = _("suppressions")
        constraints = [
            models.UniqueConstraint(name="newsletter_suppression_once", fields=["key_hash"]),
            models.CheckConstraint(
                name="newsletter_suppression_reason",
                condition=models.Q(reason__in=["bounced", "erased", "complaint", "operator"]),
                violation_error_message=_("Choose one of the reasons."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()} ({self.at:%Y-%m-%d})"

    def yields_to(self, asked_at: datetime) -> bool:
        """Whether a double opt-in that began at that moment lifts it."""
        return self.Reason(self.reason).is_liftable and self.at < asked_at
