import hashlib
import hmac
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db import connection, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from newsroom.audit.models import Entry

# Survives a failover to a replica; a restored or cloned database has another oid, or stands at another address.
HERE = """
    SELECT (SELECT system_identifier FROM pg_control_system())::text,
           (SELECT oid FROM pg_database WHERE datname = current_database())::bigint
"""


class InstallationManager(models.Manager["Installation"]):
    def is_confirmed(self) -> bool:
        """Whether somebody said that letters are sent from exactly here. One short query; asked in each round."""
        cluster, database = _here()
        return self.filter(cluster=cluster, database=database, site=_site(), confirmed_at__isnull=False).exists()

    def confirm(self, *, by: Any) -> int:
        """Send from here from now on. Says how many issues it paused.

        What was going out when the database was copied goes on by nobody's word but a person's, issue by issue:
        where it came from, it may have gone further.
        """
        with transaction.atomic():
            self.check_key()
            if self.is_confirmed():
                raise ValidationError(_("This installation is confirmed already."))
            paused = self._pause_what_goes_out() if self.filter(confirmed_once=True).exists() else 0
            here = self._put(confirmed_at=timezone.now(), confirmed_once=True)
            Entry.objects.record("confirm installation", on=here, by=by, paused=paused)
        return paused

    def forget(self) -> None:
        """A database that was restored sends nothing until somebody confirms it."""
        self.update(confirmed_at=None)

    def know_key(self) -> None:
        """The first one counts."""
        if not self.exists():
            self._put()

    def check_key(self) -> None:
        """Raises ImproperlyConfigured where SUPPRESSION_KEY is not the one by which addresses are known here."""
        known = self.values_list("suppression_key", flat=True).first()
        if known is None:
            self._put()
        elif not hmac.compare_digest(known, fingerprint()):
            raise ImproperlyConfigured(
                "SUPPRESSION_KEY is not the one that this database was made with: those who left would be mailed "
                "again. Set the old one again; it must never change."
            )

    def _put(self, **facts: Any) -> "Installation":
        cluster, database = _here()
        facts |= {"cluster": cluster, "database": database, "site": _site()}
        new = facts | {"suppression_key": fingerprint()}
        return self.update_or_create(pk=1, defaults=facts, create_defaults=new)[0]

    def _pause_what_goes_out(self) -> int:
        from newsletter.models.issue import Issue

        sentence = _("It was under way when this database was copied: see whom it reached there, then resume.")
        underway = [*Issue.objects.sending(), *Issue.objects.due()]
        for issue in underway:
            issue.pause(by=None, because=sentence)
        return len(underway)


class Installation(models.Model):
    """Where this database stands, as an operator confirmed it. There is one row."""

    cluster = models.CharField(max_length=20)
    database = models.BigIntegerField()
    site = models.CharField(gettext_lazy("address"), max_length=200, blank=True)
    confirmed_at = models.DateTimeField(gettext_lazy("confirmed"), null=True)
    confirmed_once = models.BooleanField(default=False)
    # Not the key: by this nobody can find it, nor hash an address.
    suppression_key = models.CharField(max_length=64)

    objects = InstallationManager()

    class Meta:
        verbose_name = gettext_lazy("installation")
        verbose_name_plural = gettext_lazy("installations")
        constraints = [
            models.CheckConstraint(
                name="newsletter_installation_one",
                condition=models.Q(pk=1),
                violation_error_message=gettext_lazy("There is one installation."),
            )
        ]

    def __str__(self) -> str:
        return self.site or settings.SITE_URL


def fingerprint() -> str:
    return hmac.new(settings.SUPPRESSION_KEY.encode(), b"newsroom: fingerprint", hashlib.sha256).hexdigest()


def unconfirmed() -> str:
    sentence = _(
        "Nobody confirmed that this database sends the letters of %(site)s; it may be a copy. An admin does so "
        "at the desk (This installation), or by “manage.py confirm_installation”."
    )
    return sentence % {"site": settings.SITE_URL}


def _site() -> str:
    """A trial may stand at another port tomorrow; it is this machine's, and no reader's."""
    return "" if settings.TRIAL else settings.SITE_URL


def _here() -> tuple[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(HERE)
        return cursor.fetchone()
