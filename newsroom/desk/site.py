from functools import wraps
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.csp import CSP
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csp import csp_override
from unfold.sites import UnfoldAdminSite

from newsroom.desk.account import account
from newsroom.desk.matrix import matrix

# What the theme needs beyond the readers' policy: its Alpine evaluates expressions and sets styles.
DESK_CSP: dict[str, list[str]] = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF, CSP.NONCE, CSP.UNSAFE_EVAL],
    "style-src": [CSP.SELF, CSP.UNSAFE_INLINE],
    "font-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:", "blob:"],
    "connect-src": [CSP.SELF],
    "frame-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "object-src": [CSP.NONE],
    "frame-ancestors": [CSP.SELF],
}


def without_nul(view: Any) -> Any:
    """Filters and searches hand what they are given to the database, which takes no NUL."""

    @wraps(view)
    def guarded(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        if any("\0" in value for _key, values in request.GET.lists() for value in values):
            raise BadRequest
        return view(request, *arguments, **named)

    return guarded


class DeskSite(UnfoldAdminSite):
    index_title = gettext_lazy("The desk")

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        return csp_override(DESK_CSP)(without_nul(super().admin_view(view, cacheable)))

    def login(self, request: Any, extra_context: Any = None) -> Any:
        return csp_override(DESK_CSP)(super().login)(request, extra_context)

    def get_urls(self) -> list[Any]:
        ours = [
            path("roles/", self.admin_view(self.roles), name="roles"),
            path("account/", self.admin_view(self.account), name="account"),
        ]
        return [*ours, *super().get_urls()]

    def account(self, request: HttpRequest) -> HttpResponse:
        return account(request, self.each_context(request))

