"""A start that would be unsafe ends with one sentence that names the variable."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.test import RequestFactory, SimpleTestCase, override_settings

from newsroom.addresses import mailbox
from newsroom.audit.origin import client_address
from newsroom.check import PRODUCTION
from newsroom.email_url import mailer_from_url


def start(**changed: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name not in {"DEMO", "DJANGO_SETTINGS_MODULE"}}
    return subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=settings.BASE_DIR,
        env=environment | PRODUCTION | changed,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("name", ["SECRET_KEY", "SUPPRESSION_KEY", "SITE_URL", "DATABASE_URL", "EMAIL_URL"])
def test_what_is_missing_is_named(name):
    refused = start(**{name: ""})
    assert refused.returncode == 1
    assert f"Set {name} (" in refused.stderr
    assert refused.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"SITE_URL": "http://magazine.example"}, "must begin with https://"),
        ({"SECRET_KEY": "short"}, "50 characters or more"),
        ({"SUPPRESSION_KEY": PRODUCTION["SECRET_KEY"]}, "must differ"),
        ({"EMAIL_URL": "smtp://192.0.2.1:25"}, "in the clear"),
        ({"DEMO": "on", "SITE_URL": "http://magazine.example"}, "127.0.0.1"),
        ({"SITE_URL": "https://[magazine.example"}, "SITE_URL cannot be read"),
        ({"SITE_URL": "https://magazine.example:abc"}, "SITE_URL cannot be read"),
        ({"DATABASE_URL": "postgres://u:secret@h:abc/x"}, "DATABASE_URL cannot be read"),
        ({"DATABASE_URL": "mysql://u:secret@h/x"}, "DATABASE_URL cannot be read"),
        ({"CACHE_URL": "nonsense"}, "CACHE_URL cannot be read"),
        ({"LANGUAGE_CODE": "xx"}, "LANGUAGE_CODE cannot be read"),
        ({"TIME_ZONE": "Mars/Base"}, "TIME_ZONE cannot be read"),
        ({"SIGNUP_PROOF_OF_WORK": "99"}, "SIGNUP_PROOF_OF_WORK must be a number from 0 to 24"),
        ({"EMAIL_URL": "smtp+tls://u:secret@h:abc"}, "EMAIL_URL must look like"),
        ({"EMAIL_URL": "smtp+tls://u:secr%C3%ADt@mail.example"}, "other signs than ASCII"),
        ({"DEFAULT_FROM_EMAIL": "Magazine letters@magazine.example"}, "DEFAULT_FROM_EMAIL cannot be read"),
    ],
)
def test_what_is_unsafe_is_refused(changed, said):
    refused = start(**changed)
    assert refused.returncode == 1
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr
    assert "secret" not in refused.stderr


class EmailUrl(SimpleTestCase):
    def test_each_scheme_means_its_security(self):
        for url, port, starttls, tls in (
            ("smtp://127.0.0.1", 25, False, False),
            ("smtp+tls://u:p%40ss@mail.example", 587, True, False),
            ("smtp+ssl://mail.example", 465, False, True),
            ("smtps://mail.example:2465", 2465, False, True),
        ):
            options = mailer_from_url(url)["OPTIONS"]
            assert (options["port"], options["use_tls"], options["use_ssl"]) == (port, starttls, tls), url
        assert mailer_from_url("smtp+tls://u:p%40ss@mail.example")["OPTIONS"]["password"] == "p@ss"

    def test_nonsense_is_refused_with_examples(self):
        for url in (
            "", "http://mail.example", "smtp+tls://", "mail.example", "smpt://mail.example", "smtps:mail.example",
            "smtp+tls://mail.example:abc", "smtp+tls://u:p#s@mail.example:587", "smtp+tls://u:1#s@mail.example",
            "smtp+tls://u:1/s@mail.example", "smtp+tls://u:1?s@mail.example", "smtp+tls://[mail.example",
            "smtp+tls://mail.example:99999", "smtp+tls://mail.example:0",
        ):  # fmt: skip
            with pytest.raises(ImproperlyConfigured, match="EMAIL_URL must look like"):
                mailer_from_url(url)


class WhereARequestComesFrom(SimpleTestCase):
    def address(self, remote: str, forwarded: str = "") -> str:
        headers = {"x-forwarded-for": forwarded} if forwarded else {}
        return client_address(RequestFactory().get("/", headers=headers, REMOTE_ADDR=remote))

    def test_nobody_can_claim_an_address(self):
        assert self.address("198.51.100.7", "192.0.2.1") == "198.51.100.7"

    @override_settings(TRUSTED_PROXIES=["10.0.0.0/8"])
    def test_a_named_proxy_is_believed_as_far_as_it_wrote(self):
        assert self.address("10.0.0.1", "6.6.6.6, 192.0.2.1") == "192.0.2.1"
        assert self.address("10.0.0.1", "6.6.6.6, 192.0.2.1, 10.0.0.2") == "192.0.2.1"
        assert self.address("10.0.0.1", "nonsense") == ""


class SenderTests(SimpleTestCase):
    def test_a_sender_is_one_mailbox_at_a_domain_of_its_own(self):
        for text in (
            "letters@magazine.example", "Magazine <letters@magazine.example>", "<letters@magazine.example>",
            '"Magazine, The" <letters@magazine.example>', "Küste <letters@küste.example>", "A B C<a+b@c.d.example>",
        ):  # fmt: skip
            assert mailbox(text) == text
        for text in (
            "", "Magazine", "Magazine letters@magazine.example", "Magazine <letters@magazine.example",
            "Magazine <letters @magazine.example>", "Magazine <letters@localhost>", "Magazine, The <l@m.example>",
            "<letters@>", "<@magazine.example>", "a@m.example, b@m.example", "lettérs@magazine.example",
            '"Magazine <letters@magazine.example>"', "Magazine <letters@magazine.example> x", "a@b@c.example",
        ):  # fmt: skip
            with pytest.raises(ValueError):
                mailbox(text)
