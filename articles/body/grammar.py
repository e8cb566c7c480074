"""The grammar of a body: whatever markup arrives, what is kept of it is a sequence of blocks that HTML allows.

The editor makes nothing else; what is pasted, imported or forged is brought into the same form, with every word of it.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from itertools import batched
from typing import Self

from articles.body import embeds, tables
from articles.body.tree import MOST_IN_GALLERY, VOID, Walker, gallery_in, photo_in
from newsroom import links
from newsroom.characters import is_blank, legible

MARKS = frozenset({"strong", "em", "s", "sub", "sup", "code", "a", "span"})
HEADINGS = frozenset({"h2", "h3", "h4"})
TEXT_BLOCKS = HEADINGS | {"p", "pre"}
LISTS = frozenset({"ul", "ol"})
# These hold text of their own as well as blocks; the others hold blocks alone.
LOOSE = frozenset({"li", "td", "th"})
TABLE_PARTS = frozenset({"table", "thead", "tbody", "tr"})
ATOMS = frozenset({"figure", "hr"})
HOLDERS = frozenset({"blockquote", "aside", "section"})
SYNONYMS = {"b": "strong", "i": "em", "del": "s", "strike": "s", "h1": "h2", "h5": "h4", "h6": "h4", "tfoot": "tbody"}
# Known so that the paragraphs in them stay apart; they mean nothing themselves.
BOUNDARIES = frozenset(
    {"address", "article", "caption", "center", "dd", "details", "div", "dl", "dt", "fieldset", "figcaption", "footer"}
    | {"form", "header", "hgroup", "legend", "main", "nav", "summary"}
)
# What a heading inside these becomes: a bold line, for an outline has no parts in lists and cells.
WITHOUT_HEADINGS = frozenset({"ul", "ol", "td", "th", "blockquote", "aside"})
MOST_OPEN = 60


@dataclass(eq=False)
class Element:
    tag: str  # empty: text that stands in a list item or a cell without a paragraph of its own
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Element | str"] = field(default_factory=list)
    is_implied: bool = False  # a list that nobody opened, around an item that stood alone

    def __str__(self) -> str:
        if not self.tag:
            return self.inner
        opened = Walker.tag(self.tag, self.attributes)
        if self.tag in VOID:
            return opened
        inner = f"<code>{self.inner}</code>" if self.tag == "pre" else self.inner
        return f"{opened}{inner}</{self.tag}>"

    @property
    def inner(self) -> str:
        return "".join(escape(child, quote=False) if isinstance(child, str) else str(child) for child in self.children)

    @property
    def elements(self) -> Iterator["Element"]:
        return (child for child in self.children if isinstance(child, Element))

    @property
    def text(self) -> str:
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    def last_words(self) -> "Element | None":
        """The element whose last child is the last text in it."""
        for child in reversed(self.children):
            if isinstance(child, Element):
                if found := child.last_words():
                    return found
            elif child:
                return self if child is self.children[-1] else None
        return None

    def walk(self) -> Iterator["Element"]:
        """All that is in it, in the order of the text."""
        for child in self.elements:
            yield child
            yield from child.walk()


@dataclass(frozen=True)
class Mark:
    source: str
    tag: str
    attributes: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, tag: str, attributes: Mapping[str, str]) -> Self:
        """With an empty tag where it marks nothing that the house knows."""
        if tag == "a":
            facts = links.link(attributes)
            return cls(tag, "a" if facts else "", facts)
        if tag == "span":
            return cls(tag, "span", {"data-footnote": ""}) if "data-footnote" in attributes else cls(tag, "")
        return cls(tag, tag)


def parse(html: str) -> Element:
    """The root, whose children are the blocks; sanitized markup goes in, and nothing is asked of its order."""
    grammar = _Grammar()
    grammar.feed(html)
    grammar.close()
    return grammar.whole()


class _Grammar(Walker):
    def __init__(self) -> None:
        super().__init__()
        self.flow = [Element("")]  # the open containers, the root first
        self.block: Element | None = None  # the open text block, the last child of its container
        self.marks: list[Mark] = []  # open in the source
        self.shown: list[tuple[Mark, Element]] = []  # open in the block
        # The containers open in the source, and what each opened here: nothing, for one that means nothing.
        self.sources: list[tuple[str, Element | None]] = []

    # Events

    def opened(self, tag: str, attributes: dict[str, str]) -> None:
        tag = SYNONYMS.get(tag, tag)
        if tag in MARKS:
            self.marks.append(Mark.of(tag, attributes))
        elif tag == "br":
            self._write("\n" if self.block and self.block.tag == "pre" else Element("br"))
        elif tag in TEXT_BLOCKS:
            self._open_text(tag)
        else:
            self._end_block()
            above = self.flow[-1]
            self._open_container(tag, attributes)
            if tag not in VOID:
                self.sources.append((tag, self.flow[-1] if self.flow[-1] is not above else None))

    def closed(self, tag: str) -> None:
        tag = SYNONYMS.get(tag, tag)
        if tag in MARKS:
            self._unmark(tag)
        elif tag in TEXT_BLOCKS:
            self._unmark(tag)
            self._end_block()
        else:
            self._end_block()
            self._close_container(tag)

    def said(self, text: str) -> None:
        text = legible(text, begins=not (self.block and self.block.text))
        text = self._accented(text)
        if text and (self.block or not is_blank(text)):
            self._write(text)

    def _accented(self, text: str) -> str:
        """Accents that a mark parted from their letter go back to it. Says what is left."""
        cut = next((place for place, sign in enumerate(text) if unicodedata.category(sign)[0] != "M"), len(text))
        letters = self.block and self.block.last_words()
        if not cut or not letters:
            return text
        letters.children[-1] = unicodedata.normalize("NFC", f"{letters.children[-1]}{text[:cut]}")
        return text[cut:]

    def whole(self) -> Element:
        self._end_block()
        root = self.flow[0]
        _prune(root)
        return root

    # Text blocks and what is in them

    def _open_text(self, tag: str) -> None:
        self._end_block()
        if tag in HEADINGS and any(container.tag in WITHOUT_HEADINGS for container in self.flow):
            self.marks.append(Mark(tag, "strong"))
            tag = "p"
        self._begin(tag)

    def _begin(self, tag: str) -> Element:
        self.block = block = Element(tag)
        self._put(block)
        return block

    def _end_block(self) -> None:
        self.block = None
        self.shown.clear()

    def _write(self, said: "Element | str") -> None:
        holder = self.flow[-1]
        block = self.block or self._begin("" if holder.tag in LOOSE and not holder.children else "p")
        if block.tag == "pre":
            block.children.append(said)
            return
        self._show_marks(block)
        (self.shown[-1][1] if self.shown else block).children.append(said)

    def _show_marks(self, block: Element) -> None:
        """Open in the block what is open in the source: those that are the same stay, the others begin anew."""
        wanted: list[Mark] = []
        for mark in self.marks:
            if mark.tag == "span":  # a note's number is a link itself, and stands in none
                wanted = [other for other in wanted if other.tag != "a"]
            # A mark within itself, or a link within a link, says nothing more.
            if mark.tag and mark.tag not in {other.tag for other in wanted}:
                wanted.append(mark)
        same = 0
        while same < min(len(wanted), len(self.shown)) and self.shown[same][0] is wanted[same]:
            same += 1
        del self.shown[same:]
        for mark in wanted[same:]:
            element = Element(mark.tag, dict(mark.attributes))
            parent = self.shown[-1][1] if self.shown else block
            parent.children.append(element)
            self.shown.append((mark, element))

    def _unmark(self, source: str) -> None:
        for number in range(len(self.marks) - 1, -1, -1):
            if self.marks[number].source == source:
                del self.marks[number]
                return

    # Containers

    def _open_container(self, tag: str, attributes: dict[str, str]) -> None:
        if self._is_in("aside") and tag != "figure":
            return  # a pull quote holds paragraphs and nothing else
        if len(self.flow) > MOST_OPEN:
            return
        if tag in ATOMS:
            self._put_atom(tag, attributes)
        elif tag == "li":
            self._open_item()
        elif tag in LISTS:
            self._ensure_flow()
            self._push(Element(tag, _list_attributes(tag, attributes)))
        elif tag in HOLDERS:
            self._open_holder(tag, attributes)
        elif tag in TABLE_PARTS | {"td", "th"}:
            self._open_table_part(tag, attributes)

    def _close_container(self, tag: str) -> None:
        """What this very tag opened ends, and whatever is still open in it."""
        while self.sources:
            source, opened = self.sources.pop()
            if source != tag:
                continue
            for number, container in enumerate(self.flow):
                if container is opened:
                    del self.flow[number:]
                    break
            return

    def _put_atom(self, tag: str, attributes: dict[str, str]) -> None:
        embed = links.address(attributes.get("data-embed", ""))
        if tag == "hr":
            self._put(Element(tag))
        elif photo_in(attributes) is not None:
            self._put(
                Element(tag, {name: attributes[name] for name in ("data-photo", "data-width") if name in attributes})
            )
        elif gallery := gallery_in(attributes):
            for part in batched(gallery, MOST_IN_GALLERY, strict=False):
                several = {"data-gallery": ",".join(map(str, part))}
                self._put(Element(tag, several if len(part) > 1 else {"data-photo": str(part[0])}))
        elif embeds.known(embed):
            title = " ".join(legible(attributes.get("data-title", "")).split())
            self._put(Element(tag, {"data-embed": embed} | ({"data-title": title} if title else {})))
        elif embed:
            title = " ".join(legible(attributes.get("data-title", "")).split())
            self._put(Element("p", children=[Element("a", {"href": embed}, [title or embed])]))
        # Somebody else's figure: its words come as paragraphs.

    def _open_item(self) -> None:
        for number in range(len(self.flow) - 1, 0, -1):
            if self.flow[number].tag in LISTS:
                del self.flow[number + 1 :]
                break
            if self.flow[number].tag != "li":
                self._imply_list()
                break
        else:
            self._imply_list()
        self._push(Element("li"))

    def _imply_list(self) -> None:
        self._ensure_flow()
        self._push(Element("ul", is_implied=True))

    def _open_holder(self, tag: str, attributes: dict[str, str]) -> None:
        """A quotation, a pull quote or a callout; an aside or section of somebody else's means nothing here."""
        wanted = {"aside": "data-pullquote", "section": "data-callout"}.get(tag)
        if wanted and wanted not in attributes:
            return
        self._ensure_flow()
        self._push(Element(tag, {wanted: ""} if wanted else {}))

    def _open_table_part(self, tag: str, attributes: dict[str, str]) -> None:
        inside = [container.tag for container in self.flow if container.tag in TABLE_PARTS | {"td", "th"}]
        if tag == "table":
            if not inside:  # a table within a table is read as its cells' paragraphs
                self._ensure_flow()
                self._push(Element(tag))
        elif not inside or inside.count("table") != 1 or self._is_nested_part(inside, tag):
            return
        elif tag in {"thead", "tbody"}:
            self._back_to({"table"})
            self._push(Element(tag))
        elif tag == "tr":
            self._back_to({"table", "thead", "tbody"})
            if self.flow[-1].tag == "table":
                self._push(Element("tbody"))
            self._push(Element("tr"))
        else:
            self._back_to({"table", "thead", "tbody", "tr"})
            if self.flow[-1].tag != "tr":
                self._open_table_part("tr", {})
            self._push(Element(tag, tables.spans(attributes)))

    def _is_nested_part(self, inside: list[str], tag: str) -> bool:
        """A part of a table that stands in a cell: the parser closes a cell before the next part of the same table."""
        return inside[-1] in {"td", "th"} and self.flow[-1].tag not in TABLE_PARTS

    def _ensure_flow(self) -> None:
        """Before a block: out of the parts of a table that hold none, and into an item of a list."""
        if self.flow[-1].tag in TABLE_PARTS:
            del self.flow[self._table() :]
        while self.flow[-1].is_implied:
            self.flow.pop()
        if self.flow[-1].tag in LISTS:
            items = list(self.flow[-1].elements)
            if items:
                self.flow.append(items[-1])
            else:
                self._push(Element("li"))

    def _put(self, block: Element) -> None:
        """As the next of its container; what no table may hold goes before the table."""
        if self.flow[-1].tag in TABLE_PARTS:
            place = self._table()
            above = self.flow[place - 1].children
            above.insert(above.index(self.flow[place]), block)
        elif self._is_in("aside") and block.tag in ATOMS:
            place = next(number for number, container in enumerate(self.flow) if container.tag == "aside")
            above = self.flow[place - 1].children
            above.insert(above.index(self.flow[place]), block)
        else:
            self._ensure_flow()
            self.flow[-1].children.append(block)

    def _push(self, container: Element) -> None:
        self.flow[-1].children.append(container)
        self.flow.append(container)

    def _back_to(self, tags: set[str]) -> None:
        while self.flow[-1].tag not in tags:
            self.flow.pop()

    def _table(self) -> int:
        return next(number for number, container in enumerate(self.flow) if container.tag == "table")

    def _is_in(self, tag: str) -> bool:
        return any(container.tag == tag for container in self.flow)


def _list_attributes(tag: str, attributes: Mapping[str, str]) -> dict[str, str]:
    start, kind = attributes.get("start", ""), attributes.get("type", "")
    kept = {}
    if tag == "ol" and start.isascii() and start.removeprefix("-").isdecimal() and len(start) < 10 and start != "1":
        kept["start"] = start
    if tag == "ol" and kind in {"a", "A", "i", "I"}:
        kept["type"] = kind
    return kept


def _prune(element: Element) -> None:
    """Without what shows nothing; tables in the shape that their cells make."""
    for child in element.elements:
        _prune(child)
    element.children = [child for child in element.children if isinstance(child, str) or _shows(child)]
    if element.tag == "table":
        tables.shape(element)


def _shows(element: Element) -> bool:
    if element.tag in VOID | {"figure"}:
        return True
    if element.tag in {"td", "th", "tr", "thead", "tbody"}:
        return True  # an empty cell keeps the others in their column; tables.shape drops what is needless
    if element.tag in TEXT_BLOCKS | MARKS | {""}:
        return not is_blank(element.text)
    return any(True for _child in element.elements)
