"""The form of one article. It writes a revision, never the live row; the verbs do the rest."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from articles.admin.badge import COLOURS, badge
from articles.admin.checklist import looked_through
from articles.admin.form import ArticleForm, NoteForm
from articles.admin.verbs import PREVIEW, VERBS, Deed, Verb, pressed
from articles.beside import BESIDE
from articles.models import Article, Correction, Revision
from articles.models.publication import Unexplained
from newsroom.audit.models import Entry
from newsroom.guarded import permit
from newsroom.roles import may
from newsroom.written import EditConflict

# How long a worker may take over what follows a publication before the desk says that it is late.
PATIENCE = timedelta(minutes=1)


def write(admin: Any, request: HttpRequest, article: Article | None) -> HttpResponse:
    """By GET the form; by POST the text is kept as a revision, then the pressed verb is carried out."""
    if request.method != "POST":
        return page(admin, request, article, opened(article, request.user))
    verb = pressed(request.POST)
    permit(request.user, "change" if article else "add", article or Article)
    permit(request.user, verb.needs if article else verb.needs.replace("change", "add"), article or Article)
    form = ArticleForm(request.POST, article=article)
    if not form.is_valid():
        return page(admin, request, article, form)
    try:
        kept, revision = form.keep(by=request.user)
    except EditConflict as conflict:
        form.rebase(conflict.newest)
        # Only an article that is there can be saved by two.
        sides = [article.showing(content) for content in (conflict.newest.content, form.content())]  # type: ignore[union-attr]
        return page(admin, request, article, form, status=409, conflict=conflict, sides=sides)
    if revision.merged_with:
        tell_merged(request, revision)
    return carry_out(admin, request, verb, Deed(kept, revision, request.user, request.POST), form)


def carry_out(admin: Any, request: HttpRequest, verb: Verb, deed: Deed, form: ArticleForm) -> HttpResponse:
    try:
        with transaction.atomic():
            for part in BESIDE:
                part.take(deed.article, request)
            told = verb.carry_out(deed)
        messages.success(request, told)
    except Unexplained as question:
        article = Article.objects.get(pk=deed.article.pk)
        form.rebase(deed.revision)
        return page(admin, request, article, form, question=question, asks=verb.name, kept=deed.revision)
    except ValidationError as refusal:
        # The verb's transaction is gone, and with it whatever it had set on the instance.
        article = Article.objects.get(pk=deed.article.pk)
        form.rebase(deed.revision)
        form.blame(refusal)
        return page(admin, request, article, form, refused=verb, kept=deed.revision)
    if not may(request.user, "view", deed.article):
        return redirect("admin:articles_article_changelist")
    address = reverse("admin:articles_article_change", args=[deed.article.pk])
    # The browser may forget what it kept of this sitting.
    asked = {"kept": form.cleaned_data["sitting"] or ""} | ({"look": ""} if verb is PREVIEW else {})
    return redirect(f"{address}?{urlencode(asked)}")


def tell_merged(request: HttpRequest, revision: Revision) -> None:
    other = revision.merged_with
    if other and other.made_by == request.user:
        told = _("You had saved other paragraphs in another window meanwhile: revision %(number)s holds both.")
    else:
        told = _("%(who)s had saved other paragraphs meanwhile: revision %(number)s holds both.")
    who = (other and other.made_by) or _("Somebody")
    messages.info(request, told % {"who": who, "number": revision.number})


def opened(article: Article | None, user: Any) -> ArticleForm:
    if article is None:
        return ArticleForm.empty(user=user)
    shown = article.unsaved_of(user) or article.newest_revision
    form = ArticleForm.showing(shown, article=article) if shown else ArticleForm(article=article)
    if not may(user, "change", article):
        form.freeze()
    return form


def page(
    admin: Any, request: HttpRequest, article: Article | None, form: ArticleForm, *, status: int = 200, **said: Any
) -> HttpResponse:
    is_writable = may(request.user, "change" if article else "add", article or Article)
    verbs = {verb.name: verb for verb in VERBS if is_writable and _offered(verb, request.user, article)}
    context = (
        admin.admin_site.each_context(request)
        | {
            "title": str(article) if article else _("New article"),
            "opts": Article._meta,
            "original": article,
            "article": article,
            "form": form,
            "media": admin.media + form.media,
            "verbs": verbs,
            "is_writable": is_writable,
            "is_add": article is None,
            "typed": request.POST,
            "has_add_permission": admin.has_add_permission(request),
            "look": "look" in request.GET,
            "note": NoteForm(),
            "beside": beside(article, request) if article and is_writable else [],
            "checklist": {} if form.is_bound or not is_writable else looked_through(form.shown(), article),
        }
        | (standing(article, request.user) if article else {})
        | said
    )
    return TemplateResponse(request, "admin/articles/article/change_form.html", context, status=status)


def beside(article: Article, request: HttpRequest) -> list[str]:
    return [mark_safe(part.shown(article, request)) for part in BESIDE]  # noqa: S308 - a template's output


def standing(article: Article, user: Any) -> dict[str, Any]:
    """What the form says about where the article stands."""
    kind, words = badge(article)
    newest: Revision | None = article.newest_revision
    waiting, now = article.publications.waiting().first(), timezone.now()
    return {
        "badge": words,
        "badge_colour": COLOURS[kind],
        "newest": newest,
        "unsaved": article.unsaved_of(user),
        "others": article.presences.now().besides(user).names(),
        "waiting": waiting if waiting and waiting.due_at > now else None,
        "late": waiting if waiting and waiting.due_at < now - PATIENCE else None,
        "may_withdraw": article.stand in {Article.Stand.LIVE, Article.Stand.SCHEDULED}
        and may(user, "withdraw", article),
        "may_correct": article.is_live and may(user, "publish", article) and may(user, "add", Correction),
        "may_delete": article.published_at is None and may(user, "delete", article),
        "may_open_preview": may(user, "open_preview", article),
        "preview_links": article.preview_links.for_desk(),
        "sent_back": Entry.objects.newest("send back", on=article) if _is_back(article) else None,
    }


def _is_back(article: Article) -> bool:
    return bool(article.sent_back_at) and article.stand == Article.Stand.DRAFT


def _offered(verb: Verb, user: Any, article: Article | None) -> bool:
    if article is None and verb.needs == "change":
        return True
    return verb.is_for(user, article)
