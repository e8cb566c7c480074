"""Walks cleaned markup token by token; its readers override what they care about."""

import re
from collections.abc import Mapping
from html import escape
from html.parser import HTMLParser

VOID = frozenset({"br", "hr", "img", "source"})


# Longer numbers are nobody's photo, and take their time.
PHOTO = re.compile(r"[0-9]{1,18}")


def photo_in(attributes: Mapping[str, str]) -> int | None:
    """The id that a figure carries."""
    number = attributes.get("data-photo", "")
    return int(number) if PHOTO.fullmatch(number) else None


GALLERY = re.compile(r"[0-9]{1,18}(,[0-9]{1,18})*")
# A gallery of more is several.
MOST_IN_GALLERY = 12


def gallery_in(attributes: Mapping[str, str]) -> list[int]:
    """The ids that a gallery carries, each once."""
    numbers = attributes.get("data-gallery", "")
    return list(dict.fromkeys(map(int, numbers.split(",")))) if GALLERY.fullmatch(numbers) else []


class Walker(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)

    @classmethod
    def tag(cls, name: str, attributes: dict[str, str]) -> str:
        return f"<{name}{''.join(f' {key}="{escape(value)}"' for key, value in attributes.items())}>"

    def parse_html_declaration(self, i: int) -> int:
        """What begins like a section of SGML is a comment to browsers; Python's parser gives up on some of them."""
        if self.rawdata.startswith("<![", i):
            return self.parse_bogus_comment(i)
        return super().parse_html_declaration(i)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.opened(tag, {key: value or "" for key, value in attrs})

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self.closed(tag)

    def handle_data(self, data: str) -> None:
        self.said(data)

    def opened(self, tag: str, attributes: dict[str, str]) -> None: ...

    def closed(self, tag: str) -> None: ...

    def said(self, text: str) -> None: ...


class PortableWalker(Walker):
    """Of a rendered body, what makes sense away from our pages: no repetitions for the eye, no buttons."""

    def __init__(self) -> None:
        super().__init__()
        self._skipped = 0  # open elements within one that is left out, itself among them

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for_the_page = ("aria-hidden", "true") in attrs or any(name == "data-page-only" for name, _value in attrs)
        if self._skipped or (for_the_page and tag not in VOID):
            self._skipped += tag not in VOID
        elif not for_the_page:
            super().handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if not self._skipped:
            super().handle_endtag(tag)
        elif tag not in VOID:
            self._skipped -= 1

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            super().handle_data(data)
