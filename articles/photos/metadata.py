"""What the file of a picture says of itself: IPTC, XMP and EXIF, read as a stranger's words."""

import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import IO, Any

from django.utils.text import Truncator
from PIL import ExifTags, Image, ImageFile, IptcImagePlugin

from articles.models import Photo
from newsroom import links, pictures
from newsroom.characters import legible

UTF_8 = b"\x1b%G"
# Longer ones are a store of something else, such as a history of edits.
MOST_XMP = 200_000
IPTC = {
    (2, 80): "maker",
    (2, 110): "source",
    (2, 115): "source",
    (2, 120): "caption",
    (2, 116): "licence",
}
XMP = {
    "dc:creator": "maker",
    "photoshop:credit": "source",
    "photoshop:source": "source",
    "dc:description": "caption",
    "iptc4xmpcore:alttextaccessibility": "alt",
    "xmprights:usageterms": "licence",
    "dc:rights": "licence",
    "xmprights:webstatement": "licence_url",
    "iptc4xmpext:digitalsourcetype": "kind",
}
EXIF = {
    ExifTags.Base.Artist: "maker",
    ExifTags.Base.ImageDescription: "caption",
    ExifTags.Base.Copyright: "licence",
}
# What cameras and programs write by themselves where a caption should be.
NOBODYS_WORDS = re.compile(
    r"\s*(olympus digital camera|sony dsc|digital camera|minolta .*|screenshot|untitled|default|"
    r"(dsc|dscn|dscf|img|imag|_mg|p)[-_ ]?\d+(\.\w+)?)\s*",
    re.IGNORECASE,
)


def said_by(file: IO[bytes]) -> dict[str, str]:
    """By field of a Photo, cut to its length; empty where the file says nothing, or nothing that can be read."""
    try:
        pictures.check_bytes(file)
        with Image.open(file, formats=pictures.FORMATS) as picture:
            found = _found_in(picture)
    except Exception:  # over damaged bytes each decoder raises what it likes
        found = {}
    finally:
        file.seek(0)
    kept = {name: _kept(name, value) for name, value in found.items()}
    return {name: value for name, value in kept.items() if value}


def _found_in(picture: ImageFile.ImageFile) -> dict[str, str]:
    """The first of those that say a thing: XMP knows its letters best, and EXIF is a camera's."""
    found: dict[str, str] = {}
    for read in (_xmp, _iptc, _exif):
        try:
            for name, value in read(picture):
                if value.strip() and not (name == "caption" and NOBODYS_WORDS.fullmatch(value)):
                    found.setdefault(name, value)
        except Exception:  # noqa: S112 - one kind of notes is broken, the others may be whole
            continue
    return found


def _kept(name: str, value: str) -> str:
    value = " ".join(legible(value).split())
    if name == "kind":
        return Photo.Kind.AI_MADE if "trainedalgorithmicmedia" in value.casefold() else ""
    if name == "licence_url":
        address = links.address(value)
        return address if address.startswith("http") and len(address) <= _most(name) else ""
    return Truncator(value).chars(_most(name))


def _most(name: str) -> int:
    return Photo._meta.get_field(name).max_length  # type: ignore[union-attr,return-value]  # a column of text


def _iptc(picture: ImageFile.ImageFile) -> Iterator[tuple[str, str]]:
    rows = IptcImagePlugin.getiptcinfo(picture) or {}
    is_utf_8 = rows.get((1, 90)) == UTF_8
    for key, name in IPTC.items():
        said = rows.get(key, b"")
        values = said if isinstance(said, list) else [said]
        yield name, ", ".join(_decoded(value, is_utf_8=is_utf_8) for value in values)


def _decoded(value: bytes, *, is_utf_8: bool) -> str:
    """Many write UTF-8 without saying so, and what is not UTF-8 is hardly ever valid as such."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode(errors="replace") if is_utf_8 else value.decode("latin-1")


def _exif(picture: Image.Image) -> Iterator[tuple[str, str]]:
    rows: Mapping[int, Any] = picture.getexif()
    for key, name in EXIF.items():
        said = rows.get(key, "")
        if isinstance(said, str):  # read as Latin-1, whatever it was
            yield name, _decoded(said.encode("latin-1", "replace"), is_utf_8=False).replace("\0", " ")


def _xmp(picture: Image.Image) -> Iterator[tuple[str, str]]:
    packet = picture.info.get("xmp") or picture.info.get("XML:com.adobe.xmp") or b""
    text = packet if isinstance(packet, str) else packet.decode(errors="replace")
    if len(text) <= MOST_XMP:
        reader = _Xmp()
        reader.feed(text)
        reader.close()
        # In the order of the table, where the better of two names for a thing stands first.
        for tag, name in XMP.items():
            yield name, ", ".join(reader.found.get(tag, []))


class _Xmp(HTMLParser):
    """Reads the few properties that it knows, and knows of no entities that a document may declare."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: dict[str, list[str]] = {}
        self._within = ""
        self._has_alternatives = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in XMP:
            self._within, self._has_alternatives = tag, False
        elif tag == "rdf:alt":
            self._has_alternatives = True
        for name, value in attrs:
            if name in XMP and value:
                self.found.setdefault(name, []).append(value)
            if name == "rdf:resource" and tag in XMP and value:
                self.found.setdefault(tag, []).append(value)

    def handle_endtag(self, tag: str) -> None:
        if tag == self._within:
            self._within = ""

    def handle_data(self, data: str) -> None:
        if not self._within or not data.strip():
            return
        said = self.found.setdefault(self._within, [])
        # Of one text in several languages, the first is the default.
        if not (self._has_alternatives and said):
            said.append(data.strip())
