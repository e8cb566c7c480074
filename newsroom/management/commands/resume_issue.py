from typing import Any

from newsletter.models import Issue
from newsroom.management.issues import IssueCommand


class Command(IssueCommand):
    help = "Let a paused issue go on."

    def handle_issue(self, issue: Issue, **options: Any) -> str:
        issue.resume(by=None)
        return f"“{issue}” goes on, as soon as a worker runs (manage.py worker)."
