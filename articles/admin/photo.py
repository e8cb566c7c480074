from typing import Any

from django import forms
from django.contrib import admin
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods
from unfold.decorators import display

from articles.models import Article, Photo
from articles.photos.upload import PhotoForm, UploadForm
from articles.roles import shown_nowhere
from articles.tasks import defer_renditions
from newsroom.audit.models import Entry
from newsroom.guarded import GuardedAdmin, permit

PER_CHOOSER_PAGE = 24


def card(photo: Photo) -> dict[str, Any]:
    """A photo as the pickers know it."""
    return {
        "id": photo.pk,
        "thumb": photo.thumb_url,
        "caption": photo.caption,
        "alt": photo.alt,
        "credit": photo.credit,
        "missing": photo.missing,
        "edit": reverse("admin:articles_photo_change", args=[photo.pk]),
    }


@transaction.atomic
def keep(photo: Photo, *, by: Any, is_new: bool) -> None:
    """Save it; a worker cuts it anew, and the texts that show it say at once what it says now."""
    if is_new:
        photo.uploaded_by = by
    photo.save()
    defer_renditions(photo)
    for article in Article.objects.showing_photo(photo):
        article.rerender()
    Entry.objects.record("upload" if is_new else "change photo", on=photo, by=by)


def show(template: str, context: dict[str, Any]) -> SafeString:
    return mark_safe(render_to_string(template, context))  # noqa: S308 - a template's output


@admin.register(Photo)
class PhotoAdmin(GuardedAdmin):
    form = PhotoForm
    noted_by_verbs = frozenset({"add", "change"})
    fieldsets = [
        (None, {"fields": ["picture", "file", "alt", "caption"]}),
        (
            _("Whose it is"),
            {"fields": ["kind", ("maker", "maker_url"), ("source", "source_url"), ("licence", "licence_url")]},
        ),
        (
            _("Focus"),
            {
                "fields": [("focus_x", "focus_y")],
                "description": _("What small cuts must keep. Click on the picture above to set it."),
            },
        ),
    ]
    readonly_fields = ["picture"]
    list_display = ["thumb", "caption", "alt", "credit_line", "kind", "uploaded_at"]
    list_display_links = ["thumb", "caption"]
    list_filter = ["kind"]
    search_fields = ["caption", "alt", "maker", "source"]
    ordering = ["-uploaded_at", "-pk"]

    @property
    def media(self) -> forms.Media:
        focus: Any = forms.Script("desk/focus.js", type="module")
        return super().media + forms.Media(css={"all": ["desk/photos.css"]}, js=[focus])

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or shown_nowhere(request.user, obj))

    @display(description="")
    def thumb(self, photo: Photo) -> str:
        return show("desk/_thumb.html", {"photo": photo})

    @display(description=_("Picture"))
    def picture(self, photo: Photo) -> str:
        return show("desk/_picture.html", {"photo": photo}) if photo.pk else "–"

    @display(description=_("Credit"), empty_value="–")
    def credit_line(self, photo: Photo) -> str | None:
        return photo.credit or None

    def save_model(self, request: HttpRequest, obj: Photo, form: Any, change: bool) -> None:
        keep(obj, by=request.user, is_new=not change)

    def get_urls(self) -> list[Any]:
        choose = require_http_methods(["GET", "POST"])(self.choose)
        return [path("choose/", self.admin_site.admin_view(choose), name="articles_photo_choose"), *super().get_urls()]

    def choose(self, request: HttpRequest) -> HttpResponse:
        """The library for the pickers of the desk: found by GET, added to by POST."""
        if request.method == "POST":
            permit(request.user, "add", Photo)
            return self.upload(request)
        permit(request.user, "view", Photo)
        wanted = [int(key) for key in request.GET.getlist("id")[:100] if key.isdecimal() and len(key) < 19]
        if wanted:
            return JsonResponse({"photos": [card(photo) for photo in Photo.by_id(wanted).values()], "more": False})
        found = Photo.objects.matching(request.GET.get("q", "")[:200]).newest_first()
        page = Paginator(found, PER_CHOOSER_PAGE).get_page(request.GET.get("page"))
        return JsonResponse({"photos": [card(photo) for photo in page], "more": page.has_next()})

    def upload(self, request: HttpRequest) -> HttpResponse:
        form = UploadForm(request.POST, request.FILES, instance=Photo(uploaded_by_id=request.user.pk))
        if not form.is_valid():
            return JsonResponse({"errors": form.errors}, status=400)
        photo = form.save(commit=False)
        keep(photo, by=request.user, is_new=True)
        return JsonResponse({"photo": card(photo)}, status=201)
