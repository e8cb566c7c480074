"""The demo's settings, with folders of their own and a fast password hash."""

import os
import tempfile
from pathlib import Path

os.environ["DEMO"] = "on"
os.environ.pop("DEBUG", None)

from newsroom.settings import *  # noqa: F403 - settings are meant to be taken whole
from newsroom.settings import DATABASES, STORAGES, VAR_ROOT

(VAR_ROOT / "test").mkdir(parents=True, exist_ok=True)
SCRATCH = Path(tempfile.mkdtemp(dir=VAR_ROOT / "test"))  # conftest.py removes it
MEDIA_ROOT = SCRATCH / "media"
PRIVATE_ROOT = SCRATCH / "private"
MAILBOX = SCRATCH / "mail"
STATIC_ROOT = SCRATCH / "static"
STATIC_ROOT.mkdir()  # whitenoise warns of a folder that is not there
STORAGES = STORAGES | {
    "private": STORAGES["private"] | {"OPTIONS": {"location": PRIVATE_ROOT, "base_url": None}},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MAILERS = {"default": {"BACKEND": "newsletter.sending.files.EmlBackend", "OPTIONS": {"folder": str(MAILBOX)}}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Two test runs at once on one cluster must not share a database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright keeps an event loop in this thread
DATABASES["default"]["TEST"] = {"NAME": f"test_newsroom_{os.getpid()}"}
# Nobody looks for these rows after a power cut.
DATABASES["default"]["OPTIONS"] = {"options": "-c synchronous_commit=off"}
SECURE_SSL_REDIRECT = False
