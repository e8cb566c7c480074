from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from newsletter.returns.emptying import empty
from newsletter.returns.mailbox import Files, Mailbox, MailboxAway, opened


class Command(BaseCommand):
    help = "Read what came back: the mailbox of BOUNCE_MAILBOX_URL, or mails, mbox files and folders of them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", metavar="FILE", nargs="*", type=Path, help="instead of the mailbox")
        parser.add_argument("--dry-run", action="store_true", help="Only say what they are.")

    def handle(self, *, files: list[Path], dry_run: bool, **options: Any) -> str:
        try:
            tally = empty(mailbox_of(files), dry_run=dry_run, at_most=float("inf"))
        except (MailboxAway, ImproperlyConfigured) as reason:
            raise CommandError(str(reason)) from reason
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from refusal
        lines = [f"{name}: {sentence}" for name, sentence in tally.refused]
        return "\n".join([*lines, f"{tally} Nothing was changed." if dry_run else str(tally)])


def mailbox_of(files: list[Path]) -> Mailbox:
    if files:
        return Files(files)
    if not settings.BOUNCE_MAILBOX_URL:
        raise ImproperlyConfigured("Name a FILE, or set BOUNCE_MAILBOX_URL, such as imaps://user:password@host/INBOX.")
    return opened(settings.BOUNCE_MAILBOX_URL)
