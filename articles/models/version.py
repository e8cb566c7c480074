from typing import Any

from django.db.models import Func, TextField


class Version(Func):
    """Of the row that holds this column: which version PostgreSQL counts. Another after any change, whoever made it."""

    arity = 1
    output_field = TextField()

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **extra: Any) -> tuple[str, tuple[str | int, ...]]:
        (column,) = self.get_source_expressions()
        row = connection.ops.quote_name(column.alias)
        return f"{row}.xmin || ' ' || {row}.ctid", ()
