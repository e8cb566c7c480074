"""Everything that is known of one person: as a story for those who answer their question, as a copy, and as the ending.

The story is collated from tellers; a room that knows more of a person (bounces, say) adds one of its own by `@teller`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from newsletter.models import Attempt, Consent, Delivery, OptOut, Return, Subscriber, Subscription, Suppression
from newsroom.audit.append_only import erasing
from newsroom.audit.models import Entry

MOST_EVENTS = 500


@dataclass(frozen=True)
class Event:
    """What happened to a person, in plain words, and when."""

    at: datetime
    words: str
    detail: str = ""


type Teller = Callable[[Subscriber], Iterator[Event]]
TELLERS: list[Teller] = []


def teller(tell: Teller) -> Teller:
    TELLERS.append(tell)
    return tell


def story(person: Subscriber) -> list[Event]:
    """Newest first."""
    told = [event for tell in TELLERS for event in tell(person)]
    return sorted(told, key=lambda event: event.at, reverse=True)


@teller
def consents(person: Subscriber) -> Iterator[Event]:
    how = {place.newsletter.name: place.get_left_how_display() for place in person.subscriptions.for_reading()}
    for found in Consent.objects.of(person.key_hash)[:MOST_EVENTS]:
        words = {
            Consent.Act.ASKED: _("Asked for “%(newsletter)s”; a mail to confirm it was sent."),
            Consent.Act.CONFIRMED: _("Confirmed “%(newsletter)s” by pressing the button behind that mail’s link."),
            Consent.Act.LEFT: _("Left “%(newsletter)s”."),
            Consent.Act.RETURNED: _("Took the leaving of “%(newsletter)s” back at once."),
            Consent.Act.IMPORTED: _("Came with a list that was imported, for “%(newsletter)s”."),
        }[Consent.Act(found.act)]
        details = [found.source, *(f"{name}: {value}" for name, value in found.told.items())]
        if found.act == Consent.Act.LEFT and not found.source:
            details.append(str(how.get(found.newsletter, "")))
        details += [_("from %(origin)s") % {"origin": found.origin}] if found.origin else []
        details += [f"Message-ID {found.message_id}"] if found.message_id else []
        yield Event(found.at, words % {"newsletter": found.newsletter}, "; ".join(filter(None, details)))


@teller
def letters(person: Subscriber) -> Iterator[Event]:
    State = Delivery.State
    words = {
        State.ACCEPTED: _("“%(issue)s” was handed over to the mail server, which took it."),
        State.FAILED: _("“%(issue)s” was refused by the mail server."),
        State.UNCERTAIN: _("“%(issue)s” was handed over, and the connection broke before the server had answered."),
        State.SKIPPED: _("“%(issue)s” was not sent."),
    }
    found = person.deliveries.select_related("issue__newsletter").order_by("-pk")[:MOST_EVENTS]
    for copy in found:
        at = copy.settled_at or copy.handed_at or copy.issue.frozen_at
        if at:
            said = words.get(State(copy.state), _("“%(issue)s” is on its way to the mail server."))
            yield Event(at, said % {"issue": copy.issue.subject}, copy.answer)


@teller
def returned(person: Subscriber) -> Iterator[Event]:
    for found in Return.objects.of(person.key_hash).known().for_reading().order_by("-at")[:MOST_EVENTS]:
        words = _("Of “%(issue)s”: %(what)s.") % {"issue": found.issue, "what": found.get_kind_display()}
        yield Event(found.at, words, found.said)


@teller
def bars(person: Subscriber) -> Iterator[Event]:
    if bar := person.bar:
        reason = bar.get_reason_display()
        yield Event(
            bar.at, _("Suppressed, so that no letter goes to this address: %(reason)s.") % {"reason": reason}, bar.note
        )


@teller
def doings_of_the_house(person: Subscriber) -> Iterator[Event]:
    words = {
        "take off": _("Taken off by somebody of the house."),
        "suppress": _("Suppressed by somebody of the house."),
        "lift suppression": _("The suppression was lifted by somebody of the house."),
    }
    lines = Entry.objects.filter(subject_type=person._meta.label_lower, subject_id=person.pk, verb__in=words)
    for line in lines[:MOST_EVENTS]:
        yield Event(
            line.at, words[line.verb], ": ".join(filter(None, [line.person_name, line.details.get("because", "")]))
        )


def answer_to(person: Subscriber) -> str:
    """A text to send to somebody who asks why they get letters, or get none."""
    lines = [
        f"{date_format(timezone.localtime(event.at), 'DATETIME_FORMAT')}: {event.words}"
        for event in reversed(story(person))
    ]
    return "\n".join(
        [
            _("Hello,"),
            "",
            _("this is what we know of letters to %(address)s:") % {"address": person.email},
            "",
            *(lines or [_("Nothing: no letter of ours went to this address, and none will go.")]),
            "",
            _("“Took” means that the mail server accepted the letter; what became of it then we cannot see."),
        ]
    )


# A copy of everything


def everything_about(person: Subscriber) -> dict[str, Any]:
    bar = person.bar
    return {
        "address": person.email,
        "since": person.created_at,
        "subscriptions": list(
            person.subscriptions.order_by("pk").values(
                "newsletter__name", "asked_at", "confirmed_at", "left_at", "left_how", "round"
            )
        ),
        "consents": list(
            Consent.objects.of(person.key_hash)
            .order_by("pk")
            .values("at", "act", "newsletter", "origin", "page", "wording", "message_id", "source", "told")
        ),
        "letters": list(
            person.deliveries.order_by("pk").values(
                "issue__subject", "issue__newsletter__name", "address", "state", "handed_at", "settled_at", "answer"
            )
        ),
        "suppression": {"reason": bar.reason, "at": bar.at, "note": bar.note} if bar else None,
    }


# Verbs


def take_off(person: Subscriber, *, by: Any, places: list[Subscription] | None = None, because: str = "") -> int:
    """Off these newsletters, or all: as if they had left by themselves."""
    with person.locked():
        chosen = list(person.subscriptions.staying().for_reading()) if places is None else places
        left = [place for place in chosen if place.leave(how=Subscription.Left.STAFF)]
        Entry.objects.record(
            "take off", on=person, by=by, because=because, newsletters=[place.newsletter.slug for place in left]
        )
    return len(left)


def suppress(person: Subscriber, *, by: Any, because: str = "") -> Suppression:
    with person.locked():
        bar = Suppression.objects.bar(person.email, Suppression.Reason.OPERATOR, note=because)
        Entry.objects.record("suppress", on=person, by=by, because=because)
    return bar


def lift_suppression(person: Subscriber, *, by: Any, because: str) -> bool:
    """The operator's way back, but for an erasure. Who left meanwhile has left all the same."""
    with person.locked():
        bar = person.bar
        if bar is None:
            return False
        bar.lift(by=by, because=because)
        Entry.objects.record("lift suppression", on=person, by=by, because=because, reason=bar.reason)
    return True


def erase(person: Subscriber, *, by: Any, asked: str = "desk") -> None:
    """What is left is a keyed hash, so that nobody mails them again, and figures: times and counts without a name."""
    with transaction.atomic(), person.locked():
        key, address = person.pk, person.email
        bar = person.bar
        # The evidence of it keeps old lists and dumps from bringing them back.
        person.leave_all(how=Subscription.Left.BUTTON if asked == "reader" else Subscription.Left.STAFF)
        Suppression.objects.bar(address, Suppression.Reason.ERASED)
        OptOut.objects.note(OptOut.Act.ERASED, person.key_hash, at=timezone.now())
        if bar:
            Suppression.objects.filter(pk=bar.pk).update(note="")
        person.deliveries.filter(state__in=Delivery.OPEN).exclude(state=Delivery.State.HANDING).update(
            state=Delivery.State.SKIPPED, leased_until=None, settled_at=timezone.now()
        )
        Attempt.objects.filter(delivery__subscriber=person).update(answer="")
        person.deliveries.update(address="", name="", token="", answer="")
        with erasing():
            Return.objects.of(person.key_hash).update(said="")
            Consent.objects.of(person.key_hash).update(address="", origin="", told={}, page="")
            Entry.objects.filter(subject_type=person._meta.label_lower, subject_id=key).update(
                subject=person.key_hash[:12], details={}
            )
        mark = Subscriber(pk=key, email=person.key_hash[:12])
        person.delete()
        Entry.objects.record("erase", on=mark, by=by, asked=asked)
