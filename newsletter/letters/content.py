"""What an editor arranges in an issue, as one value: forms make it, revisions keep it, letters are made of it."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Self

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from newsroom.characters import is_blank, legible

SCHEMA = 1
MOST_BLOCKS = 60
LONGEST_WORDS = 20_000


class Kind(TextChoices):
    PROSE = "prose", _("Words")
    CARD = "card", _("Article")
    FULL = "full", _("Whole article")
    PHOTO = "photo", _("Photo")
    QUOTE = "quote", _("Quote")
    SMALL = "small", _("Small print")


# Of each kind, what it cannot do without.
NEEDS = {
    Kind.PROSE: "text",
    Kind.CARD: "article",
    Kind.FULL: "article",
    Kind.PHOTO: "photo",
    Kind.QUOTE: "text",
    Kind.SMALL: "text",
}


@dataclass(frozen=True)
class Block:
    """One part of an issue. `text` are its words, or a photo's caption; `who` is said to have said a quote."""

    kind: str
    text: str = ""
    article: int | None = None
    photo: int | None = None
    who: str = ""

    @property
    def says_something(self) -> bool:
        said = getattr(self, NEEDS[Kind(self.kind)])
        return not is_blank(said) if isinstance(said, str) else said is not None

    def cleaned(self) -> Self:
        text = legible(self.text).strip("\n").rstrip()[:LONGEST_WORDS]
        return replace(self, text=text, who=" ".join(legible(self.who).split()))

    def as_json(self) -> dict[str, Any]:
        return {"kind": self.kind} | {name: value for name, value in asdict(self).items() if value not in ("", None)}


@dataclass(frozen=True)
class IssueContent:
    subject: str = ""
    slug: str = ""
    preheader: str = ""
    from_name: str = ""
    reply_to: str = ""
    blocks: tuple[Block, ...] = ()

    @property
    def articles(self) -> list[int]:
        """In their order, each once."""
        return list(dict.fromkeys(block.article for block in self.blocks if block.article is not None))

    @property
    def words(self) -> str:
        """The first words in the editor's own voice."""
        return next((block.text for block in self.blocks if block.kind == Kind.PROSE), "")

    def cleaned(self) -> Self:
        """As it may be kept; parts that hold nothing are gone."""
        blocks = [block.cleaned() for block in self.blocks if block.kind in Kind.values][:MOST_BLOCKS]
        return replace(
            self,
            **{name: " ".join(legible(getattr(self, name)).split()) for name in ("subject", "preheader", "from_name")},
            blocks=tuple(block for block in blocks if block.says_something),
        )

    def as_json(self) -> dict[str, Any]:
        return {"schema": SCHEMA} | asdict(self) | {"blocks": [block.as_json() for block in self.blocks]}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Self:
        known = {field.name: kept[field.name] for field in fields(cls) if field.name in kept}
        return cls(**known | {"blocks": blocks_from(kept.get("blocks", []))})


def blocks_from(kept: Iterable[dict[str, Any]]) -> tuple[Block, ...]:
    return tuple(Block(**block) for block in kept)
