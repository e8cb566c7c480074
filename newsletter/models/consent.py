from datetime import timedelta
from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from newsroom.audit.origin import current_origin

if TYPE_CHECKING:
    from newsletter.models.subscriber import Subscription


class ConsentQuerySet(models.QuerySet["Consent"]):
    def of(self, address_hash: str) -> Self:
        return self.filter(address_hash=address_hash)

    def mailed_within(self, span: timedelta) -> Self:
        """What was asked by a mail of ours, lately."""
        return self.filter(act=Consent.Act.ASKED, at__gt=timezone.now() - span).exclude(message_id="")

    def places_left(self) -> set[str]:
        """The newsletters that they left, now or once."""
        return set(self.filter(act=Consent.Act.LEFT).values_list("newsletter", flat=True))

    def record(
        self, act: str, subscription: "Subscription", *, page: str = "", wording: str = "", message_id: str = ""
    ) -> "Consent":
        return self.create(
            act=act,
            address_hash=subscription.subscriber.key_hash,
            address=subscription.subscriber.email,
            newsletter=subscription.newsletter.name,
            origin=current_origin(),
            page=page,
            wording=wording,
            message_id=message_id,
        )


class Consent(models.Model):
    """What a person asked for, from where, in answer to which words. Append-only in the database."""

    class Act(models.TextChoices):
        ASKED = "asked", _("asked for it")
        CONFIRMED = "confirmed", _("confirmed it")
        LEFT = "left", _("left")
        RETURNED = "returned", _("undid the leaving")
        IMPORTED = "imported", _("was on a list that was imported")

    at = models.DateTimeField(_("when"), default=timezone.now)
    act = models.CharField(_("what"), max_length=10, choices=Act)

    # Whose it is: kept by name and hash, so that it outlives the rows it speaks of
    address_hash = models.CharField(max_length=64)
    address = models.CharField(_("address"), max_length=254, blank=True)
    newsletter = models.CharField(_("newsletter"), max_length=80)

    # The evidence
    origin = models.CharField(_("from where"), max_length=45, blank=True)
    page = models.CharField(_("on which page"), max_length=500, blank=True)
    wording = models.TextField(_("in answer to which words"), blank=True)
    message_id = models.CharField(_("by which mail"), max_length=200, blank=True)
    # What is known by hearsay only: the system and file it came from, and what that said, with its own moments
    source = models.CharField(_("from which list"), max_length=200, blank=True)
    told = models.JSONField(_("what the list said"), default=dict, blank=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="newsletter_consent_act",
                condition=models.Q(act__in=["asked", "confirmed", "left", "returned", "imported"]),
                violation_error_message=_("Choose one of the acts."),
            )
        ]
        indexes = [models.Index(fields=["address_hash"], name="newsletter_consent_whose")]

    def __str__(self) -> str:
        return f"{self.address or self.address_hash[:12]} {self.get_act_display()}: {self.newsletter}"
