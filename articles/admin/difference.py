"""What differs between two contents, with the names and pictures that a person knows them by."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles import comparing
from articles.comparing import SAME, Line, Run
from articles.content import Content
from articles.models import Photo, Section, Series, Tag
from authors.models import Author

# What a block is called where it is not a plain paragraph.
KINDS: dict[str, Any] = {
    "h2": gettext_lazy("Heading"),
    "h3": gettext_lazy("Heading"),
    "h4": gettext_lazy("Heading"),
    "ul li": gettext_lazy("List item"),
    "ol li": gettext_lazy("Numbered item"),
    "blockquote": gettext_lazy("Quote"),
    "aside": gettext_lazy("Pull quote"),
    "section": gettext_lazy("Callout"),
    "tr": gettext_lazy("Row of a table"),
    "pre": gettext_lazy("Code"),
    "hr": gettext_lazy("Break"),
    "figure": gettext_lazy("Figure"),
}
PLAIN = gettext_lazy("Paragraph")
# So many blocks stand around a change as they are; what is farther away is folded.
CONTEXT = 1


@dataclass(frozen=True)
class Fact:
    """A field that differs: words, or pictures."""

    label: Any
    runs: Sequence[Run] = ()
    pictures: Sequence["Picture"] = ()
    is_list: bool = False


@dataclass(frozen=True)
class Picture:
    change: str
    photo: Photo | None
    words: str


@dataclass(frozen=True)
class Shown:
    """A block of the text as the page prints it."""

    change: str
    kind: str
    runs: Sequence[Run] = ()
    picture: Picture | None = None


@dataclass
class Stretch:
    """Blocks in a row; folded where nothing in it changed."""

    folded: bool
    blocks: list[Shown] = field(default_factory=list)


@dataclass(frozen=True)
class Difference:
    facts: list[Fact]
    stretches: list[Stretch]
    text_differs: bool

    def __bool__(self) -> bool:
        return bool(self.facts) or self.text_differs


def difference(old: Content, new: Content) -> Difference:
    stretches, text_differs = of_bodies(old.body, new.body)
    return Difference([*_facts(old, new)], stretches, text_differs)


def of_bodies(old: str, new: str) -> tuple[list[Stretch], bool]:
    """Block by block, and whether any of them differs."""
    lines = comparing.compare(old, new)
    photos = Photo.by_id({photo for line in lines if (photo := line.block.photo)})
    return _stretches([_shown(line, photos) for line in lines]), any(line.change != SAME for line in lines)


def facts_of_words(*facts: tuple[str, str, str]) -> Iterable[Fact]:
    """Of each label with what stood there before and after."""
    for label, before, after in facts:
        if before != after:
            yield Fact(label, comparing.compare_text(before, after))


def _facts(old: Content, new: Content) -> Iterable[Fact]:
    yield from facts_of_words((_("Headline"), old.title, new.title), (_("Standfirst"), old.standfirst, new.standfirst))
    if old.photo != new.photo:
        photos = Photo.by_id({photo for photo in (old.photo, new.photo) if photo})
        changes = [(comparing.REMOVED, old.photo), (comparing.ADDED, new.photo)]
        pictures = [_picture(change, photo, photos) for change, photo in changes if photo]
        yield Fact(_("Lead photo"), pictures=pictures)
    for label, model, one, other in (
        (_("Section"), Section, _listed(old.section), _listed(new.section)),
        (_("Authors"), Author, old.bylines, new.bylines),
        (_("Tags"), Tag, old.tags, new.tags),
        (_("Series"), Series, _listed(old.series), _listed(new.series)),
    ):
        if one != other:
            names = _names(model, {*one, *other})
            runs = comparing.compare_names([names[pk] for pk in one], [names[pk] for pk in other])
            yield Fact(label, runs, is_list=True)
    for label, before, after in (
        (_("Part"), str(old.part or ""), str(new.part or "")),
        (_("Address"), old.slug, new.slug),
    ):
        if before != after:
            yield Fact(label, comparing.compare_names(_listed(before), _listed(after)), is_list=True)


def _listed(value: Any) -> tuple[Any, ...]:
    return (value,) if value else ()


def _names(model: type[Model], ids: set[int]) -> dict[int, str]:
    found = model._default_manager.in_bulk(ids)
    return {pk: str(found[pk]) if pk in found else _("no longer there (%(number)s)") % {"number": pk} for pk in ids}


def _picture(change: str, number: int, photos: dict[int, Photo]) -> Picture:
    photo = photos.get(number)
    return Picture(change, photo, str(photo) if photo else _("A photo that is no longer in the library"))


def _shown(line: Line, photos: dict[int, Photo]) -> Shown:
    block = line.block
    picture, runs = None, line.runs
    if block.photo:
        picture = _picture(line.change, block.photo, photos)
    elif not block.words:
        facts = dict(block.facts)
        runs = (Run(line.change, facts.get("data-title") or facts.get("data-embed") or "———"),)
    kind = str(KINDS.get(block.kind, ""))
    if line.was:
        kind = _("%(kind)s (before: %(was)s)") % {"kind": kind or PLAIN, "was": KINDS.get(line.was, PLAIN)}
    return Shown(line.change, kind, runs, picture)


def _stretches(blocks: list[Shown]) -> list[Stretch]:
    touched = [number for number, block in enumerate(blocks) if block.change != SAME]
    near = {number + step for number in touched for step in range(-CONTEXT, CONTEXT + 1)}
    stretches: list[Stretch] = []
    for number, block in enumerate(blocks):
        folded = number not in near
        if not stretches or stretches[-1].folded != folded:
            stretches.append(Stretch(folded))
        stretches[-1].blocks.append(block)
    return stretches
