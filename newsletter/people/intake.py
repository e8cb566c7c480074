"""A list that somebody brought to the desk: kept in the private storage until it is taken in or thrown away.

It is read at once as a dry run; whoever sees the report decides. What is large is read by a worker.
"""

import io
import json
import re
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.utils import timezone
from procrastinate.contrib.django import app

from newsletter.models import Newsletter
from newsletter.people.importing import OUTCOMES, import_subscribers
from newsletter.people.suppressions import import_suppressions

AT_ONCE = 2_000_000
KEPT = timedelta(days=1)
TOKEN = re.compile(r"[0-9a-f]{32}")
FOLDER = "imports"


@dataclass
class Intake:
    token: str
    name: str
    kind: str
    newsletter: int | None
    by: int
    size: int
    # read: wait for a report; read as "reading" → "read" → "taking" → "done", or "refused" with a sentence
    stage: str = "reading"
    refusal: str = ""
    report: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def begin(cls, file: Any, *, kind: str, newsletter: Newsletter | None, by: Any) -> "Intake":
        sweep()
        found = cls(
            secrets.token_hex(16), str(file.name)[:200], kind, newsletter.pk if newsletter else None, by.pk, file.size
        )
        storages["private"].save(f"{FOLDER}/{found.token}.csv", file)
        found.keep()
        found.go_on()
        return found

    @classmethod
    def known_as(cls, token: str) -> "Intake | None":
        if TOKEN.fullmatch(token):
            with suppress(FileNotFoundError), storages["private"].open(f"{FOLDER}/{token}.json") as file:
                return cls(**json.loads(file.read()))
        return None

    @property
    def lines(self) -> list[tuple[str, int]]:
        counts = self.report.get("outcomes", {})
        return [(str(words), counts[name]) for name, words in OUTCOMES.items() if counts.get(name)]

    # Verbs

    def go_on(self) -> None:
        """At once where nobody waits long for it, else by a worker."""
        if self.size <= AT_ONCE:
            self.work()
        else:
            app.configure_task("newsletter.take_in", allow_unknown=False).defer(token=self.token)

    def take(self) -> bool:
        if self.stage != "read":
            return False
        self.stage = "taking"
        self.keep()
        self.go_on()
        return True

    def work(self) -> None:
        if self.stage not in {"reading", "taking"}:
            return
        is_dry, refused = self.stage == "reading", io.StringIO()
        newsletter = Newsletter.objects.filter(pk=self.newsletter).first() if self.newsletter else None
        named: dict[str, Any] = {"name": self.name, "dry_run": is_dry, "refused": refused}
        named["by"] = get_user_model()._default_manager.filter(pk=self.by).first()
        try:
            with self._file() as path:
                if self.kind == "subscribers":
                    report = import_subscribers(path, newsletter=newsletter, **named)
                else:
                    places = [newsletter] if newsletter else list(Newsletter.objects.all())
                    kind = "" if self.kind == "suppressions" else self.kind
                    report = import_suppressions(path, newsletters=places, kind=kind, **named)
        except ValidationError as refusal:
            self.stage, self.refusal = "refused", " ".join(refusal.messages)
        else:
            self.stage, self.report = "read" if is_dry else "done", report.as_json()
            self._write("refused.csv", refused.getvalue())
        if self.stage in {"done", "refused"}:
            storages["private"].delete(f"{FOLDER}/{self.token}.csv")
        self.keep()

    def throw_away(self) -> None:
        for end in ("csv", "json", "refused.csv"):
            storages["private"].delete(f"{FOLDER}/{self.token}.{end}")

    def refused_rows(self) -> str:
        with suppress(FileNotFoundError), storages["private"].open(f"{FOLDER}/{self.token}.refused.csv") as file:
            return file.read().decode()
        return ""

    def keep(self) -> None:
        self._write("json", json.dumps(asdict(self)))

    def _write(self, end: str, words: str) -> None:
        name = f"{FOLDER}/{self.token}.{end}"
        storages["private"].delete(name)
        storages["private"].save(name, ContentFile(words.encode()))

    @contextmanager
    def _file(self) -> Iterator[Path]:
        with tempfile.NamedTemporaryFile(suffix=".csv") as copy:
            with storages["private"].open(f"{FOLDER}/{self.token}.csv") as file:
                for block in file.chunks():
                    copy.write(block)
            copy.flush()
            yield Path(copy.name)


def sweep() -> None:
    """Lists that nobody decided about: other people's addresses are not kept for nothing."""
    storage = storages["private"]
    with suppress(FileNotFoundError):
        for name in storage.listdir(FOLDER)[1]:
            path = f"{FOLDER}/{name}"
            with suppress(FileNotFoundError):
                if storage.get_modified_time(path) < timezone.now() - KEPT:
                    storage.delete(path)
