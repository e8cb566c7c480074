"""Background work in one process: letters, jobs, and whatever a round looks for. Any number may run, on any machine."""

import asyncio
import contextlib
import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, ProgrammingError, connection
from procrastinate import App
from procrastinate.contrib.django import DjangoApp, app

from articles.tasks import carry_out_due
from newsletter.letters import dkim
from newsletter.models import Installation
from newsletter.sending import transports
from newsletter.sending.sender import Sender
from newsletter.tasks import make_letters

logger = logging.getLogger(__name__)

ROUND_EVERY = 1.0
LONGEST_PAUSE = 30.0
# How long a job, or a mail server with a letter in hand, is waited for when the end is asked for.
PATIENCE = 4.0
RESCUE_EVERY = 30.0
# One lane is kept for mails, which somebody waits for; a picture takes seconds.
LANES: tuple[dict[str, Any], ...] = ({"queues": ["mail"]}, {})

# What is looked for each second, in this order. Each finds what is due, and does no harm when others look, too.
ROUNDS: list[Callable[[], object]] = [carry_out_due, make_letters]


class Command(BaseCommand):
    help = "Do the background work: letters, scheduled changes, pictures. Ends politely on SIGTERM and Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--connections",
            type=int,
            choices=range(1, 51),
            metavar="N",
            default=2,
            help="How many letters it hands over at once, each on a connection of its own (1 to 50; default: 2).",
        )

    def handle(self, *, connections: int, **options: Any) -> str:
        stop = threading.Event()
        ways = [configured() for _number in range(connections)]
        threads = [
            *(threading.Thread(target=Sender(way, stop).run, name="sender", daemon=True) for way in ways),
            threading.Thread(target=walk_rounds, args=[stop], name="rounds", daemon=True),
        ]
        self.stdout.write(f"Worker {os.getpid()} is at work; letters go to {ways[0].name}.")
        self.stdout.flush()
        for thread in threads:
            thread.start()
        asyncio.run(work_off_jobs(stop))
        drain(threads, ways)
        return f"Worker {os.getpid()} has finished what it had in hand."


def configured() -> transports.Transport:
    """What no waiting would cure ends the command here; a database that is away does not."""
    try:
        with contextlib.suppress(OperationalError, ProgrammingError):  # it is away, or not migrated yet
            Installation.objects.check_key()
        dkim.configured()
        return transports.configured()
    except ImproperlyConfigured as reason:
        raise CommandError(str(reason)) from reason
    finally:
        connection.close()


async def work_off_jobs(stop: threading.Event) -> None:
    """Procrastinate, until a signal asks for the end. A database that goes away is waited for."""
    asked = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    jobs = asyncio.create_task(keep_working())
    await asked.wait()
    stop.set()
    jobs.cancel()
    await asyncio.wait([jobs], timeout=PATIENCE + 1)


async def keep_working() -> None:
    pause = 1.0
    while True:
        try:
            async with own_app().open_async() as jobs:
                pause = 1.0
                async with asyncio.TaskGroup() as together:
                    together.create_task(rescue_stalled(jobs))
                    for lane in LANES:
                        together.create_task(
                            jobs.run_worker_async(
                                **lane,
                                concurrency=1,
                                install_signal_handlers=False,
                                shutdown_graceful_timeout=PATIENCE,
                                delete_jobs="successful",
                            )
                        )
        except Exception as error:
            logger.warning("Jobs wait for the database: %s", error)
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


def own_app() -> App:
    """For this loop alone: what a task or a round defers by the global one is part of its own transaction."""
    jobs = DjangoApp(connector=app.connector.get_worker_connector())  # type: ignore[attr-defined]
    jobs.tasks, jobs.periodic_registry = app.tasks, app.periodic_registry
    return jobs


async def rescue_stalled(jobs: App) -> None:
    """Jobs of workers that were killed begin again."""
    while True:
        for job in await jobs.job_manager.get_stalled_jobs():
            await jobs.job_manager.retry_job(job)
        await asyncio.sleep(RESCUE_EVERY)


def walk_rounds(stop: threading.Event) -> None:
    failures, pause = 0, 0.0  # what came due while no worker was there has waited long enough
    while not stop.wait(pause):
        try:
            for look in ROUNDS:
                look()
            failures = 0
        except Exception:
            failures = min(failures + 1, 10)
            logger.exception("A round failed, and will be walked again.")
            connection.close()
        pause = min(ROUND_EVERY * 2**failures, LONGEST_PAUSE)
    connection.close()


def drain(threads: list[threading.Thread], ways: list[transports.Transport]) -> None:
    join(threads, seconds=PATIENCE)
    if any(thread.is_alive() for thread in threads):
        for way in ways:
            way.cut()
    join(threads, seconds=2.0)


def join(threads: list[threading.Thread], *, seconds: float) -> None:
    """All of them in so many seconds together."""
    end = time.monotonic() + seconds
    for thread in threads:
        thread.join(timeout=max(0.0, end - time.monotonic()))
