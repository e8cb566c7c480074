import hashlib
import hmac
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from newsletter.models.opt_out import OptOut
from newsroom.addresses import email_key
from newsroom.audit.models import Entry


def key_hash(email_key: str) -> str:
    """How an address is kept when it may not be kept: HMAC-SHA256 under SUPPRESSION_KEY, in hexadecimal."""
    return hmac.new(settings.SUPPRESSION_KEY.encode(), email_key.encode(), hashlib.sha256).hexdigest()


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    def take_back(self) -> int:
        """As if they had never been suppressed, because that was believed of them in error. Says how many."""
        with transaction.atomic():
            rows = list(self.select_for_update())
            for row in rows:
                OptOut.objects.note(OptOut.Act.LIFTED, row.key_hash, how="house", at=timezone.now())
            self.model.objects.filter(pk__in=[row.pk for row in rows]).delete()
        return len(rows)


class SuppressionManager(models.Manager.from_queryset(SuppressionQuerySet)):  # type: ignore[misc]  # a class made at run time
    def of_address(self, email: str) -> models.QuerySet["Suppression"]:
        """Found by the whole address only: nothing else of it is kept."""
        return self.filter(key_hash=key_hash(email_key(email)))

    def bar(self, email: str, reason: str, *, note: str = "", at: datetime | None = None) -> "Suppression":
        """Mail nothing to this address from now on, or from that moment.

        What only the house can lift outlives every other reason.
        """
        with transaction.atomic():
            found, has_changed = self.bar_key(key_hash(email_key(email)), reason, note=note, at=at or timezone.now())
            if has_changed:
                OptOut.objects.note(OptOut.Act.BARRED, found.key_hash, how=reason, at=found.at)
        return found

    def bar_key(self, key: str, reason: str, *, note: str = "", at: datetime) -> "tuple[Suppression, bool]":
        """The same for whom only the keyed hash is known. Says too whether that changed anything."""
        known: dict[str, Any] = {"reason": reason, "at": at, "note": note[:300]}
        found, is_new = self.get_or_create(key_hash=key, defaults=known)
        if is_new or not found.Reason(found.reason).is_liftable:
            return found, is_new
        known["at"] = max(at, found.at)
        for name, value in known.items():
            setattr(found, name, value)
        found.save(update_fields=list(known))
        return found, True


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
        permissions = [("lift_suppression", "Can lift a suppression")]
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

    # Verbs

    def lift(self, *, by: Any, because: str) -> None:
        """The house mails this address again. Only the person undoes an erasure, by subscribing anew."""
        if not because.strip():
            raise ValidationError(gettext("Say why this address may be mailed again."))
        with transaction.atomic():
            self.refresh_from_db(from_queryset=Suppression.objects.select_for_update())
            if self.reason == self.Reason.ERASED:
                raise ValidationError(
                    gettext("This person had their data erased: only they can come back, by subscribing again.")
                )
            Entry.objects.record("lift", on=self, by=by, reason=self.reason, note=self.note, because=because[:300])
            OptOut.objects.note(OptOut.Act.LIFTED, self.key_hash, how="house", at=timezone.now())
            self.delete()
