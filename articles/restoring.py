"""What an old revision still speaks of and the house no longer has."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self

from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from articles.body import figures_in
from articles.body.grammar import Element, parse
from articles.body.tree import photo_in
from articles.content import Content
from articles.models.photo import Photo
from articles.models.subject import Section, Series, Tag
from authors.models import Author


@dataclass(frozen=True)
class Gone:
    section: bool
    series: bool
    photo: bool
    bylines: frozenset[int]
    tags: frozenset[int]
    figures: frozenset[int]

    @classmethod
    def of(cls, content: Content) -> Self:
        return cls(
            section=bool(_missing(Section, [content.section] if content.section else [])),
            series=bool(_missing(Series, [content.series] if content.series else [])),
            photo=bool(_missing(Photo, [content.photo] if content.photo else [])),
            bylines=_missing(Author, content.bylines),
            tags=_missing(Tag, content.tags),
            figures=_missing(Photo, figures_in(content.body)),
        )

    def __bool__(self) -> bool:
        return any([self.section, self.series, self.photo, self.bylines, self.tags, self.figures])

    @property
    def sentences(self) -> list[str]:
        authors, tags, figures = len(self.bylines), len(self.tags), len(self.figures)
        told = [
            (self.section, _("Its section is no longer there.")),
            (self.series, _("Its series is no longer there.")),
            (self.photo, _("Its lead photo is no longer in the library.")),
            (authors, ngettext("An author is no longer there.", "%(count)s authors are no longer there.", authors)),
            (tags, ngettext("A tag is no longer there.", "%(count)s tags are no longer there.", tags)),
            (
                figures,
                ngettext(
                    "A photo in the text is no longer in the library.",
                    "%(count)s photos in the text are no longer in the library.",
                    figures,
                ),
            ),
        ]
        return [sentence % {"count": int(gone)} for gone, sentence in told if gone]

    def left_out_of(self, content: Content) -> Content:
        return replace(
            content,
            section=None if self.section else content.section,
            series=None if self.series else content.series,
            part=None if self.series else content.part,
            photo=None if self.photo else content.photo,
            bylines=tuple(author for author in content.bylines if author not in self.bylines),
            tags=tuple(tag for tag in content.tags if tag not in self.tags),
            body=_without(content.body, self.figures) if self.figures else content.body,
        )


def _missing(model: type[Model], ids: Iterable[int]) -> frozenset[int]:
    wanted = frozenset(ids)
    return wanted - set(model._default_manager.filter(pk__in=wanted).values_list("pk", flat=True)) if wanted else wanted


def _without(body: str, photos: frozenset[int]) -> str:
    root = parse(body)
    for element in [root, *root.walk()]:
        element.children = [
            child
            for child in element.children
            if not (isinstance(child, Element) and child.tag == "figure" and photo_in(child.attributes) in photos)
        ]
    return root.inner
