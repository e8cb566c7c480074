"""Lists of subscribers from elsewhere, by COPY into a table beside and a handful of statements over the whole of it.

Nobody who left comes back by a list, and nothing suppressed does: the newer and the harsher fact holds. A list is taken
in completely or not at all, and a second time changes nothing.
"""

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from newsletter.models import Newsletter, OptOut
from newsletter.people.keys import Keys
from newsletter.people.sources import NEWSROOM, ORDER, SUPPRESSED, Fact, Reading, Stand
from newsletter.people.tables import Table, harmless, opened
from newsroom.audit.models import Entry
from newsroom.audit.origin import current_origin

type Tell = Callable[[int], None]

FIRST_REFUSALS = 20
BATCH = 2_000
# What became of the rows; `refused` and `repeated` are counted while reading, the rest by the database.
OUTCOMES = {
    "joined": gettext_lazy("subscribed now"),
    "already": gettext_lazy("subscribed already"),
    "came_back": gettext_lazy("left there, but subscribed here since"),
    "left_here": gettext_lazy("left here before; they stay away"),
    "suppressed": gettext_lazy("suppressed here; they stay so"),
    "barred": gettext_lazy("not to be mailed, as the list says; suppressed now"),
    "left_there": gettext_lazy("unsubscribed there; kept as having left"),
    "pending": gettext_lazy("asked and never confirmed; kept so"),
    "unconfirmed": gettext_lazy("not confirmed there, or paused; not taken in"),
    "known": gettext_lazy("known without a newsletter"),
    "elsewhere": gettext_lazy("of another newsletter; passed over"),
    "repeated": gettext_lazy("in the list more than once"),
    "refused": gettext_lazy("refused"),
}

STAGE = """
    CREATE TEMPORARY TABLE staged (
        line integer, severity smallint, stand text, email text, key text, hash text, newsletter bigint,
        asked timestamptz, confirmed timestamptz, left_at timestamptz, how text, since timestamptz,
        bar text, bar_at timestamptz, told text, token text DEFAULT replace(gen_random_uuid()::text, '-', '')
    ) ON COMMIT DROP
"""
COPY = """
    COPY staged (line, severity, stand, email, key, hash, newsletter, asked, confirmed, left_at, how, since, bar,
        bar_at, told) FROM STDIN
"""
# Nothing of it is within itself.
AS_JSON = json.JSONEncoder(check_circular=False).encode
# One row for each person and newsletter: the harshest word of the list, and among equals the first line. Beside it what
# is known here, and so what shall become of it. Only a person's own later press here outdoes the list.
CHOOSE = """
    CREATE TEMPORARY TABLE chosen ON COMMIT DROP AS
    SELECT s.*, p.id AS subscriber, t.id AS place, x.reason IS NOT NULL AS is_barred,
        CASE
        WHEN s.stand IN ('bounced', 'complaint', 'operator') THEN
            CASE
            WHEN x.reason IN ('complaint', 'operator') OR x.reason IS NOT NULL AND s.stand = 'bounced' THEN 'suppressed'
            WHEN s.stand = 'bounced' AND EXISTS (
                SELECT FROM newsletter_consent AS k
                WHERE k.address_hash = s.hash AND k.act = 'confirmed' AND k.at > s.bar_at
            ) THEN 'came_back'
            ELSE 'barred' END
        WHEN s.stand = 'unconfirmed' THEN 'unconfirmed'
        WHEN s.stand = 'left' AND t.left_at IS NOT NULL THEN 'left_here'
        WHEN s.stand = 'left' AND t.id IS NOT NULL AND EXISTS (
            SELECT FROM newsletter_consent AS k JOIN newsletter_newsletter AS n ON n.name = k.newsletter
            WHERE k.address_hash = s.hash AND n.id = s.newsletter AND k.at > s.left_at
            AND (k.act IN ('confirmed', 'returned') OR k.act = 'asked' AND t.confirmed_at IS NULL)
        ) THEN 'came_back'
        -- Of those who were erased only the evidence is left that they went.
        WHEN t.id IS NULL AND 'left' = (
            SELECT k.act FROM newsletter_consent AS k JOIN newsletter_newsletter AS n ON n.name = k.newsletter
            WHERE k.address_hash = s.hash AND n.id = s.newsletter AND k.act <> 'asked' ORDER BY k.id DESC LIMIT 1
        ) THEN 'left_here'
        WHEN s.stand = 'left' THEN 'left_there'
        WHEN t.left_at IS NOT NULL THEN 'left_here'
        WHEN x.reason IS NOT NULL THEN 'suppressed'
        WHEN t.confirmed_at IS NOT NULL THEN 'already'
        WHEN s.stand = 'known' THEN CASE WHEN p.id IS NULL THEN 'known' ELSE 'already' END
        WHEN s.stand = 'pending' THEN CASE WHEN t.id IS NULL THEN 'pending' ELSE 'already' END
        ELSE 'joined' END AS outcome
    FROM (SELECT DISTINCT ON (hash, newsletter) * FROM staged ORDER BY hash, newsletter, severity, line) AS s
    LEFT JOIN newsletter_subscriber AS p ON p.key_hash = s.hash
    LEFT JOIN newsletter_subscription AS t ON t.subscriber_id = p.id AND t.newsletter_id = s.newsletter
    LEFT JOIN newsletter_suppression AS x ON x.key_hash = s.hash
"""
PEOPLE = """
    INSERT INTO newsletter_subscriber (email, email_key, key_hash, created_at)
    SELECT DISTINCT ON (hash) email, key, hash, coalesce(since, least(asked, confirmed, left_at, now()))
    FROM chosen WHERE subscriber IS NULL AND NOT is_barred AND outcome IN ('joined', 'left_there', 'pending', 'known')
    ORDER BY hash, line ON CONFLICT DO NOTHING
"""
# In the order of most of its indexes.
PLACES = """
    INSERT INTO newsletter_subscription
        (subscriber_id, newsletter_id, round, asked_at, confirmed_at, left_at, left_how, token)
    SELECT p.id, c.newsletter, 1, coalesce(c.asked, least(c.confirmed, c.left_at, now())),
        CASE WHEN c.stand = 'subscribed' THEN coalesce(c.confirmed, c.asked, now()) ELSE c.confirmed END,
        CASE WHEN c.stand = 'left' THEN coalesce(c.left_at, now()) END, c.how, c.token
    FROM chosen AS c JOIN newsletter_subscriber AS p ON p.key_hash = c.hash
    WHERE c.place IS NULL AND c.outcome IN ('joined', 'left_there', 'pending')
    ORDER BY p.id ON CONFLICT DO NOTHING
"""
# Whoever did something by their own press meanwhile is left as they are.
CONFIRMED = """
    UPDATE newsletter_subscription AS t SET confirmed_at = greatest(coalesce(c.confirmed, c.asked, now()), t.asked_at)
    FROM chosen AS c
    WHERE t.id = c.place AND c.outcome = 'joined' AND t.confirmed_at IS NULL AND t.left_at IS NULL
"""
GONE = """
    UPDATE newsletter_subscription AS t
    SET left_at = greatest(coalesce(c.left_at, now()), t.asked_at), left_how = 'import'
    FROM chosen AS c
    WHERE t.id = c.place AND c.outcome = 'left_there' AND t.left_at IS NULL
"""
BARS = """
    INSERT INTO newsletter_suppression AS x (key_hash, reason, at, note)
    SELECT DISTINCT ON (hash) hash, bar, coalesce(bar_at, now()), %(note)s
    FROM chosen WHERE bar <> '' AND outcome NOT IN ('suppressed', 'came_back')
    ORDER BY hash, bar IN ('bounced', 'erased') ON CONFLICT (key_hash) DO UPDATE
    SET reason = excluded.reason, at = excluded.at, note = excluded.note
    WHERE x.reason IN ('bounced', 'erased') AND excluded.reason IN ('complaint', 'operator')
"""
EVIDENCE = """
    INSERT INTO newsletter_consent
        (at, act, address_hash, address, newsletter, origin, page, wording, message_id, source, told)
    SELECT now(), CASE c.outcome WHEN 'left_there' THEN 'left' ELSE 'imported' END, c.hash,
        CASE WHEN c.is_barred THEN '' ELSE c.email END, n.name, %(origin)s, '', '', '', %(source)s,
        c.told::jsonb
    FROM chosen AS c JOIN newsletter_newsletter AS n ON n.id = c.newsletter
    WHERE c.outcome IN ('joined', 'left_there') ORDER BY c.hash
"""
# For a database that is restored to before this list.
OPT_OUTS = """
    INSERT INTO newsletter_optout (act, key_hash, newsletter, newsletter_number, how, at, noted_at)
    SELECT 'left', c.hash, n.slug, n.id, c.how, coalesce(c.left_at, %(now)s), %(now)s
    FROM chosen AS c JOIN newsletter_newsletter AS n ON n.id = c.newsletter WHERE c.outcome = 'left_there'
    UNION ALL
    SELECT 'barred', hash, '', NULL, bar, coalesce(bar_at, %(now)s), %(now)s
    FROM chosen WHERE bar <> '' AND outcome NOT IN ('suppressed', 'came_back')
"""


@dataclass
class Report:
    """What became of a list, or would."""

    source: str = ""
    encoding: str = ""
    rows: int = 0
    is_dry: bool = False
    outcomes: Counter[str] = field(default_factory=Counter)
    refusals: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "source": self.source,
            "encoding": self.encoding,
            "dry_run": self.is_dry,
            "rows": self.rows,
            "outcomes": {name: self.outcomes[name] for name in OUTCOMES if self.outcomes[name]},
            "refusals": self.refusals,
        }

    def lines(self) -> list[tuple[str, int]]:
        return [(str(words), self.outcomes[name]) for name, words in OUTCOMES.items() if self.outcomes[name]]


class Refusals:
    """The rows that were refused, as a table for those who mend them; formula-safe."""

    def __init__(self, report: Report, file: IO[str] | None) -> None:
        self.report = report
        self.writer = csv.writer(file) if file else None
        self.header: list[str] = []

    def begin(self, header: list[str]) -> None:
        if self.writer:
            self.writer.writerow([_("line"), _("refused because"), *map(harmless, header)])

    def add(self, line: int, cells: list[str], why: str) -> None:
        self.report.outcomes["refused"] += 1
        if len(self.report.refusals) < FIRST_REFUSALS:
            self.report.refusals.append({"line": line, "why": why})
        if self.writer:
            self.writer.writerow([line, why, *(harmless(cell.replace("\0", "")) for cell in cells)])


def import_subscribers(
    path: Path,
    *,
    by: Any,
    newsletter: Newsletter | None = None,
    name: str = "",
    email_column: str = "",
    dry_run: bool = False,
    refused: IO[str] | None = None,
    tell: Tell = lambda done: None,
) -> Report:
    """Take a list in. Raises ValidationError with a sentence for a file that cannot be understood at all."""
    name = name or path.name
    known = {found.slug: found.pk for found in Newsletter.objects.all()}
    only = newsletter.pk if newsletter else None

    def understood(header: list[str]) -> Reading:
        reading = Reading(header, file_name=name, email_column=email_column)
        if newsletter is None and reading.source is not NEWSROOM:
            raise ValidationError(_("Say for which newsletter: this list does not name one."), code="newsletter")
        return reading

    def homes(fact: Fact) -> Sequence[int | None]:
        if fact.newsletter is None:
            return (only,)
        home = known.get(fact.newsletter)
        if home is None and fact.newsletter:
            raise ValidationError(_("There is no newsletter “%(slug)s” here.") % {"slug": fact.newsletter[:60]})
        return () if only is not None and home != only else (home,)

    return take_in(
        path,
        understood,
        homes,
        by=by,
        name=name,
        verb="import subscribers",
        about=[newsletter] if newsletter else list(Newsletter.objects.all()),
        dry_run=dry_run,
        refused=refused,
        tell=tell,
    )


def take_in(
    path: Path,
    understood: Callable[[list[str]], Reading],
    homes: Callable[[Fact], Sequence[int | None]],
    *,
    by: Any,
    name: str,
    verb: str,
    about: Sequence[Newsletter],
    dry_run: bool,
    refused: IO[str] | None,
    tell: Tell,
) -> Report:
    report = Report(is_dry=dry_run)
    with opened(path) as table, transaction.atomic(), connection.cursor() as cursor:
        reading = understood(table.header)
        report.source, report.encoding = reading.source.name, table.encoding
        refusals = Refusals(report, refused)
        refusals.begin(reading.header)
        cursor.execute("SET LOCAL work_mem = '128MB'")
        cursor.execute(STAGE)
        with cursor.copy(COPY) as copy:
            for block in _staged(table, reading, homes, report, refusals, tell):
                copy.write(block)
        cursor.execute("ANALYZE staged")
        cursor.execute(CHOOSE)
        cursor.execute("SELECT outcome, count(*) FROM chosen GROUP BY outcome")
        report.outcomes.update(dict(cursor.fetchall()))
        cursor.execute("SELECT (SELECT count(*) FROM staged) - (SELECT count(*) FROM chosen)")
        [report.outcomes["repeated"]] = cursor.fetchone()
        if not dry_run:
            whence = f"{report.source}: {name}"
            _carry_out(cursor, source=whence[:200], note=whence[:300])
            told = {"file": name, "source": report.source, "rows": report.rows, **report.as_json()["outcomes"]}
            for newsletter in about:
                Entry.objects.record(verb, on=newsletter, by=by, **told)
        cursor.execute("DROP TABLE staged, chosen")
    return report


def _carry_out(cursor: Any, *, source: str, note: str) -> None:
    # The index of parts of addresses takes new ones in heaps, of which a larger one is less work.
    cursor.execute("SET LOCAL gin_pending_list_limit = '64MB'")
    cursor.execute("ANALYZE chosen")
    cursor.execute(PEOPLE)
    cursor.execute(PLACES)
    cursor.execute(CONFIRMED)
    cursor.execute(GONE)
    cursor.execute(BARS, {"note": note})
    cursor.execute(EVIDENCE, {"origin": current_origin(), "source": source})
    cursor.execute(OPT_OUTS, {"now": timezone.now()})
    transaction.on_commit(OptOut.objects.put_away, robust=True)
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _staged(
    table: Table,
    reading: Reading,
    homes: Callable[[Fact], Sequence[int | None]],
    report: Report,
    refusals: Refusals,
    tell: Tell,
) -> Iterator[str]:
    """The lines of COPY, a batch at a time."""
    keys, read, severity = Keys().of, reading.read, {stand: str(at) for at, stand in enumerate(ORDER)}
    block: list[str] = []
    for row in table:
        if not row.refusal and not any(row.cells):
            continue
        report.rows += 1
        if report.rows % BATCH == 0:
            tell(report.rows)
            yield "".join(block)
            block.clear()
        try:
            if row.refusal:
                raise ValidationError(row.refusal)
            if "\0" in "".join(row.cells):
                raise ValidationError(_("There are signs in this row that no text has."))
            fact = read(row.cells)
            address = keys(fact.email)
            places = homes(fact)
        except ValidationError as refusal:
            refusals.add(row.line, row.cells, " ".join(refusal.messages))
            continue
        if not places:
            report.outcomes["elsewhere"] += 1
        block += [_line(row.line, severity[fact.stand], fact, address, place) for place in places]
    tell(report.rows)
    yield "".join(block)


def _line(line: int, severity: str, fact: Fact, address: tuple[str, str, str], place: int | None) -> str:
    email, key, hashed = address
    asked, left, bar, bar_at = fact.asked, fact.left, fact.bar, fact.bar_at
    if fact.stand in SUPPRESSED:
        bar, bar_at = fact.stand.value, left
    if fact.stand is Stand.LEFT and fact.newsletter is None and left and (asked is None or asked > left):
        asked = left
    told = AS_JSON(fact.told | {"line": str(line)})
    cells = (
        str(line),
        severity,
        fact.stand.value,
        _text(email),
        _text(key),
        hashed,
        "\\N" if place is None else str(place),
        _moment(asked),
        _moment(fact.confirmed),
        _moment(left),
        (fact.how or "import") if fact.stand is Stand.LEFT else "",
        _moment(fact.since),
        bar,
        _moment(bar_at),
        _text(told) if "\\" in told else told,
    )
    return "\t".join(cells) + "\n"


def _text(words: str) -> str:
    """As COPY wants it."""
    if "\\" in words:
        words = words.replace("\\", "\\\\")
    return words.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r") if not words.isprintable() else words


def _moment(at: datetime | None) -> str:
    return "\\N" if at is None else at.isoformat()
