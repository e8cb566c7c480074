"""Where a list of subscribers comes from, told by its header, and what a row of it says about a person."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property, lru_cache

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from newsletter.people.tables import plain


class Stand(StrEnum):
    """What a source says of somebody; of several words about one person, the first of these counts."""

    COMPLAINT = "complaint"
    OPERATOR = "operator"
    BOUNCED = "bounced"
    LEFT = "left"
    UNCONFIRMED = "unconfirmed"
    PENDING = "pending"
    SUBSCRIBED = "subscribed"
    KNOWN = "known"


SUPPRESSED = (Stand.COMPLAINT, Stand.OPERATOR, Stand.BOUNCED)
ORDER = list(Stand)

WORDS = {
    Stand.SUBSCRIBED: "subscribed active enabled confirmed regular premium gifted trialed paid free comp subscriber "
    "optin opted_in opt_in churning churned past_due",
    Stand.LEFT: "unsubscribed inactive disabled removed optout opted_out opt_out cancelled canceled deleted left "
    "unsubscribe nonsubscribed archived expired",
    # Those who do not get letters there at present, for whatever reason, get none here.
    Stand.UNCONFIRMED: "pending unconfirmed unactivated not_confirmed unverified paused unpaid upcoming",
    Stand.BOUNCED: "bounced bounce cleaned undeliverable hard_bounce hardbounce invalid hard_bounced",
    Stand.COMPLAINT: "complained complaint spam spam_complaint spammy reported abuse spamreport spam_report",
    Stand.OPERATOR: "blocklisted blocked blacklisted suppressed banned manual malicious block",
}
STANDS = {word: stand for stand, words in WORDS.items() for word in words.split()}
YES, NO = frozenset(["true", "1", "yes", "y", "t", "on", "x"]), frozenset(["false", "0", "no", "n", "f", "off"])

# What a column means, by its name in small letters with single underscores.
EMAIL = (
    "email", "e_mail", "email_address", "e_mail_address", "emailaddress", "mail", "address", "recipient",
    "subscriber_email", "user_email", "contact_email", "e_mail_adresse", "adresse",
)  # fmt: skip
STATUS = ("status", "list_status", "global_status", "subscriber_type", "subscription_status",
          "email_status", "email_marketing_consent", "email_permission_status")  # fmt: skip
STAYS = ("subscribed", "subscribed_to_emails", "is_subscribed", "accepts_marketing", "opt_in")
LEAVES = ("email_disabled", "unsubscribed", "opt_out", "optout", "is_unsubscribed", "unsubscribed_from_emails")
ENDED = ("unsubscribed_at", "unsub_time", "unsubscription_date", "unsubscribed_on", "unsubscribe_date", "deleted_at",
         "unsubscribe_time", "left_at", "opted_out_at")  # fmt: skip
DIED = ("clean_time", "bounced_at", "cleaned_at", "bounce_date")
ASKED = ("asked_at", "optin_time", "subscription_date_substack", "subscribed_at", "subscription_date", "creation_date",
         "created_at", "created", "signup_date", "date_added", "date_subscribed", "since")  # fmt: skip
CONFIRMED = ("confirmed_at", "confirm_time", "confirmation_date", "confirmed_on")
ADDRESSES_OF_MACHINES = ("confirm_ip", "optin_ip", "ip_address", "signup_ip", "ip", "ip_signup", "ip_confirmed")

OWN = ("email", "newsletter", "asked_at", "confirmed_at", "left_at", "left_how", "since", "suppressed", "suppressed_at")


@dataclass(frozen=True)
class Source:
    """A system whose lists we know. `marks` are columns of which it has all of one set."""

    name: str
    marks: tuple[frozenset[str], ...] = ()
    status: tuple[str, ...] = ()


def _marks(*sets: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(names.split()) for names in sets)


NEWSROOM = Source("Newsroom", _marks(" ".join(OWN)))
SOURCES = (
    NEWSROOM,
    Source(
        "Ghost",
        _marks(
            "email subscribed_to_emails",
            "email complimentary_plan",
            "email subscribed labels",
            "email labels",
            "email subscribed",
        ),
    ),
    Source(
        "Substack",
        _marks(
            "email email_disabled",
            "email stripe_connected_customer_id",
            "email active_subscription",
            "email subscription_date subscription_type",
        ),
    ),
    Source("Mailchimp", _marks("email_address member_rating", "email_address leid euid", "email_address optin_time")),
    Source("listmonk", _marks("uuid email attributes", "email name attributes")),
    Source(
        "Buttondown",
        _marks(
            "email creation_date",
            "email subscriber_type",
            "email_address creation_date",
            "email unsubscription_date",
            "email_address subscriber_type",
            "email type metadata",
        ),
        status=("type",),
    ),
    Source("beehiiv", _marks("email status tier", "email unsubscribed_at")),
    Source("MailPoet", _marks("email list_status", "email global_status")),
    Source("Curated", _marks("email_address subscribed_at utm_source")),
)
PLAIN = Source("CSV")


@dataclass(slots=True)
class Fact:
    """What one row says of one person."""

    email: str
    stand: Stand
    asked: datetime | None = None
    confirmed: datetime | None = None
    left: datetime | None = None
    how: str = ""
    since: datetime | None = None
    # Its slug, where the list names one; in a list of ours it may be empty.
    newsletter: str | None = None
    bar: str = ""
    bar_at: datetime | None = None
    told: dict[str, str] = field(default_factory=dict)


class Reading:
    """A header that was understood. Raises ValidationError for one that was not."""

    def __init__(self, header: Sequence[str], *, file_name: str = "", email_column: str = "") -> None:
        self.header = [plain(name.strip().lstrip("\ufeff")) for name in header]
        self.names = [plain_name(name) for name in self.header]
        self.file_name = file_name
        self.email = self._email_column(email_column)
        known = set(self.names) | ({"email"} if email_column else set())
        self.source = next((source for source in SOURCES if any(marks <= known for marks in source.marks)), PLAIN)
        self.now = timezone.now()

    def _email_column(self, wanted: str) -> int:
        if wanted:
            if plain_name(wanted) in self.names:
                return self.names.index(plain_name(wanted))
            raise ValidationError(
                _("There is no column “%(name)s”; there are: %(names)s.") % {"name": wanted, "names": self._named()}
            )
        for name in EMAIL:
            if name in self.names:
                return self.names.index(name)
        if any("@" in name for name in self.header):
            raise ValidationError(
                _("The first line holds an address, not the names of the columns. Put a line “email” before it."),
                code="headless",
            )
        raise ValidationError(
            _("No column of this file is known to hold addresses; there are: %(names)s.") % {"names": self._named()},
            code="no addresses",
        )

    def _named(self) -> str:
        names = ", ".join(name[:40] for name in self.header[:20] if name)
        return names or "–"

    def _at(self, names: Iterable[str]) -> list[int]:
        return [self.names.index(name) for name in names if name in self.names]

    @cached_property
    def read(self) -> Callable[[Sequence[str]], Fact]:
        return self._read_own if self.source is NEWSROOM else self._read_theirs()

    @cached_property
    def usual(self) -> Stand:
        """Mailchimp names its files by what they hold, and their columns do not always say."""
        name = self.file_name.lower()
        if self.source.name == "Mailchimp":
            if "unsub_time" in self.names or name.startswith(("unsubscribed", "nonsubscribed")):
                return Stand.LEFT
            if "clean_time" in self.names or name.startswith("cleaned"):
                return Stand.BOUNCED
        return Stand.SUBSCRIBED

    def _read_theirs(self) -> Callable[[Sequence[str]], Fact]:
        at, width, email = self._at, len(self.names), self.email
        status = at((*STATUS, *self.source.status))
        flags = [(index, Stand.LEFT, Stand.SUBSCRIBED) for index in at(STAYS)]
        flags += [(index, Stand.SUBSCRIBED, Stand.LEFT) for index in at(LEAVES)]
        ended, died, asked, confirmed = at(ENDED), at(DIED), at(ASKED), at(CONFIRMED)
        machines = at(ADDRESSES_OF_MACHINES)
        usual, now, header = self.usual, self.now, self.header

        def read(cells: Sequence[str]) -> Fact:
            if len(cells) != width:
                cells = fitted(cells, width)
            typed = cells[email].strip()
            fact = Fact(plain(typed) if typed[:1] == "'" else typed, usual)
            said = fact.told
            for index in status:
                word = cells[index].strip()
                stand = _stand(word)
                if stand is None:
                    raise ValidationError(
                        _("“%(word)s” in the column “%(name)s” is no state that we know.")
                        % {"word": word[:60], "name": header[index]}
                    )
                said[header[index][:60]] = word[:60]
                fact.stand = _worse(fact.stand, stand)
            for index, no, yes in flags:
                word = cells[index].strip().lower()
                if word:
                    if word not in YES and word not in NO:
                        raise ValidationError(
                            _("“%(word)s” in the column “%(name)s” is neither true nor false.")
                            % {"word": word[:60], "name": header[index]}
                        )
                    said[header[index][:60]] = word
                    fact.stand = _worse(fact.stand, yes if word in YES else no)
            for index in ended:
                if cells[index].strip():
                    fact.stand = _worse(fact.stand, Stand.LEFT)
                    fact.left = fact.left or moment(cells[index], now)
            for index in died:
                if cells[index].strip():
                    fact.stand = _worse(fact.stand, Stand.BOUNCED)
                    fact.left = fact.left or moment(cells[index], now)
            for index in asked:
                fact.asked = moment(cells[index], now)
                if fact.asked:
                    said["asked"] = fact.asked.isoformat()
                    break
            for index in confirmed:
                fact.confirmed = moment(cells[index], now)
                if fact.confirmed:
                    said["confirmed"] = fact.confirmed.isoformat()
                    break
            if fact.left:
                said["left"] = fact.left.isoformat()
            for index in machines:
                if address := cells[index].strip():
                    said[header[index][:60]] = address[:60]
            return fact

        return read

    def _read_own(self, cells: Sequence[str]) -> Fact:
        cells = [plain(cell, ours=True) for cell in fitted(cells, len(self.names))]
        row = dict(zip(self.names, cells, strict=True))
        asked, confirmed, left, since, bar_at = (
            _own_moment(name, row[name]) for name in ("asked_at", "confirmed_at", "left_at", "since", "suppressed_at")
        )
        if row["suppressed"] not in {"", "bounced", "erased", "complaint", "operator"}:
            raise ValidationError(
                _("“%(word)s” in the column “%(name)s” is no state that we know.")
                % {"word": row["suppressed"][:60], "name": "suppressed"}
            )
        if row["left_how"] not in {"", "button", "mail program", "import", "staff"}:
            raise ValidationError(
                _("“%(word)s” in the column “%(name)s” is no state that we know.")
                % {"word": row["left_how"][:60], "name": "left_how"}
            )
        if not row["newsletter"]:
            stand = Stand.KNOWN
        elif left:
            stand = Stand.LEFT
        else:
            stand = Stand.SUBSCRIBED if confirmed else Stand.PENDING
        told = {name: row[name] for name in ("asked_at", "confirmed_at", "left_at") if row[name]}
        return Fact(
            row["email"], stand, asked, confirmed, left, row["left_how"] or ("import" if left else ""), since,
            row["newsletter"], row["suppressed"], bar_at, told,
        )  # fmt: skip


def plain_name(name: str) -> str:
    return re.sub(r"[^0-9a-zà-ÿ]+", "_", name.strip().lower()).strip("_")


@lru_cache(1000)
def _stand(word: str) -> Stand | None:
    return STANDS.get(plain_name(word))


def _worse(one: Stand, other: Stand) -> Stand:
    return min(one, other, key=ORDER.index)


def fitted(cells: Sequence[str], width: int) -> Sequence[str]:
    """A short row has nothing in its last cells; a long one is read only if nothing stands in those beyond."""
    if any(cell.strip() for cell in cells[width:]):
        raise ValidationError(
            _("This row has %(count)s cells, and the header has %(width)s.") % {"count": len(cells), "width": width}
        )
    return [*cells[:width], *[""] * (width - len(cells))]


def moment(text: str, now: datetime) -> datetime | None:
    """A moment that the source names without doubt, else none. Without a zone it is UTC."""
    text = text.strip().removesuffix(" UTC")
    if len(text) < 10:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        try:
            found = datetime.fromisoformat(re.sub(r"\s+([+-]\d\d:?\d\d)$", r"\1", text))
        except ValueError:
            return None
    if found.tzinfo is None:
        found = found.replace(tzinfo=UTC)
    return found if found.year >= 1980 and found <= now else None


def _own_moment(name: str, text: str) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is None:
            raise ValueError
    except ValueError:
        raise ValidationError(
            _("“%(word)s” in the column “%(name)s” is no moment.") % {"word": text[:60], "name": name}
        ) from None
    return found
