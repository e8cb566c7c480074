"""From what an editor made to what readers see. Done once, when a text is kept; never while a reader waits."""

from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.text import slugify
from django.utils.translation import gettext as _

from articles.body import embeds
from articles.body.dialect import WIDTHS
from articles.body.grammar import HEADINGS, Element, parse
from articles.body.reading import repeats
from articles.body.tables import number_cells
from articles.body.tree import VOID, Walker, gallery_in, photo_in

# First words of ids that the page itself uses, or this module: an anchor that begins so takes another one.
HOUSE_IDS = frozenset(
    {"top", "content", "corrections", "subscribe", "dialog", "read", "note", "notes", "ref", "search"}
)


def render(html: str, photos: Mapping[int, Any]) -> str:
    """`photos` holds the Photo of each figure by id; a figure whose photo is gone is left out."""
    body = parse(html)
    renderer = _Renderer(body, photos)
    return "".join(renderer.block(element) for element in body.elements) + renderer.notes()


class _Renderer:
    def __init__(self, body: Element, photos: Mapping[int, Any]) -> None:
        self._body = body
        self._photos = photos
        self._anchors: dict[str, int] = {}  # and how many headings wanted it
        self._level = 1
        self._notes: list[str] = []
        self._tables = sum(element.tag == "table" for element in body.walk())
        self._table = 0
        self._listings = sum(element.tag == "pre" for element in body.walk())
        self._listing = 0

    # Blocks

    def block(self, element: Element) -> str:
        match element.tag:
            case "figure":
                return self.atom(element)
            case "table":
                return self.table(element)
            case "aside":
                return self.pull_quote(element)
            case "section":
                return f'<div class="callout" role="note">{self.inner(element)}</div>'
            case "pre":
                return self.listing(element)
            case tag if tag in HEADINGS:
                return self.heading(element)
            case _:
                return self.plain(element)

    def plain(self, element: Element) -> str:
        if element.tag in VOID:
            return Walker.tag(element.tag, {})
        inner = self.inner(element)
        opened = Walker.tag(element.tag, element.attributes)
        return f"{opened}{inner}</{element.tag}>" if element.tag else inner

    def listing(self, element: Element) -> str:
        """Code keeps its lines, and a long one scrolls: the keyboard must reach what scrolls."""
        self._listing += 1
        name = _("Code %(number)s") % {"number": self._listing} if self._listings > 1 else _("Code")
        return f'<pre role="group" tabindex="0" aria-label="{name}"><code>{self.inner(element)}</code></pre>'

    def inner(self, element: Element) -> str:
        return "".join(
            escape(child, quote=False) if isinstance(child, str) else self.inline_or_block(child)
            for child in element.children
        )

    def inline_or_block(self, element: Element) -> str:
        if element.tag == "span":
            return self.note(element)
        if element.tag == "a":
            return f"{Walker.tag('a', self.link(element.attributes))}{self.inner(element)}</a>"
        return self.block(element)

    def heading(self, element: Element) -> str:
        """Never more than one level below the one before; the page's own headline is the first."""
        self._level = min(int(element.tag[1]), self._level + 1)
        inner = self.inner(element)
        return f'<h{self._level} id="{self.anchor(_without_notes(element))}">{inner}</h{self._level}>'

    def pull_quote(self, element: Element) -> str:
        """One that repeats the text is for the eye only, and holds nothing for the keyboard."""
        if repeats(element, self._body):
            words = "".join(f"<p>{escape(_without_notes(line), quote=False)}</p>" for line in element.elements)
            return f'<aside class="pull" aria-hidden="true">{words}</aside>'
        return f'<blockquote class="pull">{self.inner(element)}</blockquote>'

    def atom(self, element: Element) -> str:
        if "data-embed" in element.attributes:
            return self.embed(element)
        return self.gallery(element) if "data-gallery" in element.attributes else self.figure(element)

    def gallery(self, element: Element) -> str:
        """Of the photos that are still there; a single one stands as any other."""
        photos = [self._photos[number] for number in gallery_in(element.attributes) if number in self._photos]
        if not photos:
            return ""
        if len(photos) == 1:
            return render_to_string("articles/_figure.html", {"photo": photos[0], "width": "text"})
        over, is_odd = len(photos) % 3, len(photos) % 2 == 1
        # As static/css/story.css places them: of those that are over, two in a row; on a narrow page the odd one alone.
        large = {0: 0, 1: 4, 2: 2}[over]
        places = [
            f"gallery{'-first' if is_odd and number == 0 else ''}{'' if number < large else '-part'}"
            for number in range(len(photos))
        ]
        context = {
            "pictures": list(zip(photos, places, strict=True)),
            "over": over,
            "is_odd": is_odd,
            "is_tall": all(photo.height > photo.width for photo in photos),
        }
        return render_to_string("articles/_gallery.html", context)

    def figure(self, element: Element) -> str:
        number = photo_in(element.attributes)
        photo = None if number is None else self._photos.get(number)
        width = element.attributes.get("data-width", "")
        if photo is None:
            return ""
        return render_to_string(
            "articles/_figure.html", {"photo": photo, "width": width if width in WIDTHS else "text"}
        )

    def embed(self, element: Element) -> str:
        embed = embeds.known(element.attributes["data-embed"])
        if embed is None:
            return ""
        context = {"embed": embed, "title": element.attributes.get("data-title") or embed.title}
        return render_to_string("articles/_embed.html", context)

    # Tables

    def table(self, element: Element) -> str:
        """A wide table scrolls by itself; the keyboard must reach what scrolls."""
        self._table += 1
        name = _("Table %(number)s") % {"number": self._table} if self._tables > 1 else _("Table")
        for cell in number_cells(element):
            cell.attributes["class"] = "number"
        groups = "".join(self.rows(group) for group in _with_head(element))
        return f'<div class="table" role="group" tabindex="0" aria-label="{name}"><table>{groups}</table></div>'

    def rows(self, group: Element) -> str:
        rows = "".join(f"<tr>{self.cells(row, in_head=group.tag == 'thead')}</tr>" for row in group.elements)
        return f"<{group.tag}>{rows}</{group.tag}>"

    def cells(self, row: Element, *, in_head: bool) -> str:
        out = []
        for number, cell in enumerate(row.elements):
            heads = {"scope": "col" if in_head else "row"} if cell.tag == "th" and (in_head or number == 0) else {}
            out.append(f"{Walker.tag(cell.tag, cell.attributes | heads)}{self.inner(cell)}</{cell.tag}>")
        return "".join(out)

    # Notes and links

    def note(self, element: Element) -> str:
        self._notes.append("")
        number = len(self._notes)
        self._notes[number - 1] = self.inner(element).strip()
        name = _("Note %(number)s") % {"number": number}
        return (
            f'<sup class="ref" id="ref-{number}"><a href="#note-{number}" role="doc-noteref"'
            f' aria-label="{name}">{number}</a></sup>'
        )

    def notes(self) -> str:
        if not self._notes:
            return ""
        back, heading = _("Back to the text"), _("Notes")
        items = "".join(
            f'<li id="note-{number}">{note}<a class="back" href="#ref-{number}" role="doc-backlink"'
            f' aria-label="{back}" data-page-only>\u00a0↩</a></li>'
            for number, note in enumerate(self._notes, 1)
        )
        return (
            f'<section class="notes" role="doc-endnotes" aria-labelledby="notes"><h2 id="notes">{heading}</h2>'
            f"<ol>{items}</ol></section>"
        )

    def link(self, attributes: Mapping[str, str]) -> dict[str, str]:
        host = urlsplit(attributes["href"]).hostname
        if host in {None, urlsplit(settings.SITE_URL).hostname}:
            return dict(attributes)
        return dict(attributes) | {"rel": f"noopener {attributes.get('rel', '')}".strip()}

    def anchor(self, words: str) -> str:
        base = slugify(words, allow_unicode=True)[:60] or "part"
        if base.partition("-")[0] in HOUSE_IDS:
            base = f"part-{base}"
        anchor = base
        while anchor in self._anchors:
            self._anchors[base] += 1
            anchor = f"{base}-{self._anchors[base]}"
        self._anchors[anchor] = 1
        return anchor


def _with_head(table: Element) -> list[Element]:
    """A first row of heads alone is the table's head, if none of them reaches below it."""
    groups = list(table.elements)
    first = next(groups[0].elements)
    heads = list(first.elements)
    if groups[0].tag == "thead" or len(groups[0].children) < 2:
        return groups
    if all(cell.tag == "th" and "rowspan" not in cell.attributes for cell in heads):
        rest = Element(groups[0].tag, children=groups[0].children[1:])
        return [Element("thead", children=[first]), rest, *groups[1:]]
    return groups


def _without_notes(element: Element) -> str:
    return "".join(
        child if isinstance(child, str) else "" if child.tag == "span" else _without_notes(child)
        for child in element.children
    )
