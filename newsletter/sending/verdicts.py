"""What a mail server's answer means for a copy, for the way to its domain, and for everybody else's copies."""

import random
import re
from datetime import timedelta

from newsletter.models import Delivery, Newsletter
from newsletter.sending.answers import ENHANCED, Answer, Fate
from newsletter.sending.ledger import Copy

MOST_ATTEMPTS = 8
FIRST_DELAY = timedelta(seconds=30)
# Such a server says no to every copy once, and yes to each when it comes again: none of its business with the others.
GREYLISTED = re.compile(r"gr[ae]y-?list", re.IGNORECASE)

State = Delivery.State


def verdict(
    copy: Copy, answer: Answer, newsletter: Newsletter, *, repeats_for: timedelta | None = None
) -> tuple[State, timedelta | None]:
    """Where a copy goes that was just handed over for the `copy.attempt + 1`st time, and after which pause.

    `repeats_for` is how long the transport lets it be handed over again after a lost answer.
    """
    attempt = copy.attempt + 1
    match answer.fate:
        case Fate.ACCEPTED:
            return State.ACCEPTED, None
        case Fate.LATER if attempt < MOST_ATTEMPTS:
            return State.QUEUED, FIRST_DELAY * 2 ** (attempt - 1) * random.uniform(1.0, 1.25)  # noqa: S311
        # Refused for our sake once more, after somebody looked and resumed: then it is about this copy.
        case Fate.HALTED if not was_refused(copy):
            return State.QUEUED, None
        case Fate.UNCERTAIN:
            return State.UNCERTAIN, None if copy.was_repeated else rest_of_doubt(newsletter, repeats_for)
    return State.FAILED, None


def rest_of_doubt(newsletter: Newsletter, repeats_for: timedelta | None) -> timedelta | None:
    """How long a copy of unknown fate waits before it is handed over once more; None where it never is."""
    rest = timedelta(seconds=newsletter.repeat_after)
    is_repeated = newsletter.on_doubt == Newsletter.Doubt.REPEAT and (repeats_for is None or rest < repeats_for)
    return rest if is_repeated else None


def was_refused(copy: Copy) -> bool:
    """Before, for good, and came back all the same: a person let it."""
    return copy.answer.startswith("5")


def is_about_the_domain(answer: Answer) -> bool:
    """Whether other copies for the same domain had better wait. A full mailbox is its owner's alone."""
    if answer.by_silence:
        return True
    if answer.is_about_us:
        return False
    found = ENHANCED.search(answer.text)
    is_about_a_mailbox = found is not None and found[2] in {"1", "2"}
    return answer.fate is Fate.LATER and not is_about_a_mailbox and not GREYLISTED.search(answer.text)
