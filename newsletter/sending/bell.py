"""How a verb wakes the senders: PostgreSQL's NOTIFY, which goes out with the verb's own commit."""

from django.db import connection

CHANNEL = "newsletter_sending"


def ring() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])


class Bell:
    """One thread's ear for `ring`, on that thread's own connection."""

    def __init__(self) -> None:
        self._listening: object = None

    def wait(self, seconds: float) -> None:
        """Until it rings, or that long."""
        connection.ensure_connection()
        if self._listening is not connection.connection:
            connection.connection.execute(f"LISTEN {CHANNEL}")
            self._listening = connection.connection
        for _notice in connection.connection.notifies(timeout=seconds, stop_after=1):
            pass
