import json
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from newsletter.models import Issue
from newsroom.management.issues import IssueCommand


class Command(IssueCommand):
    help = "What became of an issue's copies."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--json", action="store_true", help="One JSON object.")

    def handle_issue(self, issue: Issue, *, json: bool, **options: Any) -> str:
        books = issue.books()
        return as_json(issue, books) if json else as_sentence(issue, books)


def as_json(issue: Issue, books: dict[str, int]) -> str:
    facts = {"subject": issue.subject, "state": issue.stand.value, "paused_because": issue.paused_because}
    moments = {name: getattr(issue, name) for name in ("send_at", "not_after", "frozen_at", "finished_at")}
    return json.dumps(books | facts | {name: at and at.isoformat() for name, at in moments.items()}, ensure_ascii=False)


def as_sentence(issue: Issue, books: dict[str, int]) -> str:
    counted = ", ".join(f"{books[name]} {name}" for name in ("open", "accepted", "failed", "uncertain", "skipped"))
    because = f" ({issue.paused_because})" if issue.paused_because else ""
    end = f" Not to be sent after {timezone.localtime(issue.not_after):%Y-%m-%d %H:%M %Z}." if issue.not_after else ""
    return f"“{issue}”: {issue.stand.label.lower()}{because}. {books['total']} copies: {counted}.{end}"
