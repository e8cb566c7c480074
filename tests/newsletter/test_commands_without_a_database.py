"""The commands where the database is away, or empty: one sentence, and exit status 1."""

import os
import subprocess
import sys

import psycopg
from django.conf import settings
from django.db import connection

from tests.newsletter.letters import SendingTestCase

COMMANDS = (
    ["send_issue", "weekly/tide"],
    ["issue_status", "weekly/tide", "--json"],
    ["erase_person", "rosa@readers.example"],
    ["confirm_installation"],
)


def run(arguments: list[str], *, database: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"DATABASE_URL": database, "DEMO": "on"}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def url_of(database: str) -> str:
    known = connection.settings_dict
    return f"postgres://{known['USER']}@/{known['HOST']}/{database}"


class CommandsWithoutADatabaseTests(SendingTestCase):
    def assert_one_sentence(self, ended: subprocess.CompletedProcess[str], words: str) -> None:
        said = ended.stderr.strip()
        self.assertEqual(ended.returncode, 1, said)
        self.assertIn(words, said)
        self.assertEqual(len(said.splitlines()), 1, said)

    def test_where_nothing_answers(self):
        for arguments in COMMANDS:
            with self.subTest(arguments[0]):
                ended = run(arguments, database="postgres://nobody:x@127.0.0.1:1/newsroom")
                self.assert_one_sentence(ended, "the database does not answer")

    def test_where_no_table_is_there_yet(self):
        name = f"empty_{os.getpid()}"
        known = {**connection.get_connection_params(), "dbname": "postgres"}
        link = {key: known[key] for key in ("host", "port", "user", "password", "dbname") if known.get(key)}
        with psycopg.connect(**link, autocommit=True) as bare:
            bare.execute(f"CREATE DATABASE {name}")
            try:
                for arguments in COMMANDS:
                    with self.subTest(arguments[0]):
                        ended = run(arguments, database=url_of(name))
                        self.assert_one_sentence(ended, "run “manage.py migrate”")
            finally:
                bare.execute(f"DROP DATABASE {name} WITH (FORCE)")
