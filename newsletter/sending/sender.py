"""One sender: freezes what is due, claims copies, hands them over. Any number may run, on any machine."""

import contextlib
import logging
import random
import threading
import time
from collections import deque

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import gettext as _

from newsletter.letters import preflight
from newsletter.letters.press import Press
from newsletter.models import Delivery, Installation, Issue, Service, Suppression
from newsletter.models.installation import unconfirmed
from newsletter.returns.paths import return_path
from newsletter.sending import ledger
from newsletter.sending.answers import Answer, Fate, Parcel, Unreachable
from newsletter.sending.bell import Bell
from newsletter.sending.flood import Fates, dam
from newsletter.sending.lanes import Lanes
from newsletter.sending.ledger import Copy, Outcome
from newsletter.sending.pace import Places
from newsletter.sending.transports import Transport
from newsletter.sending.verdicts import verdict, was_refused

logger = logging.getLogger(__name__)

BATCH = 100
LOOK_EVERY = 1.0
RENEW_EVERY = 10.0
# Each single wait for the server has its own, shorter limit; a server that drips one byte at a time meets this one.
LONGEST_HAND_OVER = 60.0
LONGEST_REST = 60.0
LONGEST_REST_OF_THE_DATABASE = 5.0
BALANCE_EVERY = 10.0
REFUSAL_EVERY = 60.0
HEARD_EVERY = 60.0
PRESSES_KEPT = 8
# How far a sender goes through an issue before it looks again at what it passed over: that waits, or its lane rests.
LONGEST_PASS = 10.0
# A fallen database may have forgotten its last moments, which nobody waited for it to write to disk.
REMEMBERED = 3.0


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
        self._to_release: list[Copy] = []
        self._written: deque[tuple[float, Issue, Outcome]] = deque()
        self._failures = 0
        self._rests_until = 0.0
        self._refused_at = -REFUSAL_EVERY
        self._balanced_at: dict[int, float] = {}
        self._passed: dict[int, tuple[int, float]] = {}
        self._lanes = Lanes()
        self._places = Places(stop)
        self._fates = Fates()
        self._heard: tuple[bool, float] | None = None

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
                    self._remember()
                    self.stop.wait(_rest(database_failures, most=LONGEST_REST_OF_THE_DATABASE))
            self._say_what_is_known()
        heart.join(timeout=2)
        connection.close()

    def round(self) -> bool:
        """One look at everything there is to do. Says whether there may be more of it at once."""
        self._write_what_is_known()
        if not self._may_send_from_here():
            return False
        self._release()
        ledger.sweep(repeats_for=self.transport.repeats_for)
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
        if self.stop.is_set() or not self._may_go_on(issue) or not self._places.are_there():
            return False
        copies, skipped = self._claim(issue)
        self._to_release += copies
        if not copies:
            if not skipped and issue.finish():
                logger.info("“%s” has gone out: %s.", issue, issue.books())
            return bool(skipped)
        self.holds = copies
        try:
            work_off = self._work_off_together if self.transport.together else self._work_off
            is_all = work_off(issue, copies)
            self._release()
        finally:
            self.holds = []
        return is_all

    def _claim(self, issue: Issue) -> tuple[list[Copy], int]:
        """The next ones after those of the last claim, or all over again from the first."""
        leaving_calls = bool(self.transport.repeats_for)
        if leaving_calls:
            copies, skipped = ledger.claim_call(issue)
            if copies or skipped:
                return copies, skipped
        after, until = self._passed.get(issue.pk, (0, 0.0))
        if time.monotonic() > until:
            after, until = 0, time.monotonic() + LONGEST_PASS
        copies, skipped = ledger.claim(issue, size=BATCH, after=after, leaving_calls=leaving_calls)
        if after and len(copies) + skipped < BATCH:
            after, until = 0, 0.0
            if not copies:
                copies, skipped = ledger.claim(issue, size=BATCH, leaving_calls=leaving_calls)
        self._passed[issue.pk] = (copies[-1].id if copies else after, until)
        return copies, skipped

    def _work_off(self, issue: Issue, copies: list[Copy]) -> bool:
        """Hand them over one by one. Says whether it may go on so."""
        press, last, is_all = self._press(issue), None, True
        for copy in copies:
            if self.stop.is_set() or time.monotonic() < self._rests_until:
                break
            if not self._lanes.lets_through(copy.domain):
                continue
            if not self._places.wait():
                is_all = False
                break
            try:
                state = ledger.turn(issue, last=last, following=copy)
            except Exception:
                # Both may have been committed, or neither: written again, each counts once.
                self._unwritten += [(issue, last)] if last else []
                self._unwritten.append((issue, _returned(copy, "")))
                raise
            if last:
                self._keep_in_mind(issue, last)
            last = None
            if state is None:
                break
            if state == Delivery.State.HANDING:
                last = self._hand_over(issue, press, copy)
        if last:
            self._unwritten.append((issue, last))
            self._write_what_is_known()
        return is_all

    def _work_off_together(self, issue: Issue, copies: list[Copy]) -> bool:
        """Hand them over in calls of many. Says whether it may go on so."""
        if copies[0].call:
            self._repeat_call(issue, copies)
            return True
        chosen: list[Copy] = []
        for copy in copies:
            if self.stop.is_set() or time.monotonic() < self._rests_until:
                return True
            if not self._lanes.lets_through(copy.domain):
                continue
            if not self._places.wait():
                self._call(issue, chosen)
                return False
            chosen.append(copy)
            if len(chosen) == self.transport.together:
                self._call(issue, chosen)
                chosen = []
        self._call(issue, chosen)
        return True

    def _repeat_call(self, issue: Issue, copies: list[Copy]) -> None:
        """The very same letters once more, or none: another call would be taken for another letter."""
        if ledger.call_of(copies) != copies[0].call:
            self._leave_in_doubt(issue, copies)
        elif all(self._places.wait() for _copy in copies):
            self._call(issue, copies)

    def _leave_in_doubt(self, issue: Issue, copies: list[Copy]) -> None:
        because = _("It went out with others in one call, one of whom has left since: it cannot be repeated safely.")
        for copy in copies:
            self._unwritten.append((issue, Outcome(copy, Delivery.State.UNCERTAIN, because, counts=False)))
        self._write_what_is_known()

    def _call(self, issue: Issue, copies: list[Copy]) -> None:
        if not copies:
            return
        press, keeps_call, repeated = self._press(issue), bool(self.transport.repeats_for), copies[0].call
        try:
            copies, call = ledger.begin(issue, copies, keeps_call=keeps_call)
        except Exception:
            self._unwritten += [(issue, _returned(copy, "")) for copy in copies]  # as with a turn
            raise
        if repeated and call != repeated:
            self._leave_in_doubt(issue, copies)
            return
        call = call if keeps_call else ""
        packed = [(copy, parcel) for copy in copies if (parcel := self._packed(issue, press, copy, call))]
        rest = [packed] if packed else []
        while rest:
            together = rest.pop()
            try:
                answers = self._hand_over_together(issue, [parcel for _copy, parcel in together])
            except Unreachable as reason:
                self._rest(reason)
                given_back = [copy for copy, _parcel in sum(rest, together)]
                self._unwritten += [(issue, _returned(copy, str(reason))) for copy in given_back]
                break
            self._failures = 0
            if len(together) > 1 and all(answer.fate is Fate.REFUSED and answer.of_the_call for answer in answers):
                # One letter in it is at fault: halved, until it is found.
                middle = len(together) // 2
                rest += [together[middle:], together[:middle]]
                continue
            for (copy, _parcel), answer in zip(together, answers, strict=True):
                if outcome := self._judged(issue, copy, answer, call=call):
                    self._unwritten.append((issue, outcome))
        self._write_what_is_known()

    def _packed(self, issue: Issue, press: Press, copy: Copy, call: str) -> Parcel | None:
        try:
            return self._parcel(press, copy)
        except ValueError as refusal:
            outcome = self._judged(issue, copy, Answer(Fate.REFUSED, str(refusal)), call=call)
            self._unwritten += [(issue, outcome)] if outcome else []
            return None

    def _hand_over_together(self, issue: Issue, parcels: list[Parcel]) -> list[Answer]:
        self.handing_since = time.monotonic()
        try:
            return self.transport.hand_over_together(parcels)
        except Unreachable:
            raise
        except Exception as error:
            logger.exception("Handing over %s copies of “%s” failed.", len(parcels), issue)
            return [Answer(Fate.UNCERTAIN, f"{type(error).__name__} in the sender")] * len(parcels)
        finally:
            self.handing_since = None

    def _parcel(self, press: Press, copy: Copy) -> Parcel:
        """Raises ValueError for an address that no server could be given."""
        message = press.copy(
            delivery=copy.id, address=copy.address, token=copy.token, name=copy.name, edition=copy.edition
        )
        sender = return_path(copy.id, otherwise=press.sender)
        return Parcel(sender, press.recipient(copy.address), message, copy.id)

    def _hand_over(self, issue: Issue, press: Press, copy: Copy) -> Outcome | None:
        self.handing_since = time.monotonic()
        try:
            parcel = self._parcel(press, copy)
            answer = self.transport.hand_over(parcel.sender, parcel.recipient, parcel.message)
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

    def _judged(self, issue: Issue, copy: Copy, answer: Answer, *, call: str = "") -> Outcome | None:
        """What is to be written with the next turn; None where more hangs on it, and it is written now."""
        state, delay = verdict(copy, answer, issue.newsletter, repeats_for=self.transport.repeats_for)
        outcome = Outcome(copy, state, answer.text, delay, call=_kept(copy, state, call))
        self._remember_the_service(answer)
        is_unknown = answer.fate is Fate.UNKNOWN_ADDRESS
        self._fates.note(issue, is_unknown=is_unknown and not was_refused(copy))
        if not is_unknown and answer.fate is not Fate.HALTED:
            self._lanes.note(copy.domain, answer)
            return outcome
        self._unwritten.append((issue, outcome))
        self._write_what_is_known()
        if is_unknown:
            self._strike_off(issue, copy, answer)
        elif state is Delivery.State.QUEUED:
            self._heed_objection(issue, copy, answer)
        return None

    def _remember_the_service(self, answer: Answer) -> None:
        """For the next preflight, which can ask a service nothing."""
        took = answer.fate is Fate.ACCEPTED
        if not self.transport.together or not (took or answer.is_about_us):
            return
        if self._heard and self._heard[0] == took and time.monotonic() - self._heard[1] < HEARD_EVERY:
            return
        Service.objects.heard(took=took, said=answer.text)
        self._heard = took, time.monotonic()

    def _strike_off(self, issue: Issue, copy: Copy, answer: Answer) -> None:
        if self._fates.are_a_flood(issue):
            self._fates.forget(issue)
            dam(issue)
            logger.warning("“%s” is paused: %s", issue, issue.paused_because)
        else:
            Suppression.objects.bar(copy.address, Suppression.Reason.BOUNCED, note=answer.text)

    def _heed_objection(self, issue: Issue, copy: Copy, answer: Answer) -> None:
        """One domain's dislike is that domain's. Of the house's own server, or of many, it ends the sending."""
        if answer.is_about_us or not issue.deliveries.accepted().exists() or self._lanes.object_widely():
            self._lanes.forget_objections()
            self._pause(issue, answer.text)
        else:
            self._lanes.object(copy.domain, answer)

    def _pause(self, issue: Issue, because: str) -> None:
        with contextlib.suppress(ValidationError):  # somebody, or another sender, was first
            issue.pause(by=None, because=because)
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

    def _may_go_on(self, issue: Issue) -> bool:
        if issue.stop_if_late():
            return False
        now = time.monotonic()
        if now - self._balanced_at.get(issue.pk, 0.0) < BALANCE_EVERY:
            return True
        self._balanced_at[issue.pk] = now
        return issue.balance()

    def _write_what_is_known(self) -> None:
        while self._unwritten:
            ledger.settle(*self._unwritten[0])
            self._keep_in_mind(*self._unwritten.pop(0))

    def _release(self) -> None:
        """What was claimed and not begun goes back at once; if the database is gone, as soon as it is there."""
        if self._to_release:
            ledger.release(self._to_release)
            self._to_release.clear()

    def _keep_in_mind(self, issue: Issue, outcome: Outcome) -> None:
        now = time.monotonic()
        self._written.append((now, issue, outcome))
        while self._written[0][0] < now - REMEMBERED:
            self._written.popleft()

    def _remember(self) -> None:
        """What was written last is written again, before what is known since: each counts once."""
        self._unwritten[:0] = [(issue, outcome) for _when, issue, outcome in self._written]
        self._written.clear()

    def _say_what_is_known(self) -> None:
        with contextlib.suppress(Exception):  # the end of the lease says the rest
            self._write_what_is_known()
            self._release()

    def _rest(self, reason: Unreachable) -> None:
        self._failures += 1
        pause = max(_rest(self._failures, most=LONGEST_REST), reason.rest or 0.0)
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


def _returned(copy: Copy, because: str) -> Outcome:
    """As if it had never been tried: not a byte of it left."""
    return Outcome(copy, Delivery.State.QUEUED, because or copy.answer, counts=False, call=copy.call)


def _kept(copy: Copy, state: Delivery.State, call: str) -> str:
    """The call that may have to be repeated: this one, or the one before, of which this told us nothing."""
    return {Delivery.State.UNCERTAIN: call, Delivery.State.QUEUED: copy.call}.get(state, "")


def _rest(failures: int, *, most: float) -> float:
    return min(most, 2.0 ** min(failures - 1, 10)) * random.uniform(0.8, 1.2)  # noqa: S311
