import re
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin import ActionLocation
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe
from unfold.decorators import display

from articles.admin import autosave, history, linkable, offline, previews
from articles.admin.badge import COLOURS, badge, wall_time
from articles.admin.correcting import correct
from articles.admin.writing import write
from articles.models import Article
from newsroom.guarded import GuardedAdmin, permit, said, tell_refusal
from newsroom.roles import may, may_every

ON_THE_SITE = re.compile(r"/([-\w]+)(?:/|\.md)?(?:[?#].*)?$")


class StandFilter(admin.SimpleListFilter):
    title = gettext_lazy("where it stands")
    parameter_name = "stand"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(Article.Stand.choices)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.standing(self.value()) if self.value() in Article.Stand.values else queryset


class MineFilter(admin.SimpleListFilter):
    title = gettext_lazy("whose")
    parameter_name = "whose"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("mine", gettext_lazy("Mine"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.of_user(request.user) if self.value() == "mine" else queryset


@admin.register(Article)
class ArticleAdmin(GuardedAdmin):
    list_display = ["headline", "where", "section_name", "named", "touched"]
    list_display_links = ["headline"]
    list_filter = [StandFilter, "section", MineFilter]
    search_fields = ["title"]
    search_help_text = gettext_lazy("Words of the headline, or the address")
    fields = ["title"]
    ordering = ["-pk"]
    actions = ["publish_now", "withdraw_chosen"]

    # What a person finds

    def get_queryset(self, request: HttpRequest) -> Any:
        articles = super().get_queryset(request).for_desk()
        return articles if may_every(request.user, "view", Article) else articles.of_user(request.user)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Also by the address on the site, as somebody copies it from there."""
        if found := ON_THE_SITE.search(search_term.strip()):
            return queryset.at_slug(found[1].lower()), False
        return super().get_search_results(request, queryset, search_term)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Article | None:
        """Anybody's article: whether this person may have it is asked next, and answered by 403."""
        return Article.objects.filter(pk=object_id).first() if object_id.isdecimal() and len(object_id) < 19 else None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What readers once had keeps its address for ever: it can be withdrawn, not deleted."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.published_at is None)

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return may(request.user, "publish", Article)

    def has_withdraw_permission(self, request: HttpRequest) -> bool:
        return may(request.user, "withdraw", Article)

    def get_actions(self, request: HttpRequest, action_location: Any = ActionLocation.CHANGE_LIST) -> dict[str, Any]:
        found = super().get_actions(request, action_location)
        found.pop("delete_selected", None)
        return found

    # The list

    @display(description=gettext_lazy("Headline"), ordering="title")
    def headline(self, article: Article) -> str:
        return str(article)

    @display(description=gettext_lazy("Where it stands"), label=COLOURS)
    def where(self, article: Article) -> tuple[str, str]:
        return badge(article)

    @display(description=gettext_lazy("Section"), ordering="section__name", empty_value="–")
    def section_name(self, article: Article) -> str | None:
        return article.section.name if article.section else None

    @display(description=gettext_lazy("Authors"))
    def named(self, article: Article) -> str:
        return ", ".join(author.name for author in article.people)

    @display(description=gettext_lazy("Last saved"))
    def touched(self, article: Article) -> str:
        return wall_time(article.__dict__["newest_at"])

    @admin.action(description=gettext_lazy("Publish now"), permissions=["publish"])
    def publish_now(self, request: HttpRequest, queryset: Any) -> None:
        self._each(request, queryset, "publish", lambda article: article.publish(by=request.user, asking=True))

    @admin.action(description=gettext_lazy("Withdraw"), permissions=["withdraw"])
    def withdraw_chosen(self, request: HttpRequest, queryset: Any) -> None:
        self._each(request, queryset, "withdraw", lambda article: article.withdraw(by=request.user))

    def _each(self, request: HttpRequest, queryset: Any, needs: str, verb: Any) -> None:
        done = 0
        for article in Article.objects.filter(pk__in=queryset.values("pk")):
            permit(request.user, needs, article)
            named = str(article)
            try:
                verb(article)
                done += 1
            except ValidationError as refusal:
                tell_refusal(request, refusal, about=named)
        if done:
            messages.success(
                request, ngettext("Done for %(count)s article.", "Done for %(count)s articles.", done) % {"count": done}
            )

    # The form, and what belongs to it

    def get_urls(self) -> list[Any]:
        guarded = self.admin_site.admin_view
        ours = [
            path("autosave/", guarded(require_POST(self.autosave)), name="articles_article_begin"),
            path("back/", guarded(autosave.back), name="articles_article_back"),
            path("linkable/", guarded(require_safe(linkable.linkable)), name="articles_article_linkable"),
            path("worker.js", guarded(offline.worker), name="articles_article_worker"),
            path("offline/", guarded(offline.shell), name="articles_article_offline"),
            path("<int:pk>/autosave/", guarded(require_POST(self.autosave)), name="articles_article_autosave"),
            path("<int:pk>/attend/", guarded(require_POST(self.attend)), name="articles_article_attend"),
            path(
                "<int:pk>/discard/<uuid:sitting>/", guarded(require_POST(self.discard)), name="articles_article_discard"
            ),
            path("<int:pk>/preview/", guarded(self.preview), name="articles_article_preview"),
            path("<int:pk>/withdraw/", guarded(require_POST(self.withdraw)), name="articles_article_withdraw"),
            path("<int:pk>/compare/", guarded(require_safe(self.compare)), name="articles_article_compare"),
            path(
                "<int:pk>/name/<int:number>/", guarded(require_POST(self.name_revision)), name="articles_article_name"
            ),
            path(
                "<int:pk>/restore/<int:number>/", guarded(require_POST(self.restore)), name="articles_article_restore"
            ),
            *previews.urls(self),
        ]
        return ours + super().get_urls()

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        permit(request.user, "add", Article)
        return write(self, request, None)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        article = self._seen(request, object_id)
        return correct(self, request, article) if "_correct" in request.POST else write(self, request, article)

    def autosave(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        return autosave.autosave(request, self._seen(request, str(pk)) if pk else None)

    def attend(self, request: HttpRequest, pk: int) -> HttpResponse:
        return autosave.attend(request, self._seen(request, str(pk)))

    def discard(self, request: HttpRequest, pk: int, sitting: UUID) -> HttpResponse:
        autosave.discard(request, self._seen(request, str(pk)), sitting)
        messages.success(request, _("What was not saved is gone; this is the saved text."))
        return redirect("admin:articles_article_change", pk)

    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What readers would get of the newest revision, or of the one that is named."""
        article = self._seen(request, str(pk))
        revision = history.revision_of(article, request.GET.get("revision"))
        context = {"article": article.showing(revision.content), "related": [], "corrections": [], "is_preview": True}
        return TemplateResponse(request, "articles/article.html", context)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        return history.history(self, request, self._seen(request, object_id))

    def compare(self, request: HttpRequest, pk: int) -> HttpResponse:
        return history.compare(self, request, self._seen(request, str(pk)))

    def name_revision(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        return history.name(self, request, self._seen(request, str(pk)), number)

    def restore(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        return history.restore(self, request, self._seen(request, str(pk)), number)

    def withdraw(self, request: HttpRequest, pk: int) -> HttpResponse:
        article = self._seen(request, str(pk))
        permit(request.user, "withdraw", article)
        try:
            article.withdraw(by=request.user, because=said(request, "because")[:300])
            messages.success(request, _("“%(article)s” is withdrawn.") % {"article": article})
        except ValidationError as refusal:
            tell_refusal(request, refusal)
        return redirect("admin:articles_article_change", pk)

    def _seen(self, request: HttpRequest, object_id: str) -> Article:
        article = self.get_object(request, object_id)
        if article is None:
            # Nobody who may not see every article learns which numbers exist.
            raise Http404 if may_every(request.user, "view", Article) else PermissionDenied
        permit(request.user, "view", article)
        return article
