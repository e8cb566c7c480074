import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from newsletter.people.exporting import export_subscribers
from newsroom.management.lists import newsletter_named, progress


class Command(BaseCommand):
    help = "Write all subscribers as CSV, each newsletter a row, for import_subscribers or a spreadsheet."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", metavar="FILE", help="Standard output, if none is named.")
        parser.add_argument("--newsletter", metavar="SLUG", help="Only those of this one.")

    def handle(self, *, file: Path | None, newsletter: str | None, **options: Any) -> str | None:
        blocks = export_subscribers(by=None, newsletter=newsletter_named(newsletter))
        if file is None:
            for block in blocks:
                sys.stdout.buffer.write(block)
            return None
        rows = 0
        try:
            # Nobody else on this machine may read it.
            file.touch(mode=0o600, exist_ok=False)
            with file.open("wb") as out, progress() as tell:
                for block in blocks:
                    out.write(block)
                    rows += block.count(b"\n")
                    tell(rows)
        except FileExistsError as reason:
            raise CommandError(f"{file} is there already; name another.") from reason
        except OSError as reason:
            raise CommandError(f"{file} cannot be written: {reason.strerror}.") from reason
        return f"{max(rows - 1, 0):,} rows are in {file}."
