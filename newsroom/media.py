"""Public pictures through the same door as everything else, for a trial and for hosts without a web server in front."""

import mimetypes
from collections.abc import Iterator

from django.core.files import File
from django.core.files.storage import storages
from django.http import FileResponse, Http404, HttpRequest
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from newsroom import pictures

mimetypes.add_type("image/avif", ".avif")
mimetypes.add_type("image/webp", ".webp")


@require_safe
def serve(request: HttpRequest, name: str) -> FileResponse:
    """The name is random and the bytes never change: whoever has them may keep them for a year.

    Who asks to save data gets the least of its siblings, found by its name alone, as a web server can.
    """
    found = next(_there(_least(name) if _saves_data(request) else [name]), None)
    if found is None:
        raise Http404
    # The lesser one is private, because many a shared cache overlooks Vary and would give it to everybody.
    kept = "private, max-age=3600" if _saves_data(request) else "public, max-age=31536000, immutable"
    response = FileResponse(found, headers={"Cache-Control": kept})
    patch_vary_headers(response, ["Save-Data"])
    return response


def _saves_data(request: HttpRequest) -> bool:
    return request.headers.get("Save-Data", "").strip().lower() == "on"


def _least(name: str) -> list[str]:
    return [*(pictures.sibling(name, width) for width in pictures.LEAST_WIDTHS), name]


def _there(names: list[str]) -> Iterator[File]:
    for name in names:
        try:
            yield storages["default"].open(name)
        except FileNotFoundError:
            continue
