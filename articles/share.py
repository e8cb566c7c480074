"""The picture under a shared link, for articles that have none of their own: the headline on paper, and whose it is."""

import io
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from itertools import groupby

from django.conf import settings
from django.core.cache import cache as kept
from PIL import Image, ImageDraw, ImageFont

from articles.body.syndication import without_controls
from articles.models import Article
from newsroom.identity.models import Identity

SIZE = (1200, 630)
MARGIN = 84
WIDTH = SIZE[0] - 2 * MARGIN
PAPER, INK, QUIET = "#fcfaf6", "#161b29", "#4a4f5c"
HEADLINE_SIZES = (92, 80, 70, 60, 52, 46)
MOST_HEIGHT = 370
LEADING = 1.14
# Paper and ink: more colours than these only make the file larger.
COLOURS = 48
KEPT_FOR = 24 * 60 * 60


@dataclass(frozen=True)
class Face:
    """A cut at a size, from its two files as a browser puts them together by static/css/fonts.css: letter by letter."""

    name: str
    size: int

    def has(self, sign: str) -> bool:
        return _draws(self.name, sign) or _draws(f"{self.name}-extended", sign)

    def length(self, text: str) -> float:
        return sum(font.getlength(run) for font, run in self._runs(text))

    def write(self, pen: ImageDraw.ImageDraw, at: tuple[float, float], text: str, ink: str, anchor: str = "la") -> None:
        left, top = at
        for font, run in self._runs(text):
            pen.text((left, top), run, font=font, fill=ink, anchor=anchor)
            left += font.getlength(run)

    def _runs(self, text: str) -> Iterator[tuple[ImageFont.FreeTypeFont, str]]:
        extended = f"{self.name}-extended"
        for other, signs in groupby(text, lambda sign: not _draws(self.name, sign) and _draws(extended, sign)):
            yield _font(extended if other else self.name, self.size), "".join(signs)


def share_path(article: Article) -> str:
    return f"/share/{article.slug}.png"


def share_picture(headline: str, section: str, magazine: Identity) -> bytes:
    """PNG. Drawn once a day for the same words in the same look."""
    look = Look.of(magazine)
    words = "\0".join((headline, section, *vars(look).values()))
    key = f"share-{sha256(words.encode()).hexdigest()}"
    picture = kept.get(key)
    if picture is None:
        picture = draw(headline, section, look)
        kept.set(key, picture, KEPT_FOR)
    return picture


@dataclass(frozen=True)
class Look:
    mark: str
    sign: str
    accent: str

    @classmethod
    def of(cls, magazine: Identity) -> "Look":
        return cls(magazine.mark, magazine.sign, magazine.tones.light)


def draw(headline: str, section: str, look: Look) -> bytes:
    picture = Image.new("RGB", SIZE, PAPER)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, SIZE[0], 12), fill=look.accent)
    section, magazine = without_controls(section), without_controls(look.mark)
    _one_line(section, "schibsted-500", 30).write(pen, (MARGIN, 66), section, look.accent)
    size, lines = _set(_legible(headline) or magazine)
    for number, line in enumerate(lines):
        Face("newsreader-600", size).write(pen, (MARGIN, 122 + number * size * LEADING), line, INK)
    mark, foot = _one_line(magazine, "newsreader-600", 40), SIZE[1] - MARGIN
    mark.write(pen, (MARGIN, foot), magazine, QUIET, anchor="ls")
    mark.write(pen, (MARGIN + mark.length(magazine), foot), look.sign, look.accent, anchor="ls")
    out = io.BytesIO()
    picture.quantize(COLOURS).save(out, "PNG", optimize=True)
    return out.getvalue()


def _set(headline: str) -> tuple[int, list[str]]:
    """The largest size at which the headline fits, and its lines; a headline too long even so ends in an ellipsis."""
    for size in HEADLINE_SIZES:
        face = Face("newsreader-600", size)
        lines = _broken(headline, face)
        room = int(MOST_HEIGHT // (size * LEADING))
        if len(lines) <= room:
            return size, lines
    last = lines[room - 1]
    while face.length(f"{last}…") > WIDTH:
        last = last[:-1]
    return size, [*lines[: room - 1], f"{last.rstrip(' ,;:')}…"]


def _legible(headline: str) -> str:
    """Without signs that the face lacks, such as emoji; empty if it lacks a letter, for a gap would spoil the word."""
    face = Face("newsreader-600", 40)
    headline = unicodedata.normalize("NFC", headline)
    unknown = {sign for sign in headline if not face.has(sign)}
    if any(unicodedata.category(sign)[0] in "LN" for sign in unknown):
        return ""
    return " ".join("".join(sign for sign in headline if sign not in unknown).split())


def _broken(text: str, face: Face) -> list[str]:
    lines = [""]
    for word in (piece for whole in text.split() for piece in _pieces(whole, face)):
        longer = f"{lines[-1]} {word}".strip()
        if face.length(longer) <= WIDTH:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _pieces(word: str, face: Face) -> list[str]:
    """A word wider than the picture is cut where it must be."""
    most = max(1, int(len(word) * WIDTH / max(face.length(word), 1)))
    return [word[start : start + most] for start in range(0, len(word), most)]


def _one_line(text: str, name: str, size: int) -> Face:
    width = Face(name, size).length(text)
    return Face(name, max(12, int(size * min(1, (WIDTH - size) / max(width, 1)))))


@cache
def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(settings.BASE_DIR / "static" / "fonts" / f"{name}.woff2", size)


@cache
def _draws(name: str, sign: str) -> bool:
    return sign.isspace() or _font(name, 40).getmask(sign).getbbox() is not None
