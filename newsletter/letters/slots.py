"""Where a reader's own parts go in the compiled letter, which is the same for everybody.

The marks are private-use characters: nothing that an editor types or pastes can be mistaken for one.
"""

import re
from collections.abc import Mapping

ADDRESS = "\ue000address\ue001"
UNSUBSCRIBE = "\ue000unsubscribe\ue001"
PREFERENCES = "\ue000preferences\ue001"
SLOTS = (ADDRESS, UNSUBSCRIBE, PREFERENCES)

_MARKS = re.compile("|".join(SLOTS))
_SPLIT = re.compile(f"({_MARKS.pattern})")


def pieces(text: str) -> list[str]:
    """The text cut before and after each slot; the slots stand among the pieces."""
    return [piece for piece in _SPLIT.split(text) if piece]


def fill(text: str, values: Mapping[str, str]) -> str:
    return _MARKS.sub(lambda mark: values[mark[0]], text)


def unmarked(text: str) -> str:
    """The text without any mark of ours."""
    return text.replace("\ue000", "").replace("\ue001", "")
