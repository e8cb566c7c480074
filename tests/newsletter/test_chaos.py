"""Promises 1, 5, 6, 7: small here, whole in `make bench`."""

import re
import signal
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from newsletter.models import Issue, Suppression
from newsletter.models.suppression import key_hash
from newsletter.sending.verdicts import MOST_ATTEMPTS
from newsroom.embedded_postgres import Cluster
from tests.newsletter.chaos import ChaosTestCase, Ledger
from tests.newsletter.chaos_sink import Mischief
from tests.newsletter.letters import frozen, make_issue, send_through, smtp, time_passes


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

    def test_twenty_kills_and_ten_polite_ends_by_the_first_seed(self):
        self.run_with(1)

    def test_by_the_second(self):
        self.run_with(2)

    def test_by_the_third(self):
        self.run_with(3)

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


MISCHIEF = {"later": 0.1, "unknown": 0.02, "refused": 0.01, "cut": 0.01, "lost": 0.01}


class HostileTests(ChaosTestCase):
    readers = 300

    def test_whatever_a_server_does_each_reader_is_mailed_or_known_to_be_refused(self):
        for seed in (1, 2, 3):
            with self.subTest(seed=seed), self.another_issue():
                self.serve(seed=seed, **MISCHIEF)
                for _round in range(12):
                    send_through(smtp(self.port))
                    if self.is_sent():
                        break
                    time_passes(self.issue)
                self.assert_handled(Mischief(seed=seed, **MISCHIEF))

    @contextmanager
    def another_issue(self):
        """With a ledger and readers of its own: nobody is struck off by the issue before."""
        Suppression.objects.all().delete()
        self.issue = frozen(make_issue(self.weekly, slug=f"issue{Issue.objects.count()}"))
        self.ledger = Ledger(self.folder / f"ledger{self.issue.pk}")
        self.ledger.path.touch()
        yield

    def assert_handled(self, mischief: Mischief) -> None:
        unknown = {a for a in self.addresses if mischief.lot("unknown", a) < mischief.unknown}
        refused = {a for a in self.addresses if mischief.lot("refused", a) < mischief.refused} - unknown
        lost = {a for a in self.addresses if mischief.lot("lost", a) < mischief.lost}
        self.assert_nobody_missed(extras=len(lost), without=unknown | refused)
        self.assertFalse(set(self.ledger.letters) & (unknown | refused))
        deliveries = Issue.objects.get(pk=self.issue.pk).deliveries
        failed = deliveries.filter(state="failed")
        self.assertEqual(set(failed.values_list("address", flat=True)), unknown | refused)
        self.assertLessEqual(max(deliveries.values_list("attempt", flat=True)), MOST_ATTEMPTS)
        struck_off = set(Suppression.objects.values_list("key_hash", flat=True))
        self.assertEqual(struck_off, {key_hash(address) for address in unknown})


@pytest.mark.bench
class HostileAtSizeTests(HostileTests):
    readers = 10_000
    connections = 4

    def test_whatever_a_server_does_each_reader_is_mailed_or_known_to_be_refused(self):
        self.run_with(1)

    def test_by_the_second_seed(self):
        self.run_with(2)

    def test_by_the_third_seed(self):
        self.run_with(3)

    def run_with(self, seed: int) -> None:
        hostile = MISCHIEF | {"hang": 0.01, "seed": seed}
        with self.another_issue():
            self.serve(**hostile)
            began = time.monotonic()
            self.start()
            self.wait_until(self.is_sent, seconds=1500)
            self.ledger.look()
            print(
                f"\n{self.readers} readers, {hostile}: {self.books()}, {self.ledger.extras} extra copies, "
                f"{time.monotonic() - began:.0f} s"
            )
            self.assert_handled(Mischief(**hostile))


@pytest.mark.bench
class FallenDatabaseTests(ChaosTestCase):
    readers = 20_000

    def test_a_database_that_is_stopped_ten_times_in_mid_send(self):
        cluster = Cluster(settings.VAR_ROOT / "postgres")
        self.serve(delay=0.001)
        self.issue.send(by=None, now=True)
        self.start()
        resumed = []
        for point, _how in self.points(kills=10, terms=0, seed=1):
            self.wait_until(lambda wanted=point: self.ledger.look() >= wanted, seconds=120)
            connection.close()
            cluster.run(
                "pg_ctl", "restart", "-w", "-s", "-m", "immediate", "-D", str(cluster.data), "-l", str(cluster.log)
            )
            before, back = self.ledger.look(), time.monotonic()
            self.wait_until(lambda wanted=before: self.ledger.look() > wanted, seconds=20)
            resumed.append(time.monotonic() - back)
        self.wait_until(self.is_sent, seconds=200)
        self.assertTrue(all(worker.poll() is None for worker in self.group))
        self.ledger.look()
        print(f"\n10 immediate stops: {self.ledger.extras} extra copies, resumed after {max(resumed):.1f} s at most")
        self.assert_nobody_missed(extras=10 * self.workers * self.connections)
        self.assertLess(max(resumed), 10)


@pytest.mark.bench
class TwoWorkersTests(ChaosTestCase):
    readers = 3000

    def test_two_send_nearly_twice_as_fast_as_one_where_the_server_takes_its_time(self):
        rates = {}
        for workers in (1, 2):
            self.workers = workers
            self.ledger = Ledger(self.folder / f"ledger{workers}")
            self.ledger.path.touch()
            self.serve(delay=0.02)
            self.issue = frozen(make_issue(self.weekly, slug=f"two{workers}"))
            self.start()
            self.wait_until(lambda: self.ledger.look() >= 200, seconds=30)
            began, before = time.monotonic(), self.ledger.look()
            self.wait_until(lambda: self.ledger.look() >= self.readers - 200, seconds=200)
            rates[workers] = (self.ledger.look() - before) / (time.monotonic() - began)
            memory = max(most_memory(worker.pid) for worker in self.group)
            self.kill()
        print(f"\n{rates} a second, {rates[2] / rates[1]:.2f} times; {memory:.0f} MB a worker")
        self.assertGreater(rates[2], 1.8 * rates[1])
        self.assertLess(memory, 150)


def most_memory(pid: int) -> float:
    """In megabytes, as Linux counted it."""
    [peak] = re.findall(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(peak) / 1000
