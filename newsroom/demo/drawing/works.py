"""What people put up: lamps, windows, cables, cranes."""

import math
from collections.abc import Callable
from itertools import pairwise, product
from random import Random

from PIL import ImageOps

from newsroom.demo.drawing.sheet import Colour, Sheet, arc, bezier, box, hatch, oklch, placed, sun, swell, under

type Light = Callable[[Sheet, Random, float, float, float, float, bool, float], None]


def lamps(s: Sheet, rng: Random) -> None:
    lights(s, rng, pendant)


def windows(s: Sheet, rng: Random) -> None:
    lights(s, rng, window)


def lights(s: Sheet, rng: Random, draw: Light) -> None:
    cols, rows = rng.choice(((6, 3), (7, 4), (8, 4), (9, 5), (11, 6)))
    reach, fx, fy = rng.uniform(0.75, 1.3), rng.random(), rng.random()
    wall = rng.choice((rng.uniform(0.05, 0.3), rng.uniform(0.6, 0.88)))
    roof = rng.choice((0, 170, 240)) if draw is window else 0
    if roof:
        sun(s, rng, roof + 60)
        s.shape(box(0, roof - 16, s.w, 24), s.inks.paper)
    w, h = s.w / cols, (900 - roof) / rows
    for row, col in product(range(rows), range(cols)):
        lit = rng.random() > math.hypot(col / cols - fx, row / rows - fy) / reach + 0.1
        shade = wall + ((col + row) % 2 * 0.1 if draw is pendant else 0)
        s.shape(box(col * w, row * h + roof, w + 1, h + 1), s.inks.tone(shade), 124 + row * 4)
        draw(s, rng, col * w, row * h + roof, w, h, lit, shade)


def pendant(s: Sheet, rng: Random, x: float, y: float, w: float, h: float, lit: bool, wall: float) -> None:
    mid, top, r = x + w / 2, y + h * rng.uniform(0.34, 0.52), min(w, h) * 0.28
    if lit:
        cone = [(mid - r, top), (mid + r, top), (mid + w * 0.47, y + h), (mid - w * 0.47, y + h)]
        s.shape(cone, oklch(0.9, 0.1, 88), 108)
        s.shape(arc(mid, top, r * 0.42, n=30), s.inks.paper)
    s.line([(mid, y), (mid, top - r)], s.inks.ink, 4)
    shade = s.inks.accent if lit else s.inks.tone(wall + (0.4 if wall < 0.5 else -0.3))
    s.shape(arc(mid, top, r, r, 180, 360, 30), shade, 140)


def window(s: Sheet, rng: Random, x: float, y: float, w: float, h: float, lit: bool, wall: float) -> None:
    left, top, wide, high = x + w * 0.2, y + h * 0.17, w * 0.6, h * 0.66
    bright = rng.choice((oklch(0.9, 0.11, 88), oklch(0.84, 0.13, 80), s.inks.accent))
    s.shape(box(left, top, wide, high), bright if lit else s.inks.tone(0.98), 120 if lit else 140)
    drop = high * rng.choice((0, 0, rng.uniform(0.2, 0.75)))
    s.shape(box(left, top, wide, drop), s.inks.tone(0.15))
    for i in range(1, int(drop / 9)):
        s.line([(left, top + i * 9), (left + wide, top + i * 9)], s.inks.tone(wall), 2)
    s.line([(left + wide / 2, top), (left + wide / 2, top + high)], s.inks.paper, 4)
    s.line([*box(left, top, wide, high), (left, top), (left + 9, top)], s.inks.paper, 6)
    s.shape(box(left - 10, top + high, wide + 20, 10), s.inks.paper)
    s.shape(box(left - 4, top + high + 10, wide + 14, 14), None, 215)


def pylon(s: Sheet, x: float, y: float, h: float, fill: Colour) -> None:
    for side in (-h, h):
        s.line(placed([(0.15, 0), (0.03, 0.62), (0, 1)], x, y, side, -h), fill, h * 0.018)
        zigzag = [((0.15 - 0.03 * i) * (-1) ** i, 0.155 * i) for i in range(5)]
        s.line(placed(zigzag, x, y, side, -h), fill, h * 0.01)
    for arm in (0.64, 0.8):
        s.shape(placed([(-0.2, arm), (0, arm + 0.05), (0.2, arm)], x, y, h, -h), fill)


def bundle(s: Sheet, rng: Random, y: float, end: float, count: int) -> None:
    """Strands that leave one cabinet in order, sag together and arrive spread."""
    sag, pull, thick = rng.uniform(20, 170), s.w * rng.uniform(0.25, 0.45), rng.uniform(11, 17)
    inks = [s.inks.tone(d, 1.3) for d in (0.12, 0.35, 0.55, 0.75)] + [s.inks.accent] * 2 + [s.inks.deep]
    for i in range(count):
        j, out = i - count / 2, s.w - 150
        hang = (150 + pull, y + j * 14 + sag), (out - pull, end + j * 20 + sag)
        path = bezier([(150, y + j * 26), *hang, (out, end + j * 30)])
        s.line(placed(path, 0, 9, 1, 1), s.inks.tone(0.93), thick)
        s.line(path, rng.choice(inks), thick)
        s.line(placed(path, 0, -thick * 0.2, 1, 1), s.inks.paper, 1.5)


def cabinet(s: Sheet, rng: Random, x: float, w: float, top: float, depth: float) -> None:
    s.shape(box(x, top, w, 900), s.inks.tone(depth), 140)
    s.shape(box(x, top, w, 14), s.inks.paper)
    for y in range(round(top) + 44, 900, 30):
        s.line([(x + w * 0.16, y), (x + w * 0.66, y)], s.inks.tone(depth - 0.35), 4)
        s.shape(arc(x + w * 0.8, y, 6, n=12), rng.choice((s.inks.accent, s.inks.paper, s.inks.ink)))


def wires(s: Sheet, y: float, fill: Colour) -> None:
    towers = [(s.w * (0.14 + 0.25 * i), 150 + 65 * i) for i in range(5)]
    for (x, h), (x1, h1) in pairwise(towers):
        pylon(s, x, y, h, fill)
        for side in (-0.2, 0.2):
            (a, b), (c, d) = (x + h * side, y - h * 0.8), (x1 + h1 * side, y - h1 * 0.8)
            s.line(bezier([(a, b), (a + 90, b + 60), (c - 90, d + 80), (c, d)], 20), fill, 2)


def cables(s: Sheet, rng: Random) -> None:
    flip, horizon = rng.random() < 0.5, rng.uniform(430, 600)
    sun(s, rng, horizon)
    wires(s, horizon + 20, s.inks.tone(0.6))
    crest = swell(rng, s.w, horizon + 20, 30)
    s.shape(under(crest), s.inks.tone(0.25))
    hatch(s, crest, s.inks.tone(0.08), 14, 24)
    s.fade(crest, 240, 40, -30)
    (left, right), count = rng.sample((220, 290, 360, 430, 500), 2), rng.randint(2, 3)
    for i in range(count):
        bundle(s, rng, left + 150 + 165 * i, right + 150 + 165 * (count - 1 - i), rng.randint(5, 8))
    cabinet(s, rng, -20, 200, left, 0.8)
    cabinet(s, rng, s.w - 180, 220, right, 0.88)
    if flip:
        s.plate, s.tone = ImageOps.mirror(s.plate), ImageOps.mirror(s.tone)


type Bars = list[tuple[tuple[float, float], ...]]
BARS: Bars = [((-0.17, 0), (-0.13, 0.56)), ((0.17, 0), (0.13, 0.56)), ((-0.16, 0.2), (0.16, 0.2))]
BARS += [((-0.15, 0.3), (0.15, 0.3)), ((-0.42, 0.56), (0.14, 0.56))]
BARS += [((-0.13, 0.56), (0.08, 0.9), (0.13, 0.56))]
STAYS: Bars = [((-0.15, 0.3), (0.13, 0.56)), ((0.08, 0.9), (-0.4, 0.56))]
BOOMS: dict[bool, tuple[Bars, Bars]] = {
    False: ([((0.13, 0.56), (0.98, 0.56))], [((0.55, 0.56), (0.08, 0.9), (0.92, 0.56))]),
    True: ([((0.13, 0.56), (0.5, 1.25))], [((0.08, 0.9), (0.38, 1.03))]),
}


def crane(s: Sheet, rng: Random, x: float, y: float, h: float, fill: Colour) -> None:
    place, raised = (x, y, rng.choice((-h, h)), -h), rng.random() < 0.3
    run, drop = rng.uniform(0.36, 0.8), rng.uniform(0.2, 0.4)
    boom, ties = BOOMS[raised]
    hoist = [] if raised else [((run + d, 0.56), (run + d, drop)) for d in (-0.05, 0.05)]
    for bars, width in ((BARS + boom, 0.03), (STAYS + ties, 0.01), (hoist, 0.006)):
        for bar in bars:
            s.line(placed(list(bar), *place), fill, h * width)
    s.shape(placed(box(-0.36, 0.57, 0.18, 0.09), *place), fill)
    if hoist:
        s.shape(placed(box(run - 0.1, drop - 0.07, 0.2, 0.07), *place), s.inks.accent)


def stack(s: Sheet, rng: Random, x: float, y: float, cols: int) -> None:
    inks = [s.inks.accent, s.inks.accent, s.inks.deep, s.inks.paper]
    inks += [s.inks.tone(d, 1.2) for d in (0.2, 0.5, 0.8)]
    for col in range(cols):
        for row in range(1, rng.randint(2, 5)):
            s.shape(box(x + col * 70, y - row * 30, 67, 28), rng.choice(inks), 122)
            s.shape(box(x + col * 70, y - row * 30 + 18, 67, 10), None, 160)


def ripples(s: Sheet, rng: Random, sea: float, x: float, r: float) -> None:
    for i in range(150):
        y, wide = sea + 260 * (i / 150) ** 1.4, 20 + 0.6 * i
        left, fill = rng.uniform(-60, s.w), s.inks.tone(rng.choice((0.15, 0.3, 0.6)))
        if i % 3 == 0:
            left, fill = x + rng.gauss(0, r * 0.45) - wide / 2, s.inks.accent
        s.line([(left, y), (left + wide, y)], fill, 2 + i / 40)


def cranes(s: Sheet, rng: Random) -> None:
    sea, count, near = rng.uniform(640, 740), rng.randint(2, 3), s.inks.tone(0.95)
    x, r = sun(s, rng, sea - 130)
    s.shape(under(swell(rng, s.w, sea - 70, 26)), s.inks.tone(0.02))
    for _ in range(rng.randint(2, 4)):
        crane(s, rng, s.w * rng.uniform(0.05, 0.95), sea, rng.uniform(190, 280), s.inks.tone(0.3))
    s.shape(box(0, sea - 12, s.w, 900), s.inks.tone(0.42))
    ripples(s, rng, sea, x, r)
    s.fade([(0, sea), (s.w, sea)], 260, -40, 50)
    quay = sea + rng.uniform(20, 70)
    for i in range(count):
        crane(s, rng, s.w * (i + rng.uniform(0.3, 0.7)) / count, quay, rng.uniform(430, 640), near)
    stack(s, rng, rng.uniform(-40, s.w * 0.5), quay, rng.randint(6, 10))
    s.shape(box(0, quay, s.w, 46), near)
    for i in range(0, round(s.w), 90):
        s.shape(box(i, quay + 46, 16, 60), near)
    s.line([(0, quay + 5), (s.w, quay + 5)], s.inks.paper, 3)
