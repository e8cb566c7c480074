from typing import Any

from django.core.management.base import CommandParser

from newsletter.models import Issue
from newsroom.management.issues import IssueCommand


class Command(IssueCommand):
    help = "Hand over no further copy of an issue until it is resumed."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--because", default="Paused from the shell.", help="What colleagues read at the desk.")

    def handle_issue(self, issue: Issue, *, because: str, **options: Any) -> str:
        issue.pause(by=None, because=because)
        return f"“{issue}” is paused: manage.py resume_issue {issue.newsletter.slug}/{issue.slug} lets it go on."
