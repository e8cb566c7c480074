"""The magazine's icon: the first letter of its wordmark on a tile of ink, and the accent beside it."""

import io
from functools import lru_cache
from html import escape

from django.conf import settings
from PIL import Image, ImageDraw, ImageFont

INK, PAPER = "#161b29", "#fbf8f2"
SIZE = 512
# A letter that neither has leaves the tile with its disc.
FACES = ("newsreader-600.woff2", "newsreader-600-extended.woff2")

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="13" fill="{ink}"/>'
    '<text x="29" y="47" text-anchor="middle" font-family="Newsreader,Georgia,serif" font-weight="700" font-size="46"'
    ' fill="{paper}">{letter}</text><circle cx="51" cy="17" r="6" fill="{accent}"/></svg>'
)


def svg(letter: str, accent: str) -> str:
    return SVG.format(ink=INK, paper=PAPER, letter=escape(letter), accent=accent)


@lru_cache(maxsize=4)
def png(letter: str, accent: str) -> bytes:
    icon = Image.new("RGB", (SIZE, SIZE), INK)
    pen = ImageDraw.Draw(icon)
    for name in FACES:
        font = ImageFont.truetype(settings.BASE_DIR / "static" / "fonts" / name, 400)
        if font.getmask(letter).getbbox() is not None:
            pen.text((232, 376), letter, font=font, fill=PAPER, anchor="ms")
            break
    pen.ellipse((360, 88, 456, 184), fill=accent)
    out = io.BytesIO()
    icon.quantize(32).save(out, "PNG", optimize=True)
    return out.getvalue()
