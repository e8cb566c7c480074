"""A correction: the text and its note go out together, from one form."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from articles.admin.form import ArticleForm, NoteForm
from articles.admin.writing import page
from articles.models import Article, Correction
from newsroom.guarded import permit
from newsroom.written import EditConflict


def correct(admin: Any, request: HttpRequest, article: Article) -> HttpResponse:
    """What is refused is written nowhere: the form comes back with all that was typed."""
    for verb in ("change", "publish"):
        permit(request.user, verb, article)
    permit(request.user, "add", Correction)
    form, note = ArticleForm(request.POST, article=article), NoteForm(request.POST)
    if not (form.is_valid() & note.is_valid()):
        return page(admin, request, article, form, note=note, asks="correct")
    try:
        article.correct(
            form.content(),
            note.instance,
            by=request.user,
            **form.itself(),
        )
    except EditConflict as conflict:
        form.rebase(conflict.newest)
        return page(admin, request, article, form, status=409, conflict=conflict, note=note)
    except ValidationError as refusal:
        form.blame(refusal)
        return page(admin, request, Article.objects.get(pk=article.pk), form, note=note)
    messages.success(request, _("“%(article)s” is corrected, and its readers are told.") % {"article": article})
    address = reverse("admin:articles_article_change", args=[article.pk])
    # The browser may forget what it kept of this sitting.
    return redirect(f"{address}?{urlencode({'kept': form.cleaned_data['sitting'] or ''})}")
