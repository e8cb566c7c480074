from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from newsletter.people.person import erase, everything_about
from newsroom.management.people import subscriber_named


class Command(BaseCommand):
    help = "Erase what is held of one person. A keyed hash stays, so that no letter goes to them again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--dry-run", action="store_true", help="Only say what there is.")

    def handle(self, *, email: str, dry_run: bool, **options: Any) -> str:
        person = subscriber_named(email)
        held = everything_about(person)
        what = ", ".join(f"{len(held[name])} {name}" for name in ("subscriptions", "consents", "letters"))
        if dry_run:
            return f"{what} would be erased; nothing was changed."
        erase(person, by=None, asked="command")
        return f"Erased: {what}. No letter goes to this address until its owner asks for one."
