"""Who has something of the desk open in its form. Each app keeps its own, because the ground knows no app."""

from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

# An open form says every twenty seconds that it is there; one that missed two of them is gone.
MISSED = timedelta(seconds=45)


class PresenceQuerySet(models.QuerySet[Any]):
    def now(self) -> Self:
        return self.filter(seen_at__gt=timezone.now() - MISSED)

    def besides(self, user: Any) -> Self:
        return self.exclude(person=user)

    def names(self) -> list[str]:
        return [str(there.person) for there in self.select_related("person")]

    def attend(self, *, by: Any, **what: Any) -> list[str]:
        """Say that somebody has it open. Answers who else has."""
        self.update_or_create(**what, person=by, defaults={"seen_at": timezone.now()})
        return self.filter(**what).now().besides(by).names()


class Presence(models.Model):
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(default=timezone.now)

    objects = PresenceQuerySet.as_manager()

    class Meta:
        abstract = True
