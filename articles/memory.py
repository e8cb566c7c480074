"""Sections, tags, series and authors: the database remembers every address that one of them ever had.

A slug may be changed by the desk, an importer or a shell, and authors know nothing of articles; so a trigger keeps the
row, and no way of writing gets round it. The newest holder of an address wins.
"""

from django.db import migrations

FUNCTION = migrations.RunSQL(
    """
    CREATE OR REPLACE FUNCTION articles_remember_address() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        EXECUTE format(
            'INSERT INTO articles_address (path, target, %I) VALUES ($1, %L, $2)
             ON CONFLICT (path) DO UPDATE SET target = EXCLUDED.target, article_id = EXCLUDED.article_id,
                 page_id = EXCLUDED.page_id, section_id = EXCLUDED.section_id, tag_id = EXCLUDED.tag_id,
                 series_id = EXCLUDED.series_id, author_id = EXCLUDED.author_id',
            TG_ARGV[0] || '_id', ''
        ) USING lower('/' || TG_ARGV[0] || '/' || NEW.slug || '/'), NEW.id;
        RETURN NEW;
    END $$
    """,
    "DROP FUNCTION articles_remember_address() CASCADE",
)


def remember(kind: str, table: str) -> list[migrations.RunSQL]:
    """The operations that make the database keep the addresses of this table; they need FUNCTION to have run.

    `kind` is the first segment of the addresses, and the name of the holder's column.
    """
    trigger = migrations.RunSQL(
        f"CREATE TRIGGER {table}_remembers AFTER INSERT OR UPDATE OF slug ON {table} "
        f"FOR EACH ROW WHEN (NEW.slug <> '') EXECUTE FUNCTION articles_remember_address('{kind}')",
        f"DROP TRIGGER {table}_remembers ON {table}",
    )
    # Those that are there already pass the trigger once.
    present = migrations.RunSQL(f"UPDATE {table} SET slug = slug", migrations.RunSQL.noop)  # noqa: S608 - our own names
    return [trigger, present]
