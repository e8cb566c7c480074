import hashlib
import hmac
import ipaddress
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import connection, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from newsroom.addresses import email_key

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# Anybody may type anybody's address: this is how many mails can come of it.
TO_ONE_MAILBOX_A_DAY = 3
FROM_ONE_NETWORK_AN_HOUR = 20
# While a proof of work is asked for: those that bring none, because they run no script.
UNPROVEN_FROM_ONE_NETWORK_AN_HOUR = 3
# A network that sends no time token is taken at its word so often, as long as the house is calm.
AT_ITS_WORD_AN_HOUR = 5
# Beyond these nobody is refused, but each waits for an hour that has room.
TO_ONE_DOMAIN_AN_HOUR = 100
BY_THE_HOUSE_AN_HOUR = 1000
# More than that in a minute is a storm: until it is over, only networks that had not knocked before go on.
STORM_A_MINUTE = 60
# Where half of all readers have their mailbox, many signups of one hour are no attack on the domain.
BIG_PROVIDERS = frozenset(
    """
    aol.com fastmail.com freenet.de gmail.com gmx.at gmx.ch gmx.de gmx.net googlemail.com hotmail.co.uk hotmail.com
    icloud.com live.com mac.com mail.ru me.com msn.com orange.fr outlook.com outlook.de pm.me proton.me protonmail.com
    qq.com t-online.de web.de yahoo.co.uk yahoo.com yandex.ru
    """.split()  # noqa: SIM905 - read as a list of names
)


class KnockQuerySet(models.QuerySet["Knock"]):
    def within(self, span: timedelta) -> Self:
        return self.filter(at__gt=timezone.now() - span)

    def over(self) -> Self:
        """Too old for any limit."""
        return self.filter(at__lte=timezone.now() - DAY)


class KnockManager(models.Manager.from_queryset(KnockQuerySet)):  # type: ignore[misc]  # a class made at run time
    def admit(self, email: str, *, origin: str, proven: bool = True) -> datetime | None:
        """Count this wish for a mail to an address, and say when the mail may go; None where no more may.

        What is not admitted is not counted: whoever goes on knocking is no longer shut out for it.
        """
        knock = Knock(mailbox=_keyed(folded(email)), network=_keyed(network_of(origin)), domain=domain_of(email))
        with transaction.atomic():
            _one_at_a_time(knock.mailbox, knock.network)
            delay = self._turn(knock, most=FROM_ONE_NETWORK_AN_HOUR if proven else UNPROVEN_FROM_ONE_NETWORK_AN_HOUR)
            if delay is None:
                return None
            knock.save(force_insert=True)
        return knock.at + delay

    def takes_at_its_word(self, origin: str) -> bool:
        """Whether a form without a time token is let in: a few times from one network, and not in a storm."""
        lately = self.within(HOUR).filter(network=_keyed(network_of(origin))).count()
        return lately < AT_ITS_WORD_AN_HOUR and not self.is_stormy()

    def is_stormy(self) -> bool:
        return bool(self.within(timedelta(minutes=1)).count() >= STORM_A_MINUTE)

    def _turn(self, knock: "Knock", *, most: int) -> timedelta | None:
        hour = self.within(HOUR)
        from_there = hour.filter(network=knock.network).count()
        if self.within(DAY).filter(mailbox=knock.mailbox).count() >= TO_ONE_MAILBOX_A_DAY:
            return None
        if from_there >= most or (from_there and self.is_stormy()):
            return None
        hours = hour.count() // BY_THE_HOUSE_AN_HOUR
        if knock.domain not in BIG_PROVIDERS:
            hours = max(hours, hour.filter(domain=knock.domain).count() // TO_ONE_DOMAIN_AN_HOUR)
        return hours * HOUR if hours < 24 else None


class Knock(models.Model):
    """Somebody filled in the form, and a mail was granted: what the limits count. Kept for a day, by keyed hashes."""

    at = models.DateTimeField(_("when"), default=timezone.now)
    mailbox = models.CharField(max_length=32)
    network = models.CharField(max_length=32)
    domain = models.CharField(_("domain"), max_length=254)

    objects = KnockManager()

    class Meta:
        verbose_name = _("knock")
        verbose_name_plural = _("knocks")
        indexes = [
            models.Index(fields=["at"], name="newsletter_knock_at"),
            models.Index(fields=["mailbox", "at"], name="newsletter_knock_mailbox"),
            models.Index(fields=["network", "at"], name="newsletter_knock_network"),
            models.Index(fields=["domain", "at"], name="newsletter_knock_domain"),
        ]

    def __str__(self) -> str:
        return f"{self.domain}, {self.at:%H:%M}"


def folded(email: str) -> str:
    """The mailbox as most providers sort it: without dots and +tags. For limits, never for identity."""
    local, _at, domain = email_key(email).rpartition("@")
    return f"{local.partition('+')[0].replace('.', '')}@{domain}"


def domain_of(email: str) -> str:
    return email_key(email).rpartition("@")[2]


def network_of(origin: str) -> str:
    """One household or office: an IPv4 address, or the /64 that every IPv6 subscriber gets at least (RFC 6177)."""
    try:
        address = ipaddress.ip_address(origin)
    except ValueError:
        return origin
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _keyed(text: str) -> str:
    digest = hmac.new(settings.SUPPRESSION_KEY.encode(), f"knock {text}".encode(), hashlib.sha256)
    return digest.hexdigest()[:32]


def _one_at_a_time(*keys: str) -> None:
    """Until this transaction ends; in one order, so that nobody waits for each other."""
    _lock(sorted(int(key[:15], 16) for key in keys))


def _lock(numbers: Iterable[int]) -> None:
    with connection.cursor() as cursor:
        for number in numbers:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
