"""A rendered body as Markdown (CommonMark; tables and notes as GitHub writes them), for programs that read."""

import re

from django.conf import settings

from articles.body.syndication import whole_address, without_controls
from articles.body.tree import PortableWalker

# Signs that mean something in Markdown wherever they stand, and those that do at the beginning of a line.
MEANINGFUL = re.compile(r"([\\`*_\[\]<>&|~])")
AT_THE_START = re.compile(r"^(\d{1,9})([.)])(?=\s|$)|^([-#+=])", re.MULTILINE)
# What CommonMark has no sign for, it takes as HTML.
MARKS = {
    "strong": ("**", "**"),
    "b": ("**", "**"),
    "em": ("*", "*"),
    "i": ("*", "*"),
    "s": ("~~", "~~"),
    "del": ("~~", "~~"),
    "sub": ("<sub>", "</sub>"),
    "sup": ("<sup>", "</sup>"),
}
HEADINGS = {"h2": "## ", "h3": "### ", "h4": "#### "}
BLOCKS = frozenset({"p", "figure", "figcaption", "table", "ul", "ol", "li", "blockquote", "pre", "hr", *HEADINGS})
BREAK = "\\\n"


def to_markdown(body_html: str, *, base: str = "") -> str:
    """Addresses absolute, pull quotes dropped, since they repeat the text."""
    writer = _Writer(base or f"{settings.SITE_URL}/")
    writer.feed(body_html)
    writer.close()
    return without_controls(writer.whole())


def escaped(text: str) -> str:
    """Text as text: no sign of it is taken for markup."""
    return _unmarked(" ".join(text.split()))


class _Writer(PortableWalker):
    def __init__(self, base: str) -> None:
        super().__init__()
        self._base = base
        # The blocks of the whole, and of each quotation, list and item that is open.
        self._blocks: list[list[str]] = [[]]
        self._numbers: list[int | None] = []
        self._line: list[str] = []
        # Where in the line each open mark began, and for links where they lead.
        self._begun: list[int] = []
        self._links: list[str] = []
        self._rows: list[list[str]] = []
        self._in_pre = self._in_code = self._in_cell = self._in_notes = False
        self._note = self._ref = ""  # the numbers of the note that is being read, and of the one that is referred to
        self._divisions: list[bool] = []  # whether each open one is a callout

    def opened(self, tag: str, attributes: dict[str, str]) -> None:
        if attributes.get("class") == "ref":
            self._ref = attributes.get("id", "").removeprefix("ref-")
        if self._ref or (self._in_notes and tag in {"h2", "ol"}):
            return
        if self._in_cell and tag in BLOCKS - {"table"}:
            self._line.append(" ")  # a cell is one line, whatever stands in it
            return
        if tag in BLOCKS:
            self._end_block()
        if tag in MARKS or (tag == "code" and not self._in_pre):
            self._in_code = self._in_code or tag == "code"
            self._begun.append(len(self._line))
        elif opens := getattr(self, f"_open_{tag}", None):
            opens(attributes)

    def closed(self, tag: str) -> None:
        if self._ref:
            if tag == "sup":
                self._line.append(f"[^{self._ref}]")
                self._ref = ""
            return
        if self._in_notes and tag in {"h2", "ol"}:
            self._line.clear()
        elif self._in_cell and tag in BLOCKS - {"table"}:
            self._line.append(" ")
        elif tag in MARKS:
            self._mark(*MARKS[tag])
        elif tag in HEADINGS:
            self._end_block(HEADINGS[tag])
        elif closes := getattr(self, f"_close_{tag}", None):
            closes()
        elif tag in BLOCKS:
            self._end_block()

    def said(self, text: str) -> None:
        if self._ref:
            return
        raw = self._in_pre or self._in_code
        self._line.append(text if raw else MEANINGFUL.sub(r"\\\1", re.sub(r"\s+", " ", text)))

    def whole(self) -> str:
        self._end_block()
        while len(self._blocks) > 1:
            self._blocks[-2].extend(self._blocks.pop())
        return "\n\n".join(self._blocks[0])

    # Inside a line

    def _open_br(self, attributes: dict[str, str]) -> None:
        self._line.append(" " if self._in_cell else BREAK)

    def _open_a(self, attributes: dict[str, str]) -> None:
        self._links.append(self._address(attributes.get("href", "")))
        self._begun.append(len(self._line))

    def _close_a(self) -> None:
        if self._links:
            self._mark("[", f"]({self._links.pop()})")

    def _close_code(self) -> None:
        if self._in_code:
            self._in_code = False
            code = self._since()
            self._line.append(_code_span(code.replace("|", "\\|") if self._in_cell else code))

    def _mark(self, before: str, after: str) -> None:
        """Marks stand close to their words; the space between stays outside, or they would be stars."""
        text = self._since()
        core = text.strip()
        lead, trail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        self._line.append(f"{lead}{before}{core}{after}{trail}" if core else text)

    def _since(self) -> str:
        start = self._begun.pop() if self._begun else len(self._line)
        text = "".join(self._line[start:])
        del self._line[start:]
        return text

    # Blocks

    def _open_img(self, attributes: dict[str, str]) -> None:
        self._add(f"![{escaped(attributes.get('alt', ''))}]({self._address(attributes.get('src', ''))})")

    def _open_hr(self, attributes: dict[str, str]) -> None:
        self._add("---")

    def _open_pre(self, attributes: dict[str, str]) -> None:
        self._in_pre = True

    def _close_pre(self) -> None:
        self._in_pre = False
        code = "".join(self._line).rstrip("\n")
        self._line.clear()
        fence = "`" * max(3, 1 + _longest_ticks(code))
        self._add(f"{fence}\n{code}\n{fence}")

    def _open_blockquote(self, attributes: dict[str, str]) -> None:
        self._blocks.append([])

    def _close_blockquote(self) -> None:
        self._add("\n".join(f"> {line}".rstrip() for line in self._inner("\n\n").split("\n")))

    def _open_div(self, attributes: dict[str, str]) -> None:
        self._divisions.append(attributes.get("class") == "callout")
        if self._divisions[-1]:
            self._end_block()
            self._open_blockquote(attributes)

    def _close_div(self) -> None:
        if self._divisions and self._divisions.pop():
            self._close_blockquote()

    def _open_section(self, attributes: dict[str, str]) -> None:
        self._end_block()
        self._in_notes = attributes.get("class") == "notes"

    def _close_section(self) -> None:
        self._in_notes = False

    def _open_ul(self, attributes: dict[str, str]) -> None:
        self._numbers.append(None)
        self._blocks.append([])

    def _open_ol(self, attributes: dict[str, str]) -> None:
        start = attributes.get("start", "")
        self._numbers.append(int(start) if re.fullmatch(r"[0-9]{1,8}", start) else 1)
        self._blocks.append([])

    def _close_ul(self) -> None:
        self._numbers.pop()
        self._add(self._inner("\n"))

    _close_ol = _close_ul

    def _open_li(self, attributes: dict[str, str]) -> None:
        self._note = attributes.get("id", "").removeprefix("note-") if self._in_notes else ""
        self._blocks.append([])

    def _close_li(self) -> None:
        if self._note:
            self._add(f"[^{self._note}]: {self._inner(' ')}")
            return
        number = self._numbers[-1] if self._numbers else None
        bullet = "- " if number is None else f"{number}. "
        if number is not None:
            self._numbers[-1] = number + 1
        lines = self._inner("\n\n").split("\n")
        self._add("\n".join([bullet + lines[0], *(line and " " * len(bullet) + line for line in lines[1:])]))

    def _open_tr(self, attributes: dict[str, str]) -> None:
        self._rows.append([])

    def _open_td(self, attributes: dict[str, str]) -> None:
        self._in_cell = True

    _open_th = _open_td

    def _close_td(self) -> None:
        self._in_cell = False
        if self._rows:
            self._rows[-1].append(" ".join(self._taken().split()))

    _close_th = _close_td

    def _close_table(self) -> None:
        rows, self._rows = [row for row in self._rows if row], []
        if rows:
            width = max(map(len, rows))
            lines = [f"| {' | '.join(row + [''] * (width - len(row)))} |" for row in rows]
            self._add("\n".join([lines[0], f"|{' --- |' * width}", *lines[1:]]))

    # What they are made of

    def _end_block(self, before: str = "") -> None:
        if self._in_cell:
            self._line.append(" ")
        elif text := self._taken():
            self._add(before + text.replace(BREAK, " ") if before else AT_THE_START.sub(_unmeant, text))

    def _taken(self) -> str:
        text = re.sub(r" *\n *", "\n", "".join(self._line)).strip()
        self._line.clear()
        self._begun.clear()
        return re.sub(r"\\$", "", text) if text.endswith("\\") and _odd_tail(text) else text

    def _inner(self, between: str) -> str:
        self._end_block()
        return between.join(self._blocks.pop() if len(self._blocks) > 1 else [])

    def _add(self, block: str) -> None:
        self._blocks[-1].append(block)

    def _address(self, address: str) -> str:
        whole = whole_address(address.strip(), self._base)
        return re.sub(r"[\s<>()\\]", lambda sign: "".join(f"%{byte:02X}" for byte in sign[0].encode()), whole)


def _odd_tail(text: str) -> bool:
    """Whether the last backslash was a line break at the very end, not half of an escaped backslash."""
    return (len(text) - len(text.rstrip("\\"))) % 2 == 1


def _longest_ticks(code: str) -> int:
    return max(map(len, re.findall(r"`+", code)), default=0)


def _code_span(code: str) -> str:
    ticks = "`" * (1 + _longest_ticks(code))
    room = " " if code.startswith("`") or code.endswith("`") else ""
    return f"{ticks}{room}{code}{room}{ticks}" if code else ""


def _unmarked(text: str) -> str:
    return AT_THE_START.sub(_unmeant, MEANINGFUL.sub(r"\\\1", text))


def _unmeant(found: re.Match[str]) -> str:
    number, sign, other = found.groups()
    return f"{number}\\{sign}" if number else f"\\{other}"
