from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

# An open form says every twenty seconds that it is there; one that missed two of them is gone.
MISSED = timedelta(seconds=45)


class PresenceQuerySet(models.QuerySet["Presence"]):
    def now(self) -> "PresenceQuerySet":
        return self.filter(seen_at__gt=timezone.now() - MISSED)

    def besides(self, user: Any) -> "PresenceQuerySet":
        return self.exclude(person=user)


class Presence(models.Model):
    """Somebody has an article open in the form."""

    article = models.ForeignKey("Article", on_delete=models.CASCADE, related_name="presences")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(default=timezone.now)

    objects = PresenceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="articles_presence_once",
                fields=["article", "person"],
                violation_error_message="This person is there already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.article}"
