"""The demo is the real thing: production settings, gunicorn, a worker; plus a magazine that is made on the spot."""

import contextlib
import ctypes
import errno
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from rich.progress import Progress

from newsletter.models import Installation
from newsroom.demo import load
from newsroom.environment import is_loopback

LEAST_FREE_BYTES = 300_000_000
# SIGHUP: the terminal was closed. SIGINT by name: a shell starts what runs in its background deaf to it.
POLITE = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
PR_SET_PDEATHSIG = 1  # prctl(2)


class Command(BaseCommand):
    help = "Load a demo magazine and serve it with a worker, on this machine only."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--fresh", action="store_true", help="Throw away what is there, and begin anew.")
        parser.add_argument(
            "--small", action="store_true", help="Draw small pictures: for slow machines and for tests."
        )
        parser.add_argument("--load-only", action="store_true", help="Load and end, without serving.")

    def handle(self, *, fresh: bool, small: bool, load_only: bool, **options: Any) -> str | None:
        refuse_what_is_not_a_demo()
        if not load_only or fresh:
            refuse_busy_port()
        refuse_full_disk()
        if fresh:
            throw_away()
        call_command("migrate", verbosity=0)
        if not Installation.objects.is_confirmed():
            Installation.objects.confirm(by=None)
        self.collect_static()
        self.load(load.SMALL_SIZE if small else load.ORIGINAL_SIZE)
        connection.close()
        if load_only:
            return f"The demo is loaded: `make demo` serves it at {settings.SITE_URL}/."
        return self.serve()

    def collect_static(self) -> None:
        """Hashed and compressed once for each state of the files; a second start has nothing to do."""
        stamp = settings.STATIC_ROOT / ".collected"
        state = static_state()
        if not stamp.exists() or stamp.read_text() != state:
            self.stderr.write("Collecting static files …")
            call_command("collectstatic", interactive=False, clear=True, verbosity=0)
            stamp.write_text(state)

    def load(self, size: tuple[int, int]) -> None:
        for folder in (settings.MEDIA_ROOT, settings.PRIVATE_ROOT, settings.MAILBOX):
            Path(folder).mkdir(parents=True, exist_ok=True)
        if load.is_loaded():
            return
        with Progress(disable=not sys.stderr.isatty()) as progress:
            task = progress.add_task("Making the magazine", total=1.0)
            for what, share in load.load(size):
                progress.update(task, completed=share, description=f"Making {what}")
            progress.update(task, completed=1.0)

    def where_mail_goes(self) -> str:
        if f"file://{settings.MAILBOX}" == settings.EMAIL_URL:
            return f"Its mail lands at {settings.SITE_URL}/mail/."
        return "Careful: EMAIL_URL is set, so its mail leaves this machine or goes where that says."

    def serve(self) -> str:
        python, port = sys.executable, settings.PORT
        environment = os.environ | {"DEMO": "on", "PORT": str(port)}
        web = [python, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "newsroom.wsgi"]
        # Pictures take their time; pages must not wait for them.
        worker = ["nice", "-n", "10", python, "manage.py", "worker"]
        children = [
            subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, preexec_fn=end_with_parent)
            for command in (web, worker)
        ]
        with stopping(children):
            await_page(children[0], port)
            self.stdout.write(
                f"Longshore is at {settings.SITE_URL}/ and its desk at {settings.SITE_URL}/admin/ "
                "(admin, editor, writer, contributor; password: newsroom).\n"
                f"{self.where_mail_goes()} Ctrl-C ends it."
            )
            self.stdout.flush()
            while all(child.poll() is None for child in children):
                time.sleep(0.2)
        failed = [child for child in children if child.returncode not in (0, -signal.SIGTERM, -signal.SIGINT)]
        if failed:
            what = "the web server" if failed[0] is children[0] else "the worker"
            code = failed[0].returncode
            why = f"was killed (signal {-code})" if code < 0 else f"failed (exit {code}); its reason stands above"
            raise CommandError(f"The demo ended because {what} {why}. What you changed is kept: start it again.")
        return "The demo has ended; what you changed is kept."


def end_with_parent() -> None:
    """Even after `kill -9` of the demo, nothing of it goes on and holds the port. Linux only; elsewhere, no harm."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def throw_away() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    for folder in (settings.MEDIA_ROOT, settings.PRIVATE_ROOT, settings.MAILBOX):
        shutil.rmtree(folder, ignore_errors=True)


def refuse_what_is_not_a_demo() -> None:
    if not settings.DEMO:
        raise CommandError(
            "This loads a demo and serves it with known passwords: set DEMO=on if that is what you want."
        )
    if not is_loopback(settings.SITE.hostname or ""):
        raise CommandError(f"The demo listens on this machine only: unset SITE_URL ({settings.SITE_URL}).")


def refuse_busy_port() -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", settings.PORT))
        except OSError as error:
            reason = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
            raise CommandError(
                f"Port {settings.PORT} {reason}: end what listens there, or choose another one: "
                f"make demo PORT={settings.PORT + 1 if settings.PORT < 65535 else 8001}"
            ) from error


def refuse_full_disk() -> None:
    free = shutil.disk_usage(settings.BASE_DIR).free
    if free < LEAST_FREE_BYTES:
        raise CommandError(f"The disk has only {free // 1_000_000} MB left: free at least 300 MB, then run it again.")


def static_state() -> str:
    """Changes when any static file does: newest moment, number and size of them all."""
    files = [storage.path(name) for finder in finders.get_finders() for name, storage in finder.list([])]
    stats = [Path(path).stat() for path in files]
    return f"{len(stats)} {sum(s.st_size for s in stats)} {max(s.st_mtime_ns for s in stats)}"


def await_page(web: subprocess.Popen[bytes], port: int) -> None:
    for _try in range(300):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        if web.poll() is not None:
            return
        time.sleep(0.1)


@contextlib.contextmanager
def stopping(children: list[subprocess.Popen[bytes]]) -> Any:
    """Whatever ends this process ends the others: politely first, and within fifteen seconds."""

    def interrupt(*_arguments: Any) -> None:
        raise KeyboardInterrupt

    for polite in POLITE:
        signal.signal(polite, interrupt)
    try:
        with contextlib.suppress(KeyboardInterrupt):
            yield
    finally:
        for polite in POLITE:
            signal.signal(polite, signal.SIG_IGN)
        for child in children:
            if child.poll() is None:
                child.terminate()
        for child in children:
            try:
                child.wait(timeout=15)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
