"""The sheet a picture is drawn on: its inks, its grain, and the curves that everything is cut from."""

import math
from functools import lru_cache
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

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
