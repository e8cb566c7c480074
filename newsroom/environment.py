"""What the settings ask of the environment, and what they refuse."""

import ipaddress
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import get_language_info

REQUIRED = {
    "SECRET_KEY": "a random text of 50 characters or more",
    "SUPPRESSION_KEY": "a random text of 50 characters or more; it must never change",
    "SITE_URL": "the address that readers use, such as https://magazine.example",
    "DATABASE_URL": "such as postgres://user:password@host:5432/newsroom",
    "EMAIL_URL": "such as smtp+tls://user:password@host:587",
    "DEFAULT_FROM_EMAIL": "such as 'Magazine <letters@magazine.example>'",
}


def kept_secret(folder: Path, name: str) -> str:
    """A secret that is made once for a trial installation, and read ever after."""
    path = folder / name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        with suppress(FileExistsError):  # two processes that start at once agree on whichever came first
            os.link(draft, path)
        draft.unlink()
    return path.read_text()


def number(env: environ.Env, name: str, default: int, *, least: int = 0, most: int) -> int:
    text = env.str(name, str(default))
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and least <= int(text) <= most):
        raise ImproperlyConfigured(f"{name} must be a number from {least} to {most}, not {text}.")
    return int(text)


def readable[T](name: str, read: Callable[[], T], example: str) -> T:
    """What is read of a variable. Raises ImproperlyConfigured, without its value: there may be a password in it."""
    try:
        return read()
    except (ValueError, LookupError, OSError, ImproperlyConfigured):
        raise ImproperlyConfigured(f"{name} cannot be read. It must look like {example}.") from None


def site(url: str) -> SplitResult:
    found = urlsplit(url)
    if found.port == 0:  # or raises ValueError, where it is no number
        raise ValueError
    return found


def postgres(env: environ.Env) -> dict[str, Any]:
    found: dict[str, Any] = env.db("DATABASE_URL")
    if found["ENGINE"] != "django.db.backends.postgresql":
        raise ValueError
    return found


def language(code: str) -> str:
    """One that Django knows, or its language without the country."""
    get_language_info(code)
    return code


def refuse_unsafe(env: environ.Env, *, trial: bool, site: SplitResult, secret_key: str, suppression_key: str) -> None:
    """Stop the start with a sentence that names the variable. Raises ImproperlyConfigured."""
    if not trial:
        for name, example in REQUIRED.items():
            if not env.str(name, ""):
                raise ImproperlyConfigured(
                    f"Set {name} ({example}), or set DEMO=on to try Newsroom on this machine only."
                )
        if min(len(secret_key), len(suppression_key)) < 50:
            raise ImproperlyConfigured("SECRET_KEY and SUPPRESSION_KEY must each have 50 characters or more.")
        if secret_key == suppression_key:
            raise ImproperlyConfigured("SECRET_KEY and SUPPRESSION_KEY must differ: one rotates, the other never does.")
    if site.scheme not in {"http", "https"} or not site.hostname or site.path:
        raise ImproperlyConfigured(f"SITE_URL must look like https://magazine.example, not {site.geturl()!r}.")
    if site.scheme == "http" and not (trial and is_loopback(site.hostname)):
        raise ImproperlyConfigured(
            f"SITE_URL must begin with https:// ({site.geturl()} is plain HTTP, "
            "which is for 127.0.0.1 with DEMO or DEBUG only)."
        )


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
