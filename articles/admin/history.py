"""The history of one text: who kept what and when, and the way back to it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from articles.admin.difference import difference
from articles.models import Article, Revision
from articles.models.article import Incomplete
from articles.models.revision import RevisionQuerySet
from newsroom.guarded import permit, said, tell_refusal
from newsroom.roles import may
from newsroom.written import EditConflict

PER_PAGE = 30


def history(admin: Any, request: HttpRequest, article: Article) -> HttpResponse:
    """Newest first, cut by number: a page costs the same however long the history is."""
    saved: RevisionQuerySet = Revision.objects.filter(article=article)
    before = number_in(request.GET.get("before"))
    rows = list((saved.before(before) if before else saved).for_history()[: PER_PAGE + 1])
    newest = rows[0].number if rows and not before else _newest(article)
    context = {
        "title": _("Revisions of “%(article)s”") % {"article": article},
        "revisions": rows[:PER_PAGE],
        "older": rows[PER_PAGE - 1].number if len(rows) > PER_PAGE else None,
        "before": before,
        "newest": newest,
        "may_change": may(request.user, "change", article),
        "unsaved": article.unsaved_of(request.user),
    }
    return _page(admin, request, article, "history", context)


def compare(admin: Any, request: HttpRequest, article: Article) -> HttpResponse:
    """Two revisions; the older one, if none is named, is the one before."""
    new = revision_of(article, request.GET.get("new"))
    before = article.revisions.before(new.number)
    named = request.GET.get("old")
    old = revision_of(article, named) if named else before.select_related("made_by").first()
    if old is None:
        messages.info(request, _("This is the first revision: there is nothing to compare it with."))
        return redirect("admin:articles_article_history", article.pk)
    context = {
        "title": _("Revisions %(old)s and %(new)s of “%(article)s”")
        % {"old": old.number, "new": new.number, "article": article},
        "sides": [old, new],
        "difference": difference(old.content, new.content),
        "newest": _newest(article),
        "may_change": may(request.user, "change", article),
    }
    return _page(admin, request, article, "compare", context)


def name(admin: Any, request: HttpRequest, article: Article, number: int) -> HttpResponse:
    permit(request.user, "change", article)
    revision = revision_of(article, str(number))
    try:
        revision.call(said(request, "name"), by=request.user)
        told = _("Revision %(number)s is called “%(name)s” and stays in the history.")
        if not revision.name:
            told = _("Revision %(number)s has no name any more.")
        messages.success(request, told % {"number": number, "name": revision.name})
    except ValidationError as refusal:
        tell_refusal(request, refusal)
    return redirect("admin:articles_article_history", article.pk)


def restore(admin: Any, request: HttpRequest, article: Article, number: int) -> HttpResponse:
    permit(request.user, "change", article)
    revision = revision_of(article, str(number))
    # A page that does not say what was newest on it knew of nothing.
    based_on = number_in(request.POST.get("based_on")) or 0
    try:
        kept = article.restore(revision, by=request.user, based_on=based_on, partly="partly" in request.POST)
    except EditConflict as conflict:
        newer = conflict.newest
        told = _("Not restored: %(who)s saved revision %(number)s in the meantime. Look at it first.")
        messages.error(request, told % {"who": newer.made_by or _("Somebody"), "number": newer.number})
        return redirect("admin:articles_article_history", article.pk)
    except Incomplete as refusal:
        title = _("Restore revision %(number)s without what is gone?") % {"number": number}
        context = {"title": title, "revision": revision, "based_on": based_on, "sentences": refusal.messages}
        return _page(admin, request, article, "restore", context, status=409)
    messages.success(request, _("Revision %(old)s is back, as revision %(new)s.") % {"old": number, "new": kept.number})
    return redirect("admin:articles_article_change", article.pk)


def revision_of(article: Article, number: str | None) -> Revision:
    """The one that is named, or the newest."""
    seen = article.revisions.select_related("made_by")
    if number is None:
        return get_object_or_404(seen[:1])
    wanted = number_in(number)
    if wanted is None:
        raise Http404
    return get_object_or_404(seen, number=wanted)


def number_in(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else None


def _newest(article: Article) -> int | None:
    return article.revisions.values_list("number", flat=True).first()


def _page(
    admin: Any, request: HttpRequest, article: Article, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    whole = admin.admin_site.each_context(request) | {"opts": admin.opts, "original": article, "article": article}
    return TemplateResponse(request, f"admin/articles/article/{template}.html", whole | context, status=status)
