"""The lists that a mail service keeps of whom it does not mail: bounces, complaints, unsubscribes. Read first.

Bounces and complaints become suppressions, of every newsletter. Who unsubscribed has left the newsletter that is named,
or all of them.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from newsletter.models import Newsletter
from newsletter.people.importing import Report, Tell, take_in
from newsletter.people.sources import (
    ASKED,
    STANDS,
    SUPPRESSED,
    Fact,
    Reading,
    Source,
    Stand,
    fitted,
    moment,
    plain_name,
)
from newsletter.people.tables import plain

KINDS = {"bounces": Stand.BOUNCED, "complaints": Stand.COMPLAINT, "unsubscribes": Stand.LEFT}
# Columns in which a service says why.
KIND = ("suppressionreason", "suppression_reason", "reason", "type", "event", "bounce_type", "kind", "event_type",
        "category", "status")  # fmt: skip
WHEN = ("created", "created_at", "createdat", "last_update_time", "lastupdatetime", "timestamp", "date", "time",
        "unsub_time", "clean_time", "bounced_at", "unsubscribed_at", "updated", "suppressed_at", *ASKED)  # fmt: skip
# By which columns a service's list is known, and what all of it means where its rows do not say.
SHAPES: tuple[tuple[str, str, Stand | None], ...] = (
    ("emailaddress suppressionreason", "Postmark", None),
    ("email_address reason last_update_time", "Amazon SES", None),
    ("emailaddress reason lastupdatetime", "Amazon SES", None),
    ("unsub_time", "Mailchimp", Stand.LEFT),
    ("clean_time", "Mailchimp", Stand.BOUNCED),
    ("address code error", "Mailgun", Stand.BOUNCED),
    ("address tags", "Mailgun", Stand.LEFT),
    ("address created_at", "Mailgun", None),
    ("status reason email created", "SendGrid", Stand.BOUNCED),
    ("ip email created", "SendGrid", Stand.COMPLAINT),
    ("email reason created", "SendGrid", Stand.BOUNCED),
    ("email created", "SendGrid", None),
)
HINTS = {
    "bounce": Stand.BOUNCED,
    "cleaned": Stand.BOUNCED,
    "invalid": Stand.BOUNCED,
    "complain": Stand.COMPLAINT,
    "spam": Stand.COMPLAINT,
    "abuse": Stand.COMPLAINT,
    "unsub": Stand.LEFT,
    "manualsuppression": Stand.LEFT,
    "optout": Stand.LEFT,
    "opt_out": Stand.LEFT,
}
FOR_A_WHILE = re.compile(r"\s*4(\.\d+\.\d+|\d\d)\b")
SOFT = ("soft_bounce", "softbounce", "soft", "transient", "deferred", "temporary")


def import_suppressions(
    path: Path,
    *,
    by: Any,
    newsletters: Sequence[Newsletter],
    kind: str = "",
    name: str = "",
    dry_run: bool = False,
    refused: IO[str] | None = None,
    tell: Tell = lambda done: None,
) -> Report:
    """Raises ValidationError for a file of which nobody can tell what it is a list of."""
    name = name or path.name
    places = [newsletter.pk for newsletter in newsletters]

    def homes(fact: Fact) -> Sequence[int | None]:
        return places if fact.stand is Stand.LEFT else (None,)

    return take_in(
        path,
        lambda header: Suppressing(header, file_name=name, kind=kind),
        homes,
        by=by,
        name=name,
        verb="import suppressions",
        about=newsletters,
        dry_run=dry_run,
        refused=refused,
        tell=tell,
    )


class Suppressing(Reading):
    """A header of such a list that was understood."""

    def __init__(self, header: Sequence[str], *, file_name: str = "", kind: str = "") -> None:
        super().__init__(header, file_name=file_name)
        known = set(self.names)
        shape = next((shape for shape in SHAPES if set(shape[0].split()) <= known), ("", "", None))
        self.source = Source(shape[1] or (self.source.name if self.source.name != "CSV" else "CSV"))
        self.kinds = self._at(KIND)
        self.whens = self._at(WHEN)
        file = plain_name(file_name)
        if not kind and "block" in file and self.source.name == "SendGrid":
            raise ValidationError(
                _("A list of blocks names refusals of the moment; nobody is suppressed for one."), code="blocks"
            )
        hinted = next((stand for hint, stand in HINTS.items() if hint in file), None)
        self.usual_kind = KINDS.get(kind) or shape[2] or hinted
        if self.usual_kind is None and not self.kinds:
            raise ValidationError(
                _("This list does not say what it is of: choose bounces, complaints or unsubscribes."), code="kind"
            )
        self.now = timezone.now()

    @property
    def read(self) -> Any:
        return self._read_suppression

    def _read_suppression(self, cells: Sequence[str]) -> Fact:
        cells = fitted(cells, len(self.names))
        said = {self.header[index][:60]: cells[index].strip()[:300] for index in self.kinds if cells[index].strip()}
        stand = None
        for word in said.values():
            if FOR_A_WHILE.match(word) or plain_name(word) in SOFT:
                raise ValidationError(_("“%(word)s” was a refusal of the moment.") % {"word": word[:60]})
            stand = stand or self._meant(word)
        stand = stand or self.usual_kind
        if stand is None:
            raise ValidationError(_("This row does not say why the address is not to be mailed."))
        if stand not in (*SUPPRESSED, Stand.LEFT):
            raise ValidationError(_("This row does not say that the address is not to be mailed."))
        at = next((found for index in self.whens if (found := self._when(cells[index]))), None)
        if at:
            said["at"] = at.isoformat()
        return Fact(plain(cells[self.email].strip()), stand, left=at, told=said)

    @staticmethod
    def _meant(word: str) -> Stand | None:
        name = plain_name(word)
        if name in STANDS:
            return STANDS[name]
        # Of a sentence of a mail server's nothing is guessed.
        return next((stand for hint, stand in HINTS.items() if hint in name), None) if len(name) < 30 else None

    def _when(self, text: str) -> datetime | None:
        text = text.strip()
        found = moment(text, self.now)
        with suppress(ValueError, OverflowError, OSError, TypeError):
            if found is None and text.isdecimal() and len(text) in {10, 13}:
                found = datetime.fromtimestamp(int(text[:10]), UTC)
            elif found is None and "," in text:
                found = parsedate_to_datetime(text)
                found = found if found.tzinfo else found.replace(tzinfo=UTC)
        return found if found and found <= self.now else None
