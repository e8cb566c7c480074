"""What is written at the desk, by several people over days: its revisions, its sittings, and two who save at once.

Each app keeps rows of its own, because the ground knows no app.
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self
from uuid import UUID, uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from newsroom.audit.models import Entry

# Whoever is silent for so long has got up; what they write then is a sitting of its own.
SILENCE = timedelta(minutes=30)
# How long a text that was never saved is offered to whoever wrote it.
OFFERED_FOR = timedelta(days=30)


class EditConflict(ValidationError):
    """Somebody else saved in between. Their text is `newest`; the caller still holds the other one."""

    def __init__(self, newest: Any) -> None:
        self.newest = newest
        who = newest.made_by or _("Somebody")
        super().__init__(
            _("%(who)s saved revision %(number)s while you were writing. Your text is below and not saved yet.")
            % {"who": who, "number": newest.number},
            code="conflict",
        )


class Late(Exception):
    """What came is older than what is kept of its sitting: a network had held it up. `turn` is that of what is kept."""

    def __init__(self, turn: int) -> None:
        self.turn = turn
        super().__init__(turn)


class SavedManager(models.Manager[Any]):
    """Everybody's revisions: those that somebody saved."""

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().filter(number__isnull=False)


class SittingManager(models.Manager[Any]):
    """What somebody is writing, or left without saving: theirs alone, and never the newest for others."""

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().filter(number=None)

    def of(self, user: Any, written: "Written") -> models.QuerySet[Any]:
        recent = timezone.now() - OFFERED_FOR
        return self.filter(**{self.model.of: written}, made_by=user, made_at__gt=recent).order_by("-made_at")


class Revision(models.Model):
    """The whole editable content of something at one moment.

    Saved ones are numbered. One that is still being written has no number but the token of its sitting: a browser's
    tab, until its text is saved or nothing is typed for half an hour.
    """

    # The field that says what it is a revision of
    of: ClassVar[str]

    number = models.PositiveIntegerField(gettext_lazy("number"), null=True)
    sitting = models.UUIDField(null=True, editable=False)
    # The how-manyth text that the browser sent of this sitting: a network that was away delivers an older one later.
    turn = models.PositiveIntegerField(default=0, editable=False)
    based_on = models.PositiveIntegerField(null=True, editable=False)
    kept = models.JSONField(gettext_lazy("content"))
    made_at = models.DateTimeField(gettext_lazy("made"), default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=gettext_lazy("by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    objects: models.Manager[Any] = SavedManager()
    sittings = SittingManager()
    every: models.Manager[Self] = models.Manager()

    # Set by Written.keep: the revision of somebody else that went into this one
    merged_with: Self | None = None

    class Meta:
        abstract = True
        ordering = ["-number"]
        base_manager_name = "every"
        default_manager_name = "objects"

    @classmethod
    def kept_once(cls, name: str, of: str) -> list[models.BaseConstraint]:
        """A sitting and a number are of one revision only, and each has one of both. Names begin with `name`."""
        return [
            models.UniqueConstraint(
                name=f"{name}_sitting_once",
                fields=[of, "sitting"],
                violation_error_message=gettext_lazy("This sitting is kept already."),
            ),
            models.UniqueConstraint(
                name=f"{name}_number_once",
                fields=[of, "number"],
                violation_error_message=gettext_lazy("This revision is kept already."),
            ),
            models.CheckConstraint(
                name=f"{name}_saved_or_sitting",
                condition=models.Q(number__isnull=False) | models.Q(sitting__isnull=False),
                violation_error_message=gettext_lazy("A revision is saved and numbered, or belongs to a sitting."),
            ),
        ]

    @property
    def content(self) -> Any:
        raise NotImplementedError


class Written(models.Model):
    """Something that has `revisions` and `presences`, and whose verbs keep what is written of it."""

    if TYPE_CHECKING:
        # Each kind has rows of its own, which point back at it.
        revisions: Any
        presences: Any

    class Meta:
        abstract = True

    @property
    def newest_revision(self) -> Any:
        return self.revisions.select_related("made_by").first()

    def unsaved_of(self, user: Any) -> Any:
        """What this person wrote after they, or anybody, last saved it from their sitting."""
        return self._rows.sittings.of(user, self).first()

    # Verbs

    def keep(
        self,
        content: Any,
        *,
        by: Any,
        based_on: int | None = None,
        sitting: UUID | None = None,
        turn: int | None = None,
    ) -> Any:
        """Save what somebody wrote as a new revision, which ends their sitting.

        What somebody else saved in between stays, if both touched different parts and fields; the revision then says
        so in `merged_with`. Else raises EditConflict, and the text is kept as the sitting's.
        The same content twice, as from a double click, is one revision.
        """
        content = content.cleaned()
        try:
            with transaction.atomic():
                self._lock()
                return self._keep(content, by, based_on, sitting, turn)
        except EditConflict:
            if sitting:
                self._sit(content, by, sitting, based_on, turn)
            raise

    def sit(self, content: Any, *, by: Any, sitting: UUID, based_on: int | None = None, turn: int | None = None) -> Any:
        """Keep what somebody is writing, for them alone. After a long silence it is a new sitting, with a new token.

        Raises Late where a later turn of the same sitting is kept already.
        """
        with transaction.atomic():
            self._lock()
            self._check_open()
            row = self._row_of(sitting)
            if row and row.made_by_id == by.pk and turn is not None and turn <= row.turn:
                raise Late(row.turn)
            return self._sit(content, by, sitting, based_on, turn)

    def attend(self, *, by: Any) -> list[str]:
        """Say that somebody has it open. Answers who else has."""
        return self.presences.model.objects.attend(by=by, **{self._rows.of: self})

    def leave(self, *, by: Any) -> None:
        self.presences.filter(person=by).delete()

    def discard(self, sitting: UUID, *, by: Any) -> None:
        """Throw away what was not saved."""
        self._rows.sittings.filter(**{self._rows.of: self}, made_by=by, sitting=sitting).delete()

    # What each kind says for itself

    def _put_together(self, base: Any, newest: Any, content: Any) -> Any:
        """Both changes of `base` in one content, or None where that cannot be."""
        raise NotImplementedError

    def _check_open(self) -> None:
        """Raises ValidationError where nothing is written any more."""

    def _took(self, content: Any) -> None:
        """A revision with this content was saved."""
        raise NotImplementedError

    # How the verbs do it

    @property
    def _rows(self) -> Any:
        return self.revisions.model

    def _lock(self) -> None:
        self.refresh_from_db(from_queryset=type(self)._default_manager.select_for_update(of=("self",)))

    def _row_of(self, sitting: UUID | None) -> Any:
        return self._rows.every.filter(**{self._rows.of: self}, sitting=sitting).first() if sitting else None

    def _sit(self, content: Any, by: Any, sitting: UUID, based_on: int | None, turn: int | None) -> Any:
        row = self._row_of(sitting)
        if row and self._has_ended(row, by):
            row, sitting = None, uuid4()
        row = row or self._rows(**{self._rows.of: self}, sitting=sitting, made_by=by)
        row.kept, row.made_at, row.based_on = content.cleaned().as_json(), timezone.now(), based_on
        row.turn = max(turn or 0, row.turn)
        row.save()
        return row

    def _has_ended(self, row: Any, by: Any) -> bool:
        """Saved, given up by a long silence, or somebody else’s."""
        return bool(row.number) or row.made_at < timezone.now() - SILENCE or row.made_by_id != by.pk

    def _keep(self, content: Any, by: Any, based_on: int | None, sitting: UUID | None, turn: int | None) -> Any:
        self._check_open()
        newest = self.newest_revision
        merged_with = None
        if newest and newest.content != content and based_on is not None and based_on != newest.number:
            base = self.revisions.filter(number=based_on).first()
            merged = base and self._put_together(base.content, newest.content, content)
            if not merged:
                raise EditConflict(newest)
            content, merged_with = merged, newest
        row = self._end(sitting, by)
        if newest and newest.content == content:
            if row:
                row.delete()
            return newest
        revision = row or self._rows(
            **{self._rows.of: self}, made_by=by, sitting=None if self._row_of(sitting) else sitting
        )
        revision.number = newest.number + 1 if newest else 1
        revision.turn = max(turn or 0, revision.turn)
        revision.kept, revision.made_at = content.as_json(), timezone.now()
        revision.based_on = newest.number if newest else None
        revision.save()
        revision.merged_with = merged_with
        self._took(content)
        Entry.objects.record("save" if newest else "begin", on=self, by=by, revision=revision.number)
        return revision

    def _end(self, sitting: UUID | None, by: Any) -> Any:
        """The row of the sitting that ends, to become the saved revision; rows of earlier ones of this person go."""
        rows = list(self._rows.sittings.filter(**{self._rows.of: self}, made_by=by)) if sitting else []
        now = next((row for row in rows if row.sitting == sitting), None)
        self._rows.sittings.filter(pk__in=[row.pk for row in rows if row is not now]).delete()
        return now
