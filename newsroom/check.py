"""Everything that a machine can say about the code without running the tests: `make check`."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from newsroom.embedded_postgres import DATABASE, ROLE, ensure_running, socket_folder

# As `make format` does it.
FORMAT = ["--indent-width", "2", "--line-length", "120"]
POSTGRES = Path(__file__).parent.parent / "var" / "postgres"
BIN = Path(sys.executable).parent
MANAGE = [sys.executable, "manage.py"]
# What a production start needs; nothing of it leads anywhere.
PRODUCTION = {
    "SITE_URL": "https://magazine.example",
    "SECRET_KEY": "check-" * 12,
    "SUPPRESSION_KEY": "chek2-" * 12,
    # Checks of generated columns ask the server for its version.
    "DATABASE_URL": f"postgres://{ROLE}@/{socket_folder(POSTGRES)}/{DATABASE}",
    "EMAIL_URL": "smtps://127.0.0.1:465",
    "DEFAULT_FROM_EMAIL": "Magazine <letters@magazine.example>",
    "DEMO": "off",
    "DEBUG": "off",
}
CHECKS: dict[str, tuple[list[str | Path], dict[str, str]]] = {
    "style": ([BIN / "ruff", "check", "--quiet", "."], {}),
    "format": ([BIN / "ruff", "format", "--check", "--quiet", "."], {}),
    "templates": ([BIN / "djangofmt", *FORMAT, "--check", "--quiet", "templates"], {}),
    "types": ([BIN / "mypy", "--no-error-summary"], {}),
    "migrations": ([*MANAGE, "makemigrations", "--check", "--dry-run"], {"DEMO": "on"}),
    "production": ([*MANAGE, "check", "--deploy", "--fail-level", "WARNING"], PRODUCTION),
}


def run(name: str) -> tuple[str, subprocess.CompletedProcess[str], float]:
    command, environment = CHECKS[name]
    began = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | environment)
    return name, done, time.monotonic() - began


def main() -> int:
    failed = 0
    try:
        ensure_running(POSTGRES)
    except ImproperlyConfigured as refusal:
        sys.exit(f"Error: {refusal}")
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for name, done, seconds in pool.map(run, CHECKS):
            print(f"{'ok' if done.returncode == 0 else 'NOT OK'}  {name}  ({seconds:.1f} s)", flush=True)
            if done.returncode:
                failed += 1
                print(done.stdout + done.stderr, flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
