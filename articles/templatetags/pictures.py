"""How a photo becomes markup."""

from typing import Any

from django import template

from articles.models import Photo
from articles.photos.renditions import CARD, CARD_SIZES, WHOLE

register = template.Library()


@register.inclusion_tag("articles/_picture.html")
def picture(photo: Photo, shape: str = WHOLE, sizes: str = "100vw", lead: bool = False) -> dict[str, Any]:
    """A `lead` picture is fetched first; every other one when a reader comes near it."""
    width, height = CARD_SIZES[-1] if shape == CARD else photo.stand_in_size
    sources = photo.sources(shape)
    return {
        "photo": photo,
        "shape": shape,
        "sizes": sizes,
        "lead": lead,
        "sources": sources,
        "width": width,
        "height": height,
    }
