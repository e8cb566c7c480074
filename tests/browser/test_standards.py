"""Markup, accessibility and layout, on every kind of page that there is."""

import re
from pathlib import Path

import axe_playwright_python
import pytest

from newsroom.settings import BASE_DIR
from tests.browser.kinds import fetch, furnish, kinds
from tests.vnu import findings

pytestmark = pytest.mark.browser

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
MEASURES = (Path(__file__).parent / "measures.js").read_text()
# Everything that axe knows and that is no matter of taste; 44 px are measured beside its 24.
RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice", "experimental"],
    },
    "rules": {
        "target-size": {"enabled": True},
        # Says that it cannot look into what is closed.
        "hidden-content": {"enabled": False},
        # Takes a wide table that scrolls, and so must be reached by the keyboard, for a control without a role.
        "focus-order-semantics": {"enabled": False},
        # Reads every style sheet again; nothing of ours asks how a phone is held.
        "css-orientation-lock": {"enabled": False},
    },
    "resultTypes": ["violations"],
    "preload": False,
}
# What a page is made of is the same in the dark: there, only what is seen is looked at again.
COLOURS = RULES | {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}, "rules": {}}
NARROW, PHONE, MIDDLE, DESK = 320, 390, 640, 1280
# WCAG 1.4.4 and 1.4.12, as a reader's own style sheet.
LARGE = "html { font-size: 200% !important }"
SPACED = """
* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
p { margin-block-end: 2em !important }
"""
LAYOUT = ("wide", "cut", "piled")


@pytest.fixture(scope="module")
def pages(house):
    found = furnish(house)
    return [fetch(house, kind) for kind in kinds(house, found)]


def test_every_page_that_readers_get_is_among_the_kinds(pages):
    known = {page.kind.template for page in pages}
    templates = BASE_DIR / "templates"
    full = {
        str(path.relative_to(templates))
        for path in templates.rglob("*.html")
        if path.relative_to(templates).parts[0] not in {"admin", "desk", "email"}
        and not path.name.startswith("_")
        and path.name not in {"base.html", "plain.html", "sheet.html"}
    }
    assert {name for name in full if not extended(templates, name)} - known == set()
    assert known <= full


def extended(templates: Path, name: str) -> bool:
    return any(f'{{% extends "{name}" %}}' in path.read_text() for path in templates.rglob("*.html")) and name not in {
        "articles/listing.html"
    }


def test_the_checker_of_html_finds_nothing(pages, tmp_path):
    sound = {page.kind.name: page.html for page in pages}
    [finding] = findings(sound | {"wrong on purpose": sound["front"].replace('id="content"', 'id="a b"')}, tmp_path)
    assert finding.startswith("wrong on purpose: ")


class Visit:
    """One page, looked at in every way. What is wrong with it gathers in `faults`."""

    def __init__(self, page, fetched) -> None:
        self.page, self.kind = page, fetched.kind
        self.faults: list[str] = []
        plain = self.kind.status == 200 and not (self.kind.form or self.kind.html or self.kind.headers)
        if not plain:
            page.route(
                f"**{self.kind.path}", lambda route: route.fulfill(body=fetched.html, content_type="text/html"), times=1
            )
        page.goto(self.kind.path)
        page.evaluate(AXE)
        page.evaluate(MEASURES)

    def measure(self, where: str, *measures: str) -> None:
        calls = ", ".join(
            f"...measures.{name}({argument})" for name, _, argument in (m.partition(" ") for m in measures)
        )
        self.faults += [f"{self.kind.name}, {where}: {fault}" for fault in self.page.evaluate(f"[{calls}]")]

    def axe(self, where: str, rules: dict = RULES) -> None:
        for rule in self.page.evaluate("rules => axe.run(document, rules)", rules)["violations"]:
            places = "; ".join(str(node["target"]) for node in rule["nodes"][:3])
            self.faults.append(f"{self.kind.name}, {where}: {rule['id']} ({rule['help']}) at {places}")

    def at(self, width: int, height: int = 800) -> None:
        self.page.set_viewport_size({"width": width, "height": height})


@pytest.fixture
def visits(page, pages):
    def visit_all():
        for fetched in pages:
            page.emulate_media(
                media="screen", color_scheme="light", reduced_motion="reduce", contrast="no-preference",
                forced_colors="none",
            )  # fmt: skip
            page.set_viewport_size({"width": PHONE, "height": 800})
            yield Visit(page, fetched)

    return visit_all


def look(visit: Visit) -> list[str]:
    media = visit.page.emulate_media
    visit.measure("phone", "small", "tiny", "moving")
    visit.axe("phone, light")
    visit.page.keyboard.press("Tab")  # from here on, rings show
    visit.measure("phone, light", "ringless")
    media(color_scheme="dark")
    visit.axe("phone, dark", COLOURS)
    visit.measure("phone, dark", "ringless", "faint 4.5")

    visit.at(DESK)
    visit.measure("desk, dark", "ringless", "faint 4.5")
    media(color_scheme="light")
    visit.axe("desk, light")
    visit.measure("desk, light", "faint 4.5")
    for scheme in ("light", "dark"):
        media(contrast="more", color_scheme=scheme)
        visit.measure(f"more contrast, {scheme}", "faint 7")
    media(contrast="no-preference", color_scheme="light", forced_colors="active")
    visit.measure("forced colours", "ringless", "edgeless")
    media(forced_colors="none")

    for where, css, widths in (
        ("as it is", "", (NARROW,)),
        ("letters of 200 %", LARGE, (MIDDLE, DESK)),
        ("text spacing", SPACED, (NARROW, DESK)),
    ):
        visit.page.evaluate("css => measures.wear(css)", css)
        for width in widths:
            visit.at(width)
            visit.measure(f"{where}, {width} px", *LAYOUT)
    visit.page.evaluate("measures.wear(''); document.documentElement.dir = 'rtl'")
    for width in (NARROW, DESK):
        visit.at(width)
        visit.measure(f"right to left, {width} px", *LAYOUT)

    visit.page.evaluate("document.documentElement.dir = 'ltr'")
    visit.at(700, 1000)
    media(media="print", color_scheme="dark")
    visit.measure("print", "printed")
    return visit.faults


def test_every_kind_of_page_serves_every_reader(visits):
    faults = [fault for visit in visits() for fault in look(visit)]
    assert faults == [], "\n".join(faults)


def test_the_measures_see_what_they_are_for(page):
    """Each of them finds the fault that is made for it."""
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size({"width": NARROW, "height": 800})
    page.goto("/about/")
    page.evaluate(MEASURES)
    page.keyboard.press("Tab")
    for measure, css in {
        "wide": "h1 { inline-size: 500px }",
        "cut": "h1 { overflow: hidden; block-size: 9px }",
        "piled": ".story-dek { translate: 0 -3rem }",
        "small": ".foot-links a { min-block-size: 0 }",
        "tiny": ".colophon { font-size: 12px }",
        "faint": ".story-dek { color: #999 }",
        "ringless": "a { outline: none !important }",
        "moving": "a { transition: color 1s !important }",
        "edgeless": ".pill { border-color: transparent !important }",
        "printed": ".band { display: block }",
    }.items():
        call = f"measures.{measure}({4.5 if measure == 'faint' else ''})"
        assert measure == "printed" or page.evaluate(call) == [] or measure == "edgeless", measure
        page.evaluate("css => measures.wear(css)", css)
        assert page.evaluate(call), measure
        page.evaluate("measures.wear('')")


def test_the_style_sheets_move_nothing_for_those_who_asked_for_rest():
    for path in (BASE_DIR / "static" / "css").glob("*.css"):
        calm = re.sub(
            r"@media \(prefers-reduced-motion: no-preference\) \{.*?\n  \}", "", path.read_text(), flags=re.DOTALL
        )
        assert not re.search(r"\btransition:|scroll-behavior", calm), path.name
