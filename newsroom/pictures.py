"""Pictures from strangers: looked at before they are opened, turned upright, cut, written without their metadata."""

import hashlib
import io
import math
import re
import secrets
from collections.abc import Iterator, Mapping
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageFilter, ImageOps

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF")
MOST_PIXELS = 50_000_000
MOST_BYTES = 40_000_000
MOST_TIMES_THE_SHORTER = 10
# Best, least, and by how much less halves the bytes of most photographs; chosen so that the three look alike.
QUALITIES = {"JPEG": (80, 32, 20), "WEBP": (76, 24, 20), "AVIF": (56, 20, 9)}
OPTIONS: dict[str, dict[str, Any]] = {
    "JPEG": {"optimize": True, "progressive": True},
    "WEBP": {"method": 4},
    "AVIF": {"speed": 8},
}
# The least width of every set of siblings: portraits, cards, whole pictures. Save-Data gets the first that is there.
LEAST_WIDTHS = (96, 192, 480)
# What a file is by its first bytes, where that helps to say what is wrong with it.
TAKEN = {
    "JPEG": re.compile(rb"\xff\xd8\xff"),
    "PNG": re.compile(rb"\x89PNG"),
    "WebP": re.compile(rb"RIFF....WEBP", re.DOTALL),
    "AVIF": re.compile(rb"....ftypavi[fs]", re.DOTALL),
}
HEIC = re.compile(rb"....ftyp(hei[cxms]|hev[cmsx]|mif1|msf1)", re.DOTALL)
OTHERS = {
    "GIF": re.compile(rb"GIF8"),
    "TIFF": re.compile(rb"II\*\x00|MM\x00\*"),
    "BMP": re.compile(rb"BM"),
    "SVG": re.compile(rb".{,900}<svg", re.DOTALL),
    "PDF": re.compile(rb"%PDF"),
    "Photoshop": re.compile(rb"8BPS"),
    "JPEG XL": re.compile(rb"\xff\x0a|\x00\x00\x00\x0cJXL "),
    "JPEG 2000": re.compile(rb"\x00\x00\x00\x0cjP  "),
    "ICO": re.compile(rb"\x00\x00\x01\x00"),
}
# Pillow's own guard warns and then goes on: ours looks at the size before anything is decoded, and says what to do.
Image.MAX_IMAGE_PIXELS = None
CHUNK = 64 * 1024
SRGB = ImageCms.createProfile("sRGB")


def open_safely(file: IO[bytes], *, transparent: bool = False) -> Image.Image:
    """The picture behind `file`, decoded, upright, in sRGB, without metadata. Raises ValidationError.

    What one can see through lies on white, unless it may stay `transparent`.
    """
    check_bytes(file)
    try:
        picture = Image.open(file, formats=FORMATS)
    except Exception as error:  # over damaged bytes each decoder raises what it likes
        raise ValidationError(_why_unread(file)) from error
    _check_size(picture)
    try:
        picture.load()
        upright = _upright(picture)
        shown = _to_srgb(upright)
        if transparent and upright.has_transparency_data:
            shown.putalpha(upright.convert("RGBA").getchannel("A"))
        return shown
    except Exception as error:
        raise ValidationError(_why_unread(file)) from error


def check_bytes(file: IO[bytes]) -> None:
    """Before anything of it is read. Raises ValidationError."""
    # Of an upload that was too large, its size is all that was kept.
    size = max(getattr(file, "size", 0), file.seek(0, io.SEEK_END))
    if size > MOST_BYTES:
        raise ValidationError(
            _("This picture has %(size)s MB; the most is %(most)s MB. Save it smaller and upload it again.")
            % {"size": size // 1_000_000, "most": MOST_BYTES // 1_000_000}
        )
    file.seek(0)


def crop(picture: Image.Image, width: int, height: int, *, focus: tuple[float, float] = (0.5, 0.5)) -> Image.Image:
    """The largest part of that shape, as near to the focus (0..1 from the left and the top) as the edges allow."""
    scale = min(picture.width / width, picture.height / height)
    box_width, box_height = width * scale, height * scale
    # A box as large as the picture may come out larger by the last bit of a float, and so the edges have the last word.
    left = max(min(focus[0] * picture.width - box_width / 2, picture.width - box_width), 0)
    top = max(min(focus[1] * picture.height - box_height / 2, picture.height - box_height), 0)
    box = (left, top, min(left + box_width, picture.width), min(top + box_height, picture.height))
    return picture.resize((width, height), Image.Resampling.LANCZOS, box=box)


def fit(picture: Image.Image, width: int) -> Image.Image:
    """The whole picture at that width, or as it is where it is narrower."""
    if picture.width <= width:
        return picture
    return picture.resize((width, max(1, round(picture.height * width / picture.width))), Image.Resampling.LANCZOS)


def encode(picture: Image.Image, image_format: str, *, most: int | None = None) -> bytes:
    """JPEG, WEBP, AVIF or LOSSLESS; with at most so many bytes: coarser, and at last softer, until it has no more."""
    if image_format == "LOSSLESS":
        return _encoded(picture, "WEBP", 100, lossless=True)
    quality, least, halving = QUALITIES[image_format]
    content = _encoded(picture, image_format, quality)
    if most is None:
        return content
    while len(content) > most and quality > least:
        quality = max(least, quality - max(3, round(halving * math.log2(len(content) / most))))
        content = _encoded(picture, image_format, quality)
    radius = 0.5
    while len(content) > most and radius < max(picture.size):
        content = _encoded(picture.filter(ImageFilter.GaussianBlur(radius)), image_format, least)
        radius *= 2
    return content


def mean_colour(picture: Image.Image) -> str:
    """What stands in while the picture loads, as #rrggbb."""
    red, green, blue = picture.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))  # type: ignore[misc]
    return f"#{red:02x}{green:02x}{blue:02x}"


def fingerprint(file: IO[bytes]) -> str:
    """SHA-256 of the bytes, read in pieces."""
    file.seek(0)
    digest = hashlib.sha256()
    for piece in _pieces(file):
        digest.update(piece)
    file.seek(0)
    return digest.hexdigest()


def new_stem() -> str:
    """The beginning of a name, of 128 random bits: nobody can guess it before it is shown."""
    token = secrets.token_hex(16)
    return f"{token[:2]}/{token}"


def store(storage: Storage, content: bytes, ending: str) -> str:
    return storage.save(f"{new_stem()}.{ending}", ContentFile(content))


def store_siblings(storage: Storage, contents: Mapping[int, bytes], ending: str) -> dict[int, str]:
    """The names of one picture in one format, by width. They differ in the width only, so each tells the others."""
    stem = new_stem()
    return {
        width: storage.save(f"{stem}-{width}.{ending}", ContentFile(content)) for width, content in contents.items()
    }


def sibling(name: str, width: int) -> str:
    """The name of the same picture in the same format, so many pixels wide; what has one size is its own sibling."""
    stem, dash, rest = name.rpartition("-")
    return f"{stem}-{width}.{rest.rpartition('.')[2]}" if dash else name


def _encoded(picture: Image.Image, image_format: str, quality: int, **more: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, image_format, quality=quality, **OPTIONS[image_format] | more)
    return out.getvalue()


def _check_size(picture: Image.Image) -> None:
    """Before anything is decoded: a few bytes can promise a wall of pixels."""
    if picture.width * picture.height > MOST_PIXELS:
        raise ValidationError(
            _(
                "This picture has %(pixels)s megapixels; the most is %(most)s. "
                "Make its longer side 6,000 pixels or less and upload it again."
            )
            % {"pixels": picture.width * picture.height // 1_000_000, "most": MOST_PIXELS // 1_000_000}
        )
    if max(picture.size) > MOST_TIMES_THE_SHORTER * min(picture.size):
        raise ValidationError(
            _(
                "This picture is a strip of %(width)s × %(height)s pixels. "
                "Make its longer side at most %(most)s times the shorter and upload it again."
            )
            % {"width": picture.width, "height": picture.height, "most": MOST_TIMES_THE_SHORTER}
        )


def _why_unread(file: IO[bytes]) -> str:
    """What it is, if its first bytes say so, and what to do about it."""
    file.seek(0)
    head = file.read(1024)
    if HEIC.match(head):
        return _(
            "This is a HEIC photo, which most browsers cannot show. Save it as JPEG and upload that; "
            "a phone does so by itself once its camera is set to “most compatible”."
        )
    for kind, sign in TAKEN.items():
        if sign.match(head):
            return _(
                "This %(kind)s file is damaged, or breaks off before its end. "
                "Save it again, or copy it anew from where it came, and upload that."
            ) % {"kind": kind}
    for kind, sign in OTHERS.items():
        if sign.match(head):
            return _("This is a %(kind)s file. Save it as JPEG, PNG, WebP or AVIF and upload that.") % {"kind": kind}
    return _("This file could not be read as a picture. Save it again as JPEG, PNG, WebP or AVIF and upload that.")


def _upright(picture: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(picture)
    except Exception:
        return picture


def _to_srgb(picture: Image.Image) -> Image.Image:
    profile = picture.info.get("icc_profile")
    if picture.mode.startswith("I"):  # sixteen bits of grey
        picture = picture.point(lambda value: value / 256).convert("L")
    if picture.has_transparency_data:
        paper = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(paper, picture.convert("RGBA"))
    if picture.mode not in {"L", "RGB", "CMYK"}:
        picture = picture.convert("RGB")
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            picture = ImageCms.profileToProfile(picture, source, SRGB, outputMode="RGB") or picture
        except (ImageCms.PyCMSError, OSError):
            pass  # a broken profile says nothing; the numbers are taken as sRGB
    plain = picture.convert("RGB")
    plain.info.clear()
    return plain


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(CHUNK):
        yield piece
