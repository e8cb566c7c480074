from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from newsletter.models import Newsletter
from newsletter.people.importing import import_subscribers
from newsroom.management.lists import ListCommand


class Command(ListCommand):
    help = (
        "Take in a list of subscribers as CSV: of Ghost, Substack, Mailchimp, listmonk, Buttondown, beehiiv, MailPoet, "
        "this system, or any with a column of addresses. Nobody who left or is suppressed comes back by it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--email-column", default="", metavar="NAME", help="The column that holds the addresses.")

    def take_in(self, path: Path, newsletter: Newsletter | None, *, email_column: str, **named: Any) -> Any:
        return import_subscribers(path, by=None, newsletter=newsletter, email_column=email_column, **named)
