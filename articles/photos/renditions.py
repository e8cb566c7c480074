"""The sizes and formats of a photo that readers get."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from django.core.files.storage import Storage, storages
from PIL import Image

from newsroom import pictures

STAND_IN_WIDTH = 1200
# Best first: a browser takes the first that it knows.
FORMATS = {"AVIF": ("image/avif", "avif"), "WEBP": ("image/webp", "webp")}
WHOLE, CARD = "whole", "card"
WHOLE_WIDTHS = (480, 800, 1200, 1600)
# For the few browsers without AVIF two sizes will do; the larger ones cost a worker more than they are asked for.
WEBP_WIDEST = 800
CARD_SIZES = ((360, 240), (720, 480))
# The palette of placeholder colours; static/css/tokens.css has a class for each, in this order.
TINTS = (
    "#f4efe6", "#d9d3c7", "#a8a59c", "#6b6c6e", "#33363d", "#14161c",
    "#c9b18f", "#a2714a", "#8c3b2e", "#d98a6a", "#b7a24a", "#5f7a45",
    "#3f7a6c", "#2f6688", "#3d4a7a", "#7a5a8c", "#b06a86", "#9fb8c4",
)  # fmt: skip


@dataclass(frozen=True)
class Rendition:
    shape: str
    width: int
    height: int
    media_type: str
    name: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def srcsets(cls, kept: Iterable[dict[str, Any]], shape: str) -> list[tuple[str, str]]:
        found: dict[str, list[Rendition]] = {}
        for rendition in (cls(**row) for row in kept):
            if rendition.shape == shape:
                found.setdefault(rendition.media_type, []).append(rendition)
        storage = storages["default"]
        return [
            (media_type, ", ".join(f"{storage.url(row.name)} {row.width}w" for row in rows))
            for media_type, rows in found.items()
        ]


def make_renditions(picture: Image.Image, *, focus: tuple[float, float], storage: Storage) -> list[Rendition]:
    widths = [width for width in WHOLE_WIDTHS if width < picture.width] or [picture.width]
    cuts = [(WHOLE, pictures.fit(picture, width)) for width in widths]
    cuts += [(CARD, pictures.crop(picture, *size, focus=focus)) for size in CARD_SIZES]
    return [
        Rendition(
            shape=shape,
            width=cut.width,
            height=cut.height,
            media_type=media_type,
            name=pictures.store(storage, pictures.encode(cut, image_format), ending),
        )
        for image_format, (media_type, ending) in FORMATS.items()
        for shape, cut in cuts
        if image_format == "AVIF" or cut.width <= max(WEBP_WIDEST, widths[0])
    ]


def stand_in(width: int, height: int) -> tuple[int, int]:
    """The size of the one JPEG that is made at upload."""
    shown = min(width, STAND_IN_WIDTH)
    return shown, max(1, round(height * shown / width))


def nearest_tint(colour: str) -> int:
    wanted = _channels(colour)
    return min(
        range(len(TINTS)), key=lambda n: sum((a - b) ** 2 for a, b in zip(wanted, _channels(TINTS[n]), strict=True))
    )


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour[1:]))
