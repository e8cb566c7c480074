"""Everybody, as a table that our own import reads back to the same state; by COPY, so that memory stays the same.

A cell that a spreadsheet would work out gets an apostrophe before it, and so does one that begins with an apostrophe:
reading it back takes one away.
"""

from collections.abc import Iterator
from typing import Any

from django.db import connection
from psycopg.sql import SQL, Literal

from newsletter.models import Newsletter
from newsletter.people.tables import FORMULAS
from newsroom.audit.models import Entry

MOMENT = "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
SELECT = """
    COPY (
        SELECT CASE WHEN strpos({formulas}, left(p.email, 1)) > 0 THEN '''' || p.email ELSE p.email END AS email,
            n.slug AS newsletter, {asked} AS asked_at, {confirmed} AS confirmed_at, {left_at} AS left_at,
            t.left_how AS left_how, {since} AS since, x.reason AS suppressed, {bar_at} AS suppressed_at
        FROM newsletter_subscriber AS p
        LEFT JOIN newsletter_subscription AS t ON t.subscriber_id = p.id
        LEFT JOIN newsletter_newsletter AS n ON n.id = t.newsletter_id
        LEFT JOIN newsletter_suppression AS x ON x.key_hash = p.key_hash
        {which}
        ORDER BY p.id, t.id
    ) TO STDOUT WITH (FORMAT csv, HEADER true, ENCODING 'UTF8')
"""


def export_subscribers(*, by: Any, newsletter: Newsletter | None = None) -> Iterator[bytes]:
    """The bytes of the table, as they come. The trail knows of it before the first of them leaves."""
    for one in [newsletter] if newsletter else Newsletter.objects.all():
        Entry.objects.record("export subscribers", on=one, by=by)
    return _bytes(newsletter)


def _bytes(newsletter: Newsletter | None) -> Iterator[bytes]:
    columns = {"asked": "t.asked_at", "confirmed": "t.confirmed_at", "left_at": "t.left_at", "since": "p.created_at"}
    which = SQL("WHERE n.id = {}").format(Literal(newsletter.pk)) if newsletter else SQL("")
    statement = SQL(SELECT).format(
        formulas=Literal(FORMULAS + "'"),
        which=which,
        bar_at=SQL(MOMENT.replace("{}", "x.at")),
        **{name: SQL(MOMENT.replace("{}", column)) for name, column in columns.items()},
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        held: list[bytes] = []
        size = 0
        for row in copy:
            held.append(bytes(row))
            size += len(row)
            if size > 60_000:
                yield b"".join(held)
                held, size = [], 0
        yield b"".join(held)
