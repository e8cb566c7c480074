from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from newsletter.models.issue import Issue
from newsroom.audit.models import Entry
from newsroom.findings import Finding

LONGEST_REASON = 300


class PreflightManager(models.Manager["Preflight"]):
    def of(self, issue: Issue) -> "Preflight | None":
        """The newest look at this issue."""
        return self.filter(issue=issue).order_by("-pk").first()

    def keep(self, issue: Issue, findings: Iterable[Finding]) -> "Preflight":
        return self.create(issue=issue, kept=[finding.as_json() for finding in findings])

    def accepted(self, issue: Issue) -> set[str]:
        """The codes of what somebody knew of when they said “send anyway”."""
        known = self.filter(issue=issue, anyway_at__isnull=False).order_by("-pk").first()
        return {finding.code for finding in known.findings if not finding.is_ok} if known else set()


class Preflight(models.Model):
    """What was found when an issue was looked at before it went out, and who sent it nevertheless."""

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="preflights")
    at = models.DateTimeField(default=timezone.now)
    kept = models.JSONField(default=list)
    anyway_at = models.DateTimeField(null=True)
    anyway_because = models.CharField(max_length=LONGEST_REASON, blank=True)
    anyway_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = PreflightManager()

    class Meta:
        verbose_name = _("preflight")
        verbose_name_plural = _("preflights")

    def __str__(self) -> str:
        return str(self.issue)

    @property
    def findings(self) -> Sequence[Finding]:
        return [Finding.from_json(kept) for kept in self.kept]

    def overrule(self, *, by: Any, because: str) -> None:
        """Send it anyway: somebody saw what was found, and says why it does not matter."""
        with transaction.atomic():
            self.anyway_at, self.anyway_by, self.anyway_because = timezone.now(), by, because[:LONGEST_REASON]
            self.save(update_fields=["anyway_at", "anyway_by", "anyway_because"])
            found = {finding.code: finding.sentence for finding in self.findings if not finding.is_ok}
            Entry.objects.record("send anyway", on=self.issue, by=by, because=self.anyway_because, found=found)
