"""The sizes and formats of a photo that readers get."""

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from django.core.files.storage import Storage, storages
from PIL import Image

from newsroom import pictures

WHOLE, CARD = "whole", "card"
# The widths of each shape, and the most bytes that one of them may have: what a page costs is decided here.
BUDGETS = {
    WHOLE: {480: 28_000, 800: 58_000, 1200: 140_000, 1600: 220_000},
    CARD: {192: 7_000, 360: 14_000, 540: 24_000, 720: 40_000},
}
CARD_RATIO = 3 / 2
# No phone gets a wider one, however many dots it has.
PHONE = "(max-width: 39.99rem)"
PHONE_WIDEST = {WHOLE: 800, CARD: 540}
# Best first: a browser takes the first that it knows.
FORMATS = {"AVIF": ("image/avif", "avif"), "WEBP": ("image/webp", "webp")}
# Made at upload, for whoever comes before a worker has made the others, and for letters, feeds and shared links.
STAND_IN_WIDEST = 1200
# The palette of placeholder colours; static/css/tokens.css has a class for each, in this order.
TINTS = (
    "#f4efe6", "#d9d3c7", "#a8a59c", "#6b6c6e", "#33363d", "#14161c",
    "#c9b18f", "#a2714a", "#8c3b2e", "#d98a6a", "#b7a24a", "#5f7a45",
    "#3f7a6c", "#2f6688", "#3d4a7a", "#7a5a8c", "#b06a86", "#9fb8c4",
)  # fmt: skip


@dataclass(frozen=True)
class Source:
    """What one <source> says."""

    media_type: str
    srcset: str
    media: str = ""


@dataclass(frozen=True)
class Rendition:
    shape: str
    width: int
    height: int
    media_type: str
    name: str
    focus: list[float]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def sources(cls, kept: Iterable[dict[str, Any]], shape: str) -> list[Source]:
        found: dict[str, list[Rendition]] = {}
        for rendition in (cls(**row) for row in kept):
            if rendition.shape == shape:
                found.setdefault(rendition.media_type, []).append(rendition)
        return [source for media_type, rows in found.items() for source in cls._sources(media_type, rows)]

    @classmethod
    def _sources(cls, media_type: str, rows: "list[Rendition]") -> Iterable[Source]:
        small = [row for row in rows if row.width <= PHONE_WIDEST[row.shape]]
        if small != rows:
            yield Source(media_type, cls._srcset(small), PHONE)
        yield Source(media_type, cls._srcset(rows))

    @staticmethod
    def _srcset(rows: "list[Rendition]") -> str:
        return ", ".join(f"{storages['default'].url(row.name)} {row.width}w" for row in rows)


def make_renditions(
    picture: Image.Image, *, shapes: Collection[str], focus: tuple[float, float], storage: Storage
) -> list[Rendition]:
    made = []
    for shape in shapes:
        cuts = _cuts(picture, shape, focus)
        for image_format, (media_type, ending) in FORMATS.items():
            # For the few browsers without AVIF the sizes of a phone will do; larger ones cost a worker too much.
            wanted = [cut for cut in cuts if image_format == "AVIF" or cut.width <= PHONE_WIDEST[shape]]
            names = _store(wanted, shape, image_format, ending, storage)
            made += [
                Rendition(shape, cut.width, cut.height, media_type, names[cut.width], list(focus)) for cut in wanted
            ]
    return made


def make_stand_in(picture: Image.Image, storage: Storage) -> str:
    """The name of the widest; its siblings lie beside it."""
    cuts = [pictures.fit(picture, width) for width in stand_in_widths(picture.width)]
    return _store(cuts, WHOLE, "JPEG", "jpg", storage)[cuts[-1].width]


def stand_in_widths(own: int) -> list[int]:
    return _widths(min(own, STAND_IN_WIDEST))


def _widths(own: int) -> list[int]:
    return sorted({min(width, own) for width in BUDGETS[WHOLE]})


def _cuts(picture: Image.Image, shape: str, focus: tuple[float, float]) -> list[Image.Image]:
    if shape == WHOLE:
        return [pictures.fit(picture, width) for width in _widths(picture.width)]
    return [pictures.crop(picture, width, round(width / CARD_RATIO), focus=focus) for width in BUDGETS[CARD]]


def _store(cuts: Iterable[Image.Image], shape: str, image_format: str, ending: str, storage: Storage) -> dict[int, str]:
    contents = {cut.width: pictures.encode(cut, image_format, most=_budget(shape, cut)) for cut in cuts}
    return pictures.store_siblings(storage, contents, ending)


def _budget(shape: str, cut: Image.Image) -> int:
    """Of the next width that is declared."""
    return next(most for width, most in BUDGETS[shape].items() if width >= cut.width)


def nearest_tint(colour: str) -> int:
    wanted = _channels(colour)
    return min(
        range(len(TINTS)), key=lambda n: sum((a - b) ** 2 for a, b in zip(wanted, _channels(TINTS[n]), strict=True))
    )


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour[1:]))
