"""Makes the copies of a frozen issue. What all readers share is encoded once; a copy costs some twenty microseconds."""

import hashlib
from collections.abc import Callable, Mapping
from email.quoprimime import body_encode
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from newsletter.letters import dkim, head, slots

if TYPE_CHECKING:
    from newsletter.letters.compose import Letter
    from newsletter.models import Issue

# One less than RFC 2045 allows: a piece that a reader's own part follows ends in a soft line break.
LONGEST_LINE = 75
# Message-ID, recipient, the way out, the lines between the parts.
OF_ONES_OWN = 1_000
SOFT_BREAK = b"=\r\n"


class Imprint:
    """How the copies of a frozen issue are told from each other, and from everybody else's letters."""

    def __init__(self, issue: "Issue") -> None:
        if issue.frozen_at is None:
            raise ValueError("An issue is frozen before it is printed.")
        self._host = urlsplit(issue.letter_site).hostname
        self._frozen_at = issue.frozen_at
        self._seed = f"{issue.pk}|{issue.frozen_at.isoformat()}|{issue.letter_site}"

    def message_id(self, *, delivery: int, token: str, edition: int = 1) -> str:
        """The same whenever a copy is tried again; a later edition says its number, and is another message."""
        number = f".{edition}" if edition > 1 else ""
        return f"<{_digest(f'{self._seed}|{delivery}|{token}')}{number}@{self._host}>"


class Press(Imprint):
    """Every byte of a copy follows from the frozen issue and the delivery, so that a retry is the same letter."""

    def __init__(self, issue: "Issue", *, is_signed: bool = True) -> None:
        super().__init__(issue)
        self.sender = head.bare(issue.letter_from)
        self._signer = dkim.configured() if is_signed else None
        self._site = issue.letter_site
        boundary = f"=_{_digest(self._seed)}"
        self._head = f"{issue.letter_head}\r\n".encode()
        self._types = _type_lines(boundary)
        self._text = [_part_head(boundary, "plain"), *_encoded(issue.letter_text)]
        self._html = [_part_head(boundary, "html"), *_encoded(issue.letter_html)]
        self._end = f"\r\n--{boundary}--\r\n".encode()

    def copy(self, *, delivery: int, address: str, token: str, name: str = "", edition: int = 1) -> bytes:
        """The whole message for one reader. Raises ValueError for an address that no server could be given."""
        unsubscribe = f"{self._site}/newsletter/unsubscribe/{token}/"
        values = {
            slots.ADDRESS: address,
            slots.UNSUBSCRIBE: unsubscribe,
            slots.PREFERENCES: f"{self._site}/newsletter/preferences/{token}/",
            slots.NAME: slots.unmarked(" ".join(name.split())),
        }
        own = (
            f"To: {self.recipient(address)}\r\n"
            f"Message-ID: {self.message_id(delivery=delivery, token=token, edition=edition)}\r\n"
            f"List-Unsubscribe: <{unsubscribe}>\r\n"
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
        )
        text, html = _filled(self._text, values, str), _filled(self._html, values, escape)
        lines = b"".join([self._head, own.encode("ascii"), self._types])
        body = b"".join([*text, b"\r\n", *html, self._end])
        signature = self._signer.signature(lines, [body], at=self._frozen_at) if self._signer else b""
        return b"".join([signature, lines, body])

    def recipient(self, address: str) -> str:
        return head.spelled(address)


def weight(letter: "Letter") -> int:
    """How many bytes a copy of it has, to within an address."""
    return len(letter.head) + sum(len(_quoted_printable(part)) for part in (letter.html, letter.text)) + OF_ONES_OWN


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _type_lines(boundary: str) -> bytes:
    return f'MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary="{boundary}"\r\n\r\n'.encode()


def _part_head(boundary: str, subtype: str) -> bytes:
    return (
        f"--{boundary}\r\nContent-Type: text/{subtype}; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    ).encode()


def _encoded(text: str) -> list[bytes | str]:
    """Quoted-printable pieces, with the slots as text between them.

    A slot stands on lines of its own of the encoded text, cut off by soft line breaks that no reader sees: so what
    stands around it need not be encoded anew for each copy.
    """
    return [piece if slots.is_slot(piece) else _quoted_printable(piece) for piece in slots.pieces(text)]


def _quoted_printable(text: str) -> bytes:
    as_bytes_one_to_one = text.replace("\r\n", "\n").encode().decode("latin-1")
    return body_encode(as_bytes_one_to_one, maxlinelen=LONGEST_LINE, eol="\r\n").encode("ascii")


def _filled(pieces: list[bytes | str], values: Mapping[str, str], safe: Callable[[str], str]) -> list[bytes]:
    filled: list[bytes] = []
    for number, piece in enumerate(pieces):
        if isinstance(piece, bytes):
            filled.append(piece)
            continue
        if not filled[-1].endswith(b"\r\n"):
            filled.append(SOFT_BREAK)
        filled.append(_quoted_printable(slots.value(piece, values, safe)))
        following = pieces[number + 1] if number + 1 < len(pieces) else b"\r\n"
        if isinstance(following, str) or not following.startswith(b"\r\n"):
            filled.append(SOFT_BREAK)
    return filled
