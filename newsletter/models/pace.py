from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from newsletter.sending.bell import ring
from newsroom.audit.models import Entry

# Sender after sender; and a statement of its own, so that each sees what the one before it took.
TAKE_TURNS = "SELECT set_config('synchronous_commit', 'off', true) FROM newsletter_pace WHERE id = 1 FOR UPDATE"
RESERVE = """
    WITH now AS MATERIALIZED (SELECT clock_timestamp() AS at),
    mine AS MATERIALIZED (SELECT * FROM newsletter_pace WHERE id = 1),
    past AS MATERIALIZED (
        SELECT coalesce(sum(copies), 0) AS copies, min(minute) AS oldest FROM newsletter_minute, now
        WHERE minute >= date_trunc('minute', now.at) - interval '60 minutes'
    ), forgotten AS (
        DELETE FROM newsletter_minute USING now WHERE minute < now.at - interval '2 hours'
    ), granted AS MATERIALIZED (
        SELECT
            greatest(0, least(%(wanted)s, coalesce(mine.per_hour - past.copies, %(wanted)s)))::int AS copies,
            greatest(coalesce(mine.next_at, now.at), now.at) AS begins,
            past.oldest + interval '61 minutes' - now.at AS until_room,
            mine.per_second
        FROM mine, past, now
    ), written AS (
        UPDATE newsletter_pace SET next_at = granted.begins
            + granted.copies * coalesce(interval '1 second' / granted.per_second, interval '0')
        FROM granted WHERE id = 1
    ), counted AS (
        INSERT INTO newsletter_minute AS m (minute, copies)
        SELECT date_trunc('minute', now.at), granted.copies FROM granted, now WHERE granted.copies > 0
        ON CONFLICT (minute) DO UPDATE SET copies = m.copies + excluded.copies
    )
    SELECT granted.copies, extract(epoch FROM granted.begins - now.at)::float8,
        extract(epoch FROM granted.until_room)::float8, granted.per_second
    FROM granted, now
"""
COUNT_THE_LAST_HOUR = """
    INSERT INTO newsletter_minute (minute, copies)
    SELECT date_trunc('minute', handed_at), count(*) FROM newsletter_delivery
    WHERE handed_at > clock_timestamp() - interval '1 hour' GROUP BY 1
"""


@dataclass(frozen=True)
class Grant:
    copies: int
    begins_in: float  # seconds, as all that follows
    room_in: float | None
    per_second: int | None


class PaceManager(models.Manager["Pace"]):
    def reserve(self, wanted: int) -> "Grant | None":
        """Places for so many copies, or for fewer; None where there is no limit any more."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(TAKE_TURNS)
            cursor.execute(RESERVE, {"wanted": wanted})
            row = cursor.fetchone()
        return Grant(*row) if row else None

    def current(self) -> "Pace":
        return self.filter(pk=1).first() or Pace(pk=1)


class Pace(models.Model):
    """How fast copies may leave the house, by all senders together. There is one."""

    per_second = models.PositiveIntegerField(
        gettext_lazy("copies per second"), null=True, blank=True, help_text=gettext_lazy("Empty: as fast as they go.")
    )
    per_hour = models.PositiveIntegerField(
        gettext_lazy("copies per hour"),
        null=True,
        blank=True,
        help_text=gettext_lazy("In any sixty minutes. What your mail provider allows; empty: no limit."),
    )
    next_at = models.DateTimeField(null=True, editable=False)

    objects = PaceManager()

    class Meta:
        verbose_name = gettext_lazy("pace of sending")
        verbose_name_plural = gettext_lazy("pace of sending")
        constraints = [
            models.CheckConstraint(
                name="newsletter_pace_one", condition=Q(pk=1), violation_error_message=gettext_lazy("There is one.")
            ),
            models.CheckConstraint(
                name="newsletter_pace_moves",
                condition=(Q(per_second=None) | Q(per_second__gt=0)) & (Q(per_hour=None) | Q(per_hour__gt=0)),
                violation_error_message=gettext_lazy("To stop, pause the issue; a pace is at least one copy."),
            ),
        ]

    def __str__(self) -> str:
        return _("Pace of sending")

    @property
    def is_limited(self) -> bool:
        return bool(self.per_second or self.per_hour)

    def set(self, *, per_second: int | None, per_hour: int | None, by: Any) -> None:
        """Senders follow within a second."""
        if per_second == 0 or per_hour == 0:
            raise ValidationError(_("To stop, pause the issue; a pace is at least one copy."))
        with transaction.atomic():
            before = Pace.objects.select_for_update().filter(pk=1).first()
            self.pk, self.per_second, self.per_hour, self.next_at = 1, per_second, per_hour, None
            self.save(force_insert=before is None)
            if not (before and before.is_limited):  # nobody counted until now
                Minute.objects.all().delete()
                with connection.cursor() as cursor:
                    cursor.execute(COUNT_THE_LAST_HOUR)
            Entry.objects.record("set pace", on=self, by=by, per_second=per_second, per_hour=per_hour)
            ring()


class Minute(models.Model):
    """How many copies left in one minute, while there is a limit."""

    minute = models.DateTimeField(primary_key=True)
    copies = models.PositiveIntegerField()

    class Meta:
        verbose_name = gettext_lazy("minute")
        verbose_name_plural = gettext_lazy("minutes")

    def __str__(self) -> str:
        return f"{self.minute:%H:%M}: {self.copies}"
