"""EMAIL_URL, read into an entry of Django's MAILERS.

`smtp://` is plain and allowed to loopback and private addresses only; `smtp+tls://` insists on STARTTLS;
`smtp+ssl://` and `smtps://` are TLS from the first byte; `file:///folder` writes one `.eml` per message;
`anymail+mailgun://`, and so on, is a mail service's API, whose keys are ANYMAIL_*.
"""

import ipaddress
import socket
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

TIMEOUT_SECONDS = 20
# RFC 1918 and RFC 4193. Not `is_private`, which counts addresses of documentation and tests, too.
INSIDE = [ipaddress.ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")]
PORTS = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465, "smtps": 465}
FILES = "newsletter.sending.files.EmlBackend"
SERVICE = "anymail+"
UNREADABLE = (
    "EMAIL_URL must look like smtp+tls://user:password@host:587, smtps://user:password@host:465, "
    "smtp://127.0.0.1:25, anymail+mailgun:// or file:///folder. In a user or password, write %23 for #, %2F for /, "
    "%3F for ?, %3A for :, %40 for @ and %25 for %."
)
SMTP = "newsletter.sending.signing.SmtpBackend"


def mailer_from_url(url: str) -> dict[str, Any]:
    try:
        parts = urlsplit(url)
        is_sound = parts.port != 0 and not (parts.query or parts.fragment)
    except ValueError:  # a port that is none, or a bracket that nothing closes
        raise ImproperlyConfigured(UNREADABLE) from None
    if parts.scheme == "file":
        return {"BACKEND": FILES, "OPTIONS": {"folder": unquote(parts.path)}}
    if parts.scheme.startswith(SERVICE):
        return {"BACKEND": f"anymail.backends.{parts.scheme.removeprefix(SERVICE)}.EmailBackend"}
    if parts.scheme not in PORTS or not parts.hostname or parts.path.strip("/") or not is_sound:
        raise ImproperlyConfigured(UNREADABLE)
    if parts.scheme == "smtp" and not stays_inside(parts.hostname):
        raise ImproperlyConfigured(
            f"EMAIL_URL sends mail in the clear to {parts.hostname}: use smtp+tls:// (STARTTLS) or smtps:// there; "
            "smtp:// is for loopback and private addresses."
        )
    options = _smtp_options(parts)
    if not (options["username"] + options["password"]).isascii():
        raise ImproperlyConfigured(
            "The user name or the password in EMAIL_URL has other signs than ASCII, which mail servers read in "
            "different ways: give this account a password without them."
        )
    return {"BACKEND": SMTP, "OPTIONS": options}


def is_by_service() -> bool:
    """Whether mail leaves by a mail service's API."""
    return bool(settings.MAILERS["default"]["BACKEND"].startswith("anymail.backends."))


def dated(at: datetime) -> dict[str, str]:
    """The header that makes a mail the same mail when it is handed over again; a service writes its own."""
    return {} if is_by_service() else {"Date": format_datetime(at.astimezone(UTC))}


def _smtp_options(parts: SplitResult) -> dict[str, Any]:
    return {
        "host": parts.hostname,
        "port": parts.port or PORTS[parts.scheme],
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_tls": parts.scheme == "smtp+tls",
        "use_ssl": parts.scheme in {"smtp+ssl", "smtps"},
        "timeout": TIMEOUT_SECONDS,
    }


def stays_inside(host: str) -> bool:
    try:
        found = {info[4][0] for info in socket.getaddrinfo(host, None)}
    except OSError:
        return False
    return bool(found) and all(_is_inside(ipaddress.ip_address(address)) for address in found)


def _is_inside(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return address.is_loopback or any(address in network for network in INSIDE if network.version == address.version)
