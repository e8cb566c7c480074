"""The demo refuses what it should not do, with one sentence, and is made once."""

import os
import socket
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import TestCase, override_settings

from articles.models import Article, Correction, Page
from authors.models import Author
from newsletter.models import Delivery, Issue, Newsletter, Subscription
from newsroom.demo import load, texts

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


class WhatItMakes(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.shares = [share for _what, share in load.load(size=(160, 90))]

    def test_the_bar_only_goes_forward_and_ends_full(self):
        assert self.shares == sorted(self.shares)
        assert self.shares[-1] == 1.0
        assert load.is_loaded()

    def test_a_magazine_of_the_promised_size(self):
        assert Article.objects.live().count() >= 35
        for stand in (STANDS.DRAFT, STANDS.SUBMITTED, STANDS.SCHEDULED):
            assert Article.objects.standing(stand).exists(), stand
        assert Author.objects.exclude(portrait="").count() == 6
        assert Correction.objects.live().count() >= 3
        assert Page.objects.live().count() == 2
        assert set(Newsletter.objects.values_list("slug", flat=True)) == {"weekly", "breaking"}
        assert Subscription.objects.confirmed().count() > 300

    def test_every_picture_has_alternative_text_a_caption_and_a_credit_that_says_illustration(self):
        for article in Article.objects.live():
            for photo in [article.photo, *article.figures.all()]:
                assert photo.alt, article
                assert photo.caption, article
                assert photo.credit.startswith("Illustration by"), article

    def test_every_internal_link_leads_somewhere(self):
        slugs = set(Article.objects.values_list("slug", flat=True))
        for text in texts.read_all():
            for link in text.body.split('href="/')[1:]:
                assert link.partition("/")[0] in slugs, text.slug

    def test_past_issues_balance_and_the_ready_one_has_nothing_against_it(self):
        for issue in Issue.objects.archived():
            assert issue.balance(), issue
            assert issue.deliveries.filter(state=Delivery.State.ACCEPTED).count() == issue.audience
        ready = Issue.objects.named("weekly/ready")
        assert not ready.is_frozen
        ready.send(by=None, now=True)


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
