"""What ends a start, although the settings by themselves are sound."""

import threading

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection

from newsletter.models import Installation

# Readers are served while the database is away: the web server does not wait for it.
PATIENCE = 5.0


def refuse_another_key() -> None:
    """Raises ImproperlyConfigured where SUPPRESSION_KEY has changed. A database that does not answer is no reason."""
    refusals: list[ImproperlyConfigured] = []

    def ask() -> None:
        try:
            Installation.objects.check_key()
        except ImproperlyConfigured as refusal:
            refusals.append(refusal)
        except DatabaseError:
            pass  # it is away, or not migrated yet; a worker and the doctor ask again
        finally:
            connection.close()

    asking = threading.Thread(target=ask, name="key", daemon=True)
    asking.start()
    asking.join(timeout=PATIENCE)
    if refusals:
        raise refusals[0]
