"""The demo's pictures, drawn rather than shipped: no licences to clear, no megabytes in the repository, and
plainly illustration, so that no reader takes an invented place or person for a real one.

It works like a two-drum risograph: one plate holds flat colour at twice the size, the other (`Sheet.tone`)
how much grain darkens (above 128) or lightens (below 128) each spot. What covers a shape covers its grain.
Lengths are in units of 1/900 of the picture's height.
"""

import math
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise, product
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont, ImageOps

type Path = list[tuple[float, float]]
type Colour = tuple[int, int, int]

TAU = math.tau
ACCENTS = [(0.62, 0.20, 32), (0.72, 0.17, 55), (0.79, 0.15, 82), (0.64, 0.14, 140), (0.66, 0.15, 160)]
ACCENTS += [(0.65, 0.11, 195), (0.62, 0.14, 240), (0.52, 0.18, 268), (0.62, 0.16, 302), (0.66, 0.19, 2)]


def oklch(light: float, chroma: float, hue: float) -> Colour:
    """The sRGB of an OKLCH colour; chroma gives way until the colour fits."""
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    x = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    y = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    z = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    rgb = (
        4.0767416621 * x - 3.3077115913 * y + 0.2309699292 * z,
        -1.2684380046 * x + 2.6097574011 * y - 0.3413193965 * z,
        -0.0041960863 * x - 0.7034186147 * y + 1.7076147010 * z,
    )
    fits = chroma < 0.001 or all(-0.001 <= v <= 1.001 for v in rgb)
    return (encode(rgb[0]), encode(rgb[1]), encode(rgb[2])) if fits else oklch(light, chroma * 0.95, hue)


def encode(v: float) -> int:
    v = min(1.0, max(0.0, v))
    return round(255 * (12.92 * v if v <= 0.0031308 else 1.055 * v ** (1 / 2.4) - 0.055))


class Inks:
    """One strong accent, a quieter ground that is kin or counter to it, and warm paper."""

    def __init__(self, rng: Random) -> None:
        light, chroma, self.hue = rng.choice(ACCENTS)
        kin = ((-18, 0.95), (18, 0.8), (180, 0.6), (150, 0.5))
        grounds = [*((self.hue + turn, force) for turn, force in kin), (250, 0.7), (200, 0.6), (70, 0.4)]
        self.ground, self.force = rng.choice(grounds)
        self.accent = oklch(light, chroma, self.hue)
        self.deep = oklch(light - 0.13, chroma * 0.85, self.hue - 6)
        self.paper, self.ink = oklch(0.965, 0.014, 85), oklch(0.23, 0.03, 262)
        low = self.hue + rng.choice((0, 30, -30, 180))
        self.sky = oklch(0.95, 0.022, rng.choice((60, 80, 100))), oklch(0.885, rng.uniform(0.03, 0.055), low)

    def tone(self, depth: float, force: float = 1.0) -> Colour:
        """The ground's ladder from 0, pale and far, to 1, nearly ink."""
        depth = min(1.0, max(-0.15, depth))
        swell = 0.022 + 0.1 * self.force * math.sin(math.pi * max(0.0, 0.06 + 0.84 * depth))
        turn = ((262 - self.ground + 180) % 360 - 180) * max(0.0, depth - 0.35) ** 2
        return oklch(0.86 - 0.62 * depth, force * swell, self.ground + turn)


@lru_cache(maxsize=4)
def grain(size: tuple[int, int]) -> tuple[Image.Image, Image.Image]:
    """Even noise to threshold against, and the same noise faint, as the paper's tooth."""
    raw = Image.frombytes("L", size, Random("grain").randbytes(size[0] * size[1]))
    even = ImageOps.equalize(raw.filter(ImageFilter.GaussianBlur(0.55)))
    tooth = even.point([round(128 + (v - 128) * 0.075) for v in range(256)])
    return even, Image.merge("RGB", (tooth,) * 3)


class Sheet:
    def __init__(self, size: tuple[int, int], inks: Inks, top: Colour, low: Colour) -> None:
        self.size, self.inks = size, inks
        self.w, self.k = 900 * size[0] / size[1], size[1] / 900
        strip = ImageOps.colorize(Image.linear_gradient("L").resize((1, size[1] * 2)), top, low)
        self.plate = strip.resize((size[0] * 2, size[1] * 2), Image.Resampling.NEAREST)
        self.tone = Image.new("L", size, 128)
        self.pen, self.tint = ImageDraw.Draw(self.plate), ImageDraw.Draw(self.tone)

    def shape(self, path: Path, fill: Colour | None, shade: int = 128) -> None:
        k = self.k
        if fill:
            self.pen.polygon([(x * k * 2, y * k * 2) for x, y in path], fill)
        self.tint.polygon([(x * k, y * k) for x, y in path], shade)

    def line(self, path: Path, fill: Colour, width: float = 3) -> None:
        k, bold = self.k, width > 4
        pixels = max(1, round(width * k * 2))
        self.pen.line([(x * k * 2, y * k * 2) for x, y in path], fill, pixels, "curve" if bold else None)
        if bold:
            self.tint.line([(x * k, y * k) for x, y in path], 128, pixels // 2)

    def fade(self, crest: Path, depth: float, start: int, end: int, steps: int = 18) -> None:
        """Grain that follows a crest downwards, to the sheet's lower edge."""
        for i in range(steps):
            level = round(128 + start + (end - start) * i / (steps - 1))
            self.shape(under([(x, y + depth * i / steps) for x, y in crest]), None, level)

    def ball(self, x: float, y: float, r: float, fill: Colour, start: int = -30, end: int = 50) -> None:
        self.shape(arc(x, y, r), fill, 128 + start)
        for i in range(1, 20):
            side = math.degrees(math.asin(i / 10 - 1))
            level = round(128 + start + (end - start) * i / 19)
            self.shape(arc(x, y, r, r, side, 180 - side, 40), None, level)

    def printed(self) -> Image.Image:
        noise, tooth = grain(self.size)
        image = self.plate.reduce(2)
        for sign, colour in ((1, self.inks.ink), (-1, self.inks.paper)):
            want = self.tone.point([max(0, sign * (v - 128) * 2) for v in range(256)])
            hits = ImageChops.subtract(want, noise).point([min(62, v * 3) for v in range(256)])
            image.paste(colour, (0, 0), hits)
        return ImageChops.overlay(image, tooth)


def arc(x: float, y: float, rx: float, ry: float = 0, a: float = 0, b: float = 360, n: int = 60) -> Path:
    turns = [math.radians(a + (b - a) * i / n) for i in range(n + 1)]
    return [(x + rx * math.cos(t), y + (ry or rx) * math.sin(t)) for t in turns]


def box(x: float, y: float, w: float, h: float) -> Path:
    return [(x, y), (x + w, y), (x + w, y + h), (x, y + h)]


def placed(path: Path, x: float, y: float, sx: float, sy: float) -> Path:
    return [(x + sx * px, y + sy * py) for px, py in path]


def under(crest: Path) -> Path:
    return [*crest, (crest[-1][0], 2000), (crest[0][0], 2000)]


def bezier(p: Path, n: int = 48) -> Path:
    ts = [(i / n, 1 - i / n) for i in range(n + 1)]
    mixes = [(u**3, 3 * u * u * t, 3 * u * t * t, t**3) for t, u in ts]
    return [
        (sum(m * q[0] for m, q in zip(mix, p, strict=True)), sum(m * q[1] for m, q in zip(mix, p, strict=True)))
        for mix in mixes
    ]


def loop(points: Path) -> Path:
    """Scissors through a few points: a closed Catmull-Rom curve."""
    out, n = [], len(points)
    for i in range(n):
        p, q, r, s = (points[(i + j) % n] for j in (-1, 0, 1, 2))
        leave, enter = ((b[0] + (c[0] - a[0]) / 6, b[1] + (c[1] - a[1]) / 6) for a, b, c in ((p, q, r), (s, r, q)))
        out += bezier([q, leave, enter, r], 10)
    return out


def paired(*right: tuple[float, float]) -> Path:
    """A loop that is the same left and right of a portrait's middle."""
    return loop([(450 + x, y) for x, y in right] + [(450 - x, y) for x, y in reversed(right) if x])


def swell(rng: Random, w: float, base: float, amp: float, rough: int = 3) -> Path:
    waves = [(rng.uniform(0.5, 1.1) * 1.9**i, rng.uniform(0, TAU), amp / 1.75**i) for i in range(rough)]
    xs = [x * 10 for x in range(-1, round(w / 10) + 2)]
    return [(x, base + sum(a * math.sin(x / 1600 * TAU * f + p) for f, p, a in waves)) for x in xs]


def hatch(s: Sheet, crest: Path, fill: Colour, gap: float, count: int, width: float = 2) -> None:
    """Contours below a crest that calm down as they sink."""
    calm = sum(y for _, y in crest) / len(crest)
    for i in range(1, count + 1):
        s.line([(x, y + (calm - y) * 0.75 * i / count + gap * i) for x, y in crest[::2]], fill, width)


def sun(s: Sheet, rng: Random, horizon: float) -> tuple[float, float]:
    x, r = s.w * rng.choice((0.22, 0.34, 0.5, 0.66, 0.78)) + rng.uniform(-40, 40), rng.uniform(90, 205)
    y, style = max(r + 50, horizon - r * rng.uniform(0.1, 1.5)), rng.randrange(3)
    for i in range(4 if style == 1 else 0):
        s.line(arc(x, y, r + 26 + 24 * i), s.inks.accent, 5 - i)
    s.ball(x, y, r, s.inks.accent)
    for i in range(7 if style == 2 else 0):
        half = r * math.sqrt(1 - (i / 7) ** 2)
        s.shape(box(x - half, y + r * i / 7, 2 * half, 2 + 2 * i), s.inks.sky[1])
    return x, r


def ridges(s: Sheet, rng: Random) -> None:
    count, horizon, rough = rng.randint(5, 7), rng.uniform(360, 560), rng.choice((2, 3, 3, 5))
    sun(s, rng, horizon)
    bright, gap = rng.randint(1, count - 3), rng.uniform(9, 15)
    for i in range(count):
        t = i / (count - 1)
        crest = swell(rng, s.w, horizon + (860 - horizon) * t, rng.uniform(28, 62), rough)
        s.shape(under(crest), s.inks.deep if i == bright else s.inks.tone(0.12 + 0.85 * t))
        hatch(s, crest, s.inks.accent if i == bright else s.inks.tone(0.02 + 0.72 * t), gap, 16, 1.5 + t)
        s.fade(crest, 190, 46, -34)


def breakers(w: float, base: float, length: float, height: float, lean: float, phase: float) -> Path:
    turns = [i / 24 * TAU for i in range(-36, round(w / length + 2) * 24)]
    xs = [(a + phase - 0.62 * math.sin(a) + lean * math.cos(a)) * length / TAU for a in turns]
    return [(x, base - height * math.cos(a)) for x, a in zip(xs, turns, strict=True)]


def boat(s: Sheet, flip: int, x: float, y: float, z: float) -> None:
    inks, place = s.inks, (x, y, flip * z, z)
    s.line(placed([(0, 0), (0, -150)], *place), inks.ink, 4 * z)
    s.shape(placed([(8, -148), (92, -26), (8, -20)], *place), inks.paper)
    s.shape(placed([(-8, -132), (-8, -20), (-66, -26)], *place), inks.accent, 150)
    s.shape(placed([(-84, -14), (104, -14), (70, 34), (-58, 34)], *place), inks.ink)
    s.shape(placed([(-84, -14), (104, -14), (98, -4), (-79, -4)], *place), inks.paper)


def waves(s: Sheet, rng: Random) -> None:
    horizon, rows, lean = rng.uniform(270, 440), rng.randint(6, 9), rng.choice((-0.55, 0.55))
    x, _ = sun(s, rng, horizon + 20)
    berth, spot = rng.randint(2, rows // 2 + 1), (x + s.w * rng.uniform(0.3, 0.6)) % (s.w * 0.8) + s.w * 0.1
    for i in range(rows):
        t = i / (rows - 1)
        base, high = horizon + 30 + (830 - horizon) * t**1.2, 13 + 44 * t
        crest = breakers(s.w, base, 150 + 300 * t, high, lean, rng.uniform(0, TAU))
        if i == berth:
            boat(s, rng.choice((-1, 1)), spot, base - high, 0.65 + 0.7 * t)
        s.shape(under(crest), s.inks.tone(0.16 + 0.78 * t))
        hatch(s, crest, s.inks.tone(0.02 + 0.68 * t), 9 + 9 * t, 6, 2 + t)
        s.line(crest, s.inks.paper, 3 + 5 * t)
        s.fade(crest, 60 + 90 * t, -26, 56)


def lamps(s: Sheet, rng: Random) -> None:
    cols, rows = rng.choice(((6, 3), (7, 4), (8, 4), (9, 5), (11, 6)))
    draw, reach, fx, fy = rng.choice((pendant, window)), rng.uniform(0.75, 1.3), rng.random(), rng.random()
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


def hut(s: Sheet, rng: Random, x: float, y: float, w: float, wall: Colour, roof: Colour) -> None:
    h, rise, place = rng.uniform(0.85, 1.15), rng.uniform(0.42, 0.7), (x, y, w, -w)
    stripe = s.inks.paper if wall != s.inks.paper else roof
    s.shape(placed([(1, 0), (1.5, -0.35), (0.5, -0.35), (0, 0)], *place), None, 190)
    s.shape(placed([(0, 0), (0, h), (0.5, h + rise), (1, h), (1, 0)], *place), wall, 118)
    for i in range(1, 9, 2) if rng.random() < 0.6 else ():
        top = h + rise * (1 - abs(i - 4) / 4.5) * 0.86
        s.shape(placed(box(i / 9, 0, 1 / 9, top), *place), stripe, 118)
    s.shape(placed([(0.7, 0), (0.7, h + rise * 0.5), (1, h), (1, 0)], *place), None, 158)
    s.line(placed([(-0.07, h - 0.09), (0.5, h + rise), (1.07, h - 0.09)], *place), roof, w * 0.085)
    s.shape(placed(box(0.3, 0, 0.4, h * 0.72), *place), s.inks.paper, 124)
    s.shape(placed(box(0.33, 0, 0.34, h * 0.68), *place), roof, 140)
    s.shape(placed(arc(0.6, h * 0.34, 0.025, n=10), *place), s.inks.paper)
    s.shape(placed(arc(0.5, h + 0.12, 0.075, n=24), *place), s.inks.ink)


def shore(s: Sheet, rng: Random, horizon: float, edge: float) -> None:
    s.shape(box(0, horizon, s.w, 900), s.inks.tone(0.4))
    for i in range(12):
        s.line(swell(rng, s.w, horizon + 12 + i * i * 1.6, 3 + i / 3), s.inks.tone(0.12), 1.5 + i / 6)
    s.fade([(0, horizon), (s.w, horizon)], 200, -30, 30)
    sand = swell(rng, s.w, edge, 16)
    s.shape(under(sand), oklch(0.885, 0.045, 82))
    s.line(sand, s.inks.paper, 9)
    hatch(s, sand, oklch(0.81, 0.06, 78), 15, 16)
    s.fade(sand, 230, -20, 22)


GULL = [(-1, -0.35), (-0.45, -0.5), (0, 0), (0.45, -0.5), (1, -0.35)]


def huts(s: Sheet, rng: Random) -> None:
    horizon, beach, count = rng.uniform(430, 520), rng.uniform(690, 760), rng.randint(4, 8)
    sun(s, rng, horizon)
    for _ in range(rng.randint(3, 6)):
        x, y, z = s.w * rng.uniform(0.05, 0.95), rng.uniform(90, 330), rng.uniform(14, 26)
        s.line(placed(GULL, x, y, z, z), s.inks.ink, 3)
    shore(s, rng, horizon, beach - 46)
    walls = [s.inks.accent, s.inks.paper, s.inks.tone(0.25, 1.2), s.inks.deep, s.inks.tone(0.6, 1.2)]
    pitch, x, shift = s.w * rng.uniform(0.8, 1.1) / count, rng.uniform(-0.06, 0.16) * s.w, rng.randrange(5)
    for i in range(count):
        wall = walls[(i + shift) % 5]
        roof = s.inks.tone(0.92) if wall != walls[4] else s.inks.accent
        hut(s, rng, x + i * pitch, beach + rng.uniform(-6, 26), pitch * rng.uniform(0.62, 0.76), wall, roof)


MOTIFS: dict[str, Callable[[Sheet, Random], None]] = {
    motif.__name__: motif for motif in (ridges, waves, lamps, cables, crowd, isobars, cranes, huts)
}


def picture(seed: str, motif: str, size: tuple[int, int] = (1600, 900)) -> Image.Image:
    rng = Random(f"{motif}:{seed}")
    inks = Inks(rng)
    sheet = Sheet(size, inks, *inks.sky)
    MOTIFS[motif](sheet, rng)
    return sheet.printed()


type Lch = tuple[float, float, float]
type Look = tuple[Lch, Lch, str, str, Lch, Lch, str]
FAIR, DARK, GREY = (0.85, 0.05, 50), (0.2, 0.015, 40), (0.78, 0.01, 250)
LOOKS: dict[str, Look] = {  # skin, hair, its cut, dress, its colour, ground, and one thing more
    "ines-hallam": ((0.8, 0.07, 62), DARK, "bob", "crew", (0.6, 0.19, 30), (0.86, 0.05, 200), ""),
    "tom-okafor": ((0.47, 0.07, 50), DARK, "crop", "roll", (0.8, 0.15, 84), (0.64, 0.1, 250), "beard"),
    "lea-brandt": (FAIR, (0.8, 0.11, 84), "long", "crew", (0.44, 0.1, 158), (0.83, 0.08, 10), "glasses"),
    "amadou-diop": ((0.38, 0.05, 48), DARK, "round", "shirt", (0.45, 0.15, 265), (0.8, 0.13, 65), ""),
    "mara-lind": (FAIR, GREY, "bun", "roll", (0.36, 0.06, 262), (0.78, 0.09, 150), "earrings"),
    "rhys-calder": (FAIR, (0.56, 0.14, 45), "curls", "shirt", (0.5, 0.08, 200), (0.76, 0.08, 300), "beard"),
}
HAIRS = [DARK, (0.3, 0.05, 50), (0.42, 0.08, 55), (0.76, 0.1, 82), GREY]


def chance_look(rng: Random) -> Look:
    skin, hue = rng.choice([look[0] for look in LOOKS.values()]), rng.uniform(0, 360)
    hair = rng.choice(HAIRS[: 5 if skin[0] > 0.6 else 2])
    style, dress = rng.choice([*BROWS]), rng.choice(("crew", "roll", "shirt"))
    extra = rng.choice(("", "glasses", "earrings" if style in ("bob", "long", "bun") else "beard"))
    cloth, ground = (rng.uniform(0.4, 0.7), 0.13, hue), (0.8, 0.08, hue + rng.uniform(110, 250))
    return skin, hair, style, dress, cloth, ground, extra


def crown(top: float, wide: float, *hairline: tuple[float, float]) -> Path:
    """Hair over the brow: round above, and below cut along the hairline, from right to left."""
    return [*arc(450, 385, wide, top, 188, 352, 40), *bezier(list(hairline[:4]), 24), *hairline[4:]]


BACKS = {
    "bob": paired((0, 155), (160, 220), (205, 400), (198, 560), (110, 585), (0, 570)),
    "long": paired((0, 150), (160, 215), (198, 420), (215, 620), (190, 760), (0, 740)),
    "round": paired((0, 105), (140, 140), (218, 255), (195, 385), (150, 440)),
    "bun": arc(450, 135, 92, 84),
    "curls": [arc(450, 338, 192 + 26 * abs(math.sin(i * TAU / 24)), 0, i * 3, n=1)[0] for i in range(120)],
}
BROWS = {
    "bob": crown(222, 192, (628, 420), (590, 330), (590, 318), (450, 318), (300, 318), (272, 420)),
    "crop": crown(205, 172, (612, 400), (590, 270), (310, 270), (288, 400)),
    "long": crown(226, 190, (640, 480), (600, 350), (500, 310), (430, 200), (385, 280), (262, 480)),
    "round": crown(215, 180, (612, 380), (590, 250), (310, 250), (288, 380)),
    "bun": crown(212, 174, (616, 410), (590, 300), (520, 262), (380, 236), (310, 300), (284, 410)),
    "curls": crown(215, 172, (610, 370), (560, 260), (340, 280), (290, 370)),
}
TORSO = paired((0, 640), (150, 668), (295, 735), (365, 900), (380, 1100))
NECK = paired((72, 520), (80, 650), (0, 700))
ROLL = paired((0, 612), (90, 590), (112, 690), (0, 722))
HEAD = paired((0, 190), (120, 235), (162, 380), (140, 490), (70, 580), (0, 602))
BEARD = paired((0, 462), (60, 466), (132, 470), (160, 410), (152, 520), (84, 606), (0, 632))


def dressed(s: Sheet, dress: str, cloth: Lch, skin: Colour) -> None:
    fill, dark = oklch(*cloth), oklch(cloth[0] - 0.1, *cloth[1:])
    s.shape(TORSO, fill, 122)
    for side in (-1, 1):
        s.line(bezier(placed([(236, 920), (232, 860), (226, 820), (206, 785)], 450, 0, side, 1)), dark, 7)
    if dress == "shirt":
        s.shape([(372, 640), (528, 640), (450, 800)], s.inks.paper)
    s.shape(NECK, skin, 150)
    if dress == "crew":
        s.line(arc(450, 642, 98, 66, 0, 180), dark, 20)
        s.shape(arc(450, 642, 90, 58, 0, 180), skin, 128)
    if dress == "roll":
        s.shape(ROLL, dark)
    for side in (-1, 1) if dress == "shirt" else ():
        s.shape(placed([(75, 620), (120, 680), (55, 790), (0, 725)], 450, 0, side, 1), dark)


def features(s: Sheet, skin: Lch, hair: Colour, extra: str) -> None:
    (light, chroma, hue), pale = skin, skin[0] > 0.6
    line, lips = oklch(max(0.15, light - 0.55), 0.035, 40), oklch(light - 0.24 if pale else 0.3, 0.1, 25)
    blush = oklch(light, chroma + (0.032 if pale else 0.012), 30)
    for side in (-1, 1):
        s.shape(arc(450 + side * 62, 402, 12, 14, n=24), line)
        s.line(arc(450 + side * 64, 380, 36, 24, 225, 315, 12), hair if pale else line, 11)
        s.shape(arc(450 + side * 92, 462, 34, 24, n=30), blush)
        if extra == "glasses":
            s.line(arc(450 + side * 66, 406, 54, 48), line, 9)
        if extra == "earrings":
            s.shape(arc(450 + side * 164, 492, 17), s.inks.accent)
    if extra == "glasses":
        s.line([(438, 402), (462, 402)], line, 9)
    s.line([(452, 408), (470, 466), (442, 470)], oklch(light - 0.12, chroma + 0.02, hue - 6), 10)
    if extra == "beard":
        s.shape(BEARD, hair, 132)
        lips = oklch(0.66, 0.1, 25)
    s.line(arc(450, 488, 56, 40, 35, 145, 20), lips, 12)


def portrait(seed: str, size: int = 480) -> Image.Image:
    """A cut-paper head and shoulders, plain enough to read at the size of a byline."""
    rng = Random(f"portrait:{seed}")
    skin, hair, style, dress, cloth, ground, extra = LOOKS.get(seed) or chance_look(rng)
    tint, shadow, strands = oklch(*skin), oklch(skin[0] - 0.1, skin[1] + 0.015, skin[2] - 4), oklch(*hair)
    s = Sheet((size, size), Inks(rng), oklch(ground[0] + 0.03, *ground[1:]), oklch(*ground))
    s.ball(450, 430, 350, oklch(min(0.95, ground[0] + 0.09), ground[1] * 0.6, ground[2] + 12), 0, 16)
    s.shape(BACKS.get(style, HEAD), strands, 134)
    dressed(s, dress, cloth, shadow)
    for side in (-1, 1) if style != "long" else ():
        s.shape(arc(450 + side * 158, 420, 30, 44), shadow if side > 0 else tint)
    s.shape(HEAD, shadow, 134)
    s.shape([(x - max(0, x - 450) * 0.14, y) for x, y in HEAD], tint, 124)
    features(s, skin, strands, extra)
    s.shape(BROWS[style], strands, 120)
    return s.printed()
