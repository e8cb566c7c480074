"""What is answered where nothing stands: an old address leads to the new one, a slip in it to what was meant."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import resolve
from django.utils.translation import gettext as _

from articles.models import Address, Article, Page
from articles.models.address import spelled

# Asked for as they are: the desk has its own way with them, the others are made by programs.
LITERAL = ("/admin/", "/media/", "/static/", "/identity/", "/preview/")
# The longest way through redirects that were brought along from another system.
LONGEST_WAY = 8


class ElsewhereMiddleware:
    """The one place that forgives: whichever view found nothing, the house is asked what it knows of the address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Http404) or request.method not in {"GET", "HEAD"}:
            return None
        answer = elsewhere(request)
        if answer is not None:
            # 301 and 410 may be kept for ever unless something is said, and a text may come back to an old address.
            answer["Cache-Control"] = "no-cache"
        return answer


def nowhere(request: HttpRequest) -> HttpResponse:
    """The last of all routes."""
    raise Http404


def elsewhere(request: HttpRequest) -> HttpResponse | None:
    """Where this address leads, in one hop, or that it is gone; nothing if nobody ever had it."""
    asked = request.path_info
    if asked.startswith(LITERAL) or "\0" in asked:
        return None
    found = Asked.of(asked).whereabouts() or _slip(asked)
    if isinstance(found, Address):
        return _gone(request, found)
    if not found or found == asked or _is_nowhere(urlsplit(found).path):
        return None
    query = request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(f"{found}?{query}" if query and "?" not in found else found)


@dataclass(frozen=True)
class Asked:
    """A path, and the address that it hangs on: a list's pages and feeds on the list, a twin on its article."""

    path: str
    base: str
    moved: Callable[[str], str]  # where it is when its base is at this address
    of_articles_only: bool = False

    @classmethod
    def of(cls, path: str) -> "Asked":
        path = spelled(path)
        if found := re.fullmatch(r"(/[^/]+)\.md", path):
            return cls(path, f"{found[1]}/", lambda url: f"{url.rstrip('/')}.md", of_articles_only=True)
        if found := re.fullmatch(r"/share(/[^/]+)\.png", path):
            return cls(path, f"{found[1]}/", lambda url: f"/share{url.rstrip('/')}.png", of_articles_only=True)
        if found := re.fullmatch(r"(/(?:section|tag|series|author)/[^/]+/)(.+)", path):
            return cls(path, found[1], lambda url: url + found[2])
        return cls(path, path, lambda url: url)

    def whereabouts(self, way: int = LONGEST_WAY) -> str | Address | None:
        """Its address of today, or the one that is gone, or None."""
        if self._is_live():
            return self.moved(self.base)
        address = Address.objects.leading(self.path, self.base)
        if address is None:
            return None
        if address.target:
            return self._by_way_of(address, way)
        if self.of_articles_only and not address.article:
            return None
        return address if address.is_gone else address.leads_to and self.moved(address.leads_to)

    def _is_live(self) -> bool:
        """What went live at its hour has its address at once, whether or not a worker was there to write it down."""
        slug = self.base.strip("/")
        if "/" in slug or not slug:
            return False
        if Article.objects.live().at_slug(slug).exists():
            return True
        return not self.of_articles_only and Page.objects.live().at_slug(slug).exists()

    def _by_way_of(self, address: Address, way: int) -> str | Address | None:
        target = address.target if address.path == self.path else self.moved(address.target)
        if not way:
            return None
        onward = Asked.of(urlsplit(target).path)
        found = onward.whereabouts(way - 1)
        if found is None:
            return target if "slug" not in resolve(onward.path).kwargs else None
        return target if found == urlsplit(target).path else found


def _is_nowhere(path: str) -> bool:
    return resolve(path).func is nowhere


def _slip(asked: str) -> str:
    """An address of the house itself with capitals, or without its slash. What is secret keeps its letters."""
    for path in (spelled(asked), f"{asked}/"):
        match = resolve(path)
        if match.func is nowhere or "slug" in match.kwargs:
            continue
        if "token" not in match.kwargs or path == f"{asked}/":
            return path
    return ""


def _gone(request: HttpRequest, address: Address) -> HttpResponse | None:
    asked = spelled(request.path_info)
    if asked.endswith(".png"):
        return None
    if asked.endswith(".md"):
        words = _("This article was withdrawn.")
        return HttpResponse(words, content_type="text/markdown; charset=utf-8", status=410)
    because = address.article.withdrawn_because if address.article else ""
    return render(request, "410.html", {"because": because, "page": address.page}, status=410)
