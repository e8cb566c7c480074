from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from newsletter.models import Newsletter
from newsletter.people.suppressions import KINDS, import_suppressions
from newsroom.management.lists import ListCommand


class Command(ListCommand):
    help = (
        "Read a mail service's list of bounces, complaints or unsubscribes (SendGrid, Mailgun, Postmark, Amazon SES, "
        "Mailchimp): before the list of its subscribers."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--all", action="store_true", dest="everywhere", help="Unsubscribes hold for every newsletter."
        )
        parser.add_argument(
            "--kind", choices=list(KINDS), default="", help="What it is a list of, if it does not say so."
        )

    def take_in(self, path: Path, newsletter: Newsletter | None, *, everywhere: bool, kind: str, **named: Any) -> Any:
        if (newsletter is None) != everywhere:
            raise CommandError("Say whose unsubscribes these are: --newsletter SLUG, or --all.")
        newsletters = list(Newsletter.objects.all()) if newsletter is None else [newsletter]
        return import_suppressions(path, by=None, newsletters=newsletters, kind=kind, **named)
