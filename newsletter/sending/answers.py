"""What a mail server says, read as what to do next (rules.md, promise 5)."""

import re
from dataclasses import dataclass
from enum import StrEnum

LONGEST_ANSWER = 500
ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
# 5.1.7 and 5.1.8 speak of our own address.
OURS = {"5.1.7", "5.1.8"}


class Fate(StrEnum):
    ACCEPTED = "accepted"
    LATER = "later"  # a transient refusal: try again
    REFUSED = "refused"  # this copy will never be taken
    UNKNOWN_ADDRESS = "unknown address"  # nor will any other to that address
    HALTED = "halted"  # the server objects to us: no further copy until somebody looks
    UNCERTAIN = "uncertain"  # the letter left; whether it was taken, nobody said


class Stage(StrEnum):
    """How far the conversation was: what a refusal is about depends on it."""

    SENDER = "MAIL FROM"
    RECIPIENT = "RCPT TO"
    LETTER = "DATA"


@dataclass(frozen=True)
class Answer:
    fate: Fate
    text: str
    by_silence: bool = False  # it hung: nothing was said for as long as we wait
    is_about_us: bool = False  # said before anything was told of the reader
    of_the_call: bool = False  # said of all letters that were handed over together; which of them is meant, nobody said


@dataclass(frozen=True)
class Parcel:
    """A letter as it is handed over, and the delivery that it is."""

    sender: str
    recipient: str
    message: bytes
    delivery: int | None = None


class Unreachable(Exception):
    """No conversation came about, or it broke off before the letter: nothing of it was taken. Says why.

    `rest` is how many seconds the other side asks us to wait.
    """

    def __init__(self, reason: str, *, rest: float | None = None) -> None:
        super().__init__(reason)
        self.rest = rest


def read(code: int, said: bytes | str, stage: Stage) -> Answer:
    text = _one_line(code, said)
    if 200 <= code < 300:
        return Answer(Fate.ACCEPTED, text)
    if 400 <= code < 500:
        return Answer(Fate.LATER, text)
    if code < 500:  # no answer at all, after the letter was given
        return Answer(Fate.UNCERTAIN, text)
    return Answer(_refusal(text, stage), text, is_about_us=stage is Stage.SENDER)


def _refusal(text: str, stage: Stage) -> Fate:
    found = ENHANCED.search(text)
    status = found[0] if found else ""
    # Whatever a server has against our address, it has against every copy.
    if stage is Stage.SENDER or status.startswith("5.7.") or status in OURS:
        return Fate.HALTED
    return Fate.UNKNOWN_ADDRESS if status.startswith("5.1.") else Fate.REFUSED


def _one_line(code: int, said: bytes | str) -> str:
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    # PostgreSQL keeps no NUL, and a list shows no line ends.
    return f"{code} {' '.join(words.replace(chr(0), '').split())}"[:LONGEST_ANSWER]
