"""The texts of other systems and of people who mean harm: read where they lie, never copied."""

import html
import json
import re
import tarfile
from collections.abc import Iterator

from tests.real import FOLDER


def bodies() -> Iterator[tuple[str, str]]:
    """Where each is from, and its HTML."""
    for path in sorted(FOLDER.glob("ghost/*.json")):
        yield from _in_json(path)
    for path in sorted(FOLDER.glob("wxr/*.xml")):
        text = path.read_text(errors="replace")
        for number, body in enumerate(re.findall(r"<content:encoded>(.*?)</content:encoded>", text, re.DOTALL)):
            cdata = re.fullmatch(r"\s*<!\[CDATA\[(.*)\]\]>\s*", body, re.DOTALL)
            yield f"{path.name}:{number}", cdata[1] if cdata else html.unescape(body)
    for path in [*sorted(FOLDER.glob("medium/*.html")), *sorted(FOLDER.glob("html/*.html"))]:
        yield path.name, path.read_text(errors="replace")
    for archive in [*FOLDER.glob("html/*.tar.gz"), *FOLDER.glob("feeds/feedparser-sanitize-*.tar.gz")]:
        with tarfile.open(archive) as files:
            for file in files:
                if file.isfile():
                    yield f"{archive.name}:{file.name}", files.extractfile(file).read().decode(errors="replace")
    for number, line in enumerate((FOLDER / "hostile/XSSDetection.txt").read_text(errors="replace").splitlines()):
        yield f"XSSDetection.txt:{number}", line
    for path in sorted(FOLDER.glob("hostile/dompurify-*.json")):
        yield from _in_json(path)
    for number, text in enumerate(json.loads((FOLDER / "hostile/blns.json").read_text())):
        yield f"blns.json:{number}", text


def _in_json(path) -> Iterator[tuple[str, str]]:
    try:
        held = json.loads(path.read_text())
    except ValueError:
        return
    for number, text in enumerate(_texts(held)):
        if "<" in text:
            yield f"{path.name}:{number}", text


def _texts(held) -> Iterator[str]:
    if isinstance(held, str):
        yield held
    elif isinstance(held, (dict, list)):
        for inner in held.values() if isinstance(held, dict) else held:
            yield from _texts(inner)
