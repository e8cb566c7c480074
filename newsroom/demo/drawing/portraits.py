"""Cut-paper heads and shoulders."""

import math
from random import Random

from PIL import Image

from newsroom.demo.drawing.sheet import TAU, Colour, Inks, Path, Sheet, arc, bezier, oklch, paired, placed

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
