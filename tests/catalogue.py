"""Reads catalogues of translations, and finds in the code what they must hold; without GNU gettext."""

import ast
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.utils.translation.template import templatize

LITERAL = r"""\s*u?(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*"""
TEMPLATE_CALL = re.compile(rf"\b(n?p?gettext|_)\(({LITERAL}(?:,{LITERAL})*)")
PYTHON_CALL = re.compile(r"(n?p?gettext|_)(?:_lazy|_noop)?")
MARKUP = re.compile(r"{#.*?#}|{%.*?%}|{{.*?}}", re.S)
BLOCKS = re.compile(
    r"{%\s*(blocktranslate|comment)\b.*?{%\s*end\1\s*%}|<style.*?</style>|<script.*?</script>|<!--.*?-->", re.S
)
SPOKEN_ATTRIBUTE = re.compile(r'\s(?:alt|aria-label|title|placeholder|aria-description)="([^"]*)"')

type Key = tuple[str, str]  # the context, mostly empty, and the English words


@dataclass
class Entry:
    key: Key
    plural: str | None
    words: list[str]
    flags: set[str] = field(default_factory=set)

    @property
    def originals(self) -> list[str]:
        """What each of its words translates: the singular, then the plural."""
        return [self.key[1]] + [self.plural] * (len(self.words) - 1)


def entries_of(po: Path) -> list[Entry]:
    return [_entry(block) for block in po.read_text().strip().split("\n\n")]


def _entry(block: str) -> Entry:
    fields: dict[str, str] = {}
    flags: set[str] = set()
    for line in block.splitlines():
        if line.startswith("#"):
            flags |= set(line[2:].split(", ")) if line.startswith("#,") else set()
            continue
        name, literal = re.fullmatch(r'(?:(msg\S+) )?(".*")', line).groups()
        name = name or list(fields)[-1]
        fields[name] = fields.get(name, "") + ast.literal_eval(literal)
    words = [value for name, value in fields.items() if name.startswith("msgstr")]
    key = (fields.get("msgctxt", ""), fields["msgid"])
    return Entry(key, fields.get("msgid_plural"), words, {flag.strip() for flag in flags})


def compiled(mo: Path) -> dict[str, str]:
    """Everything that a compiled catalogue holds, in the keys of its own format."""
    data = mo.read_bytes()
    _magic, _revision, count, originals, translations = struct.unpack_from("<5I", data)

    def text(table: int, row: int) -> str:
        length, offset = struct.unpack_from("<2I", data, table + 8 * row)
        return data[offset : offset + length].decode()

    return {text(originals, row): text(translations, row) for row in range(count)}


def as_compiled(entries: list[Entry]) -> dict[str, str]:
    def key(entry: Entry) -> str:
        context, words = entry.key
        return (f"{context}\4" if context else "") + words + (f"\0{entry.plural}" if entry.plural else "")

    # msgfmt leaves one line of the header out.
    return {key(entry): re.sub(r"POT-Creation-Date:.*\n", "", "\0".join(entry.words)) for entry in entries}


def templates() -> list[Path]:
    return sorted(path for path in (settings.BASE_DIR / "templates").rglob("*") if path.suffix in {".html", ".txt"})


def wanted() -> set[Key]:
    """Everything that code and templates hand to gettext."""
    folders = [settings.BASE_DIR / name for name in ("newsroom", "newsletter", "articles", "authors")]
    modules = [path for folder in folders for path in folder.rglob("*.py")]
    in_modules = {key for path in modules for key in _in_python(path.read_text())}
    return in_modules | {key for path in templates() for key in _in_template(path.read_text())}


def _in_python(source: str) -> Iterator[Key]:
    for call in ast.walk(ast.parse(source)):
        if isinstance(call, ast.Call):
            name = PYTHON_CALL.fullmatch(getattr(call.func, "id", getattr(call.func, "attr", "")))
            said = [part.value for part in call.args if isinstance(part, ast.Constant) and isinstance(part.value, str)]
            if name and said:
                yield _key(name[1], said)


def _in_template(source: str) -> Iterator[Key]:
    for name, literals in TEMPLATE_CALL.findall(templatize(source)):
        yield _key(name, ast.literal_eval(f"[{literals}]"))


def _key(function: str, said: list[str]) -> Key:
    return (said[0], said[1]) if "p" in function.partition("gettext")[0] else ("", said[0])


def unmarked_words(template: Path) -> list[str]:
    """What a template says to people past gettext."""
    source = MARKUP.sub("", BLOCKS.sub("", template.read_text()))
    spoken = [*SPOKEN_ATTRIBUTE.findall(source), *re.sub(r"<[^>]*>", "\n", source).splitlines()]
    return [words.strip() for words in spoken if re.search(r"[^\W\d_]{2}", re.sub(r"&#?\w+;", "", words))]
