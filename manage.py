#!/usr/bin/env python
import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as refusal:
        sys.exit(f"Error: {refusal}")
    except OperationalError as fault:
        sys.exit(f"Error: the database does not answer: start it, or correct DATABASE_URL. It said: {fault}".rstrip())


if __name__ == "__main__":
    main()
