from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.formats import date_format

from newsletter.letters import preflight
from newsletter.models import Issue
from newsletter.models.issue import SECOND_THOUGHTS
from newsroom.management.issues import IssueCommand


class Command(IssueCommand):
    help = "Let an issue go out to everybody who confirmed its newsletter. A worker does the sending."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--now", action="store_true", help="Without the 5 minutes in which it can be cancelled.")
        parser.add_argument(
            "--anyway", metavar="REASON", default="", help="Although the preflight is against it; the reason is kept."
        )
        parser.add_argument("--dry-run", action="store_true", help="Only say what would happen.")

    def handle_issue(self, issue: Issue, *, now: bool, anyway: str, dry_run: bool, **options: Any) -> str:
        readers = issue.readers().count()
        people = f"{readers} subscriber{'' if readers == 1 else 's'} of {issue.newsletter}"
        if dry_run:
            refuse_unready(issue)
            against = [f"{finding.about}: {finding.sentence}" for finding in preflight.holds(preflight.look(issue))]
            found = f" The preflight is against it. {' '.join(against)}" if against else ""
            return f"“{issue}” would go to {people}; nothing was changed.{found}"
        try:
            preflight.send(issue, by=None, now=now, anyway=anyway)
        except preflight.Held as held:
            how = "Correct that, or add --anyway 'REASON'."
            raise ValidationError([*held.messages, how]) from held
        if now:
            return f"“{issue}” goes to {people} now, as soon as a worker runs (manage.py worker)."
        when = date_format(timezone.localtime(issue.send_at), "H:i")
        return f"“{issue}” goes to {people} at {when}; until then it can be cancelled at the desk."


def refuse_unready(issue: Issue) -> None:
    if problems := issue.problems(at=timezone.now() + SECOND_THOUGHTS):
        raise ValidationError(problems)
