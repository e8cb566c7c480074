import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from newsroom.doctor import examine
from newsroom.findings import wrong


class Command(BaseCommand):
    help = "Say whether this installation is fit for production, and what to do where it is not. Mails nobody."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="One JSON object.")

    def handle(self, *, json: bool, **options: Any) -> str | None:
        found = []
        for finding in examine():
            found.append(finding)
            if not json:
                self.stdout.write(f"{finding.verdict.value:<11}  {finding.about}: {finding.sentence}")
                self.stdout.flush()
        problems = wrong(found)
        if json:
            self.stdout.write(as_json(found))
            if problems:
                sys.exit(1)
            return None
        if problems:
            raise CommandError(f"{len(problems)} of {len(found)} things are wrong: correct them, and ask again.")
        return "Nothing is wrong."


def as_json(found: list[Any]) -> str:
    facts = {"fit": not wrong(found), "findings": [finding.as_json() for finding in found]}
    return json.dumps(facts, ensure_ascii=False)
