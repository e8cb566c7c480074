"""What the dialog of the photo library asks of the server."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse

from articles.models import Photo
from articles.photos.asking import asked_for
from articles.photos.keeping import keep
from articles.photos.metadata import said_by
from articles.photos.upload import UploadForm
from newsroom.guarded import permit

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
        "warnings": photo.warnings,
        "edit": reverse("admin:articles_photo_change", args=[photo.pk]),
    }


def choose(request: HttpRequest) -> HttpResponse:
    """The library for the pickers of the desk: found by GET, added to by POST."""
    if request.method == "POST":
        permit(request.user, "add", Photo)
        return _upload(request)
    permit(request.user, "view", Photo)
    wanted = [int(key) for key in request.GET.getlist("id")[:100] if key.isdecimal() and len(key) < 19]
    if wanted:
        return JsonResponse({"photos": [card(photo) for photo in Photo.by_id(wanted).values()], "more": False})
    page = Paginator(asked_for(request.GET, by=request.user), PER_CHOOSER_PAGE).get_page(request.GET.get("page"))
    return JsonResponse({"photos": [card(photo) for photo in page], "more": page.has_next()})


def told(request: HttpRequest) -> HttpResponse:
    """What the file of a picture says of itself, for the form in which it was chosen. Nothing is kept."""
    permit(request.user, "add", Photo)
    file = request.FILES.get("file")
    return JsonResponse({"told": said_by(file) if file else {}})


def _upload(request: HttpRequest) -> HttpResponse:
    form = UploadForm(request.POST, request.FILES, instance=Photo(uploaded_by_id=request.user.pk))
    if not form.is_valid():
        twin = {"twin": card(form.twin)} if form.twin else {}
        return JsonResponse({"errors": form.errors} | twin, status=409 if twin else 400)
    photo = form.save(commit=False)
    keep(photo, by=request.user, is_new=True)
    return JsonResponse({"photo": card(photo)}, status=201)
