from typing import Any

from django.conf import settings
from django.contrib.postgres.indexes import OpClass
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from django.db.models.functions import Upper
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

    def known(self, column: str) -> list[str]:
        """The different values of an indexed column: one look at its index for each, however many rows there are."""
        table, name = connection.ops.quote_name(self.model._meta.db_table), connection.ops.quote_name(column)
        with connection.cursor() as cursor:
            cursor.execute(
                f"WITH RECURSIVE found AS ((SELECT {name} FROM {table} ORDER BY {name} LIMIT 1) UNION ALL "  # noqa: S608 - our own names
                f"SELECT (SELECT {name} FROM {table} WHERE {name} > found.{name} ORDER BY {name} LIMIT 1) "
                f"FROM found WHERE found.{name} IS NOT NULL) SELECT {name} FROM found WHERE {name} IS NOT NULL"
            )
            return [value for (value,) in cursor.fetchall()]

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
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "-at"], name="audit_entry_subject"),
            # By whom, what, and on what kind of thing the trail is read, each newest first
            models.Index(fields=["person", "-at"], name="audit_entry_person"),
            models.Index(fields=["verb", "-at"], name="audit_entry_verb"),
            models.Index(fields=["subject_type", "-at"], name="audit_entry_kind"),
            models.Index(OpClass(Upper("subject"), "text_pattern_ops"), name="audit_entry_named"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject}"
