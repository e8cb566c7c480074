"""Dots that gather, and the weather's lines."""

import math
from collections.abc import Callable
from functools import lru_cache
from itertools import product
from random import Random

from PIL import Image, ImageChops, ImageFont

from newsroom.demo.drawing.sheet import TAU, Sheet, arc, bezier, loop, placed


def gathering(rng: Random, w: float) -> Callable[[float, float], float]:
    """How far outside the crowd's shape a place lies: a disc, a ring, a river, or two circles that talk."""
    cx, cy, r = w * rng.uniform(0.36, 0.64), rng.uniform(400, 500), rng.uniform(190, 270)
    turn, gap, big = rng.uniform(0, TAU), w * rng.uniform(0.2, 0.27), rng.choice((0.65, 1.0))
    shapes = (
        lambda x, y: math.hypot(x - cx, y - cy) - r,
        lambda x, y: abs(math.hypot(x - cx, y - cy) - r * 1.15) - 62,
        lambda x, y: abs(y - 450 - 170 * math.sin(x / w * TAU * 1.1 + turn)) - 95,
        lambda x, y: min(
            math.hypot(x - w / 2 + gap, y - cy) - r * big,
            math.hypot(x - w / 2 - gap, y - cy) - r * (1.6 - big),
            max(abs(y - cy) - 36, abs(x - w / 2) - gap),
        ),
    )
    return rng.choice(shapes)


def flock(rng: Random, w: float, step: float) -> list[tuple[float, float, float, float]]:
    """Place, depth outside the shape, and radius of everyone who came."""
    away, people = gathering(rng, w), []
    for row, col in product(range(-1, round(900 / step * 1.16) + 2), range(-1, round(w / step) + 2)):
        x, y = (col + row % 2 / 2) * step, row * step * 0.866
        depth, out = away(x, y), max(0.0, away(x, y))
        if rng.random() < math.exp(-out / 85) + 0.05:
            roam, r = 3 + min(24, out / 4), step * rng.uniform(0.3, 0.52) * (0.5 + 0.5 * math.exp(-out / 150))
            people.append((x + rng.uniform(-roam, roam), y + rng.uniform(-roam, roam), depth, r))
    return people


def crowd(s: Sheet, rng: Random) -> None:
    people = flock(rng, s.w, rng.uniform(31, 42))
    outer = [s.inks.tone(d, 1.2) for d in (0.3, 0.5, 0.7, 0.85)] + [s.inks.ink]
    core = [s.inks.accent, s.inks.accent, s.inks.deep, s.inks.ink, s.inks.tone(0.55)]
    for x, y, _, r in people:
        s.shape(placed([(-0.7, 0.7), (0.7, -0.7), (3.3, 1.9), (1.9, 3.3)], x, y, r, r), None, 166)
        s.shape(arc(x + 2.6 * r, y + 2.6 * r, r, n=18), None, 166)
    for x, y, depth, r in people:
        s.shape(arc(x, y, r, n=26), rng.choice(core if depth < -rng.uniform(0, 90) else outer), 116)


def pressure(s: Sheet, centres: list[tuple[float, ...]]) -> Image.Image:
    """The field as whole numbers, each step of one falling on a smooth line."""
    cells, row = Image.new("F", (96, 54)), [(i + 0.5) / 96 * s.w for i in range(96)]
    places = [(x, (j + 0.5) / 54 * 900) for j in range(54) for x in row]
    bumps = [(cx, cy, high, -1 / spread) for cx, cy, high, spread in centres]
    cells.putdata([
        128 + x * 0.006 + y * 0.009
        + sum(m * math.exp(((x - cx) ** 2 + 1.5 * (y - cy) ** 2) * r) for cx, cy, m, r in bumps)
        for x, y in places
    ])  # fmt: skip
    return cells.resize(s.plate.size, Image.Resampling.BICUBIC).convert("L")


def edges(bands: Image.Image, thick: int) -> Image.Image:
    moved = [ImageChops.offset(bands, *by) for by in ((thick, 0), (0, thick))]
    across, down = (ImageChops.difference(bands, other) for other in moved)
    edge = ImageChops.lighter(across, down).point([min(255, v * 255) for v in range(256)])
    edge.paste(0, (0, 0, thick, edge.height))
    edge.paste(0, (0, 0, edge.width, thick))
    return edge


def isobars(s: Sheet, rng: Random) -> None:
    spots = rng.sample([(0.16, 250), (0.5, 280), (0.83, 230), (0.3, 650), (0.64, 660), (0.87, 610)], 4)
    highs = [(-1) ** i * rng.uniform(42, 64) for i in range(4)]
    near = [(s.w * x + rng.uniform(-60, 60), y + rng.uniform(-60, 60)) for x, y in spots]
    centres: list[tuple[float, ...]] = [
        (*xy, high, rng.uniform(34000, 76000)) for xy, high in zip(near, highs, strict=True)
    ]
    bands = pressure(s, centres).point([v // 7 * 7 for v in range(256)])
    edge = edges(bands, max(1, round(4 * s.k)))
    bands.putpalette([c for v in range(256) for c in s.inks.tone((128 - v) / 150 + 0.04)])
    s.plate.paste(bands.convert("RGB"))
    coast(s, rng)
    s.plate.paste(s.inks.tone(0.9), (0, 0), edge)
    front(s, near[1], near[2], rng.choice((-1, 1)))
    for xy, high in zip(near, highs, strict=True):
        ring(s, *xy, high)


def coast(s: Sheet, rng: Random) -> None:
    x, y = s.w * rng.choice((0.1, 0.4, 0.9)), rng.choice((120, 800))
    for cx, cy, r in ((x, y, 300), (s.w - x + 150, 900 - y, 190)):
        reach = [r * rng.uniform(0.6, 1.35) for _ in range(15)]
        land = loop([arc(cx, cy, 1.3 * z, z, 24 * i, n=1)[0] for i, z in enumerate(reach)])
        s.shape(land, None, 160)
        s.line([*land, land[0]], s.inks.tone(0.6), 3)


def front(s: Sheet, a: tuple[float, float], b: tuple[float, float], side: int) -> None:
    """The line where weather meets, toothed and domed as on a chart."""
    dx, dy = (b[0] - a[0]) / 3, (b[1] - a[1]) / 3
    bent = [a, (a[0] + dx - dy * side, a[1] + dy + dx * side * 0.8), (b[0] - dx - dy * side, b[1] - dy), b]
    path = bezier(bent, 80)
    s.line(path, s.inks.accent, 9)
    for i in range(14, 70, 8):
        (x, y), (x1, y1) = path[i], path[i + 1]
        turn = math.degrees(math.atan2(y1 - y, x1 - x))
        s.shape(arc(x, y, 24, 24, turn, turn + 180, 2 if i % 16 < 8 else 24), s.inks.accent)


@lru_cache(maxsize=8)
def face(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=size)


def ring(s: Sheet, x: float, y: float, high: float) -> None:
    k, inks = s.k * 2, s.inks
    letter, fill, text = ("H", inks.ink, inks.ink) if high > 0 else ("L", inks.accent, inks.paper)
    s.shape(arc(x, y, 60), fill)
    s.shape(arc(x, y, 51), inks.paper if high > 0 else fill)
    s.pen.text((x * k, y * k), letter, text, face(round(66 * k)), "mm", stroke_width=round(1.5 * k))
    s.pen.text((x * k, (y + 88) * k), str(1013 + round(high / 2)), text, face(round(30 * k)), "mm")
