"""What an editor can change about an article, as one value.

The form makes it, a Revision keeps it, publishing applies it.
"""

from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Self

from articles.body import clean
from newsroom import links
from newsroom.characters import legible

SCHEMA = 1


@dataclass(frozen=True)
class Content:
    title: str = ""
    standfirst: str = ""
    body: str = ""
    slug: str = ""
    section: int | None = None
    bylines: tuple[int, ...] = ()
    tags: tuple[int, ...] = ()
    photo: int | None = None
    series: int | None = None
    part: int | None = None
    search_title: str = ""
    search_description: str = ""
    share_photo: int | None = None
    canonical_url: str = ""

    def cleaned(self) -> Self:
        """As it may be kept: markup that the house does not know is gone, whoever sent it."""
        return replace(
            self,
            title=" ".join(legible(self.title).split()),
            standfirst=" ".join(legible(self.standfirst).split()),
            body=clean(self.body),
            search_title=" ".join(legible(self.search_title).split()),
            search_description=" ".join(legible(self.search_description).split()),
            canonical_url=links.address(self.canonical_url),
        )

    def as_json(self) -> dict[str, Any]:
        return {"schema": SCHEMA} | asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Self:
        known = {field.name: kept[field.name] for field in fields(cls) if field.name in kept}
        return cls(**known | {name: tuple(known.get(name, ())) for name in ("bylines", "tags")})
