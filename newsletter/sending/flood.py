"""A flood of “no such user” says more about the mail server than about the readers: nobody is struck off for it."""

import contextlib
from collections import deque

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from newsletter.models import Delivery, Issue, Suppression
from newsroom.audit.models import Entry

LOOKED_AT = 100
SHARE = 0.2
FEWEST = 8


class Fates:
    """Whether the last copies of an issue were refused as unknown addresses, as one sender saw it."""

    def __init__(self) -> None:
        self._last: dict[int, deque[bool]] = {}

    def note(self, issue: Issue, *, is_unknown: bool) -> None:
        self._last.setdefault(issue.pk, deque(maxlen=LOOKED_AT)).append(is_unknown)

    def are_a_flood(self, issue: Issue) -> bool:
        last = self._last.get(issue.pk, ())
        return sum(last) >= max(FEWEST, SHARE * len(last))

    def forget(self, issue: Issue) -> None:
        self._last.pop(issue.pk, None)


def dam(issue: Issue) -> None:
    """Pause the issue and take back what was believed of the flood: the copies wait, nobody stays suppressed by it."""
    resumed = Entry.objects.newest("resume", on=issue)
    since = resumed.at if resumed else issue.frozen_at
    with transaction.atomic():
        with contextlib.suppress(ValidationError):  # somebody, or another sender, was first
            issue.pause(by=None, because=_because())
        copies = issue.deliveries.unknown_there().filter(settled_at__gte=since)
        struck_off = Suppression.objects.filter(
            reason=Suppression.Reason.BOUNCED, at__gte=since, key_hash__in=copies.values("subscriber__key_hash")
        )
        struck_off.take_back()
        copies.update(state=Delivery.State.QUEUED, settled_at=None, not_before=None, fence=F("fence") + 1)


def _because() -> str:
    return _(
        "The mail server calls too many addresses unknown, which is more likely its fault than that of the readers: "
        "nobody was suppressed. Look into it; after you resume, it is believed."
    )
