from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from newsletter.models.issue import Issue
from newsletter.models.subscriber import Subscriber


class Delivery(models.Model):
    """One copy of an issue for one reader, and what became of it."""

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        CLAIMED = "claimed", _("with a sender; no byte has left")
        HANDING = "handing", _("being handed to the mail server")
        ACCEPTED = "accepted", _("taken over by the mail server")
        FAILED = "failed", _("refused by the mail server")
        UNCERTAIN = "uncertain", _("the connection broke after the letter was handed over")
        SKIPPED = "skipped", _("not sent: the reader left or the address is suppressed")

    OPEN = (State.QUEUED, State.CLAIMED, State.HANDING)

    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, related_name="deliveries")
    subscriber = models.ForeignKey(Subscriber, null=True, on_delete=models.SET_NULL, related_name="deliveries")

    # Frozen with the audience; with the issue's own text it makes every byte of the copy
    address = models.CharField(_("address"), max_length=254)
    token = models.CharField(max_length=32)

    # What became of it
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.QUEUED)
    attempt = models.PositiveSmallIntegerField(_("attempts"), default=0)
    not_before = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)
    fence = models.BigIntegerField(default=0)
    handed_at = models.DateTimeField(_("handed over"), null=True)
    settled_at = models.DateTimeField(_("settled"), null=True)
    answer = models.CharField(_("the server’s answer"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(
                name="newsletter_delivery_once",
                fields=["issue", "subscriber"],
                violation_error_message=_("This reader has a copy of this issue already."),
            ),
            models.CheckConstraint(
                name="newsletter_delivery_state",
                condition=Q(state__in=["queued", "claimed", "handing", "accepted", "failed", "uncertain", "skipped"]),
                violation_error_message=_("Choose one of the states."),
            ),
            models.CheckConstraint(
                name="newsletter_delivery_lease",
                condition=Q(state__in=["claimed", "handing"], leased_until__isnull=False)
                | (~Q(state__in=["claimed", "handing"]) & Q(leased_until=None)),
                violation_error_message=_("A copy has a lease exactly while a sender holds it."),
            ),
        ]
        indexes = [
            models.Index(fields=["issue", "id"], name="newsletter_delivery_queued", condition=Q(state="queued")),
            models.Index(fields=["leased_until"], name="newsletter_delivery_leased", condition=Q(leased_until__isnull=False)),
            models.Index(fields=["issue", "state"], name="newsletter_delivery_books"),
        ]

    def __str__(self) -> str:
        return f"{self.issue} → {self.address}"
