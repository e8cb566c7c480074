"""The real demo, on a port and in folders of its own, started as a newcomer starts it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from newsroom.settings import BASE_DIR

CHROMIUM = next(
    (
        path
        for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
        if Path(path).exists()
    ),
    None,
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# What belongs to this test run, or to the person's own settings, and not to a newcomer.
OURS = {"DJANGO_SETTINGS_MODULE", "DEBUG", "DATABASE_URL", "SITE_URL", "EMAIL_URL", "MEDIA_ROOT", "PRIVATE_ROOT"}


class House:
    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.demo: subprocess.Popen | None = None

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in OURS}
        return kept | {"DEMO": "on", "PORT": str(self.port), "VAR_ROOT": str(self.folder)}

    def start(self, *options: str) -> None:
        command = [sys.executable, "manage.py", "demo", *options]
        with (self.folder / "log").open("a") as log:
            self.demo = subprocess.Popen(
                command, cwd=BASE_DIR, env=self.environment, stdout=log, stderr=subprocess.STDOUT
            )
        await_answer(self, self.demo)

    def stop(self) -> None:
        if self.demo and self.demo.poll() is None:
            self.demo.terminate()
            self.demo.wait(timeout=30)

    def kill_the_web_server(self) -> None:
        """As the kernel does it when memory ends: gunicorn and its workers, with what they had in hand."""
        (web,) = (pid for pid in children_of(self.demo.pid) if b"gunicorn" in command_of(pid))
        for pid in (web, *children_of(web)):
            os.kill(pid, signal.SIGKILL)

    def letters_to(self, address: str, *, at_least: int = 1, seconds: float = 60) -> list[Path]:
        """The mails to this address, oldest first, once there are that many."""
        end = time.monotonic() + seconds
        while True:
            found = [path for path in sorted(self.folder.glob("mail/*.eml")) if f"To: {address}" in path.read_text()]
            if len(found) >= at_least:
                return found
            assert time.monotonic() < end, f"{len(found)} of {at_least} letters to {address} after {seconds} s"
            time.sleep(0.1)

    def manage(self, *arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=BASE_DIR, env=self.environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def await_pictures(self, seconds: float = 240) -> None:
        """Until the worker has made every rendition."""
        end = time.monotonic() + seconds
        waiting = "from articles.models import Photo; print(Photo.objects.awaiting_renditions().count())"
        while self.manage("shell", "--no-imports", "-v", "0", "-c", waiting).strip() != "0":
            assert time.monotonic() < end, "the worker does not make the renditions"
            time.sleep(1)


@contextmanager
def open_house(name: str, *options: str) -> Iterator[House]:
    folder = BASE_DIR / "var" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    house = House(folder, free_port())
    try:
        house.start(*options)
        yield house
    finally:
        house.stop()


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def command_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def await_answer(house: House, demo: subprocess.Popen) -> None:
    end = time.monotonic() + 300
    while time.monotonic() < end and demo.poll() is None:
        try:
            with urllib.request.urlopen(house.url, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    demo.terminate()
    raise AssertionError(f"The demo did not start:\n{(house.folder / 'log').read_text()}")
