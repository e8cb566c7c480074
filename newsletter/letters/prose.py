"""The editor's own words: a few signs of Markdown and a few tags that the letter fills in. Everything else is text.

    A paragraph, **strong** and *stressed*, [a link](https://…) or a bare address.

    ## A heading
    - a list

    Dear {name|reader}, you get {newsletter} at {address}.

No template engine: a tag that is not known stands there as it was typed.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from urllib.parse import urljoin

from django.utils.translation import gettext as _

from newsletter.letters import slots
from newsroom import links

TAG = re.compile(r"\{([a-z]{2,20})(?:\|([^{}|\n]{0,100}))?\}")
INLINE = re.compile(
    r"\[(?P<words>[^\[\]\n]{1,300})\]\((?P<address>[^\s()]{1,1000})\)"
    r"|(?P<bare>https?://[^\s<>\"\[\]]{0,1000}[^\s<>\"\[\].,;:!?)*])"
    r"|\*\*(?P<strong>[^*\n]{1,1000})\*\*"
    r"|(?<!\*)\*(?P<stressed>[^*\s](?:[^*\n]{0,999}[^*\s])?)\*(?!\*)"
    r"|(?P<tag>\{[a-z]{2,20}(?:\|[^{}|\n]{0,100})?\})"
)
# What only a copy knows: a subject, which all copies share, cannot say it.
PERSONAL = frozenset({"name", "address", "unsubscribe", "preferences"})
SHARED = ("newsletter", "magazine", "site", "web")
TAGS = (*sorted(PERSONAL), *SHARED)


@dataclass(frozen=True)
class Prose:
    """Turns words into a letter's HTML and text; `shared` says what the tags that all readers share stand for."""

    site: str
    shared: dict[str, str] = field(default_factory=dict)

    def html(self, text: str) -> str:
        return "\n".join(self._block(lines) for lines in _paragraphs(slots.unmarked(text)))

    def line(self, text: str) -> str:
        """A single line, without any markup but its tags."""
        return TAG.sub(lambda tag: self._tag_as_text(tag), slots.unmarked(text))

    def one_line(self, text: str) -> str:
        """Whatever was typed, as one line without markup."""
        return " ".join(self.plain(text).split())

    def plain(self, text: str) -> str:
        return "\n\n".join("\n".join(map(self._plain_line, lines)) for lines in _paragraphs(slots.unmarked(text)))

    # HTML

    def _block(self, lines: list[str]) -> str:
        if len(lines) == 1 and lines[0].startswith("## "):
            return f"<h2>{self._inline(lines[0][3:].strip())}</h2>"
        if all(line.startswith(("- ", "* ")) for line in lines):
            return f"<ul>{''.join(f'<li>{self._inline(line[2:].strip())}</li>' for line in lines)}</ul>"
        return f"<p>{'<br>'.join(map(self._inline, lines))}</p>"

    def _inline(self, text: str) -> str:
        return _each(INLINE, text, self._marked, escape)

    def _marked(self, found: re.Match[str]) -> str:
        if found["words"]:
            target = self._target(found["address"])
            inner = _each(TAG, found["words"], self._tag_as_html, escape)
            return f'<a href="{escape(target)}">{inner}</a>' if target else escape(found[0])
        if found["bare"]:
            target = links.address(found["bare"])
            return f'<a href="{escape(target)}">{escape(found["bare"])}</a>' if target else escape(found[0])
        if found["strong"]:
            return f"<strong>{self._inline(found['strong'])}</strong>"
        if found["stressed"]:
            return f"<em>{self._inline(found['stressed'])}</em>"
        return _each(TAG, found[0], self._tag_as_html, escape)

    def _tag_as_html(self, tag: re.Match[str]) -> str:
        name, fallback = tag[1], escape((tag[2] or "").strip())
        if name == "name":
            return slots.NAME.format(fallback or escape(_("reader")))
        if name == "address":
            return slots.ADDRESS
        if name in {"unsubscribe", "preferences", "web"}:
            words = fallback or escape(LINK_WORDS[name]())
            return f'<a href="{escape(self._target(f"{{{name}}}"))}">{words}</a>'
        return escape(self.shared.get(name) or tag[0])

    def _target(self, address: str) -> str:
        """Where a link leads; empty if nowhere."""
        tag = TAG.fullmatch(address)
        if tag:
            own = {"unsubscribe": slots.UNSUBSCRIBE, "preferences": slots.PREFERENCES, "web": self.shared.get("web")}
            return (own | {"site": self.site}).get(tag[1]) or ""
        kept = links.address(address)
        return urljoin(f"{self.site}/", kept) if kept else ""

    # Text

    def _plain_line(self, line: str) -> str:
        return _each(INLINE, line.removeprefix("## "), self._marked_as_text, str)

    def _marked_as_text(self, found: re.Match[str]) -> str:
        if found["words"]:
            target = self._target(found["address"])
            return f"{self.line(found['words'])}: {target}" if target else found[0]
        if found["bare"]:
            return found["bare"]
        if inner := found["strong"] or found["stressed"]:
            return self._plain_line(inner)
        return self.line(found[0])

    def _tag_as_text(self, tag: re.Match[str]) -> str:
        name, fallback = tag[1], (tag[2] or "").strip()
        if name == "name":
            return slots.NAME.format(fallback or _("reader"))
        if name == "address":
            return slots.ADDRESS
        if name in {"unsubscribe", "preferences", "web"}:
            return self._target(f"{{{name}}}") or tag[0]
        return self.shared.get(name) or tag[0]


LINK_WORDS: dict[str, Callable[[], str]] = {
    "unsubscribe": lambda: _("Unsubscribe"),
    "preferences": lambda: _("Choose your letters"),
    "web": lambda: _("Read this on the web"),
}


def personal_tags_in(text: str) -> list[str]:
    return [tag[0] for tag in TAG.finditer(text) if tag[1] in PERSONAL]


def _paragraphs(text: str) -> list[list[str]]:
    """Lines between empty lines; a heading stands alone."""
    found: list[list[str]] = [[]]
    for line in text.split("\n"):
        line = line.rstrip()
        is_heading = line.startswith("## ")
        if (not line or is_heading) and found[-1]:
            found.append([])
        if line:
            found[-1].append(line)
        if is_heading:
            found.append([])
    return [lines for lines in found if lines]


def _each(
    pattern: re.Pattern[str], text: str, found: Callable[[re.Match[str]], str], other: Callable[[str], str]
) -> str:
    out, at = [], 0
    for match in pattern.finditer(text):
        out += [other(text[at : match.start()]), found(match)]
        at = match.end()
    return "".join([*out, other(text[at:])])
