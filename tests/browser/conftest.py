"""The real demo, on a port and in folders of its own, played by Chromium."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from django.conf import settings

CHROMIUM = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    found = next((path for path in CHROMIUM if Path(path).exists()), None)
    if found is None:
        pytest.fail("The browser tests need Chromium: apt-get install chromium (or run .ci/run, which does).")
    return browser_type_launch_args | {"executable_path": found, "args": FLAGS}


@pytest.fixture(scope="session")
def house(scratch_folder):
    """The demo, started as a newcomer starts it. Yields its folder; `base_url` is where it is."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = settings.VAR_ROOT / "browser"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    log = (folder / "log").open("w")
    demo = subprocess.Popen(
        [sys.executable, "manage.py", "demo"],
        cwd=settings.BASE_DIR,
        env=environment(folder, port),
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        await_answer(f"http://127.0.0.1:{port}/", demo, folder / "log")
        yield House(folder, f"http://127.0.0.1:{port}")
    finally:
        demo.terminate()
        demo.wait(timeout=30)


def environment(folder: Path, port: int | str) -> dict[str, str]:
    """A newcomer's: nothing of this test run, and nothing of the person's own settings."""
    ours = {"DJANGO_SETTINGS_MODULE", "DEBUG", "DATABASE_URL", "SITE_URL", "EMAIL_URL", "MEDIA_ROOT", "PRIVATE_ROOT"}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return kept | {"DEMO": "on", "PORT": str(port), "VAR_ROOT": str(folder)}


class House:
    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url

    def letters_to(self, address: str, *, at_least: int = 1, seconds: float = 15) -> list[Path]:
        """The mails to this address, oldest first, once there are that many."""
        end = time.monotonic() + seconds
        while True:
            found = [path for path in sorted(self.folder.glob("mail/*.eml")) if f"To: {address}" in path.read_text()]
            if len(found) >= at_least:
                return found
            assert time.monotonic() < end, f"{len(found)} of {at_least} letters to {address} after {seconds} s"
            time.sleep(0.1)

    def manage(self, *arguments: str) -> str:
        port = self.url.rpartition(":")[2]
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=settings.BASE_DIR,
            env=environment(self.folder, port),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def await_answer(url: str, demo: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + 90
    while time.monotonic() < end:
        if demo.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"The demo did not start:\n{log.read_text()}")


@pytest.fixture(scope="session")
def base_url(house):
    return house.url


@pytest.fixture(autouse=True)
def nothing_complains(page):
    """No error in the console, no blocked script or style, on any page that a test visits."""
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield complaints
    assert not complaints
