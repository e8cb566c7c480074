from functools import wraps
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.csp import CSP
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_POST
from unfold.sites import UnfoldAdminSite

from articles.models import Article
from newsroom.desk.account import account
from newsroom.desk.figures import all_figures, believe, issue_figures
from newsroom.desk.installation import this_installation
from newsroom.desk.leaving import person_leaves
from newsroom.desk.matrix import matrix
from newsroom.guarded import permit
from newsroom.roles import may_every

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
            path("installation/", self.admin_view(self.installation), name="installation"),
            path("account/", self.admin_view(self.account), name="account"),
            path("figures/", self.admin_view(self.figures), name="figures"),
            path("figures/<int:pk>/", self.admin_view(self.issue_figures), name="issue_figures"),
            path("figures/<int:pk>/believe/", self.admin_view(require_POST(believe)), name="believe_returns"),
            path("authors/user/<int:pk>/leave/", self.admin_view(self.leave), name="leave"),
            path("r/<int:content_type_id>/<int:object_id>/", self.admin_view(self.on_site), name="view_on_site"),
        ]
        # The theme's own door to an object on the site asks nobody whether this person may see it.
        theirs = [found for found in super().get_urls() if getattr(found, "name", None) != "view_on_site"]
        return [*ours, *theirs]

    def account(self, request: HttpRequest) -> HttpResponse:
        return account(request, self.each_context(request))

    def installation(self, request: HttpRequest) -> HttpResponse:
        return this_installation(request, self.each_context(request))

    def figures(self, request: HttpRequest) -> HttpResponse:
        return all_figures(request, self.each_context(request))

    def issue_figures(self, request: HttpRequest, pk: int) -> HttpResponse:
        return issue_figures(request, pk, self.each_context(request))

    def leave(self, request: HttpRequest, pk: int) -> HttpResponse:
        return person_leaves(request, pk, self.each_context(request))

    def on_site(self, request: HttpRequest, content_type_id: int, object_id: int) -> HttpResponse:
        """To an object's page, for whoever may see the object; what is not there looks the same to all others."""
        kind = ContentType.objects.filter(pk=content_type_id).first()
        model = kind.model_class() if kind else None
        found = model._base_manager.filter(pk=object_id).first() if model in self._registry and model else None
        permit(request.user, "view", found or model or Article)
        if found is None or not hasattr(found, "get_absolute_url"):
            raise Http404 if may_every(request.user, "view", model or Article) else PermissionDenied
        return redirect(found)

    def roles(self, request: HttpRequest) -> HttpResponse:
        """Who may do what, as the code declares it."""
        context = self.each_context(request) | {"title": _("Roles")} | matrix()
        return TemplateResponse(request, "desk/roles.html", context)
