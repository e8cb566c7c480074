"""The demo's pictures, drawn rather than shipped: no licences to clear, no megabytes in the repository, and
plainly illustration, so that no reader takes an invented place or person for a real one.

It works like a two-drum risograph: one plate holds flat colour at twice the size, the other (`Sheet.tone`)
how much grain darkens (above 128) or lightens (below 128) each spot. What covers a shape covers its grain.
Lengths are in units of 1/900 of the picture's height.
"""

from collections.abc import Callable
from random import Random

from PIL import Image

from newsroom.demo.drawing.charts import crowd, isobars
from newsroom.demo.drawing.portraits import portrait
from newsroom.demo.drawing.sea import huts, ridges, waves
from newsroom.demo.drawing.sheet import Inks, Sheet
from newsroom.demo.drawing.works import cables, cranes, lamps, windows

__all__ = ["MOTIFS", "picture", "portrait"]

MOTIFS: dict[str, Callable[[Sheet, Random], None]] = {
    motif.__name__: motif for motif in (ridges, waves, lamps, windows, cables, crowd, isobars, cranes, huts)
}


def picture(seed: str, motif: str, size: tuple[int, int] = (1600, 900)) -> Image.Image:
    rng = Random(f"{motif}:{seed}")
    inks = Inks(rng)
    sheet = Sheet(size, inks, *inks.sky)
    MOTIFS[motif](sheet, rng)
    return sheet.printed()
