"""Who may knock, and what no cache, search engine or foreign site may learn from the answer."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from newsletter.models import Subscription
from newsletter.signup.tokens import Forged

LONGEST_POST = 1_000_000

type View = Callable[..., HttpResponse]


def reader_page(view: View) -> View:
    """Not stored and not indexed, without a cookie, and so without Django's own defence: see decisions 16."""

    @csrf_exempt
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def guarded(request: HttpRequest, **route: Any) -> HttpResponse:
        if int(request.META.get("CONTENT_LENGTH") or 0) > LONGEST_POST:
            response = render(request, "newsletter/too_long.html", status=413)
        else:
            response = view(request, **route)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return guarded


def page_of_a_link(view: View) -> View:
    """Opened by the token of a mail, which must not travel on; a token that is not ours gets one uniform answer."""

    @reader_page
    @wraps(view)
    def guarded(request: HttpRequest, **route: Any) -> HttpResponse:
        try:
            response = view(request, **route)
        except (Forged, Subscription.DoesNotExist):
            response = render(request, "newsletter/unknown.html", status=404)
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    return guarded


def from_our_own_pages(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, **route: Any) -> HttpResponse:
        if comes_from_elsewhere(request):
            return render(request, "newsletter/refused.html", status=403)
        return view(request, **route)

    return guarded


def comes_from_elsewhere(request: HttpRequest) -> bool:
    """What browsers say by themselves, and pages cannot forge. Programs that say nothing are no browser's victim."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site == "cross-site":
        return True
    if origin is None or (origin == "null" and site == "same-origin"):
        return False
    return origin not in {f"{request.scheme}://{request.get_host()}", settings.SITE_URL}
