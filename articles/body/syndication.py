"""A rendered body for places that have neither our styles nor our address: feeds and letters."""

import re
from html import escape
from urllib.parse import urljoin

from django.conf import settings

from articles.body.tree import VOID, PortableWalker

# What XML 1.0 cannot hold, not even escaped.
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def without_controls(text: str) -> str:
    return CONTROLS.sub("", text)


def for_elsewhere(body_html: str, *, base: str = "") -> str:
    """Every address absolute, pictures as one plain <img>, nothing that only our own pages understand.

    `base` is the page that the text is from, for what is relative to it.
    """
    walker = _Elsewhere(base or f"{settings.SITE_URL}/")
    walker.feed(body_html)
    walker.close()
    return without_controls("".join(walker.out))


def whole_address(address: str, base: str) -> str:
    try:
        return urljoin(base, address)
    except ValueError:  # no address at all, such as http://[
        return ""


class _Elsewhere(PortableWalker):
    DROPPED = frozenset({"picture", "source", "span"})
    KEPT = frozenset({"href", "src", "alt", "width", "height", "colspan", "rowspan", "scope", "start", "type"})

    def __init__(self, base: str) -> None:
        super().__init__()
        self._base = base
        self.out: list[str] = []
        self._ends: list[str] = []  # what closes each open element; nothing for one that was dropped

    def opened(self, tag: str, attributes: dict[str, str]) -> None:
        is_dropped = tag in self.DROPPED or attributes.get("class") == "table"
        if tag not in VOID:
            self._ends.append("" if is_dropped else f"</{tag}>")
        if is_dropped:
            return
        kept = {name: value for name, value in attributes.items() if name in self.KEPT}
        for name in kept.keys() & {"href", "src"}:
            kept[name] = whole_address(kept[name], self._base)
        self.out.append(self.tag(tag, kept))

    def closed(self, tag: str) -> None:
        if self._ends:
            self.out.append(self._ends.pop())

    def said(self, text: str) -> None:
        self.out.append(escape(text, quote=False))
