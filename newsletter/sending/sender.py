"""One sender: freezes what is due, claims copies, hands them over. Any number may run, on any machine."""

import logging
import random
import threading
import time
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import connection

from newsletter.letters import preflight
from newsletter.letters.press import Press
from newsletter.models import Delivery, Installation, Issue, Suppression
from newsletter.models.installation import unconfirmed
from newsletter.returns.paths import return_path
from newsletter.sending import ledger
from newsletter.sending.answers import Answer, Fate, Unreachable
from newsletter.sending.bell import Bell
from newsletter.sending.ledger import Copy, Outcome
from newsletter.sending.transports import Transport

logger = logging.getLogger(__name__)

BATCH = 100
LOOK_EVERY = 1.0
RENEW_EVERY = 10.0
# Each single wait for the server has its own, shorter limit; a server that drips one byte at a time meets this one.
LONGEST_HAND_OVER = 60.0
LONGEST_REST = 60.0
BALANCE_EVERY = 10.0
REFUSAL_EVERY = 60.0
MOST_ATTEMPTS = 8
PRESSES_KEPT = 8
FIRST_DELAY = timedelta(seconds=30)


class Sender:
    def __init__(self, transport: Transport, stop: threading.Event) -> None:
        self.transport = transport
        self.stop = stop
        self.holds: list[Copy] = []
        self.handing_since: float | None = None
        self._bell = Bell()
        self._presses: dict[int, Press] = {}
        # What is known of a copy while the database cannot be reached: written as soon as it can.
        self._unwritten: list[tuple[Issue, Outcome]] = []
        self._failures = 0
        self._rests_until = 0.0
        self._refused_at = -REFUSAL_EVERY
        self._balanced_at: dict[int, float] = {}

    def run(self) -> None:
        """Until told to stop. Nothing else ends it: it waits for a lost database or mail server to come back."""
        heart = threading.Thread(target=Heartbeat(self).run, name="heartbeat", daemon=True)
        heart.start()
        database_failures = 0
        with self.transport:
            while not self.stop.is_set():
                try:
                    if not self.round():
                        self._bell.wait(LOOK_EVERY)
                    database_failures = 0
                except Exception:
                    database_failures += 1
                    logger.exception("The sender stumbled, and goes on.")
                    connection.close()
                    self.stop.wait(_rest(database_failures, most=10.0))
        heart.join(timeout=2)
        connection.close()

    def round(self) -> bool:
        """One look at everything there is to do. Says whether there may be more of it at once."""
        self._write_what_is_known()
        if not self._may_send_from_here():
            return False
        ledger.sweep()
        for issue in Issue.objects.due().select_related("newsletter"):
            if preflight.clears(issue) and issue.freeze():
                logger.info("“%s” is frozen for %s readers.", issue, issue.audience)
        if time.monotonic() < self._rests_until:
            return False
        sending = Issue.objects.sending().defer("letter_html", "letter_text", "letter_head").order_by("frozen_at")
        busy = [self._send_some_of(issue) for issue in sending]  # a batch of each: no issue waits for another to end
        return any(busy)

    # One batch of one issue

    def _send_some_of(self, issue: Issue) -> bool:
        if self.stop.is_set() or not self._balances(issue):
            return False
        copies, skipped = ledger.claim(issue, size=BATCH)
        if not copies:
            if not skipped and issue.finish():
                logger.info("“%s” has gone out: %s.", issue, issue.books())
            return bool(skipped)
        self.holds = copies
        try:
            return self._work_off(issue, copies)
        finally:
            self.holds = []

    def _work_off(self, issue: Issue, copies: list[Copy]) -> bool:
        """Hand them over one by one. What is not begun goes back; if the database is gone, by the end of its lease."""
        press, last = self._press(issue), None
        for copy in copies:
            if self.stop.is_set() or time.monotonic() < self._rests_until:
                break
            try:
                state = ledger.turn(issue, last=last, following=copy)
            except Exception:
                # Both may have been committed, or neither: written again, each counts once.
                self._unwritten += [(issue, last)] if last else []
                self._unwritten.append((issue, _returned(copy, "")))
                raise
            last = None
            if state is None:
                break
            if state == Delivery.State.HANDING:
                last = self._hand_over(issue, press, copy)
        if last:
            self._unwritten.append((issue, last))
            self._write_what_is_known()
        ledger.release(copies)
        return True

    def _hand_over(self, issue: Issue, press: Press, copy: Copy) -> Outcome | None:
        self.handing_since = time.monotonic()
        try:
            message = press.copy(delivery=copy.id, address=copy.address, token=copy.token)
            sender = return_path(copy.id, otherwise=press.sender)
            answer = self.transport.hand_over(sender, press.recipient(copy.address), message)
        except ValueError as refusal:
            answer = Answer(Fate.REFUSED, str(refusal))
        except Unreachable as reason:
            self._rest(reason)
            return _returned(copy, str(reason))
        except Exception as error:
            # No fault of ours may stop the letter for everybody else; where it struck is unknown.
            logger.exception("Handing over a copy of “%s” failed.", issue)
            answer = Answer(Fate.UNCERTAIN, f"{type(error).__name__} in the sender")
        finally:
            self.handing_since = None
        self._failures = 0
        return self._judged(issue, copy, answer)

    def _judged(self, issue: Issue, copy: Copy, answer: Answer) -> Outcome | None:
        """What is to be written with the next turn; None where more hangs on it, and it is written now."""
        state, delay = verdict(copy, answer)
        outcome = Outcome(copy, state, answer.text, delay)
        if answer.fate not in {Fate.UNKNOWN_ADDRESS, Fate.HALTED}:
            return outcome
        self._unwritten.append((issue, outcome))
        self._write_what_is_known()
        if answer.fate is Fate.UNKNOWN_ADDRESS:
            Suppression.objects.bar(copy.address, Suppression.Reason.BOUNCED, note=answer.text)
        elif state is Delivery.State.QUEUED:
            self._pause(issue, answer.text)
        return None

    def _pause(self, issue: Issue, because: str) -> None:
        try:
            issue.pause(by=None, because=because)
        except ValidationError:
            return  # somebody, or another sender, was first
        logger.warning("“%s” is paused, as the mail server says: %s", issue, because)

    def _may_send_from_here(self) -> bool:
        """A restored or cloned database sends nothing until somebody confirms it."""
        if Installation.objects.is_confirmed():
            return True
        if time.monotonic() - self._refused_at > REFUSAL_EVERY:
            self._refused_at = time.monotonic()
            logger.warning("Nothing is sent: %s", unconfirmed())
        return False

    # What it keeps in mind

    def _press(self, issue: Issue) -> Press:
        if issue.pk not in self._presses:
            if len(self._presses) == PRESSES_KEPT:
                self._presses.clear()
            self._presses[issue.pk] = Press(issue)
        return self._presses[issue.pk]

    def _balances(self, issue: Issue) -> bool:
        now = time.monotonic()
        if now - self._balanced_at.get(issue.pk, 0.0) < BALANCE_EVERY:
            return True
        self._balanced_at[issue.pk] = now
        return issue.balance()

    def _write_what_is_known(self) -> None:
        while self._unwritten:
            ledger.settle(*self._unwritten[0])
            self._unwritten.pop(0)

    def _rest(self, reason: Unreachable) -> None:
        self._failures += 1
        pause = _rest(self._failures, most=LONGEST_REST)
        self._rests_until = time.monotonic() + pause
        logger.warning("%s Nothing is lost; the next try is in %.0f s.", reason, pause)


class Heartbeat:
    """Beside the sender, on a connection of its own: its leases live as long as it does, and what hangs is cut."""

    def __init__(self, sender: Sender) -> None:
        self.sender = sender

    def run(self) -> None:
        renewed_at = time.monotonic()
        while not self.sender.stop.wait(LOOK_EVERY) or self.sender.holds:
            self._cut_what_hangs()
            if time.monotonic() - renewed_at < RENEW_EVERY:
                continue
            renewed_at = time.monotonic()
            try:
                ledger.renew(self.sender.holds)
            except Exception:
                logger.exception("Leases could not be renewed.")
                connection.close()
        connection.close()

    def _cut_what_hangs(self) -> None:
        since = self.sender.handing_since
        if since is not None and time.monotonic() - since > LONGEST_HAND_OVER:
            self.sender.transport.cut()


def verdict(copy: Copy, answer: Answer) -> tuple[Delivery.State, timedelta | None]:
    """Where a copy goes that was just handed over for the `copy.attempt + 1`st time, and after which pause."""
    attempt = copy.attempt + 1
    match answer.fate:
        case Fate.ACCEPTED:
            return Delivery.State.ACCEPTED, None
        case Fate.LATER if attempt < MOST_ATTEMPTS:
            return Delivery.State.QUEUED, FIRST_DELAY * 2 ** (attempt - 1) * random.uniform(1.0, 1.25)  # noqa: S311
        # Refused for our sake once more, after somebody looked and resumed: then it is about this copy.
        case Fate.HALTED if not copy.answer.startswith("5"):
            return Delivery.State.QUEUED, None
        case Fate.UNCERTAIN:
            return Delivery.State.UNCERTAIN, None if copy.was_repeated else ledger.REPEAT_AFTER
    return Delivery.State.FAILED, None


def _returned(copy: Copy, because: str) -> Outcome:
    """As if it had never been tried: not a byte of it left."""
    return Outcome(copy, Delivery.State.QUEUED, because or copy.answer, counts=False)


def _rest(failures: int, *, most: float) -> float:
    return min(most, 2.0 ** min(failures - 1, 10)) * random.uniform(0.8, 1.2)  # noqa: S311
