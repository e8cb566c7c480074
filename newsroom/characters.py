"""Signs that a page can show: what HTML and XML cannot hold is dropped wherever text comes in."""

import re
import unicodedata

# Controls, non-characters and private use, which no document may hold or nobody can read; and the signs that turn
# the direction of everything after them (Unicode's bidirectional controls), which hide what a text says.
ILLEGIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000))
    + "\U000f0000-\U0010ffff]"
)
INVISIBLE = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})
DOTTED_CIRCLE = "\u25cc"


def legible(text: str, *, begins: bool = True) -> str:
    """The same text in NFC, without what nobody can see; an accent that `begins` it stands on a dotted circle."""
    text = unicodedata.normalize("NFC", ILLEGIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
    return DOTTED_CIRCLE + text if begins and text and unicodedata.category(text[0])[0] == "M" else text


def is_blank(text: str) -> bool:
    """Whether a reader would see nothing: spaces, and signs of no width."""
    return all(unicodedata.category(sign) in INVISIBLE for sign in text)
