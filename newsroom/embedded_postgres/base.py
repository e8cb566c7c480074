"""Django's PostgreSQL backend, which starts the embedded server when the first connection is wanted."""

from typing import Any

from django.conf import settings
from django.db.backends.postgresql import base

from newsroom.embedded_postgres import ensure_running


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        ensure_running(settings.VAR_ROOT / "postgres")
        return super().get_new_connection(conn_params)
