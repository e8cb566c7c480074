"""From what an editor made to what readers see. Done once, when a text is kept; never while a reader waits."""

from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.text import slugify
from django.utils.translation import gettext as _

from articles.body.dialect import WIDTHS
from articles.body.tree import VOID, Walker, photo_in


def render(html: str, photos: Mapping[int, Any]) -> str:
    """`photos` holds the Photo of each figure by id; a figure whose photo is gone is left out."""
    renderer = _Renderer(photos)
    renderer.feed(html)
    renderer.close()
    return "".join(renderer.out)


class _Renderer(Walker):
    def __init__(self, photos: Mapping[int, Any]) -> None:
        super().__init__()
        self.out: list[str] = []
        self._photos = photos
        self._anchors: dict[str, int] = {}  # and how many headings wanted it
        self._heading: tuple[str, list[str]] | None = None
        self._in_figure = False

    def opened(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "figure":
            self._in_figure = True
            self.write(self.figure(attributes))
        elif tag in {"h2", "h3", "h4"}:
            self._heading = (tag, [])
        elif tag == "table":
            # A wide table scrolls by itself; the keyboard must reach what scrolls.
            label = _("Table")
            self.write(f'<div class="table" role="region" tabindex="0" aria-label="{label}"><table>')
        elif tag == "aside":
            # It repeats the text: for the eye only.
            self.write('<aside class="pull" aria-hidden="true">')
        elif tag == "a":
            self.write(self.tag("a", self.link(attributes)))
        else:
            self.write(self.tag(tag, attributes))

    def closed(self, tag: str) -> None:
        if tag == "figure":
            self._in_figure = False
        elif self._heading and tag == self._heading[0]:
            inner, self._heading = "".join(self._heading[1]), None
            self.write(f'<{tag} id="{self.anchor(inner)}">{inner}</{tag}>')
        elif tag not in VOID:
            self.write(f"</{tag}></div>" if tag == "table" else f"</{tag}>")

    def said(self, text: str) -> None:
        if not self._in_figure:
            self.write(escape(text, quote=False))

    def write(self, markup: str) -> None:
        (self._heading[1] if self._heading else self.out).append(markup)

    def figure(self, attributes: dict[str, str]) -> str:
        number = photo_in(attributes)
        photo = None if number is None else self._photos.get(number)
        width = attributes.get("data-width", "")
        if photo is None:
            return ""
        return render_to_string(
            "articles/_figure.html", {"photo": photo, "width": width if width in WIDTHS else "text"}
        )

    def link(self, attributes: dict[str, str]) -> dict[str, str]:
        elsewhere = _host_of(attributes.get("href", "")) not in {None, urlsplit(settings.SITE_URL).hostname}
        return attributes | ({"rel": "noopener"} if elsewhere else {})

    def anchor(self, inner: str) -> str:
        base = slugify(_text(inner), allow_unicode=True)[:60] or "part"
        anchor = base
        while anchor in self._anchors:
            self._anchors[base] += 1
            anchor = f"{base}-{self._anchors[base]}"
        self._anchors[anchor] = 1
        return anchor


class _Text(Walker):
    text = ""

    def said(self, text: str) -> None:
        self.text += text


def _host_of(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:  # an address that leads nowhere, such as //[
        return None


def _text(markup: str) -> str:
    reader = _Text()
    reader.feed(markup)
    reader.close()
    return reader.text
