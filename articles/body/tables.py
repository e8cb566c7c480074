"""The shape of a table: every row as wide as the widest, no cell over another, no row or column that nothing begins in.

As HTML's table model asks: https://html.spec.whatwg.org/multipage/tables.html#forming-a-table
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsroom.characters import is_blank

if TYPE_CHECKING:
    from articles.body.grammar import Element

WIDEST, LONGEST = 60, 200
# More places than these are no table that somebody made: from there on every cell is one.
MOST_PLACES = 20_000
# A number with what belongs to it: 1,204.50 · £32 · −4 % · 20 kg; a range, and a dash where there is none.
AMOUNT = r"[<>~≈±+−–-]?\s?[€$£¥₹]?\s?\d[\d.,'’\s]*"
NUMBER = re.compile(rf"{AMOUNT}([–-]\s?{AMOUNT})?\s?([%‰°€$£¥₹′″]|[^\W\d]{{1,3}}[²³]?)?")
LONGEST_NUMBER = 40
NO_NUMBER = frozenset({"", "–", "—", "-", "…"})


def spans(attributes: Mapping[str, str]) -> dict[str, str]:
    """Only those that are numbers, and more than one."""
    found = {}
    for name, most in (("colspan", WIDEST), ("rowspan", LONGEST)):
        said = attributes.get(name, "").strip()
        if said.isascii() and said.isdecimal() and len(said) < 6 and int(said) > 1:
            found[name] = str(min(int(said), most))
    return found


@dataclass
class Cell:
    element: "Element"
    row: int
    column: int
    columns: int
    rows: int


def shape(table: "Element") -> None:
    """Brings it into shape where it stands; a table without a word in it is left without children."""
    groups = [group for group in table.elements if group.tag in {"thead", "tbody"}]
    for group in groups:
        _drop_empty_rows(group)
    groups = [group for group in groups if group.children]
    _drop_empty_columns([cell for group in groups for cell in _placed(group)])
    width = max((cell.column + cell.columns for group in groups for cell in _placed(group)), default=0)
    for group in groups:
        _pad(group, width)
    shows = any(not is_blank(group.text) or any(cell.tag == "figure" for cell in group.walk()) for group in groups)
    table.children = [*groups] if shows else []
    _name_heads([list(row.elements) for group in groups for row in group.elements])


def number_cells(table: "Element") -> "Iterator[Element]":
    """Those of a column in which every cell is a number, and the heads above them."""
    columns: dict[int, list[Element]] = {}
    for group in table.elements:
        for cell in _placed(group):
            if cell.columns == 1:
                columns.setdefault(cell.column, []).append(cell.element)
    for column in columns.values():
        said = [cell.text.strip() for cell in column if cell.tag == "td"]
        numbers = [words for words in said if words not in NO_NUMBER]
        if numbers and all(len(words) <= LONGEST_NUMBER and NUMBER.fullmatch(words) for words in numbers):
            yield from column


def _drop_empty_rows(group: "Element") -> None:
    """A row in which no cell begins; what spanned it spans one row less."""
    rows = list(group.elements)
    for number in range(len(rows) - 1, -1, -1):
        if any(True for _cell in rows[number].elements):
            continue
        for above, row in enumerate(rows[:number]):
            for cell in row.elements:
                down = int(cell.attributes.get("rowspan", 1))
                if above + down > number:
                    _set(cell, "rowspan", down - 1)
        del rows[number]
    group.children = [*rows]


def _placed(group: "Element") -> list[Cell]:
    rows = list(group.elements)
    taken: set[tuple[int, int]] = set()
    placed = []
    for number, row in enumerate(rows):
        column = 0
        for element in row.elements:
            while (number, column) in taken:
                column += 1
            if len(taken) > MOST_PLACES:
                element.attributes.clear()
            columns = 1
            while columns < int(element.attributes.get("colspan", 1)) and (number, column + columns) not in taken:
                columns += 1
            down = min(int(element.attributes.get("rowspan", 1)), len(rows) - number)
            _set(element, "colspan", columns)
            _set(element, "rowspan", down)
            taken |= {(number + below, column + beside) for below in range(down) for beside in range(columns)}
            placed.append(Cell(element, number, column, columns, down))
            column += columns
    return placed


def _drop_empty_columns(cells: list[Cell]) -> None:
    """A column in which no cell begins; what spanned it spans one column less."""
    begun = {cell.column for cell in cells}
    for cell in cells:
        kept = sum(column in begun for column in range(cell.column, cell.column + cell.columns))
        _set(cell.element, "colspan", kept)


def _pad(group: "Element", width: int) -> None:
    reached = [0] * len(group.children)
    for cell in _placed(group):
        for number in range(cell.row, cell.row + cell.rows):
            reached[number] = max(reached[number], cell.column + cell.columns)
    for row, end in zip(group.elements, reached, strict=True):
        row.children += [type(row)("td") for _column in range(end, width)]


def _name_heads(rows: list[list["Element"]]) -> None:
    """A head without words, or with nothing that it heads, is a cell like the others."""
    has_data = any(cell.tag == "td" for row in rows for cell in row)
    for number, row in enumerate(rows):
        for cell in row:
            if cell.tag == "th" and (is_blank(cell.text) or (not has_data and (number or len(rows) == 1))):
                cell.tag = "td"


def _set(cell: "Element", name: str, span: int) -> None:
    if span > 1:
        cell.attributes[name] = str(span)
    else:
        cell.attributes.pop(name, None)
