from typing import Any

from django.core.management.base import CommandParser

from newsletter.models import Issue
from newsroom.management.issues import IssueCommand


class Command(IssueCommand):
    help = "Settle the copies of an issue whose fate nobody knows, as you found it in the mail server's log."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        verdict = parser.add_mutually_exclusive_group(required=True)
        for word, meaning in (
            ("accepted", "The mail server took them."),
            ("failed", "It did not, and they shall not be tried again."),
            ("repeat", "Hand the same letters over once more."),
        ):
            verdict.add_argument(f"--{word}", dest="verdict", action="store_const", const=word, help=meaning)
        parser.add_argument("--dry-run", action="store_true", help="Only say how many there are.")

    def handle_issue(self, issue: Issue, *, verdict: str, dry_run: bool, **options: Any) -> str:
        if dry_run:
            count = issue.deliveries.uncertain().count()
            return f"{count} uncertain copies of “{issue}” would be settled as “{verdict}”; nothing was changed."
        return f"{issue.reconcile(verdict, by=None)} uncertain copies of “{issue}” are settled as “{verdict}”."
