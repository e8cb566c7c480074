"""The demo refuses what it should not do, with one sentence, and is made once."""

import os
import socket
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import TestCase, override_settings

from articles.models import Article
from newsroom.demo import texts

STANDS = Article.Stand


class WhatItRefuses(TestCase):
    @override_settings(DEMO=False)
    def test_an_installation_that_is_none(self):
        with pytest.raises(CommandError, match="set DEMO=on"):
            call_command("demo")

    def test_a_busy_port_and_names_another(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            with override_settings(PORT=port), pytest.raises(CommandError, match=rf"Port {port} is in use: .* PORT="):
                call_command("demo")

    def test_a_site_that_others_could_reach(self):
        elsewhere = settings.SITE._replace(netloc="magazine.example:8000")
        with override_settings(SITE=elsewhere), pytest.raises(CommandError, match="this machine only"):
            call_command("demo")


def test_every_internal_link_of_its_texts_leads_somewhere():
    found = texts.read_all()
    slugs = {text.slug for text in found}
    for text in found:
        for link in text.body.split('href="/')[1:]:
            assert link.partition("/")[0] in slugs, text.slug


@pytest.mark.parametrize("python", ["/bin/false", "/nonexistent/python"])
def test_a_python_that_will_not_do_gets_one_sentence(python, tmp_path):
    # Without uv, which would supply one.
    environment = os.environ | {"PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        ["sh", ".ci/venv", python, str(tmp_path / "venv")],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "needs Python 3.13 or newer" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "venv").exists()


def test_a_port_that_is_none_gets_one_sentence():
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=settings.BASE_DIR,
        env={k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"} | {"DEMO": "on", "PORT": "99999"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr == "Error: PORT must be a number from 1 to 65535, not 99999.\n"
