"""Public pictures through the same door as everything else, for a trial and for hosts without a web server in front."""

import mimetypes

from django.core.files.storage import storages
from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

mimetypes.add_type("image/avif", ".avif")
mimetypes.add_type("image/webp", ".webp")


@require_safe
def serve(request: HttpRequest, name: str) -> FileResponse:
    """The name is random and the bytes never change: whoever has them may keep them for a year."""
    try:
        file = storages["default"].open(name)
    except FileNotFoundError as missing:
        raise Http404 from missing
    return FileResponse(file, headers={"Cache-Control": "public, max-age=31536000, immutable"})
