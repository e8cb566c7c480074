"""Tables from elsewhere, as they come: any encoding, any separator, quotation marks that nobody closed.

A file is read line by line, and a row that cannot be read costs that row alone.
"""

import codecs
import csv
import itertools
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LONGEST_LINE = 1_000_000
LONGEST_CELL = 131_072
BLOCK = 1 << 20
SEPARATORS = ",;\t|"
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
# What people send instead of a table.
STRANGERS = {
    b"PK\x03\x04": "a ZIP archive or an Excel file",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a gzip archive",
    b"SQLite": "a database",
}
# A cell that begins so is worked out by a spreadsheet, not shown.
FORMULAS = "=+-@\t\r＝＋－＠"
GUARDED = frozenset(FORMULAS + "'")


@dataclass(frozen=True, slots=True)
class Row:
    """The line it begins in, and its cells; or why it could not be read."""

    line: int
    cells: list[str]
    refusal: str = ""


class Table:
    """An open table, behind its header."""

    def __init__(self, file: TextIO, *, encoding: str) -> None:
        self.encoding = encoding
        self._lines = _Lines(file)
        self.header: list[str] = []
        self.separator = ","
        first = self._lines.peek()
        while first is not None and not first.strip():
            next(self._lines)
            first = self._lines.peek()
        if first is None:
            raise ValidationError(_("This file is empty."), code="empty")
        if first.strip().lower() in {f"sep={sign}" for sign in SEPARATORS}:
            next(self._lines)
            first = self._lines.peek() or ""
        self.separator = max(SEPARATORS, key=_outside_quotes(first).count)
        self.header = next(iter(self)).cells

    def __iter__(self) -> Iterator[Row]:
        lines = self._lines
        csv.field_size_limit(LONGEST_CELL)
        reader = self._reader(lines)
        while True:
            lines.begin_row()
            line, refusal = lines.number + 1, ""
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                # A mark within a cell is a mark; one over the end of the line may have swallowed other people's rows.
                cells, refusal = self._one_line(lines.row[0])
                lines.back_to_second()
                reader = self._reader(lines)
            if lines.was_cut:
                refusal = _("This line is longer than a million characters.")
            yield Row(line, [] if refusal else cells, refusal)

    def _reader(self, lines: Iterable[str], *, strict: bool = True) -> Any:
        return csv.reader(lines, delimiter=self.separator, strict=strict)

    def _one_line(self, line: str) -> tuple[list[str], str]:
        with suppress(csv.Error, StopIteration):
            if line.count('"') % 2 == 0:
                return next(self._reader([line], strict=False)), ""
        return [], _("A cell is longer than any address, or a quotation mark is opened and never closed.")


class _Lines:
    """The lines of a file, which can be gone back to the second of a row."""

    def __init__(self, file: TextIO) -> None:
        self.file = file
        self.number = 0
        self.row: list[str] = []
        self.was_cut = False
        self._ahead: deque[str] = deque()

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        text = self._ahead.popleft() if self._ahead else self.file.readline(LONGEST_LINE)
        if not text:
            raise StopIteration
        if len(text) == LONGEST_LINE and text[-1] != "\n":
            self.was_cut = True
            text = text[:1000].replace('"', "") + "\n"
            while rest := self.file.readline(LONGEST_LINE):
                if rest[-1] == "\n":
                    break
        self.number += 1
        self.row.append(text)
        return text

    def peek(self) -> str | None:
        text = next(self, None)
        if text is not None:
            self._ahead.appendleft(text)
            self.number -= 1
        return text

    def begin_row(self) -> None:
        self.row, self.was_cut = [], False

    def back_to_second(self) -> None:
        rest = self.row[1:]
        self._ahead.extendleft(reversed(rest))
        self.number -= len(rest)


@contextmanager
def opened(path: Path) -> Iterator[Table]:
    """Raises ValidationError with a sentence for what is no table."""
    try:
        encoding = encoding_of(path)
        with path.open(encoding=encoding, errors="replace") as file:
            yield Table(file, encoding=encoding)
    except OSError as reason:
        raise ValidationError(
            _("“%(file)s” cannot be read: %(reason)s.") % {"file": path.name, "reason": reason.strerror or reason},
            code="unreadable",
        ) from reason


def encoding_of(path: Path) -> str:
    """By its mark, else UTF-8 where every byte is, else the one of Windows."""
    with path.open("rb") as file:
        head = file.read(4096)
        for sign, what in STRANGERS.items():
            if head.startswith(sign):
                raise ValidationError(
                    _("This is %(what)s, not a table of text. Save it as CSV first.") % {"what": what}, code="stranger"
                )
        for mark, name in MARKS.items():
            if head.startswith(mark):
                return name
        # UTF-16 without a mark: every other byte of plain letters is nothing.
        for first, name in ((1, "utf-16-le"), (0, "utf-16-be")):
            if len(head) >= 8 and not any(head[first : 2 * (len(head) // 2) : 2]):
                return name
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            for block in itertools.chain([head], iter(lambda: file.read(BLOCK), b"")):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


def harmless(cell: str) -> str:
    """For a spreadsheet: nothing in it is worked out. `plain` undoes it."""
    return f"'{cell}" if cell[:1] in GUARDED else cell


def plain(cell: str, *, ours: bool = False) -> str:
    """What stood there before somebody made it harmless; in a file of ours, every apostrophe at the front is one."""
    return cell[1:] if cell[:1] == "'" and (ours or cell[1:2] in FORMULAS) and cell[1:] else cell


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])
