"""One report taken in: whose letter it is about, what is new in it, and what follows. All of it, or nothing.

Somebody may send the same report thrice, or an old one late: what follows, follows once, from the fact and not from the
report. A report about no letter of ours is kept, and nothing follows.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import takewhile
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from newsletter.letters.press import Imprint
from newsletter.models import Delivery, Fact, Return, Subscriber, Subscription, Suppression
from newsletter.models.returned import CAME_BACK, Kind
from newsletter.models.suppression import key_hash
from newsletter.returns import guard
from newsletter.returns.paths import unseal
from newsletter.returns.reports import Report
from newsroom.addresses import email_key

# An address whose letters came back so many times in a row, over so long, is given up.
IN_A_ROW, OVER = 5, timedelta(days=14)
MOST_LETTERS = 2_000
# The first number of PostgreSQL's advisory locks: what comes back of one issue is taken in one after the other.
LOCK = 0x72657475


@dataclass(frozen=True)
class Taken:
    row: Return
    is_new: bool  # the report
    is_news: bool  # what it says

    @property
    def is_ours(self) -> bool:
        return self.row.delivery_id is not None


def take(report: Report) -> Taken:
    delivery = owner(report)
    with transaction.atomic():
        if delivery:
            _one_by_one(delivery.issue_id)
        row, is_new = _noted(report, delivery)
        if delivery is None or row.delivery_id is None:
            return Taken(row, is_new, is_news=False)
        at = max(min(report.at or row.at, row.noted_at), delivery.handed_at or row.at)
        is_news = Fact.objects.note(delivery, report.kind, at)
        if is_news:
            _follow(row, delivery, report.kind)
        return Taken(row, is_new, is_news)


# Whose letter it is


def owner(report: Report) -> Delivery | None:
    """The copy that this is about: by our signature, or by a Message-ID that only its reader can have seen."""
    sent = Delivery.objects.filter(handed_at__isnull=False).select_related("issue", "subscriber").defer(
        "issue__letter_html", "issue__letter_text", "issue__letter_head"
    )  # fmt: skip
    number, _is_forged = unseal(report.sealed)
    if number is not None:
        return sent.filter(pk=number).first()
    wanted = {message_id.lower().strip("<> ") for message_id in report.message_ids}
    if not wanted:
        return None
    keys = {email_key(address) for address in report.recipients if len(address) < 255}
    readers = Subscriber.objects.filter(Q(email_key__in=keys) | Q(subscriptions__token__in=report.tokens))
    letters = sent.filter(subscriber__in=readers).order_by("-pk")[:MOST_LETTERS]
    return next((letter for letter in letters if wanted & set(_message_ids(letter))), None)


def _message_ids(delivery: Delivery) -> Iterator[str]:
    """Of the copy, and of each one before it that a person asked to be sent again."""
    imprint = Imprint(delivery.issue)
    for edition in range(1, delivery.edition + 1):
        message_id = imprint.message_id(delivery=delivery.pk, token=delivery.token, edition=edition)
        yield message_id.strip("<>").lower()


def _noted(report: Report, delivery: Delivery | None) -> tuple[Return, bool]:
    now = timezone.now()
    address = delivery.address if delivery else next(iter(report.recipients), "")
    return Return.objects.get_or_create(
        key=hashlib.sha256(f"{report.source}|{report.kind}|{report.event}".encode()).hexdigest(),
        defaults={
            "kind": report.kind,
            "at": min(report.at or now, now),
            "noted_at": now,
            "status": report.status[:12],
            "said": report.excerpt,
            "source": report.source[:20],
            "delivery": delivery,
            "issue": delivery.issue if delivery else None,
            "address_hash": key_hash(email_key(address)) if address else "",
        },
    )


def _one_by_one(issue: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, issue % 2**31])


# What follows


def _follow(row: Return, delivery: Delivery, kind: str) -> None:
    if kind == Kind.COMPLAINED:
        Suppression.objects.bar(delivery.address, Suppression.Reason.COMPLAINT, note=_because(row))
        guard.look(delivery.issue)
    elif kind == Kind.UNSUBSCRIBED:
        _leave(row, delivery)
    elif kind in CAME_BACK:
        guard.look(delivery.issue)
        if guard.is_flooded(delivery.issue):
            return
        if kind == Kind.BOUNCED:
            bar_bounced(row, delivery)
        elif kind == Kind.RETURNED:
            _give_up(row, delivery)


def bar_bounced(row: Return, delivery: Delivery) -> None:
    """Unless the person has shown since that the address is theirs."""
    if not _has_confirmed_since(row, delivery):
        Suppression.objects.bar(delivery.address, Suppression.Reason.BOUNCED, note=_because(row), at=row.at)


def _leave(row: Return, delivery: Delivery) -> None:
    places = Subscription.objects.filter(subscriber=delivery.subscriber_id, newsletter=delivery.issue.newsletter_id)
    place = places.select_related("subscriber", "newsletter").first()
    if place and not _has_confirmed_since(row, delivery):
        place.leave(how=Subscription.Left.MAIL_PROGRAM)


def _give_up(row: Return, delivery: Delivery) -> None:
    if delivery.subscriber_id is None or _has_confirmed_since(row, delivery):
        return
    letters = _letters_to(delivery.subscriber_id)[: 40 * IN_A_ROW]
    lost = [handed_at for handed_at, _came_back in takewhile(lambda letter: letter[1], letters)]
    if len(lost) < IN_A_ROW or lost[0] - lost[-1] < OVER:
        return
    sentence = ngettext(
        "%(count)s letter in a row came back, the last: %(said)s",
        "%(count)s letters in a row came back, the last: %(said)s",
        len(lost),
    )
    note = sentence % {"count": len(lost), "said": row.said}
    Suppression.objects.bar(delivery.address, Suppression.Reason.BOUNCED, note=note, at=row.at)


def _letters_to(subscriber: int) -> Any:
    """When each letter to this reader was taken over, newest first, and whether it came back."""
    lost = Fact.objects.filter(delivery=OuterRef("pk"), kind__in=CAME_BACK)
    sent = Delivery.objects.filter(subscriber=subscriber, state=Delivery.State.ACCEPTED)
    return sent.order_by("-handed_at", "-pk").values_list("handed_at", Exists(lost))


def _has_confirmed_since(row: Return, delivery: Delivery) -> bool:
    after = max(row.at, delivery.handed_at or row.at)
    return Subscription.objects.filter(subscriber=delivery.subscriber_id, confirmed_at__gt=after).exists()


def _because(row: Return) -> str:
    words = row.said or str(row.get_kind_display())
    return _("“%(issue)s”, %(day)s: %(words)s") % {"issue": row.issue, "day": f"{row.at:%Y-%m-%d}", "words": words}


# For the page of a person


def returns_of(address_hash: str) -> Iterable[Return]:
    """What came back of the letters to this address, newest first."""
    return Return.objects.of(address_hash).known().for_reading().order_by("-at", "-pk")[:200]
