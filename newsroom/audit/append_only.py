"""Tables that only grow: the database itself refuses UPDATE and DELETE.

Erasing a person is the one exception; its transaction says so by `SET LOCAL newsroom.erasing = 'on'`.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, migrations, transaction

FUNCTION = migrations.RunSQL(
    """
    CREATE OR REPLACE FUNCTION newsroom_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF current_setting('newsroom.erasing', true) = 'on' THEN
            RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
        END IF;
        RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    "DROP FUNCTION newsroom_refuse_change() CASCADE",
)


def guard(table: str) -> migrations.RunSQL:
    """The migration operation that makes a table append-only; it needs FUNCTION to have run."""
    return migrations.RunSQL(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION newsroom_refuse_change()",
        f"DROP TRIGGER {table}_append_only ON {table}",
    )


@contextmanager
def erasing() -> Iterator[None]:
    """Within this block, and this transaction only, append-only rows may be blanked."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL newsroom.erasing = 'on'")
        yield
