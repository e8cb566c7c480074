"""Promises 1, 5, 6, 7: small here, whole in `make bench`."""

import signal
import time

import pytest

from tests.newsletter.chaos import ChaosTestCase
from tests.newsletter.letters import time_passes


class KilledTests(ChaosTestCase):
    def test_a_group_that_is_killed_and_asked_to_end_at_random_misses_nobody(self):
        self.serve(delay=0.002)
        self.issue.send(by=None, now=True)
        self.issue.freeze()
        kills = 0
        for point, how in self.points(kills=1, terms=1, seed=1):
            self.start()
            self.wait_until(lambda wanted=point: self.ledger.look() >= wanted, seconds=20)
            self.kill(how)
            kills += how == signal.SIGKILL
            time_passes(self.issue)  # the leases of the dead end
        self.start()
        self.wait_until(lambda: self.books()["open"] == 0, seconds=20)
        time_passes(self.issue)  # what nobody knows of is repeated
        self.wait_until(self.is_sent, seconds=20)
        self.assert_nobody_missed(extras=kills * self.workers * self.connections)


@pytest.mark.bench
class KilledAtSizeTests(ChaosTestCase):
    readers = 100_000

    def test_twenty_kills_and_ten_polite_ends(self):
        for seed in (1,):
            self.run_with(seed)

    def run_with(self, seed: int) -> None:
        self.serve(seed=seed)
        self.issue.send(by=None, now=True)
        began = time.monotonic()
        for point, how in self.points(kills=20, terms=10, seed=seed):
            self.start()
            self.wait_until(lambda wanted=point: self.ledger.look() >= wanted, seconds=300)
            self.kill(how)
        before, last = self.ledger.look(), time.monotonic()
        self.start()
        self.wait_until(lambda: self.ledger.look() > before, seconds=60)
        resumed = time.monotonic() - last
        self.wait_until(self.is_sent, seconds=600)
        print(
            f"\nseed {seed}: {self.readers} readers, 20 kill -9 and 10 SIGTERM of {self.workers} workers: "
            f"{self.ledger.extras} extra copies, resumed after {resumed:.1f} s, {time.monotonic() - began:.0f} s in all"
        )
        self.assert_nobody_missed(extras=20 * self.workers * self.connections)
