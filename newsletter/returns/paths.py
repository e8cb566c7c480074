"""The signed return path: a mail to it speaks of one copy, and only we can have made its address."""

import re
from collections.abc import Iterable

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

PURPOSE = "newsletter.returns"
# 80 bits: an address is guessed by sending mail, one try each.
SIGNATURE = 20
# Mail servers may lower or raise the case of an address.
SEALED = re.compile(rf"\br-([0-9]{{1,18}})-([0-9a-f]{{{SIGNATURE}}})\b", re.IGNORECASE)


def return_path(delivery: int, *, otherwise: str) -> str:
    """What MAIL FROM says for this copy. Without RETURN_PATH_DOMAIN, the sender’s own address."""
    return f"{seal(delivery)}@{settings.RETURN_PATH_DOMAIN}" if settings.RETURN_PATH_DOMAIN else otherwise


def metadata(delivery: int) -> dict[str, str]:
    """What a mail service is given with a copy, and gives back with each of its events."""
    return {"delivery": seal(delivery)}


def seal(delivery: int) -> str:
    return f"r-{delivery}-{_signature(delivery, settings.SECRET_KEY)}"


def unseal(texts: Iterable[str]) -> tuple[int | None, bool]:
    """The copy that one of these names under a signature of ours, and whether one was named under a false one."""
    is_forged = False
    for text in texts:
        for number, signature in SEALED.findall(text):
            if is_ours(int(number), signature.lower()):
                return int(number), False
            is_forged = True
    return None, is_forged


def is_ours(delivery: int, signature: str) -> bool:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any(constant_time_compare(signature, _signature(delivery, key)) for key in keys)


def _signature(delivery: int, key: str) -> str:
    return salted_hmac(PURPOSE, str(delivery), secret=key, algorithm="sha256").hexdigest()[:SIGNATURE]
