"""An editor's colour, made fit to be read: as near to it as a contrast of WCAG 2.2 allows on the pages' grounds."""

import math
from dataclasses import dataclass
from functools import lru_cache

type Rgb = tuple[float, float, float]

# --paper, --ground and --band of static/css/tokens.css as OKLCH; a test holds them to it.
LIGHT_GROUNDS = ((0.986, 0.006, 90), (0.956, 0.012, 85))
DARK_GROUNDS = ((0.175, 0.014, 260), (0.215, 0.017, 260), (0.24, 0.035, 265))
READABLE, EASILY_READABLE = 4.5, 7.0  # success criteria 1.4.3 and 1.4.6
STEP = 0.005


@dataclass(frozen=True)
class Tones:
    light: str
    dark: str
    light_more: str
    dark_more: str

    def stylesheet(self) -> str:
        return (
            f"@layer tokens{{:root{{--accent:light-dark({self.light},{self.dark})}}"
            f"@media (prefers-contrast:more){{:root{{--accent:light-dark({self.light_more},{self.dark_more})}}}}}}"
        )


# The house's own vermilion: --accent and its tones of static/css/tokens.css.
HOUSE = Tones(light="#be2612", dark="#f88c6a", light_more="#962210", dark_more="#feb694")


@lru_cache(maxsize=64)
def tones(chosen: str) -> Tones:
    """Of #rrggbb: the colour itself where it can be read, a darker or lighter one of its hue where it cannot."""
    return Tones(
        light=_readable(chosen, LIGHT_GROUNDS, -STEP, READABLE),
        dark=_readable(chosen, DARK_GROUNDS, STEP, READABLE),
        light_more=_readable(chosen, ((1, 0, 0),), -STEP, EASILY_READABLE),
        dark_more=_readable(chosen, ((0, 0, 0),), STEP, EASILY_READABLE),
    )


def contrast(one: Rgb, other: Rgb) -> float:
    """1 to 21, of linear sRGB: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _readable(chosen: str, grounds: tuple[tuple[float, float, float], ...], step: float, least: float) -> str:
    lightness, chroma, hue = _oklch(_linear(chosen))
    papers = [_rgb(*ground) for ground in grounds]
    colour = _linear(chosen)
    while min(contrast(colour, paper) for paper in papers) < least and 0 <= lightness <= 1:
        lightness += step
        colour = _linear(_hex(_in_gamut(lightness, chroma, hue)))
    return _hex(colour)


def _in_gamut(lightness: float, chroma: float, hue: float) -> Rgb:
    """The most colourful one of that lightness and hue that a screen shows."""
    while chroma > 0 and not all(-1e-4 <= channel <= 1.0001 for channel in _rgb(lightness, chroma, hue)):
        chroma -= STEP
    return _rgb(lightness, max(chroma, 0), hue)


def _luminance(colour: Rgb) -> float:
    red, green, blue = colour
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(code: str) -> Rgb:
    red, green, blue = (_decoded(byte / 255) for byte in bytes.fromhex(code[1:]))
    return red, green, blue


def _decoded(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _encoded(channel: float) -> float:
    channel = min(max(channel, 0), 1)
    return 12.92 * channel if channel <= 0.0031308 else 1.055 * channel ** (1 / 2.4) - 0.055


def _hex(colour: Rgb) -> str:
    return "#" + "".join(f"{round(_encoded(channel) * 255):02x}" for channel in colour)


# OKLab as Björn Ottosson published it: https://bottosson.github.io/posts/oklab/


def _oklch(colour: Rgb) -> tuple[float, float, float]:
    red, green, blue = colour
    long, medium, short = (
        math.cbrt(cone)
        for cone in (
            0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue,
            0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue,
            0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue,
        )
    )
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    return lightness, math.hypot(a, b), math.degrees(math.atan2(b, a))


def _rgb(lightness: float, chroma: float, hue: float) -> Rgb:
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
