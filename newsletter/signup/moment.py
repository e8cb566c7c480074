"""The time token of the form: says that a live page, and no stored one, showed it within a day.

It is bound to no cookie. Where a proof of work is asked for, it is also what the work is done on.
"""

import hashlib

from django.conf import settings
from django.utils import timezone

from newsletter.signup.tokens import TIME, Forged, seal, unseal

LIVES_SECONDS = 86_400


class Live:
    """What only a page that is made for this visit carries."""

    def __init__(self) -> None:
        self.time = seal(TIME, int(timezone.now().timestamp()))
        self.bits = settings.SIGNUP_PROOF_OF_WORK


def is_fresh(token: str) -> bool:
    try:
        age = timezone.now().timestamp() - unseal(TIME, token)
    except Forged:
        return False
    # A server beside this one may be a moment ahead.
    return -60 <= age <= LIVES_SECONDS


def is_proven(token: str, proof: str) -> bool:
    """Whether SHA-256 of `token:proof` begins with as many zero bits as SIGNUP_PROOF_OF_WORK asks for."""
    bits = settings.SIGNUP_PROOF_OF_WORK
    if not bits:
        return True
    digest = hashlib.sha256(f"{token}:{proof[:32]}".encode()).digest()
    return bool(proof) and is_fresh(token) and int.from_bytes(digest) >> (256 - bits) == 0
