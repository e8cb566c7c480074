"""Synthetic articles and subscribers, for tests of load and scale."""

import sys
import time
from argparse import ArgumentTypeError
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from newsletter.models import Newsletter
from newsroom.demo import filling

MOST = 10_000_000


class Command(BaseCommand):
    help = "Add made-up articles and subscribers, for tests of load and scale. They cannot be told apart and taken out."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--articles", type=how_many, default=0, metavar="N", help="How many articles to add.")
        parser.add_argument("--subscribers", type=how_many, default=0, metavar="N", help="How many subscribers to add.")
        parser.add_argument("--seed", type=int, help="The same number makes the same texts.")

    def handle(self, *, articles: int, subscribers: int, seed: int | None, **options: Any) -> str:
        if not (settings.DEMO or settings.DEBUG):
            raise CommandError("This adds made-up articles and readers: set DEMO=on or DEBUG=on if you want them here.")
        if not articles and not subscribers:
            raise CommandError("Say how much: --articles N, --subscribers N, or both.")
        if subscribers and not Newsletter.objects.exists():
            raise CommandError("Subscribers need a newsletter: make one at the desk, or load the demo first.")
        began = time.monotonic()
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, disable=not sys.stderr.isatty()) as progress:
            for what, most, make in (
                ("Articles", articles, filling.articles),
                ("Subscribers", subscribers, filling.subscribers),
            ):
                task = progress.add_task(what, total=most, visible=bool(most))
                for done in make(most, seed=seed) if most else ():
                    progress.update(task, completed=done)
        return f"Added {articles:,} articles and {subscribers:,} subscribers in {time.monotonic() - began:,.0f} s."


def how_many(said: str) -> int:
    if not said.isdecimal() or int(said) > MOST:
        raise ArgumentTypeError(f"a number from 0 to {MOST:,}")
    return int(said)
