from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.db.models import BooleanField, DateTimeField, ExpressionWrapper, Func, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from newsletter.models.delivery import Delivery, DeliveryQuerySet
from newsletter.sending.bell import ring
from newsroom.audit.models import Entry

# How many refusals in a row send a lane to rest. A server that hangs costs us far more than one that says no.
PATIENCE = 20
WEIGHT_OF_AN_ANSWER, WEIGHT_OF_SILENCE = 1, 10
FIRST_REST, LONGEST_REST = timedelta(seconds=10), timedelta(minutes=5)
REST_AFTER_AN_OBJECTION = timedelta(hours=1)
# Longer than any conversation may take.
LONGEST_TRIAL = timedelta(seconds=70)

STUMBLE = """
    INSERT INTO newsletter_lane AS lane (domain, failures, rests, is_silent, because, rests_until)
    VALUES (
        %(domain)s, %(weight)s, CASE WHEN %(rest)s::interval IS NULL THEN 0 ELSE 1 END, %(is_silent)s, %(because)s,
        clock_timestamp() + %(rest)s::interval
    )
    ON CONFLICT (domain) DO UPDATE SET
        is_silent = excluded.is_silent,
        because = excluded.because,
        failures = CASE WHEN lane.failures + %(weight)s < %(patience)s THEN lane.failures + %(weight)s
            ELSE %(patience)s / 2 END,
        rests = lane.rests + CASE WHEN lane.failures + %(weight)s < %(patience)s AND %(rest)s::interval IS NULL
            THEN 0 ELSE 1 END,
        rests_until = CASE
            WHEN %(rest)s::interval IS NOT NULL THEN clock_timestamp() + %(rest)s::interval
            WHEN lane.failures + %(weight)s < %(patience)s THEN lane.rests_until
            ELSE clock_timestamp() + (0.8 + 0.4 * random())
                * least(%(first)s::interval * power(2, least(lane.rests, 20)), %(longest)s::interval)
            END
"""


class LaneQuerySet(models.QuerySet["Lane"]):
    def troubled(self) -> "LaneQuerySet":
        """With `is_resting`, by the database's clock."""
        resting = Q(rests_until__isnull=False) & Q(
            rests_until__gt=Func(function="clock_timestamp", output_field=DateTimeField())
        )
        return self.filter(failures__gt=0).annotate(is_resting=ExpressionWrapper(resting, BooleanField()))

    def objecting(self) -> "LaneQuerySet":
        """Not for a moment, but for as long as nobody looked: what a flood of temporary refusals never comes to."""
        return self.filter(rests_until__gt=timezone.now(), because__startswith="5")

    def stumble(self, domain: str, because: str, *, in_silence: bool = False, rest: timedelta | None = None) -> None:
        """One more copy that its servers did not take. After enough of them, or at once for `rest`, the lane rests."""
        parameters: dict[str, Any] = {
            "domain": domain,
            "weight": WEIGHT_OF_SILENCE if in_silence else WEIGHT_OF_AN_ANSWER,
            "is_silent": in_silence,
            "because": because[:500],
            "rest": rest,
            "patience": PATIENCE,
            "first": FIRST_REST,
            "longest": LONGEST_REST,
        }
        with connection.cursor() as cursor:
            cursor.execute(STUMBLE, parameters)

    def recover(self, domain: str) -> None:
        """A copy was taken: nothing is wrong with it any more."""
        self.filter(domain=domain).delete()

    def try_one(self, domain: str) -> bool:
        """Of all senders, one may see whether the servers that hung have come back."""
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE newsletter_lane SET rests_until = clock_timestamp() + make_interval(secs => %s::float8) "
                "WHERE domain = %s AND rests_until <= clock_timestamp()",
                [str(LONGEST_TRIAL.total_seconds()), domain],
            )
            return bool(cursor.rowcount)


class Lane(models.Model):
    """The way to one domain, while its mail servers make trouble: copies for it wait, all others go on."""

    domain = models.CharField(gettext_lazy("domain"), max_length=254, unique=True)
    failures = models.PositiveIntegerField(gettext_lazy("refusals in a row"), default=0)
    rests = models.PositiveIntegerField(gettext_lazy("rests"), default=0)
    is_silent = models.BooleanField(default=False)
    rests_until = models.DateTimeField(gettext_lazy("rests until"), null=True)
    because = models.CharField(gettext_lazy("because"), max_length=500, blank=True)

    objects = LaneQuerySet.as_manager()

    is_resting: bool  # of those that are troubled()

    class Meta:
        verbose_name = gettext_lazy("troubled domain")
        verbose_name_plural = gettext_lazy("troubled domains")
        ordering = ["domain"]

    def __str__(self) -> str:
        return self.domain

    def waiting(self) -> DeliveryQuerySet:
        return Delivery.objects.filter(state=Delivery.State.QUEUED, issue__finished_at=None).bound_for(self.domain)

    def let_through(self, *, by: Any) -> None:
        """Try again at once, whatever was said before."""
        with transaction.atomic():
            Entry.objects.record("let through", on=self, by=by, because=self.because)
            self.delete()
            ring()

    def give_up(self, *, by: Any) -> int:
        """Count all copies that wait for it as refused, in its own words. Says how many."""
        if not self.because:
            raise ValidationError(_("Nothing is known against this domain."))
        with transaction.atomic():
            settled = self.waiting().refuse(self.because)
            Entry.objects.record("give up", on=self, by=by, because=self.because, copies=settled)
            self.delete()
            ring()
        return settled
