from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from newsroom.audit.origin import current_origin


class EntryManager(models.Manager["Entry"]):
    def record(self, verb: str, *, on: models.Model, by: Any = None, **details: Any) -> "Entry":
        """One line of the trail. `by` is a user, or None for the house itself (worker, shell)."""
        return self.create(
            verb=verb,
            subject_type=on._meta.label_lower,
            subject_id=on.pk,
            subject=str(on)[:200],
            person=by,
            person_name=by.get_username() if by else "",
            origin=current_origin(),
            details=details,
        )

    def newest(self, verb: str, *, on: models.Model) -> "Entry | None":
        return self.filter(subject_type=on._meta.label_lower, subject_id=on.pk, verb=verb).first()


class Entry(models.Model):
    """Who did what to what, when, from where. Append-only in the database."""

    at = models.DateTimeField(_("when"), default=timezone.now, db_index=True)
    verb = models.CharField(_("what"), max_length=40)

    # What it was done to; its name is kept, for what is deleted later
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField(null=True)
    subject = models.CharField(_("on"), max_length=200)

    # Who did it, and from where; the row outlives the account, so nothing is set to null here
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    person_name = models.CharField(_("who"), max_length=150, blank=True)
    origin = models.CharField(_("from where"), max_length=45, blank=True)
    details = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    objects = EntryManager()

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("audit trail")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["subject_type", "subject_id", "-at"], name="audit_entry_subject")]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject}"
