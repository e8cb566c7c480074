import hashlib
import hmac
import json
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from newsroom.email_url import is_by_service

# Said so often by a busy house; once in a while is enough to know.
KEPT_EVERY = timedelta(minutes=1)
COUNTS_FOR = timedelta(days=7)
LONGEST_SAYING = 500


class ServiceManager(models.Manager["Service"]):
    def heard(self, *, took: bool, said: str = "") -> None:
        """What it answered to a letter that left with the settings as they are."""
        if not is_by_service():
            return
        now = timezone.now()
        recent = self.filter(settings=fingerprint(), took=took, at__gt=now - KEPT_EVERY)
        if not recent.exists():
            facts = {"took": took, "at": now, "said": said[:LONGEST_SAYING]}
            self.update_or_create(settings=fingerprint(), defaults=facts)

    def last_answer(self) -> "Service | None":
        """With the settings as they are, and not too long ago to mean anything."""
        return self.filter(settings=fingerprint(), at__gt=timezone.now() - COUNTS_FOR).first()


class Service(models.Model):
    """The last answer of a mail service to a letter, for each way in which it was set up.

    A service cannot be asked beforehand whether it would take one: only a letter tells.
    """

    settings = models.CharField(max_length=64, unique=True)
    took = models.BooleanField()
    at = models.DateTimeField()
    said = models.CharField(max_length=LONGEST_SAYING, blank=True)

    objects = ServiceManager()

    class Meta:
        verbose_name = _("mail service")
        verbose_name_plural = _("mail services")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


def fingerprint() -> str:
    """Of the service, its keys and the sender: with another key, or another sender, nothing is known yet."""
    known = [settings.MAILERS["default"]["BACKEND"], settings.DEFAULT_FROM_EMAIL, dict(settings.ANYMAIL)]
    words = json.dumps(known, sort_keys=True, default=str)
    return hmac.new(settings.SUPPRESSION_KEY.encode(), words.encode(), hashlib.sha256).hexdigest()
