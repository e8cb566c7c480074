"""A database that was restored does not know who left since: it is told again, from the private storage.

Nobody comes back by this, and what a person pressed later holds. A second time changes nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import batched
from typing import Any

from django.db import transaction

from newsletter.models import Consent, Installation, Newsletter, OptOut, Subscriber, Suppression
from newsletter.models.opt_out import FOLDER, lines_put_away
from newsletter.people.person import erase
from newsroom.audit.models import Entry

AT_A_TIME = 500
OWN_PRESS = (Consent.Act.CONFIRMED, Consent.Act.RETURNED)


@dataclass
class Replay:
    """What became of the words that were put away, or would."""

    read: int = 0
    unreadable: int = 0
    left: int = 0
    suppressed: int = 0
    erased: int = 0
    known: int = 0
    outdone: int = 0
    elsewhere: int = 0

    @property
    def applied(self) -> int:
        return self.left + self.suppressed + self.erased

    def as_json(self) -> dict[str, int]:
        return asdict(self) | {"applied": self.applied}


@dataclass
class Will:
    """What one person’s words come to, the later outdoing the earlier."""

    left: dict[tuple[str, int | None], OptOut] = field(default_factory=dict)
    bar: OptOut | None = None
    erased: OptOut | None = None

    def hear(self, word: OptOut) -> None:
        match word.act:
            case OptOut.Act.LEFT:
                self.left[word.newsletter, word.newsletter_number] = word
            case OptOut.Act.RETURNED:
                self.left.pop((word.newsletter, word.newsletter_number), None)
            case OptOut.Act.ERASED:
                self.erased = word
            case OptOut.Act.BARRED if self.bar is None or _is_liftable(self.bar):
                self.bar = word
            case OptOut.Act.LIFTED if word.how == "confirmed":
                self.erased = None
                self.bar = self.bar if self.bar and not _is_liftable(self.bar) else None
            case OptOut.Act.LIFTED:
                self.bar = None


def replay_optouts(*, by: Any, dry_run: bool = False) -> Replay:
    """Raises ImproperlyConfigured where SUPPRESSION_KEY is another one: by it nobody would be found."""
    Installation.objects.check_key()
    if not dry_run:
        OptOut.objects.put_away()
    told = Replay()
    wills = _wills(told)
    for some in batched(wills.items(), AT_A_TIME, strict=False):
        with transaction.atomic():
            _carry_out(dict(some), told, by=by)
            transaction.set_rollback(dry_run)
    if not dry_run:
        Entry.objects.record("replay opt-outs", on=Installation.objects.get(), by=by, **told.as_json())
    return told


def _wills(told: Replay) -> dict[str, Will]:
    wills: dict[str, Will] = defaultdict(Will)
    for word in sorted(_words(told), key=lambda word: (word.noted_at, word.pk)):
        wills[word.key_hash].hear(word)
    return wills


def _words(told: Replay) -> Iterator[OptOut]:
    for line in lines_put_away():
        try:
            yield OptOut.from_line(line)
            told.read += 1
        except (ValueError, KeyError, TypeError, AttributeError):
            told.unreadable += 1


def _carry_out(wills: dict[str, Will], told: Replay, *, by: Any) -> None:
    letters, evidence = Letters(), Evidence(wills)
    people = {person.key_hash: person for person in Subscriber.objects.filter(key_hash__in=wills)}
    for key, will in wills.items():
        person = people.get(key)
        for word in will.left.values():
            letter = letters.of(word)
            if letter is None:
                told.elsewhere += 1
            elif evidence.outdoes(word, letter):
                told.outdone += 1
            elif _leave(person, letter, word, evidence):
                told.left += 1
            else:
                told.known += 1
        if will.bar:
            _bar(will.bar, evidence, told)
        if will.erased and not evidence.outdoes(will.erased):
            if person:
                erase(person, by=by)
                told.erased += 1
            _bar(will.erased, evidence, told, is_counted=False)


class Letters:
    def __init__(self) -> None:
        everyone = list(Newsletter.objects.all())
        self.by_slug = {letter.slug: letter for letter in everyone}
        self.by_number = {letter.pk: letter for letter in everyone}

    def of(self, word: OptOut) -> Newsletter | None:
        """By its address, or the number that it had when it was called otherwise."""
        return self.by_slug.get(word.newsletter) or self.by_number.get(word.newsletter_number or 0)


class Evidence:
    """What these people pressed, as this database knows it."""

    def __init__(self, keys: Iterable[str]) -> None:
        self.pressed: dict[tuple[str, str], datetime] = {}
        self.last: dict[tuple[str, str], str] = {}
        rows = Consent.objects.filter(address_hash__in=list(keys)).exclude(act=Consent.Act.ASKED).order_by("pk")
        for key, letter, act, at in rows.values_list("address_hash", "newsletter", "act", "at"):
            self.last[key, letter] = act
            if act in OWN_PRESS:
                for home in (letter, ""):
                    self.pressed[key, home] = max(at, self.pressed.get((key, home), at))

    def outdoes(self, word: OptOut, letter: Newsletter | None = None) -> bool:
        pressed = self.pressed.get((word.key_hash, letter.name if letter else ""))
        return pressed is not None and pressed > word.noted_at

    def says_left(self, word: OptOut, letter: Newsletter) -> bool:
        return self.last.get((word.key_hash, letter.name)) == Consent.Act.LEFT


def _leave(person: Subscriber | None, letter: Newsletter, word: OptOut, evidence: Evidence) -> bool:
    """Says whether this was news. Of who is not known here the evidence is kept, for lists that name them."""
    if person:
        with person.locked():
            place = person.subscriptions.filter(newsletter=letter).first()
            if place and (place.has_left or (place.left_at and place.left_at >= word.at)):
                return False
            if place:
                # A new asking holds until it is confirmed or not, and the leaving until then.
                asked_later = place.asked_at > word.noted_at
                place.left_at = word.at if asked_later else max(word.at, place.asked_at)
                place.left_how = word.how
                place.save(update_fields=["left_at", "left_how"])
            elif evidence.says_left(word, letter):
                return False
    elif evidence.says_left(word, letter):
        return False
    Consent.objects.create(
        at=word.at, act=Consent.Act.LEFT, address_hash=word.key_hash, newsletter=letter.name, source=FOLDER
    )
    return True


def _bar(word: OptOut, evidence: Evidence, told: Replay, *, is_counted: bool = True) -> None:
    reason = Suppression.Reason.ERASED if word.act == OptOut.Act.ERASED else Suppression.Reason(word.how)
    if reason.is_liftable and evidence.outdoes(word):
        told.outdone += is_counted
        return
    known = Suppression.objects.filter(key_hash=word.key_hash).first()
    if known and (not Suppression.Reason(known.reason).is_liftable or reason.is_liftable):
        told.known += is_counted
        return
    Suppression.objects.bar_key(word.key_hash, reason, at=word.at)
    told.suppressed += is_counted


def _is_liftable(word: OptOut) -> bool:
    return Suppression.Reason(word.how).is_liftable
