"""Where the present request comes from: an IP address, or "shell" for commands and workers."""

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings
from django.http import HttpRequest

_origin: ContextVar[str] = ContextVar("origin", default="shell")


def current_origin() -> str:
    return _origin.get()


@contextmanager
def coming_from(origin: str) -> Iterator[None]:
    token = _origin.set(origin)
    try:
        yield
    finally:
        _origin.reset(token)


def client_address(request: HttpRequest) -> str:
    """The visitor's IP address. X-Forwarded-For counts only as far as the named proxies wrote it."""
    address = request.META.get("REMOTE_ADDR", "")
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    while hops and _is_trusted(address):
        address = hops.pop()
    return address if _is_address(address) else ""


def _is_trusted(address: str) -> bool:
    # Behind a Unix socket there is no address: only the proxy beside it can knock there.
    if not address:
        return bool(settings.TRUSTED_PROXIES)
    return _is_address(address) and any(
        ipaddress.ip_address(address) in ipaddress.ip_network(proxy) for proxy in settings.TRUSTED_PROXIES
    )


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
