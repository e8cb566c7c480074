"""Whoever asks to save data gets no web fonts: the same page, and fallbacks that keep its lines where they were."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers


class FontsMiddleware:
    """Stands before whitenoise, which answers alone for every file that it knows."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(f"{settings.STATIC_URL}fonts/"):
            return self.get_response(request)
        if request.headers.get("Save-Data", "").lower() == "on":
            # Private, because many a shared cache overlooks Vary and would take the font away from everybody.
            response: HttpResponseBase = HttpResponse(status=204, headers={"Cache-Control": "private, max-age=3600"})
        else:
            response = self.get_response(request)
        patch_vary_headers(response, ["Save-Data"])
        return response
