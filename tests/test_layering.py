"""Imports point one way: roof → newsletter → articles → authors → ground."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GROUND = {
    "newsroom.addresses",
    "newsroom.audit",
    "newsroom.characters",
    "newsroom.email_url",
    "newsroom.environment",
    "newsroom.fetch",
    "newsroom.findings",
    "newsroom.guarded",
    "newsroom.identity",
    "newsroom.legible",
    "newsroom.links",
    "newsroom.names",
    "newsroom.pages",
    "newsroom.pictures",
    "newsroom.presence",
    "newsroom.reserved",
    "newsroom.roles",
    "newsroom.uploads",
    "newsroom.writing_form",
    "newsroom.written",
}
# What each may import of ours; the roof may import everything, so it is not listed.
MAY_IMPORT = {
    "authors": GROUND,
    "articles": GROUND | {"authors"},
    "newsletter": GROUND | {"authors", "articles"},
    **dict.fromkeys(sorted(GROUND), GROUND),
    "newsroom.embedded_postgres": set(),
    "newsroom.environment": set(),
}
OURS = ("newsroom", "authors", "articles", "newsletter")


def modules_of(part: str) -> list[Path]:
    place = ROOT / part.replace(".", "/")
    return sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]


def imported_by(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def strangers(part: str, source: str) -> set[str]:
    allowed = MAY_IMPORT[part] | {part}
    return {
        name
        for name in imported_by(source)
        if name.partition(".")[0] in OURS and not any(f"{name}.".startswith(f"{home}.") for home in allowed)
    }


@pytest.mark.parametrize("part", MAY_IMPORT)
def test_imports_point_down(part):
    for module in modules_of(part):
        if module.exists():
            assert not strangers(part, module.read_text()), module


def test_an_import_upwards_is_found():
    assert strangers("authors", "from articles.models import Article") == {"articles.models.Article"}
    assert strangers("articles", "import newsroom.desk.site") == {"newsroom.desk.site"}
    assert strangers("newsroom.audit", "from newsroom import settings") == {"newsroom.settings"}
