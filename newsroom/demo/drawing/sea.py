"""Land and water: ridges, waves, huts on a shore."""

import math
from random import Random

from newsroom.demo.drawing.sheet import TAU, Colour, Path, Sheet, arc, box, hatch, oklch, placed, sun, swell, under


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
