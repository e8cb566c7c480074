"""Signed links, each good for one purpose. Whoever holds one can read what it carries: numbers, never an address."""

from typing import Any

from django.core.signing import BadSignature, Signer

CONFIRM, UNDO, TIME, DATA = "confirm", "undo", "time", "data"


class Forged(Exception):
    """No link of ours, or one that was altered."""


def seal(purpose: str, value: Any) -> str:
    return _signer(purpose).sign_object(value)


def unseal(purpose: str, token: str) -> Any:
    """Raises Forged. How old it may be is the value's own affair."""
    try:
        return _signer(purpose).unsign_object(token)
    except BadSignature:
        raise Forged from None


def _signer(purpose: str) -> Signer:
    return Signer(salt=f"newsletter.{purpose}", sep=".")
