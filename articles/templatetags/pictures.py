"""How a photo becomes markup."""

from collections.abc import Sequence
from typing import Any

from django import template

from articles.front import Strip
from articles.models import Photo
from articles.photos.renditions import BUDGETS, CARD, CARD_RATIO, PHONE_WIDEST, WHOLE, Source

register = template.Library()

# How wide a picture stands in each place, as static/css has it: a browser chooses before it knows the style sheets.
# On wide screens the page has 76rem, and 92vw or a little more below that; a phone's page is 92vw, without its edges.
# Of a picture that its frame crops, more is needed than is seen.
SIZES = {
    "lead": "(min-width: 64rem) calc({crop} * min(49rem, 61vw)), (min-width: 40rem) calc({crop} * 92vw), 100vw",
    "story-lead": "(min-width: 64rem) min(75rem, 100vw - 5rem), (min-width: 46rem) 40rem, 100vw",
    "story-lead-broad": "100vw",
    "story-lead-tall": "(min-width: 64rem) 36rem, (min-width: 46rem) 40rem, 100vw",
    "text": "(min-width: 64rem) 36rem, (min-width: 46rem) 40rem, 92vw",
    "wide": "(min-width: 64rem) min(61rem, 100vw - 20rem), (min-width: 46rem) 40rem, 100vw",
    "wide-tall": "(min-width: 64rem) 36rem, (min-width: 46rem) 40rem, 100vw",
    "full": "100vw",
    "full-tall": "(min-width: 64rem) 36rem, 100vw",
    "gallery": "(min-width: 64rem) min(30rem, 40vw), (min-width: 46rem) 20rem, (min-width: 30rem) 46vw, 92vw",
    "gallery-part": "(min-width: 64rem) min(20rem, 27vw), (min-width: 46rem) 20rem, (min-width: 30rem) 46vw, 92vw",
    "gallery-first": "(min-width: 64rem) min(30rem, 40vw), (min-width: 46rem) 40rem, 92vw",
    "gallery-first-part": "(min-width: 64rem) min(20rem, 27vw), (min-width: 46rem) 40rem, 92vw",
    "row": "(min-width: 64rem) min(17rem, 100vw - 58rem), (min-width: 40rem) 14rem, 6.5rem",
}
SIDE_BY_SIDE = {1: "min(43rem, 53vw)", 2: "min(36rem, 45vw)", 3: "min(24rem, 29vw)", 4: "min(18rem, 22vw)"}
PAGE, THUMB = "92vw", "6.5rem"
LARGE, BESIDE_LARGE = "calc({crop} * min(43rem, 53vw))", "11rem"
# Width by height of the frames that crop; a large card grows with what stands beside it.
FRAMES = {"lead": 16 / 10, "large": 5 / 4}
# The focus in tenths, as static/css/tokens.css has it; the middle needs no class.
FOCUS_STEPS = 10


@register.inclusion_tag("articles/_picture.html")
def picture(
    photo: Photo, place: str = "full", sizes: str = "", shape: str = WHOLE, lead: bool = False
) -> dict[str, Any]:
    """At a place that SIZES knows, or so wide as `sizes` says.

    A `lead` picture is fetched first; every other one when a reader comes near it.
    """
    shaped = f"{place}-{'tall' if photo.height > photo.width else 'broad' if photo.is_broad else ''}"
    wanted = sizes or SIZES[shaped if shaped in SIZES else place]
    src, (width, height) = photo.stand_in_within(PHONE_WIDEST[shape])
    if shape == CARD:
        width = max(BUDGETS[CARD])
        height = round(width / CARD_RATIO)
    return {
        "photo": photo,
        "shape": shape,
        "sizes": wanted.format(crop=_crop(photo, place)),
        "focus": focus_classes(photo),
        "lead": lead,
        "sources": _large_card(photo) if place == "large" else photo.sources(shape),
        "src": src,
        "width": width,
        "height": height,
    }


@register.filter
def across(cards: Sequence[Any], begins: str = "40rem") -> str:
    """The `sizes` of cards that stand side by side where there is room, and below each other on a phone."""
    return _side_by_side(len(cards), begins, PAGE)


@register.filter
def in_strip(strip: Strip, is_first: bool) -> str:
    """The `sizes` of a card in a strip of the front page."""
    count = len(strip.articles)
    narrow = PAGE if is_first else THUMB
    if strip.has_large:
        wide = LARGE if is_first else BESIDE_LARGE
        return f"(min-width: 64rem) {wide}, {_side_by_side(2 if count > 3 else count, '40rem', narrow)}"
    return _side_by_side(count, "40rem", narrow)


def _large_card(photo: Photo) -> list[Source]:
    """A card for phones; no card is cut so large as this one stands elsewhere."""
    return [
        *(source for source in photo.sources(CARD) if source.media),
        *(source for source in photo.sources(WHOLE) if not source.media),
    ]


def _crop(photo: Photo, place: str) -> float:
    frame = FRAMES.get(place, photo.width / photo.height)
    return max(1, round(photo.width / photo.height / frame, 2))


def _side_by_side(count: int, begins: str, narrow: str) -> str:
    many = len(SIDE_BY_SIDE)
    if count < many:
        return f"(min-width: {begins}) {SIDE_BY_SIDE[max(count, 1)]}, {narrow}"
    return f"(min-width: 64rem) {SIDE_BY_SIDE[many]}, (min-width: {begins}) {SIDE_BY_SIDE[2]}, {narrow}"


def focus_classes(photo: Photo) -> str:
    steps = {"x": round(photo.focus_x * FOCUS_STEPS), "y": round(photo.focus_y * FOCUS_STEPS)}
    return " ".join(f"focus-{axis}-{step}" for axis, step in steps.items() if step != FOCUS_STEPS // 2)
