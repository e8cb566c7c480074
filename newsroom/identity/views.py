"""What follows from the magazine's look alone: the same address always gives the same bytes."""

from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import register_converter
from django.urls.converters import StringConverter
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from newsroom.identity import icon
from newsroom.identity.colour import tones
from newsroom.identity.models import Identity

for_ever = cache_control(public=True, max_age=31_536_000, immutable=True)


class ColourConverter(StringConverter):
    regex = "[0-9a-f]{6}"


register_converter(ColourConverter, "colour")


@require_safe
@for_ever
def accent(request: HttpRequest, colour: str) -> HttpResponse:
    return HttpResponse(tones(f"#{colour}").stylesheet(), content_type="text/css; charset=utf-8")


@require_safe
@for_ever
def icon_svg(request: HttpRequest, colour: str, letter: str) -> HttpResponse:
    return HttpResponse(icon.svg(_one(letter), tones(f"#{colour}").dark), content_type="image/svg+xml")


@require_safe
@for_ever
def icon_png(request: HttpRequest, colour: str, letter: str) -> HttpResponse:
    """Only the magazine's own, because drawing one takes its time."""
    if Identity.objects.present().icon != f"/identity/{colour}/{quote(letter)}":
        raise Http404
    return HttpResponse(icon.png(_one(letter), tones(f"#{colour}").dark), content_type="image/png")


def _one(letter: str) -> str:
    if len(letter) != 1 or not letter.isprintable():
        raise Http404
    return letter
