"""What two texts have in common, block by block and then word by word.

However long, repetitive or hostile they are, the work is bounded: what would take too long to line up is told as
replaced. Nothing here is markup; whoever prints it escapes it.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby, pairwise
from typing import NamedTuple

from articles.body.grammar import HOLDERS, MARKS, TEXT_BLOCKS, Element, parse
from articles.body.tree import photo_in

SAME, ADDED, REMOVED, CHANGED = "same", "added", "removed", "changed"
# A number with its points and a word with its apostrophes are one word each; a Chinese or Japanese sign is one, too.
SIGN = "\u3040-\u30ff\u3400-\u9fff"
PIECES = re.compile(rf"\s+|[{SIGN}]|[^\W{SIGN}]+(?:['’-][^\W{SIGN}]+|[.,]\d+)*|[^\w\s]")
# The steps that difflib may take for one pair of sequences, which it needs at worst.
STEPS = 4_000_000
# Old blocks times new blocks that are held against each other at a time.
PAIRS = 10_000
ALIKE = 0.4

type Span = tuple[int, int, int, int]


class Word(NamedTuple):
    text: str
    marks: tuple[str, ...] = ()
    spaced: bool = False

    @property
    def key(self) -> tuple[str, tuple[str, ...]]:
        return self.text, self.marks


@dataclass(frozen=True)
class Run:
    """Words in a row that fared alike."""

    change: str
    text: str
    marks: tuple[str, ...] = ()

    @property
    def link(self) -> str:
        return next((mark.partition(" ")[2] for mark in self.marks if mark.startswith("a ")), "")

    @property
    def style(self) -> str:
        return " ".join(f"diff__{mark}" for mark in self.marks if " " not in mark)


@dataclass(frozen=True)
class Block:
    """A paragraph, a heading, an item, a row, a picture."""

    kind: str
    words: tuple[Word, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> Hashable:
        return self.kind, tuple(word.key for word in self.words), self.facts

    @property
    def photo(self) -> int | None:
        return photo_in(dict(self.facts))

    @property
    def embed(self) -> str:
        return dict(self.facts).get("data-embed", "")


@dataclass(frozen=True)
class Line:
    """A block as the comparison shows it."""

    change: str
    block: Block
    runs: tuple[Run, ...] = ()
    was: str = ""  # the kind that it had, where that changed


def compare(old: str, new: str) -> list[Line]:
    """Two bodies."""
    before, after = blocks_of(old), blocks_of(new)
    lines: list[Line] = []
    keys = ([block.key for block in blocks] for blocks in (before, after))
    for (first, last, start, end), is_same in spans(*keys):
        if is_same:
            lines += [Line(SAME, block, tuple(_runs(SAME, block.words))) for block in after[start:end]]
        else:
            lines += _lines(before[first:last], after[start:end])
    return lines


def compare_text(old: str, new: str) -> list[Run]:
    """Two lines without markup."""
    before, after = (_folded(((piece, ()) for piece in PIECES.findall(text)), keep=False) for text in (old, new))
    return compare_words(before, after)


def compare_names(old: Sequence[str], new: Sequence[str]) -> list[Run]:
    """Two lists, in their order."""
    runs: list[Run] = []
    for (first, last, start, end), is_same in spans(old, new):
        if is_same:
            runs += [Run(SAME, name) for name in new[start:end]]
        else:
            runs += [Run(REMOVED, name) for name in old[first:last]]
            runs += [Run(ADDED, name) for name in new[start:end]]
    return runs


def compare_words(old: Sequence[Word], new: Sequence[Word]) -> list[Run]:
    runs: list[Run] = []
    for (first, last, start, end), is_same in spans([word.key for word in old], [word.key for word in new]):
        if is_same:
            runs += _runs(SAME, new[start:end])
        else:
            runs += _runs(REMOVED, old[first:last])
            runs += _runs(ADDED, new[start:end])
    return runs


def words_changed(old: str, new: str) -> int:
    """How many words of a body are others now. A comma alone is told as one; a new link or a picture as none."""
    before, after = ([word.text for block in blocks_of(body) for word in block.words] for body in (old, new))
    others = [span for span, is_same in spans(before, after) if not is_same]
    changed = sum(max(_count(before[first:last]), _count(after[start:end])) for first, last, start, end in others)
    return max(changed, 1) if others else 0


def _count(words: Sequence[str]) -> int:
    return sum(word[0].isalnum() for word in words)


def blocks_of(body: str) -> list[Block]:
    return list(_read(parse(body), ""))


def spans(old: Sequence[Hashable], new: Sequence[Hashable]) -> Iterator[tuple[Span, bool]]:
    """What is the same and what is not, in order: ((from, to, from, to), is it the same)."""
    done, reached = 0, 0
    for first, start, size in _matches(old, new):
        if first > done or start > reached:
            yield (done, first, reached, start), False
        if size:
            yield (first, first + size, start, start + size), True
        done, reached = first + size, start + size


# Lining up


def _matches(old: Sequence[Hashable], new: Sequence[Hashable]) -> Iterator[tuple[int, int, int]]:
    """(from in the old, from in the new, how many), ascending; the last one is empty and stands at both ends."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    yield 0, 0, head
    last, end = len(old) - tail, len(new) - tail
    for first, start, size in _inner(old[head:last], new[head:end]):
        yield head + first, head + start, size
    yield last, end, tail
    yield len(old), len(new), 0


def _inner(old: Sequence[Hashable], new: Sequence[Hashable]) -> Iterator[tuple[int, int, int]]:
    counts, others = Counter(old), Counter(new)
    meetings = sum(count * others[key] for key, count in counts.items())
    if not meetings:
        return
    if (meetings + len(old)) * min(len(old), len(new)) <= STEPS:
        for match in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
            yield match.a, match.b, match.size
        return
    once = {key for key, count in counts.items() if count == 1 and others[key] == 1}
    places = {key: place for place, key in enumerate(new) if key in once}
    anchors = _ascending([(place, places[key]) for place, key in enumerate(old) if key in once])
    for (first, start), (last, end) in pairwise([(-1, -1), *anchors, (len(old), len(new))]) if anchors else ():
        if first >= 0:
            yield first, start, 1
        for a, b, size in _matches(old[first + 1 : last], new[start + 1 : end]):
            yield first + 1 + a, start + 1 + b, size


def _ascending(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The most of these pairs, ascending in the first, that ascend in the second as well."""
    ends: list[int] = []
    heads: list[int] = []
    before: list[int] = []
    for number, (_first, second) in enumerate(pairs):
        length = bisect_left(ends, second)
        before.append(heads[length - 1] if length else -1)
        ends[length : length + 1], heads[length : length + 1] = [second], [number]
    chain, at = [], heads[-1] if heads else -1
    while at >= 0:
        chain.append(pairs[at])
        at = before[at]
    return chain[::-1]


# Blocks that are not the same


def _lines(old: Sequence[Block], new: Sequence[Block]) -> list[Line]:
    """Those that resemble each other are told as one that changed."""
    if len(old) * len(new) > PAIRS and min(len(old), len(new)) > 1:
        half, other = len(old) // 2, len(new) // 2
        return _lines(old[:half], new[:other]) + _lines(old[half:], new[other:])
    lines: list[Line] = []
    done, reached = 0, 0
    for first, start in [*_pairs(old, new), (len(old), len(new))]:
        lines += [Line(REMOVED, block, tuple(_runs(REMOVED, block.words))) for block in old[done:first]]
        lines += [Line(ADDED, block, tuple(_runs(ADDED, block.words))) for block in new[reached:start]]
        if first < len(old):
            runs = tuple(compare_words(old[first].words, new[start].words))
            was = old[first].kind if old[first].kind != new[start].kind else ""
            lines.append(Line(CHANGED, new[start], runs, was))
        done, reached = first + 1, start + 1
    return lines


def _pairs(old: Sequence[Block], new: Sequence[Block]) -> list[tuple[int, int]]:
    """Which to tell as one, so that the likeness of all pairs together is the greatest."""
    sets = [{word.text for word in block.words} for block in old]
    others = [{word.text for word in block.words} for block in new]
    likeness = [[_likeness(one, other) for other in others] for one in sets]
    best = [[0.0] * (len(new) + 1) for _row in range(len(old) + 1)]
    for first in range(len(old) - 1, -1, -1):
        row, below, found = best[first], best[first + 1], likeness[first]
        for start in range(len(new) - 1, -1, -1):
            row[start] = max(below[start], row[start + 1], found[start] + below[start + 1] if found[start] else 0)
    pairs, first, start = [], 0, 0
    while first < len(old) and start < len(new):
        if likeness[first][start] and best[first][start] == likeness[first][start] + best[first + 1][start + 1]:
            pairs.append((first, start))
            first, start = first + 1, start + 1
        elif best[first][start] == best[first + 1][start]:
            first += 1
        else:
            start += 1
    return pairs


def _likeness(old: set[str], new: set[str]) -> float:
    shared = 2 * len(old & new) / (len(old) + len(new)) if old and new else 0
    return shared if shared >= ALIKE else 0


# Reading


def _read(element: Element, kind: str) -> Iterator[Block]:
    for child in element.elements:
        if child.tag in TEXT_BLOCKS | {""}:
            is_plain = child.tag in {"p", ""}
            yield Block(kind or "p" if is_plain else child.tag, _folded(_pieces(child, ()), keep=child.tag == "pre"))
        elif child.tag == "tr":
            yield Block("tr", _folded(_row(child), keep=False))
        elif child.tag == "li":
            yield from _read(child, f"{element.tag} li")
        elif any(True for _inner in child.elements):
            yield from _read(child, child.tag if child.tag in HOLDERS else kind)
        else:
            yield Block(child.tag, facts=tuple(sorted(child.attributes.items())))


def _row(row: Element) -> Iterator[tuple[str, tuple[str, ...]]]:
    for number, cell in enumerate(row.elements):
        if number:
            yield from ((piece, ()) for piece in (" ", "|", " "))
        yield from _pieces(cell, ())


def _pieces(element: Element, marks: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for child in element.children:
        if isinstance(child, str):
            yield from ((piece, marks) for piece in PIECES.findall(child))
        elif child.tag in {"br", "hr"}:
            yield "\n", ()
        elif child.tag == "span":
            yield from _pieces(child, (*marks, "note"))
        elif child.tag in MARKS:
            mark = f"a {child.attributes['href']}" if "href" in child.attributes else child.tag
            yield from _pieces(child, (*marks, mark))
        else:
            yield from _pieces(child, marks)
            yield " ", ()


def _folded(pieces: Iterable[tuple[str, tuple[str, ...]]], *, keep: bool) -> tuple[Word, ...]:
    """Words that know whether a space stands before them; in code (`keep`), spaces are what they are."""
    words: list[Word] = []
    is_spaced = False
    for piece, marks in pieces:
        if piece.isspace() and not keep and piece != "\n":
            is_spaced = bool(words)
        else:
            words.append(Word(piece, marks, is_spaced))
            is_spaced = False
    return tuple(words)


def _runs(change: str, words: Sequence[Word]) -> Iterator[Run]:
    for marks, together in groupby(words, key=lambda word: word.marks):
        yield Run(change, "".join(f" {word.text}" if word.spaced else word.text for word in together), marks)
