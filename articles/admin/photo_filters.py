from typing import Any

from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from articles.models import Photo
from articles.photos.asking import ONLY, only

MAKERS = 50


class OnlyFilter(admin.SimpleListFilter):
    title = _("what is to be done")
    parameter_name = "only"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(ONLY.items())

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return only(queryset, self.value())


class UploaderFilter(admin.SimpleListFilter):
    title = _("whose upload")
    parameter_name = "whose"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("mine", _("Uploaded by me"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.uploaded_by(request.user) if self.value() == "mine" else queryset


class MakerFilter(admin.SimpleListFilter):
    """Those who made most of them; the others are found by their words."""

    title = _("made by")
    parameter_name = "maker"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        makers = Photo.objects.exclude(maker="").values("maker").annotate(count=Count("pk")).order_by("-count", "maker")
        names = sorted(makers.values_list("maker", flat=True)[:MAKERS], key=str.casefold)
        return [(name, name) for name in names]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(maker=self.value()) if self.value() else queryset
