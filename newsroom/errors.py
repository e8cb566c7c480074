"""What people see when something is not there, not allowed or broken: always a sentence, never a traceback."""

import sys
from typing import Any

from django.db import DatabaseError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return HttpResponse(render_to_string("400.html"), status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    try:
        answer = render(request, "404.html", status=404)
    except DatabaseError:
        return unavailable()
    answer["Cache-Control"] = "no-cache"  # a text may appear here at its hour
    return answer


def server_error(request: HttpRequest) -> HttpResponse:
    if isinstance(sys.exc_info()[1], OperationalError):
        return unavailable()
    return HttpResponse(render_to_string("500.html"), status=500)


def unavailable(**context: Any) -> HttpResponse:
    """The database is away: said at once, never stored, and worth another try."""
    headers = {"Retry-After": "10", "Cache-Control": "no-store"}
    return HttpResponse(render_to_string("503.html", context), status=503, headers=headers)
