from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from articles.models import Correction, Section, Series, Tag
from newsroom.guarded import GuardedAdmin


@admin.register(Section)
class SectionAdmin(GuardedAdmin):
    fields = ["name", "slug", "description", "position"]
    list_display = ["name", "slug", "description", "position"]
    list_editable = ["position"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(Tag)
class TagAdmin(GuardedAdmin):
    fields = ["name", "slug"]
    list_display = ["name", "slug"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(Series)
class SeriesAdmin(GuardedAdmin):
    fields = ["name", "slug", "description"]
    list_display = ["name", "slug", "description"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(Correction)
class CorrectionAdmin(GuardedAdmin):
    noted_by_verbs = frozenset({"add", "change"})
    fields = ["article", "kind", "wrong", "right", "is_serious", "published_at"]
    list_display = ["right", "article", "kind", "published_at"]
    list_filter = ["kind"]
    list_select_related = ["article"]
    autocomplete_fields = ["article"]
    search_fields = ["wrong", "right", "article__title"]
    ordering = ["-published_at"]

    def save_model(self, request: HttpRequest, obj: Correction, form: Any, change: bool) -> None:
        obj.amend(by=request.user) if change else obj.file(by=request.user)

    def delete_model(self, request: HttpRequest, obj: Correction) -> None:
        obj.take_back(by=request.user)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for note in queryset.select_related("article"):
            note.take_back(by=request.user)
