"""Pictures from strangers: looked at before they are opened, turned upright, cut, written without their metadata."""

import hashlib
import io
import secrets
from collections.abc import Iterator
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF")
MOST_PIXELS = 50_000_000
MOST_BYTES = 40_000_000
# Pillow's own guard warns and then goes on: ours looks at the size before anything is decoded, and says what to do.
Image.MAX_IMAGE_PIXELS = None
CHUNK = 64 * 1024
SRGB = ImageCms.createProfile("sRGB")


def open_safely(file: IO[bytes]) -> Image.Image:
    """The picture behind `file`, decoded, upright, in sRGB, without metadata. Raises ValidationError."""
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if size > MOST_BYTES:
        raise ValidationError(
            _("This picture has %(size)s MB; the most is %(most)s MB. Save it smaller and upload it again.")
            % {"size": size // 1_000_000, "most": MOST_BYTES // 1_000_000}
        )
    try:
        picture = Image.open(file, formats=FORMATS)
        _check_pixels(picture)
        picture.load()
        return _to_srgb(ImageOps.exif_transpose(picture))
    except ValidationError:
        raise
    except Exception as error:  # over damaged bytes each decoder raises what it likes
        raise ValidationError(
            _("This file could not be read as a picture. Save it again as JPEG, PNG, WebP or AVIF and upload that.")
        ) from error


def crop(picture: Image.Image, width: int, height: int, *, focus: tuple[float, float] = (0.5, 0.5)) -> Image.Image:
    """The largest part of that shape, as near to the focus (0..1 from the left and the top) as the edges allow."""
    scale = min(picture.width / width, picture.height / height)
    box_width, box_height = width * scale, height * scale
    left = min(max(focus[0] * picture.width - box_width / 2, 0), picture.width - box_width)
    top = min(max(focus[1] * picture.height - box_height / 2, 0), picture.height - box_height)
    box = (left, top, left + box_width, top + box_height)
    return picture.resize((width, height), Image.Resampling.LANCZOS, box=box)


def fit(picture: Image.Image, width: int) -> Image.Image:
    """The whole picture at that width, or as it is where it is narrower."""
    if picture.width <= width:
        return picture
    return picture.resize((width, max(1, round(picture.height * width / picture.width))), Image.Resampling.LANCZOS)


def encode(picture: Image.Image, image_format: str) -> bytes:
    """JPEG, WEBP or AVIF bytes; settings chosen so that the three look alike."""
    options: dict[str, dict[str, Any]] = {
        "JPEG": {"quality": 80, "optimize": True, "progressive": True},
        "WEBP": {"quality": 76, "method": 4},
        "AVIF": {"quality": 56, "speed": 8},
    }
    out = io.BytesIO()
    picture.save(out, image_format, **options[image_format])
    return out.getvalue()


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


def store(storage: Storage, content: bytes, ending: str) -> str:
    """Under a name of 128 random bits, which nobody can guess before it is shown."""
    token = secrets.token_hex(16)
    return storage.save(f"{token[:2]}/{token}.{ending}", ContentFile(content))


def _check_pixels(picture: Image.Image) -> None:
    if picture.width * picture.height > MOST_PIXELS:
        raise ValidationError(
            _(
                "This picture has %(pixels)s megapixels; the most is %(most)s. "
                "Make its longer side 6,000 pixels or less and upload it again."
            )
            % {"pixels": picture.width * picture.height // 1_000_000, "most": MOST_PIXELS // 1_000_000}
        )


def _to_srgb(picture: Image.Image) -> Image.Image:
    if picture.mode in {"I;16", "I;16B", "I;16L", "I"}:
        picture = picture.point(lambda value: value / 256).convert("L")
    profile = picture.info.get("icc_profile")
    if profile and picture.mode in {"RGB", "CMYK", "L"}:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(picture, source, SRGB, outputMode="RGB")
            picture = converted or picture
        except (ImageCms.PyCMSError, OSError):
            pass  # a broken profile says nothing; the numbers are taken as sRGB
    if picture.has_transparency_data:
        paper = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(paper, picture.convert("RGBA"))
    plain = Image.new("RGB", picture.size)
    plain.paste(picture.convert("RGB"))
    return plain


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(CHUNK):
        yield piece
