"""What an editor can change about an article, as one value.

The form makes it, a Revision keeps it, publishing applies it.
"""

from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Self

from articles.body import clean
from newsroom import links
from newsroom.characters import legible

SCHEMA = 1
# What the columns of an article hold. Forms refuse more; what comes past them is cut.
LONGEST = {"title": 200, "standfirst": 500, "slug": 80, "search_title": 200, "search_description": 500}
LONGEST_ADDRESS = 500


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
        address = links.address(self.canonical_url)
        lines: dict[str, Any] = {
            name: " ".join(legible(getattr(self, name)).split())[:most] for name, most in LONGEST.items()
        }
        return replace(
            self, body=clean(self.body), canonical_url=address if len(address) <= LONGEST_ADDRESS else "", **lines
        )

    def as_json(self) -> dict[str, Any]:
        return {"schema": SCHEMA} | asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Self:
        known = {field.name: kept[field.name] for field in fields(cls) if field.name in kept}
        return cls(**known | {name: tuple(known.get(name, ())) for name in ("bylines", "tags")})
