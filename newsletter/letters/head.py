"""Header lines that every mail program reads alike: ASCII, encoded words of at most 75 signs, tokens left whole."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.header import Header
from email.utils import format_datetime, parseaddr, quote
from functools import lru_cache
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from newsroom.addresses import on_the_wire

# RFC 5321, 4.5.3.1.3, less the angle brackets.
LONGEST_ON_THE_WIRE = 254


def phrase(words: str) -> str:
    """A display name, quoted or encoded as it needs."""
    words = " ".join(words.split())
    return f'"{quote(words)}"' if words.isascii() else Header(words, "utf-8", maxlinelen=75).encode(linesep="\r\n")


def text(words: str, *, after: str) -> str:
    """The words of an unstructured header, folded for the line that begins with `after`."""
    words = " ".join(words.split())
    charset = "us-ascii" if words.isascii() else "utf-8"
    return Header(words, charset, header_name=after, maxlinelen=75).encode(linesep="\r\n")


def mailbox(name: str, address: str) -> str:
    return f"{phrase(name)} <{spelled(address)}>" if name else spelled(address)


@lru_cache(maxsize=8)
def spelled(address: str) -> str:
    """The address as SMTP takes it. Raises ValueError for what no server could be given."""
    wire = on_the_wire(address)
    if not wire.isascii() or not wire.isprintable() or len(wire) > LONGEST_ON_THE_WIRE:
        raise ValueError(_("No mail server takes an address like this."))
    return wire


def bare(sender: str) -> str:
    """The address out of `Name <address>`."""
    return parseaddr(sender)[1]


def list_id(name: str, slug: str, site: str) -> str:
    return f"{phrase(name)} <{slug}.{urlsplit(site).hostname}>"


def date(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC))


def lines(headers: Iterable[tuple[str, str]]) -> Iterator[str]:
    """`Name: value`, without line ends; a header with nothing to say is left out."""
    return (f"{name}: {value}" for name, value in headers if value)
