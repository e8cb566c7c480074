from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from newsletter.models import Installation


class Command(BaseCommand):
    help = (
        "Say that letters are sent from this database, for SITE_URL. A restored or copied database sends none before."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only say whether it is confirmed.")

    def handle(self, *, dry_run: bool, **options: Any) -> str:
        if dry_run:
            known = "is confirmed" if Installation.objects.is_confirmed() else "is not confirmed"
            return (
                f"This database {known} as the one that sends the letters of {settings.SITE_URL}; nothing was changed."
            )
        try:
            paused = Installation.objects.confirm(by=None)
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from refusal
        issues = f" {paused} issue(s) were under way when it was copied, and are paused." if paused else ""
        return f"Confirmed: letters of {settings.SITE_URL} are sent from this database.{issues}"
