"""What the commands about an issue share."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from newsletter.models import Issue


class IssueCommand(BaseCommand):
    """Its first argument names an issue; a refusal is one line and exit status 1."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("issue", metavar="ISSUE", help="newsletter-slug/issue-slug, or the issue's number")

    def handle(self, *, issue: str, **options: Any) -> str:
        try:
            return self.handle_issue(Issue.objects.named(issue), **options)
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from refusal

    handle_issue: Callable[..., str]
