"""Preview links on the desk: made and revoked beside the article's form."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from articles.models import Article, PreviewLink
from newsroom.guarded import permit, tell_refusal

if TYPE_CHECKING:
    from articles.admin.article import ArticleAdmin


def urls(admin: "ArticleAdmin") -> list[Any]:
    def guarded(view: Any) -> Any:
        def on_article(request: HttpRequest, pk: int, **named: Any) -> HttpResponse:
            article = admin._seen(request, str(pk))
            permit(request.user, "open_preview", article)
            return view(admin, request, article, **named)

        return admin.admin_site.admin_view(require_POST(on_article))

    return [
        path("<int:pk>/preview-links/", guarded(open_link), name="articles_article_open_preview"),
        path("<int:pk>/preview-links/<int:link>/revoke/", guarded(revoke), name="articles_article_revoke_preview"),
    ]


def open_link(admin: "ArticleAdmin", request: HttpRequest, article: Article) -> HttpResponse:
    """The answer to the press holds the link: it cannot be shown again, so there is nothing to be sent on to."""
    link, token = article.open_preview(by=request.user)
    context = admin.admin_site.each_context(request) | {
        "title": _("Preview link to “%(article)s”") % {"article": article},
        "opts": Article._meta,
        "article": article,
        "link": link,
        "address": f"{settings.SITE_URL}{reverse('preview', args=[token])}",
    }
    return TemplateResponse(request, "admin/articles/article/preview_link.html", context)


def revoke(admin: "ArticleAdmin", request: HttpRequest, article: Article, link: int) -> HttpResponse:
    found: PreviewLink = get_object_or_404(article.preview_links, pk=link)
    try:
        found.revoke(by=request.user)
        messages.success(request, _("The preview link shows nothing any more."))
    except ValidationError as refusal:
        tell_refusal(request, refusal)
    return redirect("admin:articles_article_change", article.pk)
