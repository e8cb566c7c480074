"""What the form says while somebody writes: its text every few seconds, and that they are there. Never a page."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _

from articles.admin.checklist import looked_through
from articles.admin.form import SittingForm
from articles.body import check_depth
from articles.models import Article
from articles.models.revision import FIRST
from newsroom.guarded import permit
from newsroom.written import Late


def autosave(request: HttpRequest, article: Article | None) -> HttpResponse:
    """Keeps the text as this sitting's. The first words of a new article begin it."""
    permit(request.user, "change" if article else "add", article or Article)
    try:
        check_depth(request.POST.get("body", ""))
    except ValidationError as refusal:
        return JsonResponse({"refused": " ".join(refusal.messages)}, status=422)
    form = SittingForm(request.POST, article=article)
    content, itself = form.content(), form.itself()
    sitting, is_new = itself["sitting"], False
    if article is None:
        article, is_new = Article.objects.begun_in(sitting, content, by=request.user, turn=itself["turn"])
        itself["based_on"] = FIRST
    if not is_new and (saved := article.saying(content)):
        # Nothing was typed, or it was taken back, or a button saved it a moment ago.
        article.discard(sitting, by=request.user)
        words = _("As it is saved in revision %(number)s.") % {"number": saved.number}
        return JsonResponse(said(request, article) | {"sitting": str(sitting), "saved": words})
    if not is_new:
        try:
            sitting = article.sit(content, by=request.user, **itself).sitting
        except Late as late:
            return JsonResponse({"late": late.turn})
    context = {"checklist": looked_through(content.cleaned(), article)}
    checklist = render_to_string("admin/articles/article/_checklist.html", context)
    return JsonResponse(said(request, article) | {"sitting": str(sitting), "checklist": checklist})


def attend(request: HttpRequest, article: Article) -> HttpResponse:
    permit(request.user, "view", article)
    if "leave" in request.POST:
        article.leave(by=request.user)
        return HttpResponse(status=204)
    return JsonResponse(said(request, article))


def discard(request: HttpRequest, article: Article, sitting: UUID) -> None:
    permit(request.user, "change", article)
    article.discard(sitting, by=request.user)


def said(request: HttpRequest, article: Article) -> dict[str, Any]:
    """What the form shows: when it was saved, who else is there, and whether there is something newer."""
    newest = article.newest_revision
    return {
        "address": reverse("admin:articles_article_change", args=[article.pk]),
        "saved": _("Draft kept at %(time)s") % {"time": time_format(timezone.localtime(), "H:i:s")},
        "others": article.attend(by=request.user),
        "newest": newest.number if newest else 0,
        "newestBy": str(newest.made_by) if newest and newest.made_by_id not in {None, request.user.pk} else "",
    }


def back(request: HttpRequest) -> HttpResponse:
    """Where a login ends that was made in the middle of writing: it hands the new token to the page around it."""
    context = {"token": get_token(request), "person": request.user.pk}
    return render(request, "admin/articles/article/back.html", context)
