"""The page on which many pictures are uploaded at once."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from js_asset import Media

from articles.admin.choosing import card
from articles.admin.widgets import LIBRARY
from articles.models import Photo
from articles.photos.bulk import BulkForm, Outcome
from articles.photos.keeping import keep
from newsroom.guarded import permit


def bulk(admin: Any, request: HttpRequest) -> HttpResponse:
    """By GET the page; by POST the files, one by one from a script or many in one form."""
    permit(request.user, "add", Photo)
    is_script = request.headers.get("Accept") == "application/json"
    form = BulkForm(request.POST, request.FILES) if request.method == "POST" else BulkForm()
    if form.is_bound and form.is_valid():
        outcomes = [_kept(outcome, request.user) for outcome in form.photos(by=request.user)]
        return _as_json(outcomes) if is_script else _told(request, outcomes)
    if form.is_bound and is_script:
        return JsonResponse({"errors": form.errors}, status=400)
    context = admin.admin_site.each_context(request) | {
        "title": _("Upload many photos"),
        "opts": Photo._meta,
        "form": form,
        "media": admin.media + form.media + Media(importmap=LIBRARY, css={"all": ["desk/photos.css"]}),
    }
    status = 400 if form.is_bound else 200
    return TemplateResponse(request, "admin/articles/photo/bulk.html", context, status=status)


def _kept(outcome: Outcome, by: Any) -> Outcome:
    if outcome.photo:
        keep(outcome.photo, by=by, is_new=True)
    return outcome


def _as_json(outcomes: list[Outcome]) -> HttpResponse:
    """Of the one file that a script sends at a time."""
    (outcome,) = outcomes[:1]
    if outcome.photo:
        return JsonResponse({"photo": card(outcome.photo)}, status=201)
    errors = {"errors": {"file": [outcome.refusal]}}
    if outcome.twin:
        return JsonResponse(errors | {"twin": card(outcome.twin)}, status=409)
    return JsonResponse(errors, status=400)


def _told(request: HttpRequest, outcomes: list[Outcome]) -> HttpResponse:
    count = sum(outcome.photo is not None for outcome in outcomes)
    if count:
        said = ngettext("%(count)s photo is in the library.", "%(count)s photos are in the library.", count)
        look = _("Look through what was read from the files, and write what each of them shows.")
        messages.success(request, f"{said % {'count': count}} {look}")
    for outcome in outcomes:
        if outcome.refusal:
            messages.error(request, f"{outcome.name}: {outcome.refusal}")
    return redirect(f"{reverse('admin:articles_photo_changelist')}?whose=mine")
