import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from newsletter.models.newsletter import Newsletter

FOLDER = "optouts"
SCHEMA = 1
TO_AN_OBJECT = 1_000


class OptOutQuerySet(models.QuerySet["OptOut"]):
    def note(
        self, act: str, key_hash: str, *, newsletter: "Newsletter | None" = None, how: str = "", at: datetime
    ) -> "OptOut":
        """A word of this transaction that must outlive the database: it is put away once that is committed.

        Whoever pressed has left even where the storage is away; the sweep tries again each minute.
        """
        place = {"newsletter": newsletter.slug, "newsletter_number": newsletter.pk} if newsletter else {}
        noted = self.create(act=act, key_hash=key_hash, how=how, at=at, **place)
        transaction.on_commit(partial(self.model.objects.filter(pk=noted.pk).put_away), robust=True)
        return noted

    def put_away(self) -> int:
        """Write what waits into the private storage, where restoring the database does not reach. Says how many.

        Killed between the two steps it is written again: the same word twice says no more than once.
        """
        done = 0
        while rows := list(self.order_by("pk")[:TO_AN_OBJECT]):
            storages["private"].save(_name_of(rows), ContentFile("".join(row.as_line() for row in rows).encode()))
            self.filter(pk__in=[row.pk for row in rows]).delete()
            done += len(rows)
        return done

    def waiting_since(self, moment: datetime) -> Self:
        return self.filter(noted_at__lt=moment)


class OptOut(models.Model):
    """What somebody’s leaving, or its opposite, came to, until it lies in the private storage: then the row goes."""

    class Act(models.TextChoices):
        LEFT = "left", _("left")
        BARRED = "barred", _("was suppressed")
        ERASED = "erased", _("was erased")
        # The opposites: what came later must not be outdone by what came before.
        RETURNED = "returned", _("came back by their own press")
        LIFTED = "lifted", _("is suppressed no more")

    act = models.CharField(_("what"), max_length=10, choices=Act)
    key_hash = models.CharField(max_length=64)
    # By name and number, so that it outlives the row; empty where it holds for every letter
    newsletter = models.CharField(max_length=60, blank=True)
    newsletter_number = models.BigIntegerField(null=True)
    how = models.CharField(_("how"), max_length=12, blank=True)
    at = models.DateTimeField(_("when"))
    noted_at = models.DateTimeField(default=timezone.now)

    objects = OptOutQuerySet.as_manager()

    class Meta:
        verbose_name = _("opt-out")
        verbose_name_plural = _("opt-outs")
        constraints = [
            models.CheckConstraint(
                name="newsletter_optout_act",
                condition=models.Q(act__in=["left", "barred", "erased", "returned", "lifted"]),
                violation_error_message=_("Choose one of the acts."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.key_hash[:12]} {self.get_act_display()}"

    def as_line(self) -> str:
        said = {
            "schema": SCHEMA,
            "number": self.pk,
            "act": self.act,
            "key": self.key_hash,
            "newsletter": self.newsletter,
            "newsletter_number": self.newsletter_number,
            "how": self.how,
            "at": self.at.isoformat(),
            "noted_at": self.noted_at.isoformat(),
        }
        return json.dumps(said) + "\n"

    @classmethod
    def from_line(cls, line: bytes) -> "OptOut":
        """Raises ValueError, KeyError or TypeError for what is no such line, or was cut off."""
        said: dict[str, Any] = json.loads(line)
        moments = {name: datetime.fromisoformat(said[name]) for name in ("at", "noted_at")}
        if said["schema"] != SCHEMA or said["act"] not in cls.Act.values or len(said["key"]) != 64:
            raise ValueError(said["schema"])
        if any(moment.tzinfo is None for moment in moments.values()):
            raise ValueError(moments)
        return cls(
            pk=int(said["number"]),
            act=said["act"],
            key_hash=said["key"],
            newsletter=said["newsletter"],
            newsletter_number=said["newsletter_number"],
            how=said["how"],
            **moments,
        )


def lines_put_away() -> Iterator[bytes]:
    """Every line of every object, in no order that means anything."""
    storage = storages["private"]
    try:
        days = storage.listdir(FOLDER)[0]
    except FileNotFoundError:
        return
    for day in sorted(days):
        for name in sorted(storage.listdir(f"{FOLDER}/{day}")[1]):
            with storage.open(f"{FOLDER}/{day}/{name}") as file:
                yield from file.read().splitlines()


def _name_of(rows: Sequence[OptOut]) -> str:
    """A person’s press is found by their key; those of a list lie together."""
    keys = {row.key_hash for row in rows}
    stem = keys.pop() if len(keys) == 1 else f"{len(rows)}-{uuid4().hex}"
    return f"{FOLDER}/{timezone.now():%Y-%m-%d}/{stem}.jsonl"
