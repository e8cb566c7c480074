"""Where a link may lead, written as the URL standard wants it: https://url.spec.whatwg.org/#url-writing"""

import re
from collections.abc import Mapping
from urllib.parse import SplitResult, quote, urlsplit

import idna

from newsroom.characters import legible

# What may stand as it is in each part; everything else is percent-encoded, except letters of other scripts.
PATH = "!$&'()*+,-./:;=@_~"
QUERY = f"{PATH}?"
PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
SAID_BY_EDITORS = frozenset({"nofollow", "sponsored", "ugc"})


def link(attributes: Mapping[str, str]) -> dict[str, str]:
    """href, title and rel of a link that leads somewhere; nothing of one that does not."""
    href = address(attributes.get("href", ""))
    if not href:
        return {}
    title = legible(attributes.get("title", "")).strip()
    said = " ".join(word for word in attributes.get("rel", "").lower().split() if word in SAID_BY_EDITORS)
    return {"href": href} | ({"rel": said} if said else {}) | ({"title": title} if title else {})


def address(href: str) -> str:
    """The same address in signs that every program takes; empty if it is none, or hides a name and a password."""
    href = re.sub(r"[\t\n\r]", "", legible(href)).strip()
    try:
        parts = urlsplit(href)
        port = parts.port
    except ValueError:
        return ""
    scheme = parts.scheme.lower()
    if scheme in {"http", "https"}:
        host = _host(parts)
        if not host:
            return ""
        place = f"{scheme}://{host}" + (f":{port}" if port is not None else "")
        return place + (_encoded(parts.path, PATH) or "") + _rest(parts)
    if scheme == "mailto":
        return f"mailto:{_encoded(parts.path, PATH)}{_rest(parts)}" if parts.path else ""
    if scheme or parts.netloc or href.startswith(("//", "\\", "/\\")):
        return ""
    return (_encoded(parts.path, PATH) + _rest(parts)) if href else ""


def _rest(parts: SplitResult) -> str:
    query = f"?{_encoded(parts.query, QUERY)}" if parts.query else ""
    return query + (f"#{_encoded(parts.fragment, QUERY)}" if parts.fragment else "")


def _encoded(part: str, safe: str) -> str:
    signs = PERCENT.sub("%25", part)
    return "".join(sign if sign.isalnum() or sign in safe or sign == "%" else quote(sign, safe="") for sign in signs)


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    if ":" in host:
        return f"[{host}]" if re.fullmatch(r"[0-9a-f:.]+", host) else ""
    try:
        ascii_host = idna.encode(host, uts46=True).decode() if not host.isascii() else host.lower()
    except idna.IDNAError:
        return ""
    labels = ascii_host.split(".")
    if not all(LABEL.fullmatch(label) for label in labels):
        return ""
    if re.fullmatch(r"0x[0-9a-f]*|[0-9]+", labels[-1]):  # a number is an address of four of them, or none
        return (
            ascii_host
            if re.fullmatch(r"(\d{1,3})(\.\d{1,3}){3}", ascii_host)
            and all(int(label) < 256 and str(int(label)) == label for label in labels)
            else ""
        )
    return ascii_host
