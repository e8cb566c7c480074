"""What the commands share that read lists of people."""

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from newsletter.models import Newsletter
from newsletter.people.importing import Report


def newsletter_named(slug: str | None) -> Newsletter | None:
    if not slug:
        return None
    found = Newsletter.objects.filter(slug=slug).first()
    if found is None:
        known = ", ".join(Newsletter.objects.values_list("slug", flat=True)) or "none yet"
        raise CommandError(f"There is no newsletter “{slug}”. There are: {known}.")
    return found


class ListCommand(BaseCommand):
    """Reads a file, says what became of its rows; a refusal is one line and exit status 1."""

    take_in: Callable[..., Report]

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--newsletter", metavar="SLUG", help="The newsletter they are on.")
        parser.add_argument("--dry-run", action="store_true", help="Only say what would happen.")
        parser.add_argument("--json", action="store_true", help="The report as JSON.")
        parser.add_argument("--refused", type=Path, metavar="FILE", help="Write the refused rows there, as CSV.")

    def handle(
        self, *, file: Path, newsletter: str | None, dry_run: bool, json: bool, refused: Path | None, **options: Any
    ) -> str:
        named = {name: options[name] for name in ("email_column", "everywhere", "kind") if name in options}
        try:
            with written(refused) as rows, progress() as tell:
                report = self.take_in(
                    file, newsletter_named(newsletter), dry_run=dry_run, refused=rows, tell=tell, **named
                )
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from refusal
        return as_json(report) if json else as_words(report, file)


def as_json(report: Report) -> str:
    return json.dumps(report.as_json(), indent=2, ensure_ascii=False)


def as_words(report: Report, file: Path) -> str:
    lines = [f"{file.name}: {report.rows:,} rows, as {report.source} writes them ({report.encoding})."]
    lines += [f"{count:>12,}  {words}" for words, count in report.lines()]
    lines += [f"{'':>12}  line {found['line']}: {found['why']}" for found in report.refusals]
    if report.outcomes["refused"] > len(report.refusals):
        lines.append(f"{'':>12}  … and more; --refused FILE writes all of them.")
    if report.is_dry:
        lines.append("Nothing was changed.")
    return "\n".join(lines)


@contextlib.contextmanager
def written(path: Path | None) -> Iterator[IO[str] | None]:
    if path is None:
        yield None
        return
    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            yield file
    except OSError as reason:
        raise CommandError(f"{path} cannot be written: {reason.strerror}.") from reason


@contextlib.contextmanager
def progress() -> Iterator[Callable[[int], None]]:
    columns = (SpinnerColumn(), TextColumn("{task.description} {task.completed:,.0f}"), TimeElapsedColumn())
    with Progress(*columns, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("rows", total=None)
        yield lambda done: bar.update(task, completed=done)
