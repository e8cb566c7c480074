"""PostgreSQL without a server: one cluster, however many processes, gone with the last of them."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from django.conf import settings

from newsroom.embedded_postgres import Cluster, socket_folder

# Joins the cluster, says so, and stays until its input ends.
USER = """
import sys
from pathlib import Path
from django.core.exceptions import ImproperlyConfigured
import psycopg
from newsroom.embedded_postgres import DATABASE, ROLE, ensure_running, socket_folder
folder = Path(sys.argv[1])
try:
    ensure_running(folder)
except ImproperlyConfigured as refusal:
    sys.exit(str(refusal))
with psycopg.connect(host=str(socket_folder(folder)), user=ROLE, dbname=DATABASE) as connection:
    answer = connection.execute("select 6 * 7").fetchone()[0]
print(answer, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder():
    parent = Path(tempfile.mkdtemp(dir=settings.VAR_ROOT / "test"))
    parent.chmod(0o755)
    yield parent / "postgres"
    shutil.rmtree(parent)


def join(folder: Path) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", USER, str(folder)],
        cwd=settings.BASE_DIR,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def leave(user: subprocess.Popen) -> str:
    return user.communicate(timeout=20)[1]


def is_up(folder: Path) -> bool:
    return Cluster(folder).answers()


def until(condition, seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_two_that_start_at_once_share_one_cluster_which_ends_with_the_last(folder):
    first, second = join(folder), join(folder)
    assert [first.stdout.readline(), second.stdout.readline()] == ["42\n", "42\n"]
    leave(first)
    time.sleep(0.3)
    assert is_up(folder)
    leave(second)
    assert until(lambda: not is_up(folder))


def test_it_ends_after_kill_9_too_and_starts_again(folder):
    user = join(folder)
    assert user.stdout.readline() == "42\n"
    user.send_signal(signal.SIGKILL)
    user.wait()
    assert until(lambda: not is_up(folder))
    again = join(folder)
    assert again.stdout.readline() == "42\n"
    leave(again)
    assert until(lambda: not is_up(folder))


def test_a_server_that_died_under_somebody_is_not_started_again(folder):
    user = join(folder)
    assert user.stdout.readline() == "42\n"
    postmaster = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGINT)
    assert until(lambda: not is_up(folder))
    late = join(folder)
    assert "has stopped while other processes are using it" in leave(late)
    assert late.returncode == 1
    leave(user)


def test_the_socket_is_in_a_folder_that_nobody_else_may_enter(folder):
    user = join(folder)
    assert user.stdout.readline() == "42\n"
    assert socket_folder(folder).stat().st_mode & 0o777 == 0o700
    leave(user)
    assert until(lambda: not is_up(folder))


def test_a_path_too_long_for_a_socket_gets_a_short_one():
    deep = Path("/srv") / ("magazine-" * 20) / "var" / "postgres"
    assert len(str(socket_folder(deep))) < 100
    assert socket_folder(deep) == socket_folder(deep)
    assert socket_folder(deep) != socket_folder(deep / "other")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can hide a folder from the database's user")
def test_root_in_a_closed_folder_gets_one_sentence(folder):
    folder.parent.chmod(0o700)
    user = join(folder)
    said = leave(user)
    assert "PostgreSQL never runs as root" in said
    assert said.count("\n") == 1
    assert folder.parent.stat().st_mode & 0o777 == 0o700
