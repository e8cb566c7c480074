"""Reads the demo's texts: TOML front matter between +++ lines, then the body."""

import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "texts"


@dataclass(frozen=True)
class Text:
    slug: str
    facts: dict[str, Any]
    body: str

    @cached_property
    def pictures(self) -> dict[str, dict[str, Any]]:
        """What is to be drawn for it, by key; "lead" is the lead photo."""
        lead = {"lead": self.facts} if "motif" in self.facts else {}
        return lead | {figure["key"]: figure for figure in self.facts.get("figure", [])}


def read_all() -> list[Text]:
    """Every article, oldest first."""
    texts = [read(path) for path in sorted(FOLDER.glob("[!_]*.html"))]
    return sorted(texts, key=lambda text: -text.facts.get("days_ago", 0))


def read(path: Path) -> Text:
    _nothing, front, body = path.read_text().split("+++\n", 2)
    return Text(path.stem.lstrip("_"), tomllib.loads(front), body.strip())


def page(slug: str) -> Text:
    return read(FOLDER / f"_{slug}.html")


def table(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"_{name}.toml").read_text())
