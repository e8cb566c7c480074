"""One sender's share of what all senders together may hand over: places in a row, a few at a time."""

import threading
import time

from newsletter.models import Pace

# A new pace bites at once, and a sender that is slow keeps no places from the others.
AHEAD = 0.05
# A place that was missed is lost: used later, it would crowd those of other senders.
LATEST = 0.05
LOOK_EVERY = 0.5


class Places:
    def __init__(self, stop: threading.Event) -> None:
        self.stop = stop
        self._pace = Pace(pk=1)
        self._looked_at = float("-inf")
        self._mine: list[float] = []
        self._none_until = 0.0

    def are_there(self) -> bool:
        """False while the limit is used up."""
        self._look()
        return time.monotonic() >= self._none_until

    def wait(self) -> bool:
        """Until this sender may hand over one copy; False if that is not soon. Costs nothing without a limit."""
        while not self.stop.is_set():
            self._look()
            if not self._pace.is_limited:
                return True
            if not self._mine and not self._reserve():
                return False
            early = self._mine[0] - time.monotonic()
            if early <= 0:
                self._mine.pop(0)
                if early > -LATEST or not self._pace.per_second:
                    return True
            else:
                self.stop.wait(min(early, LOOK_EVERY))
        return False

    def _reserve(self) -> bool:
        per_second = self._pace.per_second or self._pace.per_hour / 3600  # type: ignore[operator]  # one of the two is set here
        grant = Pace.objects.reserve(max(1, int(per_second * AHEAD)))
        now = time.monotonic()
        if grant is None or not grant.copies:
            self._none_until = now + min(LOOK_EVERY, grant.room_in or LOOK_EVERY if grant else LOOK_EVERY)
            return False
        gap = 1 / grant.per_second if grant.per_second else 0.0
        self._mine = [now + grant.begins_in + number * gap for number in range(grant.copies)]
        return True

    def _look(self) -> None:
        if time.monotonic() - self._looked_at < LOOK_EVERY:
            return
        before = (self._pace.per_second, self._pace.per_hour)
        self._pace = Pace.objects.current()
        self._looked_at = time.monotonic()
        if before != (self._pace.per_second, self._pace.per_hour):
            self._mine, self._none_until = [], 0.0
