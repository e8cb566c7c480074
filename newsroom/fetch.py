"""The one door through which this house fetches or tells something at an address that somebody typed.

An address may be a trap: it may lead into the house's own network, change where it leads between the look and the
call, never end, or be endless. So the name is resolved once, every answer is looked at, and the call goes to exactly
what was looked at.
"""

import http.client
import io
import ipaddress
import queue
import re
import socket
import ssl
import threading
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, quote, urljoin, urlsplit

import idna
from django.utils.translation import gettext as _

PORTS = {"http": 80, "https": 443}
REDIRECTS = {301, 302, 303, 307, 308}
MOST_REDIRECTS = 5
MOST_BYTES = 5_000_000
AGENT = "Newsroom"
# Such addresses hold one of the old kind, which may be an inner one; nobody's public web server has one.
DISGUISES = [
    ipaddress.ip_network(network)
    for network in (
        "::/96",
        "::ffff:0:0/96",
        "::ffff:0:0:0/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/32",
        "2002::/16",
        "192.88.99.0/24",
    )
]

type Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class FetchError(Exception):
    """Nothing was fetched. Says why, in a sentence."""


class Refused(FetchError):
    """This house does not go there, however often it is asked."""


class Unreachable(FetchError):
    """It did not work this time; another time it may."""


@dataclass(frozen=True)
class Patience:
    """In seconds: to be connected, for the next byte, and for everything together, redirects included."""

    connect: float = 5.0
    read: float = 10.0
    total: float = 30.0


@dataclass(frozen=True)
class Answer:
    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Errand:
    """One call, with all its redirects."""

    patience: Patience
    most_bytes: int
    # Places such as "127.0.0.1:8080" that are gone to although they are inner ones: for tests.
    allow: Collection[str]
    deadline: float = field(init=False)

    def __post_init__(self) -> None:
        self.deadline = time.monotonic() + self.patience.total

    def left(self, most: float) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return min(left, most)


def get(
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    patience: Patience = Patience(),
    most_bytes: int = MOST_BYTES,
    allow: Collection[str] = (),
) -> Answer:
    """What is there, after at most five redirects. Raises FetchError; an answer such as 404 is an answer."""
    errand = Errand(patience, most_bytes, allow)
    first, said = "", headers or {}
    for _hop in range(MOST_REDIRECTS + 1):
        answer = _call(errand, url, "GET", said)
        first = first or urlsplit(url).netloc
        if answer.status not in REDIRECTS or "Location" not in answer.headers:
            return answer
        try:
            url = urljoin(url, answer.headers["Location"])
        except ValueError as nonsense:
            raise Refused(_("%(url)s leads to an address that is none.") % {"url": url}) from nonsense
        if _looked_at(url).netloc != first:
            said = {}  # what the caller says is for the host that the caller named
    raise Refused(_("%(url)s leads on and on.") % {"url": url})


def post(
    url: str,
    data: bytes,
    *,
    content_type: str = "application/x-www-form-urlencoded",
    headers: Mapping[str, str] | None = None,
    patience: Patience = Patience(),
    most_bytes: int = MOST_BYTES,
    allow: Collection[str] = (),
) -> Answer:
    """Tell something. A redirect is an answer, and not followed."""
    errand = Errand(patience, most_bytes, allow)
    return _call(errand, url, "POST", {"Content-Type": content_type} | dict(headers or {}), data)


def is_public(address: str) -> bool:
    """Whether a machine of anybody's may have this address on the internet."""
    found = ipaddress.ip_address(address)
    if found.is_multicast or found.is_reserved or getattr(found, "is_site_local", False) or not found.is_global:
        return False
    return not any(found in network for network in DISGUISES if network.version == found.version)


def _call(errand: Errand, url: str, method: str, headers: Mapping[str, str], data: bytes | None = None) -> Answer:
    parts = _looked_at(url)
    host, port = _name(parts), parts.port or PORTS[parts.scheme]
    try:
        line = _connect(errand, parts.scheme, host, port)
        try:
            return _talk(errand, line, url, parts, method, headers, data)
        finally:
            line.close()
    except FetchError:
        raise
    except TimeoutError as late:
        raise Unreachable(_("%(host)s did not answer in time.") % {"host": host}) from late
    except ssl.SSLCertVerificationError as stranger:
        sentence = _("The certificate of %(host)s does not hold: %(reason)s.")
        raise Unreachable(sentence % {"host": host, "reason": stranger.verify_message}) from stranger
    except (OSError, http.client.HTTPException, ValueError) as failure:
        sentence = _("%(host)s could not be reached: %(reason)s")
        raise Unreachable(sentence % {"host": host, "reason": failure or type(failure).__name__}) from failure


def _looked_at(url: str) -> SplitResult:
    """The parts of an address that is one, and of the web."""
    if re.search(r"[\0-\x20\x7f\\]", url):
        raise Refused(_("An address has neither spaces nor backslashes."))
    try:
        parts = urlsplit(url)
        _port = parts.port
    except ValueError as nonsense:
        raise Refused(_("“%(url)s” is no address.") % {"url": url[:200]}) from nonsense
    if parts.scheme not in PORTS:
        raise Refused(_("Only addresses that begin with http:// or https:// are fetched."))
    if not parts.hostname:
        raise Refused(_("“%(url)s” is no address.") % {"url": url[:200]})
    if parts.username is not None or parts.password is not None:
        raise Refused(_("An address with a name or a password in it is not fetched."))
    return parts


def _name(parts: SplitResult) -> str:
    """The host as the network knows it."""
    host = parts.hostname or ""
    if host.isascii():
        return host
    try:
        return idna.encode(host, uts46=True).decode()
    except idna.IDNAError as nonsense:
        raise Refused(_("“%(url)s” is no address.") % {"url": host}) from nonsense


def _connect(errand: Errand, scheme: str, host: str, port: int) -> socket.socket:
    is_allowed = f"{host}:{port}" in errand.allow
    if port not in PORTS.values() and not is_allowed:
        raise Refused(_("Only the ports 80 and 443 are called, not %(port)s.") % {"port": port})
    addresses = _resolve(errand, host, port)
    if not is_allowed and not all(map(is_public, addresses)):
        raise Refused(_("%(host)s is inside a network that strangers do not reach.") % {"host": host})
    for number, address in enumerate(addresses, 1):
        try:
            line = socket.create_connection((address, port), timeout=errand.left(errand.patience.connect))
            break
        except OSError:
            if number == len(addresses):
                raise
    if scheme == "http":
        return line
    try:
        line.settimeout(errand.left(errand.patience.connect))
        return ssl.create_default_context().wrap_socket(line, server_hostname=host)
    except BaseException:
        line.close()
        raise


def _resolve(errand: Errand, host: str, port: int) -> list[str]:
    """Every address of this name. The system's resolver knows no time-out, so it is left behind when it is late."""
    answers: queue.SimpleQueue[list[str] | OSError | UnicodeError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put(list(dict.fromkeys(str(entry[4][0]) for entry in found)))
        except (OSError, UnicodeError) as failure:
            answers.put(failure)

    threading.Thread(target=ask, daemon=True, name="resolver").start()
    try:
        answer = answers.get(timeout=errand.left(errand.patience.connect))
    except queue.Empty as late:
        raise TimeoutError from late
    if isinstance(answer, list) and answer:
        return answer
    raise Unreachable(_("Nobody knows where %(host)s is.") % {"host": host})


def _talk(
    errand: Errand,
    line: socket.socket,
    url: str,
    parts: SplitResult,
    method: str,
    headers: Mapping[str, str],
    data: bytes | None,
) -> Answer:
    connection = _Spoken(errand, line, _name(parts), parts.port or PORTS[parts.scheme])
    connection.default_port = PORTS[parts.scheme]
    path = quote(parts.path or "/", safe="%/:=&?~+!$,;'@()*[]")
    query = quote(parts.query, safe="%/:=&?~+!$,;'@()*[]")
    own = {"User-Agent": AGENT, "Accept-Encoding": "identity", "Connection": "close"}
    connection.request(method, f"{path}?{query}" if query else path, body=data, headers=own | dict(headers))
    with connection.getresponse() as answer:
        body = answer.read(errand.most_bytes + 1)
    if answer.length and len(body) <= errand.most_bytes:
        raise Unreachable(_("%(url)s ended in the middle.") % {"url": url})
    if len(body) > errand.most_bytes:
        raise Refused(_("%(url)s is larger than %(most)s bytes.") % {"url": url, "most": errand.most_bytes})
    return Answer(url, answer.status, answer.headers, body)  # type: ignore[arg-type]


class _Spoken(http.client.HTTPConnection):
    """HTTP over a line that is there already, and that knows when to give up."""

    def __init__(self, errand: Errand, line: socket.socket, host: str, port: int) -> None:
        super().__init__(host, port)
        self.sock = _Line(errand, line)

    def connect(self) -> None:
        raise http.client.NotConnected("The line is gone.")


class _Line:
    """A socket whose every wait ends with the errand's time. Whoever connected it closes it."""

    def __init__(self, errand: Errand, line: socket.socket) -> None:
        self._errand, self._line = errand, line

    def makefile(self, *_mode: object) -> io.BufferedReader:
        return io.BufferedReader(_Ear(self._errand, self._line))

    def sendall(self, data: bytes) -> None:
        self._line.settimeout(self._errand.left(self._errand.patience.read))
        self._line.sendall(data)

    def close(self) -> None:
        pass


class _Ear(io.RawIOBase):
    def __init__(self, errand: Errand, line: socket.socket) -> None:
        self._errand, self._line = errand, line

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        self._line.settimeout(self._errand.left(self._errand.patience.read))
        return self._line.recv_into(buffer)
