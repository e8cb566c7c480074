"""What comes back after a letter has left: who reported what, and the facts that it comes to."""

from collections.abc import Iterable
from datetime import datetime
from typing import Self

from django.db import connection, models
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from newsletter.models.delivery import Delivery
from newsletter.models.issue import Issue

NOTE = """
    INSERT INTO newsletter_fact (delivery_id, issue_id, kind, first_at) VALUES (%s, %s, %s, %s)
    ON CONFLICT (delivery_id, kind) DO UPDATE SET first_at = LEAST(newsletter_fact.first_at, EXCLUDED.first_at)
    RETURNING xmax = 0
"""


class Kind(models.TextChoices):
    BOUNCED = "bounced", _("came back: the address does not exist")
    RETURNED = "returned", _("came back, though the address may exist")
    BLOCKED = "blocked", _("came back: the server objects to the sender or to what is said")
    COMPLAINED = "complained", _("reported as spam")
    UNSUBSCRIBED = "unsubscribed", _("unsubscribed at the mail service")
    DELAYED = "delayed", _("delayed, and still being tried")
    DELIVERED = "delivered", _("the next server took it over")
    AUTOREPLY = "autoreply", _("answered by a machine")


# A copy that no reader has seen
CAME_BACK = (Kind.BOUNCED, Kind.RETURNED, Kind.BLOCKED)


class ReturnQuerySet(models.QuerySet["Return"]):
    def of(self, address_hash: str) -> Self:
        return self.filter(address_hash=address_hash)

    def known(self) -> Self:
        """Those about a copy that we sent."""
        return self.filter(delivery__isnull=False)

    def for_reading(self) -> Self:
        return self.select_related("issue", "issue__newsletter").defer(
            "issue__letter_html", "issue__letter_text", "issue__letter_head"
        )


class Return(models.Model):
    """One report, as somebody sent it. Append-only in the database, and each counts once."""

    # What is said to have happened, and when
    kind = models.CharField(_("what"), max_length=12, choices=Kind)
    at = models.DateTimeField(_("when"))
    status = models.CharField(_("status"), max_length=12, blank=True)
    said = models.CharField(_("in whose words"), max_length=500, blank=True)

    # Who says so
    source = models.CharField(_("reported by"), max_length=20)
    key = models.CharField(max_length=64, unique=True)
    noted_at = models.DateTimeField(_("noted"), default=timezone.now)

    # Of which copy; without one it is about no letter of ours, and nothing came of it
    issue = models.ForeignKey(Issue, verbose_name=_("issue"), null=True, on_delete=models.PROTECT, related_name="+")
    delivery = models.ForeignKey(Delivery, null=True, on_delete=models.PROTECT, related_name="returns")
    address_hash = models.CharField(max_length=64, blank=True, db_index=True)

    objects = ReturnQuerySet.as_manager()

    class Meta:
        verbose_name = _("return")
        verbose_name_plural = _("returns")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="newsletter_return_kind",
                condition=Q(kind__in=[
                    "bounced", "returned", "blocked", "complained", "unsubscribed", "delayed", "delivered", "autoreply",
                ]),
                violation_error_message=_("Choose one of the kinds."),
            ),
            models.CheckConstraint(
                name="newsletter_return_issue_of_its_copy",
                condition=Q(issue__isnull=True, delivery__isnull=True)
                | Q(issue__isnull=False, delivery__isnull=False),
                violation_error_message=_("A return is about a copy of an issue, or about nothing of ours."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.at:%Y-%m-%d})"


class FactQuerySet(models.QuerySet["Fact"]):
    def came_back(self) -> Self:
        return self.filter(kind__in=CAME_BACK)

    def about(self, issue: Issue) -> Self:
        return self.filter(issue=issue)

    def counted(self, issues: Iterable[int]) -> dict[int, dict[str, int]]:
        """For each issue how many copies there are of each kind, in one query."""
        found: dict[int, dict[str, int]] = {}
        rows = self.filter(issue__in=issues).exclude(kind__in=(Kind.DELIVERED, Kind.DELAYED, Kind.AUTOREPLY))
        for issue, kind, count in rows.order_by().values_list("issue", "kind").annotate(Count("pk")):
            found.setdefault(issue, {})[kind] = count
        return found

    def note(self, delivery: Delivery, kind: str, at: datetime) -> bool:
        """In one statement, whoever else is noting it; the earliest time stays. Says whether it is news."""
        with connection.cursor() as cursor:
            cursor.execute(NOTE, [delivery.pk, delivery.issue_id, kind, at])
            return cursor.fetchone()[0]


class Fact(models.Model):
    """Something that happened to one copy, however often and by whomever it was reported."""

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="facts", db_index=False)
    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, related_name="facts", db_index=False)
    kind = models.CharField(_("what"), max_length=12, choices=Kind)
    first_at = models.DateTimeField(_("when"))

    objects = FactQuerySet.as_manager()

    class Meta:
        verbose_name = _("fact")
        verbose_name_plural = _("facts")
        constraints = [
            models.UniqueConstraint(
                name="newsletter_fact_once",
                fields=["delivery", "kind"],
                violation_error_message=_("This is known of this copy."),
            )
        ]
        indexes = [models.Index(fields=["issue", "kind"], name="newsletter_fact_counted")]

    def __str__(self) -> str:
        return f"{self.delivery}: {self.get_kind_display()}"


class Figures(models.Model):
    """The books of a finished issue, summed once: a million copies are not counted for each look at a plot.

    They hold as long as the issue was finished at that moment and as many of its copies are uncertain.
    """

    issue = models.OneToOneField(Issue, on_delete=models.PROTECT, related_name="figures", primary_key=True)
    finished_at = models.DateTimeField()
    accepted = models.PositiveIntegerField()
    failed = models.PositiveIntegerField()
    uncertain = models.PositiveIntegerField()
    skipped = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("figures")
        verbose_name_plural = _("figures")

    def __str__(self) -> str:
        return f"{self.issue}: {self.accepted}"
