from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from articles.admin.widgets import BodyWidget
from articles.body import check_depth
from articles.models import Page
from newsroom.audit.models import Entry
from newsroom.guarded import GuardedAdmin
from newsroom.legible import LegibleForm


class PageForm(LegibleForm):
    class Meta:
        model = Page
        fields = ["title", "slug", "standfirst", "body", "published_at"]
        help_texts = {"published_at": _("Readers get it from this moment on. Left empty, it is a draft.")}


@admin.register(Page)
class PageAdmin(GuardedAdmin):
    form = PageForm
    noted_by_verbs = frozenset({"add", "change"})
    list_display = ["title", "slug", "published_at"]
    search_fields = ["title"]
    prepopulated_fields = {"slug": ["title"]}

    def get_view_on_site_url(self, obj: Page | None = None) -> str | None:
        return super().get_view_on_site_url(obj) if obj and obj.is_live else None

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "body":
            return db_field.formfield(widget=BodyWidget(figures=False), validators=[check_depth])
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Page, form: Any, change: bool) -> None:
        obj.keep()
        Entry.objects.record("save page", on=obj, by=request.user)
