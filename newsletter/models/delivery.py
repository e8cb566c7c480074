from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.db.models import Count, F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from newsletter.models.issue import Issue
from newsletter.models.subscriber import Subscriber
from newsletter.sending.bell import ring
from newsroom.audit.models import Entry

if TYPE_CHECKING:
    from newsletter.models.attempt import Attempt
    from newsletter.models.subscriber import SubscriptionQuerySet

MOST_EDITIONS = 99
ENTER = """
    INSERT INTO newsletter_delivery (issue_id, subscriber_id, address, name, token, state, attempt, fence, answer)
    SELECT %s, chosen.*, 'queued', 0, 0, '' FROM ({}) AS chosen
"""


class Domain(models.Func):
    """What stands behind the last @."""

    template = "split_part(%(expressions)s, '@', -1)"
    output_field = models.CharField()


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def open(self) -> "DeliveryQuerySet":
        """Not settled yet, and nobody doubts it."""
        return self.filter(state__in=Delivery.OPEN)

    def accepted(self) -> "DeliveryQuerySet":
        return self.filter(state=Delivery.State.ACCEPTED)

    def uncertain(self) -> "DeliveryQuerySet":
        return self.filter(state=Delivery.State.UNCERTAIN)

    def troubled(self) -> "DeliveryQuerySet":
        """Those that somebody may want to look into."""
        return self.filter(state__in=(Delivery.State.UNCERTAIN, Delivery.State.FAILED))

    def unknown_there(self) -> "DeliveryQuerySet":
        """Refused because the address does not exist, as the server said."""
        return self.filter(state=Delivery.State.FAILED, answer__regex=r"^5\d\d .*\y5\.1\.\d").exclude(
            answer__regex=r"\y5\.1\.[78]\y"
        )

    def bound_for(self, domain: str) -> "DeliveryQuerySet":
        return self.alias(domain=Lower(Domain("address"))).filter(domain=domain)

    def refuse(self, because: str) -> int:
        """Settle what still waits, as if the server had said so to each."""
        return self.filter(state=Delivery.State.QUEUED).update(
            state=Delivery.State.FAILED,
            answer=because,
            settled_at=timezone.now(),
            not_before=None,
            fence=F("fence") + 1,
        )

    def unfinished(self) -> "DeliveryQuerySet":
        """What keeps an issue from being finished: the open ones, and those about to be repeated."""
        return self.filter(Q(state__in=Delivery.OPEN) | Q(state=Delivery.State.UNCERTAIN, not_before__isnull=False))

    def counted(self) -> dict[str, int]:
        """How many there are in each state, in one query."""
        counts = dict.fromkeys(Delivery.State.values, 0)
        return counts | dict(self.order_by().values_list("state").annotate(Count("pk")))

    def enter(self, audience: "SubscriptionQuerySet", *, issue: Issue) -> int:
        """One queued delivery for each, the oldest subscription first, in one statement: complete or not at all."""
        columns = audience.order_by("pk").values_list("subscriber_id", "subscriber__email", "subscriber__name", "token")
        chosen, parameters = columns.query.sql_with_params()
        with connection.cursor() as cursor:
            cursor.execute(ENTER.format(chosen), [issue.pk, *parameters])
            return cursor.rowcount


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

    # No index of its own: three others begin with it, and freezing a million copies would pay for a fourth
    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, related_name="deliveries", db_index=False)
    subscriber = models.ForeignKey(Subscriber, null=True, on_delete=models.SET_NULL, related_name="deliveries")

    # Frozen with the audience; with the issue's own text it makes every byte of the copy
    address = models.CharField(_("address"), max_length=254)
    name = models.CharField(_("name"), max_length=100, blank=True, default="", db_default="")
    token = models.CharField(max_length=32)
    edition = models.PositiveSmallIntegerField(_("number"), default=1, db_default=1)

    # What became of it; newsletter/sending/ledger.py writes it
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.QUEUED)
    attempt = models.PositiveSmallIntegerField(_("attempts"), default=0)
    not_before = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)
    fence = models.BigIntegerField(default=0)
    handed_at = models.DateTimeField(_("handed over"), null=True)
    repeated_at = models.DateTimeField(_("repeated, its fate being unknown"), null=True)
    settled_at = models.DateTimeField(_("settled"), null=True)
    answer = models.CharField(_("the server’s answer"), max_length=500, blank=True)
    # With whom it was handed over, where that call got no answer: repeated without them, it would be another letter
    call = models.CharField(max_length=32, blank=True, default="", db_default="")

    objects = DeliveryQuerySet.as_manager()

    if TYPE_CHECKING:
        earlier: models.QuerySet[Attempt]

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        permissions = [("resend_delivery", "Can send a copy once more")]
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
            models.Index(
                fields=["leased_until"], name="newsletter_delivery_leased", condition=Q(leased_until__isnull=False)
            ),
            models.Index(
                fields=["not_before"],
                name="newsletter_delivery_doubted",
                condition=Q(state="uncertain", not_before__isnull=False),
            ),
            models.Index(
                fields=["issue", "call"],
                name="newsletter_delivery_called",
                condition=Q(state="queued") & ~Q(call=""),
            ),
            models.Index(fields=["issue", "state"], name="newsletter_delivery_books"),
        ]

    def __str__(self) -> str:
        return f"{self.issue} → {self.address}"

    def settle(self, verdict: str, *, by: Any) -> None:
        """As somebody found out: "accepted" or "failed". Raises ValidationError unless nobody knew."""
        with transaction.atomic():
            doubtful = Delivery.objects.uncertain().filter(pk=self.pk)
            if not doubtful.update(state=verdict, settled_at=timezone.now(), not_before=None, fence=F("fence") + 1):
                raise ValidationError(gettext("Only a copy of which nobody knows whether it was taken can be settled."))
            self.refresh_from_db()
            Entry.objects.record("settle", on=self, by=by, verdict=verdict)
            ring()

    def send_again(self, *, by: Any) -> None:
        """One more numbered attempt at this copy, as a new message: mail programs hide what they have seen.

        What had become of it is kept. Raises ValidationError where the reader may not, or need not, be mailed.
        """
        with transaction.atomic():
            self.refresh_from_db(from_queryset=Delivery.objects.select_for_update(of=("self",)))
            if self.state in self.OPEN or (self.state == self.State.UNCERTAIN and self.not_before):
                raise ValidationError(gettext("This copy is still on its way."))
            if self.subscriber is None or not self.issue.readers().filter(subscriber=self.subscriber_id).exists():
                raise ValidationError(
                    gettext("This reader has left the newsletter, or the address is suppressed: nothing is sent.")
                )
            if self.edition == MOST_EDITIONS:
                raise ValidationError(gettext("This copy has been sent too often."))
            facts = {name: getattr(self, name) for name in ("edition", "state", "handed_at", "settled_at", "answer")}
            self.earlier.create(**facts, asked_by=by)
            self.edition, self.state, self.attempt, self.answer = self.edition + 1, self.State.QUEUED, 0, ""
            self.call = ""
            self.handed_at = self.settled_at = self.repeated_at = self.not_before = None
            self.save()
            self.issue.reopen()
            Entry.objects.record("send again", on=self, by=by, edition=self.edition)
            ring()
