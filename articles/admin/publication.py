from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from articles.admin.badge import wall_time
from articles.models import Publication
from newsroom.guarded import GuardedAdmin, is_key

Change = Publication.Change


class SaidFilter(admin.SimpleListFilter):
    title = gettext_lazy("what was said")
    parameter_name = "said"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("without", gettext_lazy("Without a note")),
            (Change.SILENT.value, Change.SILENT.label),
            (Change.CORRECTION.value, Change.CORRECTION.label),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "without":
            return queryset.without_a_note()
        return queryset.said_to_be(self.value()) if self.value() in Change.values else queryset


@admin.register(Publication)
class PublicationAdmin(GuardedAdmin):
    """What was changed of texts that readers had, and what they were told of it. To be read."""

    fields = ["article", "revision", "due_at", "done_at", "made_by", "change", "words_changed"]
    list_display = ["subject", "moment", "said", "words_changed", "made_by", "difference"]
    list_display_links = None
    list_filter = [SaidFilter]
    list_select_related = ["article", "made_by", "revision", "replaces"]
    search_fields = ["article__title", "made_by__username"]
    ordering = ["-due_at", "-pk"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).of_live_texts().for_list()

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Publication | None:
        return Publication.objects.filter(pk=object_id).first() if is_key(object_id) else None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"title": _("Changes of live texts")} | (extra_context or {}))

    @display(description=gettext_lazy("Article"), ordering="article__title")
    def subject(self, publication: Publication) -> str:
        address = reverse("admin:articles_article_change", args=[publication.article_id])
        return format_html('<a href="{}">{}</a>', address, publication.article)

    @display(description=gettext_lazy("When"), ordering="due_at")
    def moment(self, publication: Publication) -> str:
        return wall_time(publication.due_at)

    @display(
        description=gettext_lazy("Said to be"),
        ordering="change",
        label={Change.UNSAID: "warning", Change.SILENT: "info", Change.CORRECTION: "success"},
    )
    def said(self, publication: Publication) -> tuple[str, str]:
        return publication.change, publication.get_change_display()

    @display(description="")
    def difference(self, publication: Publication) -> str:
        address = reverse("admin:articles_article_compare", args=[publication.article_id])
        return format_html(
            '<a href="{}?old={}&amp;new={}">{}</a>',
            address,
            publication.replaces.number,  # type: ignore[union-attr]  # only asked of a change
            publication.revision.number,
            _("Compare"),
        )
