"""Whoever has it already is told so, before anything is made: feed readers ask far more often than we publish."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag


def unless_known(request: HttpRequest, made_of: Any, make: Callable[[], HttpResponse]) -> HttpResponse:
    """304 to whoever has the answer that was made of the same.

    There is no Last-Modified: a withdrawal changes a list and leaves every moment on it as it was.
    """
    etag = quote_etag(sha256(repr(made_of).encode()).hexdigest()[:32])
    answer: HttpResponse = get_conditional_response(request, etag=etag) or make()
    answer["ETag"] = etag
    answer["Cache-Control"] = "no-cache"  # it may be kept, and is asked for again before it is used
    return answer
