"""One declaration for both sides: what the editor offers, and what the sanitizer lets through."""

from collections.abc import Callable
from functools import cache
from typing import Any

from django_prose_editor.config import html_tags
from django_prose_editor.fields import create_sanitizer
from js_asset import static_lazy

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
}

# Our own nodes: static/desk/*.js is their half in the browser. Settings hand this to the editor.
OWN_EXTENSIONS = [
    {
        "js": [static_lazy("desk/body.js")],
        "extensions": {
            "PullQuote": html_tags(["aside"], {"aside": ["data-pullquote"]}),
            "PhotoFigure": html_tags(["figure"], {"figure": ["data-photo", "data-width"]}),
        },
    }
]


def clean(html: str) -> str:
    """The same text with nothing in it that EXTENSIONS does not name. Idempotent."""
    return _sanitizer()(html)


@cache
def _sanitizer() -> Callable[[str], str]:
    return create_sanitizer(EXTENSIONS)
