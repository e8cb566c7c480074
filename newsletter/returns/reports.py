"""What somebody reports about a letter, in whichever form it came: one shape for all of them."""

import re
from dataclasses import dataclass, field
from datetime import datetime

from newsletter.models.returned import Kind
from newsroom.addresses import masked

LONGEST_SAID = 500
STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
ADDRESS = re.compile(r"[\w.+%=!#&'*/?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
MESSAGE_ID = re.compile(r"<?([0-9a-f]{32}@[a-z0-9.-]{1,253})>?", re.IGNORECASE)
TOKEN = re.compile(r"/newsletter/(?:unsubscribe|preferences)/([0-9a-f]{32})/")
SECRET = re.compile(r"[0-9a-f]{20,}|r-[0-9]+-[0-9a-f]+", re.IGNORECASE)

# 5.1.x says that there is no such mailbox or domain, but for these, which speak of the sender.
ABOUT_US = {"5.1.7", "5.1.8"}
# What servers write that know no better number than 550, or none.
NOBODY_THERE = re.compile(
    r"user(?: is)? unknown|unknown (?:user|recipient|address|local)|no such (?:user|mailbox|recipient|address|person)|"
    r"(?:user|mailbox|account|address|recipient)\b[^.;:]{0,60}(?:does not|doesn.t|do not) exist|"
    r"invalid (?:recipient|mailbox)|"
    r"(?:recipient|address|user|mailbox)\b[^.;:]{0,30}not found|couldn.t be found|no mailbox here|not our customer|"
    r"no (?:valid )?(?:account|mailbox) by that name|RecipNotFound|"
    r"host or domain name not found|domain (?:name )?(?:does not exist|not found)|unrouteable address",
    re.IGNORECASE,
)
OBJECTS = re.compile(
    r"spam|blacklist|blocklist|block list|blocked|\bpolicy\b|\bDMARC\b|\bSPF\b|reputation|access denied|not authorized|"
    r"unauthenticated|smtp server of your isp",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Report:
    source: str
    kind: Kind
    event: str  # what tells it from every other report of that source
    at: datetime | None = None
    # Whose letter it was: how far these are believed, newsletter/returns/taking.py says
    sealed: tuple[str, ...] = ()
    message_ids: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()
    status: str = ""
    said: str = field(default="", repr=False)

    @property
    def excerpt(self) -> str:
        """Its words as they may be kept: nobody's address, and nothing that opens a door."""
        words = " ".join(self.said.replace("\0", "").split())[: 4 * LONGEST_SAID]
        words = ADDRESS.sub(lambda found: masked(found[0]), words)
        return SECRET.sub("…", words)[:LONGEST_SAID]


def status_in(*texts: str) -> str:
    """The enhanced status that says most: a server further on knew more than one that says 5.0.0 of it."""
    found = [match[0] for text in texts for match in STATUS.finditer(text[:20_000])]
    told = [status for status in found if not status.endswith(".0")]
    return next(iter(told or found), "")


def kind_of(status: str, said: str, *, permanent: bool = True) -> Kind:
    """What a letter that came back says about the address."""
    if status in ABOUT_US or status.startswith("5.7."):
        return Kind.BLOCKED
    if status.startswith("5.1.") and not status.endswith(".0"):
        return Kind.BOUNCED
    if status.startswith("4.") or not permanent:
        return Kind.RETURNED
    # 5.0.0 and its like say nothing by themselves; what servers write beside it says more.
    if not status or status.endswith(".0") or status.startswith("5.5."):
        if NOBODY_THERE.search(said[:20_000]):
            return Kind.BOUNCED
        if OBJECTS.search(said[:20_000]):
            return Kind.BLOCKED
    return Kind.RETURNED
