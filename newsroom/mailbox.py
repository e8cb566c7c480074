"""The development mailbox: what the file transport wrote, newest first. It exists in a trial only."""

import email
import email.policy
from dataclasses import dataclass
from email.message import EmailMessage
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, register_converter
from django.utils.csp import CSP
from django.utils.html import urlize
from django.views.decorators.cache import never_cache
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

SHOWN = 200
# Letters carry their styles on their elements; nothing else in them may act.
LETTER_CSP = {
    "default-src": [CSP.NONE],
    "style-src": [CSP.UNSAFE_INLINE],
    "img-src": [CSP.SELF],
    "frame-ancestors": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.NONE],
}


@dataclass(frozen=True)
class Letter:
    name: str
    message: EmailMessage

    @property
    def to(self) -> str:
        return str(self.message["To"])

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def date(self) -> str:
        return str(self.message["Date"])

    def part(self, kind: str) -> str:
        body = self.message.get_body(preferencelist=(kind,))
        return body.get_content() if body else ""

    @property
    def text(self) -> str:
        return urlize(self.part("plain"), autoescape=True)

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [(name, str(value)) for name, value in self.message.items()]


@require_safe
@never_cache
def inbox(request: HttpRequest) -> HttpResponse:
    names = sorted((found.name for found in Path(settings.MAILBOX).glob("*.eml")), reverse=True)
    wanted = request.GET.get("to", "").casefold().strip()
    matching = (letter for letter in map(read, names) if wanted in letter.to.casefold())
    context = {"letters": list(islice(matching, SHOWN)), "wanted": wanted, "total": len(names), "most": SHOWN}
    return render(request, "mailbox/inbox.html", context)


@require_safe
@never_cache
def letter(request: HttpRequest, name: str) -> HttpResponse:
    return render(request, "mailbox/letter.html", {"letter": read(name)})


@require_safe
@never_cache
@csp_override(LETTER_CSP)
def letter_html(request: HttpRequest, name: str) -> HttpResponse:
    return HttpResponse(read(name).part("html") or "—")


def read(name: str) -> Letter:
    try:
        content = (Path(settings.MAILBOX) / name).read_bytes()
    except FileNotFoundError as missing:
        raise Http404 from missing
    return Letter(name, email.message_from_bytes(content, policy=email.policy.default))


class EmlConverter:
    regex = r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,120}\.eml"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(EmlConverter, "eml")
urlpatterns = [
    path("", inbox, name="mailbox"),
    path("<eml:name>/", letter, name="mailbox_letter"),
    path("<eml:name>/html/", letter_html, name="mailbox_letter_html"),
]
