"""What people who mean harm write, from the folders of others and our own; each named by where it is from."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from tests.articles.hostile_bodies import BODIES
from tests.real import real

type Payload = tuple[str, str]

LINES = ("XSSDetection.txt", "xss-payload-list-even.txt", "xss_payloads_quick.txt", "csv-payload.txt")


def of_others() -> Iterator[Payload]:
    for name in LINES:
        for number, line in enumerate(real(f"hostile/{name}").read_text(errors="replace").splitlines(), 1):
            if line.strip():
                yield f"{name}:{number}", line
    for number, text in enumerate(json.loads(real("hostile/blns.json").read_text())):
        yield f"blns.json:{number}", text
    for number, case in enumerate(json.loads(real("hostile/dompurify-expect-even.json").read_text())):
        yield f"dompurify-expect-even.json:{number}", case["payload"]
    for path in sorted(real("hostile/svg").glob("*.svg")):
        yield path.name, path.read_text(errors="replace")
    for name, address in addresses():
        yield name, f'<a href="{address}">a</a><img src="{address}"><figure data-embed="{address}"></figure>'


def ours() -> Iterator[Payload]:
    for number, body in enumerate(BODIES):
        yield f"hostile_bodies.py:{number}", body


def addresses() -> Iterator[Payload]:
    """Whatever of the folder urls/ might be typed where an address belongs."""
    for path in sorted(real("hostile/urls").glob("*.json")):
        held = json.loads(path.read_text())
        for number, text in enumerate(dict.fromkeys(_addresses_in(held))):
            yield f"{path.name}:{number}", text


def _addresses_in(held: Any) -> Iterator[str]:
    """The tests' own data, not the words around it."""
    if isinstance(held, dict):
        for key in ("data", "href", "new_value", "decoded", "encoded"):
            if isinstance(held.get(key), str):
                yield held[key]
        if isinstance(held.get("expected"), dict):
            yield from filter(None, held["expected"].values())
        for value in held.values():
            if isinstance(value, list):
                for inner in value:
                    yield from _addresses_in(inner)
    elif isinstance(held, list) and held and isinstance(held[0], str):
        yield held[0]
    elif isinstance(held, list):
        for inner in held:
            yield from _addresses_in(inner)


def evenly[T](found: Sequence[T], most: int) -> list[T]:
    """So many of them, from the first to the last at equal distances."""
    if len(found) <= most:
        return list(found)
    return [found[number * len(found) // most] for number in range(most)]
