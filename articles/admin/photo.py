from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import storages
from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import path
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST
from js_asset import Media
from unfold.decorators import display

from articles.admin.bulk import bulk
from articles.admin.choosing import choose, told
from articles.admin.photo_filters import MakerFilter, OnlyFilter, UploaderFilter
from articles.admin.widgets import LIBRARY, TOLD
from articles.models import Photo, Right
from articles.photos.keeping import discard, keep
from articles.photos.metadata import said_by
from articles.photos.upload import PhotoForm
from articles.photos.usage import MOST, places_of
from articles.roles import shown_nowhere
from newsroom.guarded import GuardedAdmin
from newsroom.roles import may

# A list names so many of the places where a photo is shown; its form has the others.
LISTED = 5


def show(template: str, context: dict[str, Any]) -> SafeString:
    return mark_safe(render_to_string(template, context))  # noqa: S308 - a template's output


class LookedAtForm(PhotoForm):
    """With the scripts that show the picture while its form is filled in."""

    @property
    def media(self) -> Media:
        focus = Script("desk/focus.js", type="module")
        css = {"all": ["desk/photos.css", "desk/focus.css"]}
        return Media(importmap=LIBRARY, css=css, js=[focus, TOLD]) + super().media


@admin.register(Photo)
class PhotoAdmin(GuardedAdmin):
    form = LookedAtForm
    noted_by_verbs = frozenset({"add", "change"})
    fieldsets = [
        (None, {"fields": ["file", "keep_both", "picture", ("focus_x", "focus_y"), "alt", "caption"]}),
        (
            _("Whose it is"),
            {
                "fields": [
                    "said",
                    "kind",
                    ("maker", "maker_url"),
                    ("source", "source_url"),
                    ("licence", "licence_url"),
                ]
            },
        ),
        (_("Where and how long it may be shown"), {"fields": ["rights", "licensed_until", "whereabouts"]}),
    ]
    readonly_fields = ["picture", "said", "whereabouts"]
    list_display = ["thumb", "name", "alt", "credit_line", "kind", "licence_line", "whereabouts", "uploaded_at"]
    list_display_links = ["name"]
    list_filter = ["kind", OnlyFilter, UploaderFilter, MakerFilter]
    search_fields = ["caption", "alt", "maker", "source"]
    ordering = ["-uploaded_at", "-pk"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or shown_nowhere(request.user, obj))

    # What the list and the form say of it

    @display(description="")
    def thumb(self, photo: Photo) -> str:
        return show("desk/_thumb.html", {"photo": photo})

    @display(description=_("Caption"), ordering="caption")
    def name(self, photo: Photo) -> str:
        return str(photo)

    @display(description=_("Picture"))
    def picture(self, photo: Photo) -> str:
        return show("desk/_picture.html", {"photo": photo})

    @display(description=_("Credit"), empty_value="–")
    def credit_line(self, photo: Photo) -> str | None:
        return photo.credit or None

    @display(description=_("Licence"), empty_value="–", ordering="licensed_until")
    def licence_line(self, photo: Photo) -> str | None:
        return photo.alarm or photo.licence or None

    @display(description=_("Said by its file"))
    def said(self, photo: Photo) -> str:
        """Where the entry says something else, or nothing."""
        if not photo.pk:
            return "–"
        try:
            with storages["private"].open(photo.original) as file:
                found = said_by(file)
        except OSError:
            return "–"
        kinds = dict(Photo.Kind.choices)
        others = [
            (Photo._meta.get_field(name).verbose_name, kinds.get(value, value))  # type: ignore[union-attr]  # a column
            for name, value in found.items()
            if getattr(photo, name) != value
        ]
        return show("desk/_said.html", {"others": others}) if others else "–"

    @display(description=_("Shown in"))
    def whereabouts(self, photo: Photo) -> str:
        places, most = getattr(photo, "places", None), getattr(photo, "listed", 0)
        if places is None:
            return "–"
        return show("desk/_places.html", {"places": places[:most], "more": places[most:], "alarm": photo.alarm})

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        changelist.result_list = self._placed(list(changelist.result_list), request, most=LISTED)
        return changelist

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Photo | None:
        found = super().get_object(request, object_id, from_field)
        return self._placed([found], request, most=MOST)[0] if found else None

    def _placed(self, photos: list[Photo], request: HttpRequest, *, most: int) -> list[Photo]:
        places = places_of(photos, seen_by=request.user, most=most + 1)
        for photo in photos:
            photo.places, photo.listed = places[photo.pk], most  # type: ignore[attr-defined]  # for the list alone
        return photos

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        may_add = may(request.user, "add", Photo)
        return super().changelist_view(request, (extra_context or {}) | {"may_add_many": may_add})

    # What is done to it

    def save_model(self, request: HttpRequest, obj: Photo, form: Any, change: bool) -> None:
        keep(obj, by=request.user, is_new=not change)
        if Right.WEB not in obj.rights and not obj.is_unused:
            messages.warning(
                request, gettext("It is still shown: take it out of the texts that are named under “Shown in”.")
            )

    def delete_model(self, request: HttpRequest, obj: Photo) -> None:
        try:
            discard(obj, by=request.user)
        except ValidationError as refusal:  # somebody has put it into a text since it was asked
            raise PermissionDenied from refusal

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for photo in queryset:
            self.delete_model(request, photo)

    def get_urls(self) -> list[Any]:
        views: dict[str, Any] = {
            "choose": require_http_methods(["GET", "POST"])(choose),
            "told": require_POST(told),
            "bulk": require_http_methods(["GET", "POST"])(partial(bulk, self)),
        }
        ours = [
            path(f"{name}/", self.admin_site.admin_view(view), name=f"articles_photo_{name}")
            for name, view in views.items()
        ]
        return [*ours, *super().get_urls()]
