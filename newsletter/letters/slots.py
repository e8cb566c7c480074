"""Where a reader's own parts go in the compiled letter, which is the same for everybody.

The marks are private-use characters: nothing that an editor types or pastes can be mistaken for one.
"""

import re
from collections.abc import Callable, Mapping

ADDRESS = "\ue000address\ue001"
UNSUBSCRIBE = "\ue000unsubscribe\ue001"
PREFERENCES = "\ue000preferences\ue001"
# What stands here for a reader's name where none is known follows the sign, as the letter will have it.
NAME = "\ue000name|{}\ue001"

_MARKS = re.compile("\ue000(?:address|unsubscribe|preferences|name\\|[^\ue000\ue001]*)\ue001")
_SPLIT = re.compile(f"({_MARKS.pattern})")


def pieces(text: str) -> list[str]:
    """The text cut before and after each slot; the slots stand among the pieces."""
    return [piece for piece in _SPLIT.split(text) if piece]


def is_slot(piece: str) -> bool:
    return _MARKS.fullmatch(piece) is not None


def value(slot: str, values: Mapping[str, str], safe: Callable[[str], str]) -> str:
    """What one reader gets there."""
    if slot in values:
        return safe(values[slot])
    fallback = slot[len("\ue000name|") : -1]
    return safe(values[NAME]) if values.get(NAME) else fallback


def fill(text: str, values: Mapping[str, str], safe: Callable[[str], str] = str) -> str:
    return _MARKS.sub(lambda mark: value(mark[0], values, safe), text)


def unmarked(text: str) -> str:
    """The text without any mark of ours."""
    return text.replace("\ue000", "").replace("\ue001", "")
