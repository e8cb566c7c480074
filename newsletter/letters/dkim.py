"""DKIM (RFC 6376): the house signs its letters. A letter that is handed over again has the same signature.

The body is signed as it stands: it is quoted-printable, and nobody on the way has a reason to encode it anew.
"""

import base64
import hashlib
import re
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

SHORTEST_KEY = 2048
SIGNED = (
    *("from", "to", "reply-to", "subject", "date", "message-id", "mime-version", "content-type"),
    *("list-id", "list-unsubscribe", "list-unsubscribe-post"),
)
# Named once more than they stand there, so that nobody on the way adds another.
ONCE = ("from", "to", "subject", "date")
FIELD = re.compile(rb"([!-9;-~]+):((?:[^\r]|\r\n[ \t])*)\r\n")
BETWEEN = re.compile(rb"[ \t\r\n]+")
LABEL = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", re.IGNORECASE)
LINE = 72


class Signer:
    def __init__(self, key: RSAPrivateKey, *, selector: str, domain: str) -> None:
        self.selector, self.domain = selector, domain
        self._key = key

    def is_known_by(self, public: bytes) -> bool:
        """Whether this is the public half of its key, as it stands in the DNS."""
        return self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) == public

    def signature(self, head: bytes, body: Iterable[bytes], *, at: datetime) -> bytes:
        """The header line of the message that begins with `head`, ready to stand before it."""
        found = [(name.lower(), value) for name, value in FIELD.findall(head)]
        signed = [(name, value) for wanted in SIGNED for name, value in found if name == wanted.encode()]
        names = [name.decode() for name, _value in signed] + list(ONCE)
        line = (
            f"v=1; a=rsa-sha256; c=relaxed/simple; d={self.domain}; s={self.selector};\r\n"
            f" t={int(at.timestamp())}; h={_folded(':'.join(names), after=':')};\r\n"
            f" bh={_hashed(body)};\r\n b="
        )
        canonical = b"".join(_relaxed(name, value) + b"\r\n" for name, value in signed)
        canonical += _relaxed(b"dkim-signature", line.encode())
        signature = base64.b64encode(self._key.sign(canonical, PKCS1v15(), SHA256())).decode()
        return f"DKIM-Signature: {line}{_in_lines(signature)}\r\n".encode()


def from_settings() -> Signer | None:
    """None where no key is set. Raises ImproperlyConfigured with a sentence."""
    if not settings.DKIM_KEY:
        return None
    domain, selector = settings.DKIM_DOMAIN, settings.DKIM_SELECTOR
    if not domain or not selector:
        raise ImproperlyConfigured("DKIM_KEY is set: set DKIM_DOMAIN and DKIM_SELECTOR as well.")
    for name, value in (("DKIM_DOMAIN", domain), ("DKIM_SELECTOR", selector)):
        if not all(LABEL.fullmatch(label) for label in value.split(".")):
            raise ImproperlyConfigured(f"{name} must be a name as it stands in the DNS, not {value!r}.")
    return Signer(read_key(settings.DKIM_KEY), selector=selector, domain=domain)


configured = cache(from_settings)


def read_key(text: str) -> RSAPrivateKey:
    """From PEM, with its line ends also as `\\n`, or from the file that is named."""
    pem = text.replace("\\n", "\n").encode() if "-----BEGIN" in text else _content(text)
    try:
        key = load_pem_private_key(pem, password=None)
    except TypeError as error:
        raise ImproperlyConfigured("DKIM_KEY is locked by a password: take it off.") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ImproperlyConfigured("DKIM_KEY is no private key in PEM (-----BEGIN PRIVATE KEY-----).") from error
    if not isinstance(key, RSAPrivateKey):
        raise ImproperlyConfigured("DKIM_KEY must be an RSA key: it is the one kind that every mailbox provider reads.")
    if key.key_size < SHORTEST_KEY:
        raise ImproperlyConfigured(f"DKIM_KEY has {key.key_size} bits: mailbox providers want {SHORTEST_KEY} or more.")
    return key


def _content(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is neither PEM nor the name of a file"
        raise ImproperlyConfigured(f"DKIM_KEY cannot be read: {reason}. It is PEM, or the name of a file.") from error


def _hashed(body: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in body:
        digest.update(piece)
    return base64.b64encode(digest.digest()).decode()


def _relaxed(name: bytes, value: bytes) -> bytes:
    return name + b":" + BETWEEN.sub(b" ", value).strip()


def _folded(words: str, *, after: str) -> str:
    lines, line = [], ""
    for word in words.split(after):
        if len(line) + len(word) > LINE:
            lines.append(line)
            line = ""
        line += word + after
    return "\r\n ".join([*lines, line]).removesuffix(after)


def _in_lines(text: str) -> str:
    return "\r\n ".join(text[start : start + LINE] for start in range(0, len(text), LINE))
