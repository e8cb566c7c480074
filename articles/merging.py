"""Two people, one article: what each changed since the text that both began with, put together where it can be.

By paragraph, as diff3 does it by line: see Khanna, Kunal and Pierce, "A Formal Investigation of Diff3" (2007).
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from difflib import SequenceMatcher
from typing import Any

from articles.body import blocks_of
from articles.content import Content

SETS = frozenset({"tags"})


@dataclass(frozen=True)
class Change:
    """`start` to `end` of the first text became `blocks`."""

    start: int
    end: int
    blocks: tuple[str, ...]

    def meets(self, other: "Change") -> bool:
        """Whether both say something about the same place."""
        if self.start == self.end == other.start == other.end:
            return True
        return max(self.start, other.start) < min(self.end, other.end) or (
            self.start < other.start == other.end < self.end or other.start < self.start == self.end < other.end
        )


def merge(base: Content, theirs: Content, mine: Content) -> Content | None:
    """Both changes in one content, or None where both changed the same thing in two ways."""
    merged: dict[str, Any] = {}
    for field in fields(Content):
        before, one, other = (getattr(content, field.name) for content in (base, theirs, mine))
        if one == other or before == other:
            merged[field.name] = one
        elif before == one:
            merged[field.name] = other
        elif field.name in SETS:
            merged[field.name] = tuple(sorted((set(one) | (set(other) - set(before))) - (set(before) - set(other))))
        elif field.name == "body":
            body = merge_bodies(before, one, other)
            if body is None:
                return None
            merged["body"] = body
        else:
            return None
    return replace(mine, **merged)


def merge_bodies(base: str, theirs: str, mine: str) -> str | None:
    """Paragraph by paragraph; None where both changed, or began, the same one."""
    old = blocks_of(base)
    one, other = changes(old, blocks_of(theirs)), changes(old, blocks_of(mine))
    # What both did in the same way is done once.
    other = [change for change in other if change not in one]
    if any(change.meets(strange) for change in one for strange in other):
        return None
    # From the end, so that what stands before keeps its number.
    for change in sorted([*one, *other], key=lambda change: (change.start, change.end), reverse=True):
        old[change.start : change.end] = change.blocks
    return "".join(old)


def changes(old: Sequence[str], new: Sequence[str]) -> list[Change]:
    found = []
    for tag, start, end, from_, to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        if end - start == to - from_:  # as many as before: each stands for its own
            found += [Change(start + step, start + step + 1, (new[from_ + step],)) for step in range(end - start)]
        else:
            found.append(Change(start, end, tuple(new[from_:to])))
    return found
