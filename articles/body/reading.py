"""What can be read off a body: its words, its headings, the photos it shows."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from articles.body.grammar import Element, parse
from articles.body.tree import Walker, gallery_in, photo_in

PUNCTUATION = re.compile(r"[^\w\s'’-]+")
WORDS = re.compile(r"[\w'’-]+")


@dataclass(frozen=True)
class Heading:
    level: int
    text: str
    anchor: str = ""


def plain_text(html: str) -> str:
    """Paragraphs parted by an empty line; notes at the end. A pull quote that repeats the text is not read twice."""
    return _joined(_blocks(parse(html)))


def blocks_of(html: str) -> list[str]:
    """The markup of each paragraph, heading, list, figure … of a cleaned body."""
    return [str(block) for block in parse(html).elements]


def word_count(html: str) -> int:
    return len(plain_text(html).split())


def figures_in(html: str) -> list[int]:
    """The photos' ids, in the order of the text."""
    found: list[int] = []
    for element in parse(html).walk():
        photo = photo_in(element.attributes)
        found += gallery_in(element.attributes) if photo is None else [photo]
    return found


def headings_in(html: str) -> list[Heading]:
    """With their anchors, if it is what `render` made."""
    reader = _Headings()
    reader.feed(html)
    reader.close()
    return reader.found


def repeats(quote: Element, body: Element) -> bool:
    """Whether all that a pull quote says, from one mark of punctuation to the next, stands in the text as well.

    One with a note says more than the text.
    """
    if any(element.tag == "span" for element in quote.walk()):
        return False
    said = f" {_folded(_joined(_blocks(body, with_quotes=False)))} "
    pieces = [_folded(piece) for piece in PUNCTUATION.split(_joined([_line(line) for line in quote.elements]))]
    return any(pieces) and all(f" {piece} " in said for piece in pieces if piece)


def _folded(text: str) -> str:
    return " ".join(WORDS.findall(text.replace("’", "'"))).casefold()


def _joined(blocks: list[str]) -> str:
    tidied = (re.sub(r" *\n *", "\n", block).strip() for block in blocks)
    return "\n\n".join(block for block in tidied if block)


def _blocks(body: Element, *, with_quotes: bool = True) -> list[str]:
    notes: list[str] = []
    return [*_read(body, body, notes, with_quotes), *notes]


def _read(element: Element, body: Element, notes: list[str], with_quotes: bool) -> Iterator[str]:
    for child in element.elements:
        if child.tag == "aside" and not (with_quotes and not repeats(child, body)):
            continue
        if child.tag in {"blockquote", "aside", "section", "ul", "ol", "table", "thead", "tbody"}:
            yield from _read(child, body, notes, with_quotes)
        elif child.tag == "tr":
            cells = (" ".join(_read(cell, body, notes, with_quotes)) for cell in child.elements)
            yield "\t".join(" ".join(cell.split()) for cell in cells)
        elif child.tag == "li":
            yield from _read(child, body, notes, with_quotes)
        elif child.tag != "figure":
            yield _spaced(_line(child, notes))


def _spaced(line: str) -> str:
    return re.sub(r"[ \t]+", " ", line)


def _line(element: Element, notes: list[str] | None = None) -> str:
    out = []
    for child in element.children:
        if isinstance(child, str):
            out.append(child)
        elif child.tag == "span":
            if notes is not None:
                notes.append(_spaced(_line(child)))
        else:
            out.append("\n" if child.tag == "br" else _line(child, notes))
    return "".join(out)


class _Headings(Walker):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Heading] = []
        self._words: list[str] | None = None
        self._anchor = ""
        self._in_note = False

    def opened(self, tag: str, attributes: dict[str, str]) -> None:
        self._in_note = self._in_note or (tag == "sup" and attributes.get("class") == "ref")
        if tag in {"h2", "h3", "h4"}:
            self._words, self._anchor = [], attributes.get("id", "")

    def closed(self, tag: str) -> None:
        self._in_note = self._in_note and tag != "sup"
        if tag in {"h2", "h3", "h4"} and self._words is not None:
            self.found.append(Heading(int(tag[1]), " ".join("".join(self._words).split()), self._anchor))
            self._words = None

    def said(self, text: str) -> None:
        if self._words is not None and not self._in_note:
            self._words.append(text)
