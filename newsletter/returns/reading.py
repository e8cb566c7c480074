"""A mail that came back, read: a delivery report, a complaint, a machine's answer, or a sentence why it is none.

Nothing here trusts the mail: its first megabyte is read, whatever its size, and no header is decoded by a library that
may refuse it.
"""

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from newsletter.models.returned import Kind
from newsletter.returns.reports import ADDRESS, MESSAGE_ID, TOKEN, Report, kind_of, status_in

LONGEST = 1_000_000
LONGEST_TEXT = 100_000
MOST_PARTS = 100
MOST_RECIPIENTS = 50

COMPLAINTS = {"abuse", "fraud", "miscategorized", "other"}
LEAVING = {"opt-out", "opt-out-list", "unsubscribe"}
HEADS = {"text/rfc822-headers", "text/rfc822-header"}
# Where the copy of our letter begins in reports that are plain text.
COPY_BEGINS = re.compile(
    r"^-{2,}.{0,40}(?:copy of|original message|below this line|returned message|unsent message|message header)|"
    r"^original message (?:headers|follows)|^received: ",
    re.IGNORECASE | re.MULTILINE,
)
POSTMASTERS = re.compile(
    r"mailer-daemon|postmaster|mail delivery (?:sub)?system|microsoft ?outlook|mailsystem", re.IGNORECASE
)
FAILED = re.compile(
    r"undeliver|delivery (?:has )?(?:failed|failure|status notification)|returned mail|failure notice|"
    r"mail delivery failed|could not be delivered|couldn.t be delivered|wasn.t able to deliver|"
    r"delivery to the following recipient|mail could not",
    re.IGNORECASE,
)
STILL_TRYING = re.compile(
    r"delay|will (?:be retried|keep trying|continue to)|warning: (?:message|could not)|not yet (?:been )?delivered",
    re.IGNORECASE,
)
AWAY = re.compile(
    r"^(?:auto(?:matic|mated)?[ -]?(?:reply|response|answer|:)|out of (?:the )?office|away\b|vacation|abwesen|"
    r"automatische antwort|réponse automatique|re: .{0,80}out of office)",
    re.IGNORECASE,
)


def read(content: bytes, *, source: str = "mailbox") -> list[Report]:
    """One report for each recipient that it speaks of. Raises ValidationError with a sentence for what is none."""
    if not content.strip():
        raise ValidationError(_("The file is empty."))
    if content.lstrip()[:1] in {b"{", b"["}:
        raise ValidationError(
            _("This is what a mail service posts to /newsletter/returns/: there, its signature can be checked.")
        )
    try:
        letter = Letter(content[:LONGEST])
        reports = list(letter.reports(source))
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError) as broken:
        raise ValidationError(_("This mail is too broken to be read.")) from broken
    if not reports:
        raise ValidationError(letter.refusal)
    return reports


class Letter:
    def __init__(self, content: bytes) -> None:
        self.message = message_from_bytes(content)
        self.digest = hashlib.sha256(content).hexdigest()
        self.parts: list[Message] = []
        for part in self.message.walk():
            if len(self.parts) == MOST_PARTS:
                break
            self.parts.append(part)
        self.refusal = _("This is a letter from somebody, and no report.")

    # What it is

    def reports(self, source: str) -> Iterator[Report]:
        if feedback := self._part("message/feedback-report"):
            yield from self._complaint(source, feedback)
        elif groups := self._groups():
            yield from self._delivery_report(source, groups)
        elif self._part("message/disposition-notification"):
            self.refusal = _("This says that a letter was read or thrown away, and nothing about the address.")
        elif self.is_written_by_a_server:
            yield from self._plain_report(source)
        elif self.is_automatic:
            senders = tuple(address for address in self._addresses("From", "Sender") if address)
            yield self._report(source, Kind.AUTOREPLY, senders, said=self.header("Subject"))

    @property
    def is_automatic(self) -> bool:
        """RFC 3834, and what was there before it."""
        submitted = self.header("Auto-Submitted").lower().lstrip()
        return (
            submitted.startswith(("auto-replied", "auto-notified"))
            or bool(self.header("X-Autoreply") or self.header("X-Autorespond"))
            or self.header("Precedence").lower().strip() in {"auto_reply", "auto-reply"}
            or bool(AWAY.match(self.header("Subject").strip()))
        )

    @property
    def is_written_by_a_server(self) -> bool:
        if self.header("X-Failed-Recipients"):
            return True
        is_from_one = bool(POSTMASTERS.search(self.header("From"))) or self.header("Return-Path").strip() == "<>"
        about = f"{self.header('Subject')}\n{self._own_text()[:4000]}"
        return is_from_one and bool(FAILED.search(about) or STILL_TRYING.search(self.header("Subject")))

    # RFC 5965

    def _complaint(self, source: str, feedback: Message) -> Iterator[Report]:
        fields = self._fields(feedback)
        kind = _first(fields, "feedback-type").lower()
        people = fields.get("original-rcpt-to", []) + fields.get("removal-recipient", [])
        said = f"{kind}: {_first(fields, 'user-agent')}"
        recipients = tuple(address for text in people for address in ADDRESS.findall(text)) or self._returned_to()
        if kind in COMPLAINTS:
            yield self._report(source, Kind.COMPLAINED, recipients[:MOST_RECIPIENTS], said=said)
        elif kind in LEAVING:
            yield self._report(source, Kind.UNSUBSCRIBED, recipients[:MOST_RECIPIENTS], said=said)
        else:
            self.refusal = _("This feedback report speaks of “%(kind)s”, which is no complaint of a reader.") % {
                "kind": kind[:40]
            }

    # RFC 3464

    def _groups(self) -> list[dict[str, list[str]]]:
        """The fields about each recipient."""
        found = []
        for part in self.parts:
            if part.get_content_type() in {"message/delivery-status", "message/global-delivery-status"}:
                inner = part.get_payload()
                blocks = inner if isinstance(inner, list) else [part]
                found += [self._fields(block) for block in blocks if isinstance(block, Message)]
        if not found:
            # Broken ones that name the type elsewhere, or nowhere, and write the fields all the same.
            found = _loose_groups(self._own_text())
        return [group for group in found if "final-recipient" in group or "original-recipient" in group]

    def _delivery_report(self, source: str, groups: list[dict[str, list[str]]]) -> Iterator[Report]:
        for group in groups[:MOST_RECIPIENTS]:
            action = _first(group, "action").lower().split(" ")[0].strip(";")
            diagnosis = " ".join(group.get("diagnostic-code", []))
            status = status_in(_first(group, "status"), diagnosis)
            recipients = tuple(
                address
                for name in ("original-recipient", "final-recipient")
                for text in group.get(name, [])
                for address in ADDRESS.findall(text)
            )
            said = diagnosis or _first(group, "status") or self._own_text()[:500]
            if action == "delayed":
                kind = Kind.DELAYED
            elif action in {"delivered", "relayed", "expanded"}:
                kind = Kind.DELIVERED
            elif action in {"failed", "expired", "error", ""}:
                kind = kind_of(status, f"{diagnosis} {self._own_text()}", permanent=action != "expired")
            else:
                continue
            yield self._report(source, kind, recipients or self._returned_to(), status=status, said=said)

    # What servers write who know no RFC 3464

    def _plain_report(self, source: str) -> Iterator[Report]:
        text = self._own_text()
        own = {address.lower() for address in self._addresses("From", "To", "Delivered-To")}
        failed = ADDRESS.findall(self.header("X-Failed-Recipients")) or [
            address for address in ADDRESS.findall(text) if address.lower() not in own
        ]
        recipients = tuple(dict.fromkeys(failed))[:MOST_RECIPIENTS]
        is_trying = bool(STILL_TRYING.search(self.header("Subject"))) and not FAILED.search(self.header("Subject"))
        status = status_in(text)
        kind = Kind.DELAYED if is_trying else kind_of(status, text)
        # Where several are named, the number may be another's: each is told apart by what its own lines say.
        if len(recipients) == 1 or is_trying:
            yield self._report(source, kind, recipients, status=status, said=text)
            return
        for recipient in recipients:
            about = _lines_about(recipient, text, recipients)
            status = status_in(about)
            yield self._report(source, kind_of(status, about), (recipient,), status=status, said=about)

    # How it is put together

    def _report(
        self, source: str, kind: Kind, recipients: tuple[str, ...], *, status: str = "", said: str = ""
    ) -> Report:
        heads = self._heads_of_ours()
        return Report(
            source=source,
            kind=kind,
            event=f"{self.digest}|{'|'.join(recipients)}",
            at=self._date(),
            sealed=tuple(self._paths()),
            message_ids=tuple(dict.fromkeys(MESSAGE_ID.findall(heads)))[:MOST_RECIPIENTS],
            recipients=tuple(dict.fromkeys((*recipients, *self._returned_to())))[:MOST_RECIPIENTS],
            tokens=tuple(dict.fromkeys(TOKEN.findall(heads)))[:MOST_RECIPIENTS],
            status=status[:12],
            said=said,
        )

    def _paths(self) -> Iterator[str]:
        """Where it was sent to: what a signed return path is looked for in."""
        for name in ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To", "To"):
            yield from (str(value)[:2000] for value in self.message.get_all(name, [])[:20])

    def _heads_of_ours(self) -> str:
        """The head of our letter as it came back, wherever it stands; and what an answer refers to."""
        pieces = [f"{self.header('In-Reply-To')} {self.header('References')}"]
        for part in self.parts[1:]:
            if part.get_content_type() in HEADS:
                pieces.append(_text(part)[:LONGEST_TEXT])
            elif self._is_letter(part):
                pieces += [f"{name}: {value}" for name, value in part.items()[:200]]
        copied = COPY_BEGINS.search(self._whole_text())
        pieces.append(self._whole_text()[copied.start() :] if copied else "")
        if feedback := self._part("message/feedback-report"):
            pieces += self._fields(feedback).get("original-message-id", [])
        return "\n".join(pieces)[:LONGEST_TEXT]

    def _is_letter(self, part: Message) -> bool:
        return part.get("Message-ID") is not None or part.get("List-Unsubscribe") is not None

    def _returned_to(self) -> tuple[str, ...]:
        """To whom the letter went that came back."""
        found = []
        for part in self.parts[1:]:
            if part.get_content_type() in HEADS:
                found += re.findall(r"^To:(.{1,500})$", _text(part)[:LONGEST_TEXT], re.IGNORECASE | re.MULTILINE)
            elif self._is_letter(part):
                found += [str(value)[:1000] for value in part.get_all("To", [])[:5]]
        return tuple(address for text in found for address in ADDRESS.findall(text))[:MOST_RECIPIENTS]

    def _part(self, kind: str) -> Message | None:
        return next((part for part in self.parts if part.get_content_type() == kind), None)

    def _fields(self, part: Message) -> dict[str, list[str]]:
        """The fields of a report, which some write as the body of their part and some as its head."""
        inner = part.get_payload()
        holders = inner if isinstance(inner, list) else [part]
        fields: dict[str, list[str]] = {}
        for holder in holders:
            if not isinstance(holder, Message):
                continue
            for name, value in holder.items()[:200]:
                fields.setdefault(name.lower(), []).append(" ".join(str(value).split())[:2000])
            if isinstance(holder.get_payload(), str):
                for line in _unfolded(_text(holder)[:LONGEST_TEXT]):
                    name, colon, value = line.partition(":")
                    if colon and len(name) < 60:
                        fields.setdefault(name.strip().lower(), []).append(value.strip()[:2000])
        return fields

    def _whole_text(self) -> str:
        if not hasattr(self, "_known_text"):
            texts = [
                _text(part)
                for part in self.parts
                if part.get_content_maintype() in {"text", "multipart"} and part.get_content_type() not in HEADS
            ]
            self._known_text = "\n".join(texts)[:LONGEST_TEXT]
        return self._known_text

    def _own_text(self) -> str:
        """What the server writes itself, without the copy of the letter below it."""
        text = self._whole_text()
        copied = COPY_BEGINS.search(text)
        return text[: copied.start()] if copied else text

    def header(self, name: str) -> str:
        value = self.message.get(name)
        return _decoded(str(value)[:2000]) if value is not None else ""

    def _addresses(self, *names: str) -> list[str]:
        return [address for _name, address in getaddresses([self.header(name) for name in names], strict=False)]

    def _date(self) -> datetime | None:
        try:
            at = parsedate_to_datetime(self.header("Date"))
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        return at if at.tzinfo else at.replace(tzinfo=UTC)


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    charset = part.get_content_charset("utf-8")
    try:
        return payload[:LONGEST_TEXT].decode(charset, "replace")
    except LookupError:  # a charset that nobody knows
        return payload[:LONGEST_TEXT].decode("latin-1")


def _decoded(value: str) -> str:
    try:
        pieces = decode_header(value)
        return "".join(
            piece.decode(charset or "latin-1", "replace") if isinstance(piece, bytes) else piece
            for piece, charset in pieces
        )
    except (ValueError, LookupError):
        return value


def _unfolded(text: str) -> list[str]:
    return re.sub(r"\r?\n[ \t]+", " ", text).splitlines()[:2000]


def _loose_groups(text: str) -> list[dict[str, list[str]]]:
    """Fields of a delivery report that stand in plain text."""
    if not re.search(r"^final-recipient:", text, re.IGNORECASE | re.MULTILINE):
        return []
    groups: list[dict[str, list[str]]] = []
    fields: dict[str, list[str]] = {}
    for line in [*_unfolded(text), ""]:
        name, colon, value = line.partition(":")
        if colon and re.fullmatch(r"[A-Za-z-]{3,40}", name.strip()):
            fields.setdefault(name.strip().lower(), []).append(value.strip()[:2000])
        elif fields:
            groups.append(fields)
            fields = {}
    return groups


def _lines_about(recipient: str, text: str, recipients: tuple[str, ...]) -> str:
    begin = text.find(recipient)
    ends = [found for other in recipients if other != recipient and (found := text.find(other, begin + 1)) > begin]
    return text[begin : min(ends, default=len(text))]


def _first(fields: dict[str, list[str]], name: str) -> str:
    return next(iter(fields.get(name, [])), "")
