import json
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser

from newsletter.people.replaying import Replay, replay_optouts


class Command(BaseCommand):
    help = "Tell a restored database who left since, from the private storage. Nobody comes back by it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only say what would happen.")
        parser.add_argument("--json", action="store_true", help="One JSON object.")

    def handle(self, *, dry_run: bool, json: bool, **options: Any) -> str:
        try:
            told = replay_optouts(by=None, dry_run=dry_run)
        except ImproperlyConfigured as refusal:
            raise CommandError(str(refusal)) from refusal
        return as_json(told) if json else as_sentence(told, dry_run=dry_run)


def as_json(told: Replay) -> str:
    return json.dumps(told.as_json())


def as_sentence(told: Replay, *, dry_run: bool) -> str:
    verb, end = ("Would apply", "; nothing was changed") if dry_run else ("Applied", "")
    others = (
        (told.known, "known already"),
        (told.outdone, "outdone by what the person pressed later"),
        (told.elsewhere, "of newsletters that are not here"),
        (told.unreadable, "unreadable"),
    )
    rest = "".join(f", {count} {words}" for count, words in others if count)
    return (
        f"{verb} {told.applied} opt-outs of {told.read} that were put away: {told.left} left, "
        f"{told.suppressed} suppressed, {told.erased} erased{rest}{end}."
    )
