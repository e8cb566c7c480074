#!/usr/bin/env python
import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import InterfaceError, OperationalError, ProgrammingError
from psycopg.errors import UndefinedColumn, UndefinedTable


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as refusal:
        sys.exit(f"Error: {refusal}")
    except (OperationalError, InterfaceError) as fault:
        said = " ".join(str(fault).split())
        sys.exit(f"Error: the database does not answer: start it, or correct DATABASE_URL. It said: {said}".rstrip())
    except ProgrammingError as fault:
        if not isinstance(fault.__cause__, UndefinedTable | UndefinedColumn):
            raise
        sys.exit("Error: the tables are not those of this release: run “manage.py migrate”.")


if __name__ == "__main__":
    main()
