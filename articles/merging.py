"""Two people, one article: what each changed since the text that both began with, put together where it can be.

By paragraph, as diff3 does it by line: see Khanna, Kunal and Pierce, "A Formal Investigation of Diff3" (2007).
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import Field, dataclass, fields, replace
from difflib import SequenceMatcher
from typing import Any, ClassVar, Protocol

from articles.body import blocks_of


class Value(Protocol):
    """A dataclass, compared field by field."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


@dataclass(frozen=True)
class Change:
    """`start` to `end` of the first text became `blocks`."""

    start: int
    end: int
    blocks: tuple[Any, ...]

    def meets(self, other: "Change") -> bool:
        """Whether both say something about the same place."""
        if self.start == self.end == other.start == other.end:
            return True
        return max(self.start, other.start) < min(self.end, other.end) or (
            self.start < other.start == other.end < self.end or other.start < self.start == self.end < other.end
        )


def merge[V: Value](base: V, theirs: V, mine: V, *, parts: "Mapping[str, Merger] | None" = None) -> V | None:
    """Both changes in one value, or None where both changed the same thing in two ways.

    `parts` says of which fields the parts are put together, and how.
    """
    merged: dict[str, Any] = {}
    for field in fields(base):
        before, one, other = (getattr(value, field.name) for value in (base, theirs, mine))
        if one == other or before == other:
            merged[field.name] = one
        elif before == one:
            merged[field.name] = other
        elif merger := (OF_AN_ARTICLE if parts is None else parts).get(field.name):
            merged[field.name] = merger(before, one, other)
            if merged[field.name] is None:
                return None
        else:
            return None
    return replace(mine, **merged)


def merge_bodies(base: str, theirs: str, mine: str) -> str | None:
    """Paragraph by paragraph; None where both changed, or began, the same one."""
    merged = merge_sequences(blocks_of(base), blocks_of(theirs), blocks_of(mine))
    return None if merged is None else "".join(merged)


def merge_sets(base: tuple[int, ...], theirs: tuple[int, ...], mine: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted((set(theirs) | (set(mine) - set(base))) - (set(base) - set(mine))))


def merge_sequences[T: Hashable](base: Sequence[T], theirs: Sequence[T], mine: Sequence[T]) -> tuple[T, ...] | None:
    """Part by part; None where both changed, or began, the same one."""
    old = list(base)
    one, other = changes(old, theirs), changes(old, mine)
    # What both did in the same way is done once.
    other = [change for change in other if change not in one]
    if any(change.meets(strange) for change in one for strange in other):
        return None
    # From the end, so that what stands before keeps its number.
    for change in sorted([*one, *other], key=lambda change: (change.start, change.end), reverse=True):
        old[change.start : change.end] = change.blocks
    return tuple(old)


type Merger = Callable[[Any, Any, Any], Any]
OF_AN_ARTICLE: Mapping[str, Merger] = {"tags": merge_sets, "body": merge_bodies}


def changes(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[Change]:
    found = []
    for tag, start, end, from_, to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        if end - start == to - from_:  # as many as before: each stands for its own
            found += [Change(start + step, start + step + 1, (new[from_ + step],)) for step in range(end - start)]
        else:
            found.append(Change(start, end, tuple(new[from_:to])))
    return found
