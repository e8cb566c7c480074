"""What can be read off a body: its words, its headings, the photos it shows."""

import re
from dataclasses import dataclass

from articles.body.tree import Walker, photo_in

BLOCKS = frozenset({"p", "h2", "h3", "h4", "li", "blockquote", "pre", "tr", "hr", "aside", "figure", "table"})
# A pull quote repeats the text, and a figure's words are its caption's: neither is read twice.
SILENT = frozenset({"aside", "figure"})


@dataclass(frozen=True)
class Heading:
    level: int
    text: str
    anchor: str = ""


class _Reader(Walker):
    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.headings: list[Heading] = []
        self.photos: list[int] = []
        self._silent = 0
        self._heading: list[str] | None = None
        self._anchor = ""

    def opened(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in SILENT:
            self._silent += 1
        if tag == "figure" and (photo := photo_in(attributes)) is not None:
            self.photos.append(photo)
        if tag in {"h2", "h3", "h4"}:
            self._heading, self._anchor = [], attributes.get("id", "")
        if tag in BLOCKS:
            self.pieces.append("\n\n")
        elif tag in {"br", "td", "th"}:
            self.pieces.append("\n" if tag == "br" else "\t")

    def closed(self, tag: str) -> None:
        if tag in SILENT:
            self._silent -= 1
        if tag in {"h2", "h3", "h4"} and self._heading is not None:
            self.headings.append(Heading(int(tag[1]), " ".join("".join(self._heading).split()), self._anchor))
            self._heading = None

    def said(self, text: str) -> None:
        if not self._silent:
            self.pieces.append(text)
        if self._heading is not None:
            self._heading.append(text)


def plain_text(html: str) -> str:
    """Paragraphs parted by an empty line."""
    text = "".join(_read(html).pieces)
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+", " ", text)).strip()


def word_count(html: str) -> int:
    return len(plain_text(html).split())


def headings_in(html: str) -> list[Heading]:
    """With their anchors, if it is what `render` made."""
    return _read(html).headings


def figures_in(html: str) -> list[int]:
    """The photos' ids, in the order of the text."""
    return _read(html).photos


def _read(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader
