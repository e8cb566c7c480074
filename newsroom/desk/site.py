from typing import Any

from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csp import csp_override
from unfold.sites import UnfoldAdminSite

# What the theme needs beyond the readers' policy: its Alpine evaluates expressions and sets styles.
DESK_CSP = {
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


class DeskSite(UnfoldAdminSite):
    site_title = site_header = _("Newsroom")
    index_title = _("The desk")

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        return csp_override(DESK_CSP)(super().admin_view(view, cacheable))

    def login(self, request: Any, extra_context: Any = None) -> Any:
        return csp_override(DESK_CSP)(super().login)(request, extra_context)
