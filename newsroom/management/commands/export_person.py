import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from newsletter.people.person import answer_to, everything_about
from newsroom.audit.models import Entry
from newsroom.management.people import subscriber_named


class Command(BaseCommand):
    help = "Everything that is held of one person: in words, or as JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--json", action="store_true")

    def handle(self, *, email: str, json: bool, **options: Any) -> str:
        person = subscriber_named(email)
        Entry.objects.record("export person", on=person)
        return as_json(everything_about(person)) if json else answer_to(person)


def as_json(facts: dict[str, Any]) -> str:
    return json.dumps(facts, indent=2, ensure_ascii=False, cls=DjangoJSONEncoder)
