"""One declaration for both sides: what the editor offers, and what the sanitizer lets through."""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import nh3
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django_prose_editor.config import allowlist_from_extensions, expand_extensions, html_tags
from js_asset import static_lazy

from articles.body.grammar import BOUNDARIES, SYNONYMS, parse

SCHEMES = ["http", "https", "mailto"]
WIDTHS = ("text", "wide", "full")

EXTENSIONS: dict[str, Any] = {
    "Bold": True,
    "Italic": True,
    "Strike": True,
    "Subscript": True,
    "Superscript": True,
    "Code": True,
    "HardBreak": True,
    "BulletList": True,
    "OrderedList": True,
    "ListItem": True,
    "Blockquote": True,
    "HorizontalRule": True,
    "CodeBlock": True,
    "Heading": {"levels": [2, 3, 4]},
    "Link": {"enableTarget": False, "protocols": SCHEMES},
    "Table": True,
    "TableRow": True,
    "TableHeader": True,
    "TableCell": True,
    "PullQuote": True,
    "PhotoFigure": True,
    "Gallery": True,
    "Callout": True,
    "Embed": True,
    "Footnote": True,
    "Pasted": True,
    "Linking": True,
    "Whole": True,
    "AtOnce": True,
}

# Our own nodes: static/desk/*.js is their half in the browser. Settings hand this to the editor.
OWN_EXTENSIONS = [
    {
        "js": [static_lazy("desk/body.js")],
        "extensions": {
            "PullQuote": html_tags(["aside"], {"aside": ["data-pullquote"]}),
            "PhotoFigure": html_tags(["figure"], {"figure": ["data-photo", "data-width"]}),
        },
    },
    {
        "js": [static_lazy("desk/gallery.js")],
        "extensions": {"Gallery": html_tags(["figure"], {"figure": ["data-gallery"]})},
    },
    {
        "js": [static_lazy("desk/asides.js")],
        "extensions": {
            "Callout": html_tags(["section"], {"section": ["data-callout"]}),
            "Embed": html_tags(["figure"], {"figure": ["data-embed", "data-title"]}),
            "Footnote": html_tags(["span"], {"span": ["data-footnote"]}),
        },
    },
    {"js": [static_lazy("desk/pasted.js")], "extensions": {"Pasted": html_tags([])}},
    {"js": [static_lazy("desk/linking.js")], "extensions": {"Linking": html_tags([])}},
    {"js": [static_lazy("desk/whole.js")], "extensions": {"Whole": html_tags([])}},
    {"js": [static_lazy("desk/atonce.js")], "extensions": {"AtOnce": html_tags([])}},
]


# Far beyond any text that somebody wrote: what a parser does grows with the square of the depth.
DEEPEST = 200
TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
# These hold nothing, or end where the next one begins.
FLAT = frozenset({"br", "hr", "img", "p", "li", "tr", "td", "th"})


def check_depth(html: str) -> None:
    """To be asked before anything reads what somebody sent. Raises ValidationError."""
    open_tags: list[str] = []
    for tag in TAG.finditer(html):
        is_end, name = tag[1], tag[2].lower()
        if is_end and open_tags and open_tags[-1] == name:
            open_tags.pop()
        elif not is_end and name not in FLAT:
            open_tags.append(name)
        if len(open_tags) > DEEPEST:
            raise ValidationError(
                _("In this text more than %(most)s things lie inside one another. Paste it as plain text.")
                % {"most": DEEPEST}
            )


def clean(html: str) -> str:
    """The same text as a sequence of blocks, with nothing in it that EXTENSIONS does not name. Idempotent."""
    return parse(_sanitizer()(html)).inner


@cache
def _sanitizer() -> Callable[[str], str]:
    """Lets through what the editor makes, and the tags that the grammar reads as something of it."""
    allowed = allowlist_from_extensions(expand_extensions(EXTENSIONS))
    return nh3.Cleaner(**allowed | {"tags": allowed["tags"] | SYNONYMS.keys() | BOUNDARIES}).clean
