"""What a preview link shows: one text. To all that opens nothing there is one answer."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from articles.models import PreviewLink

# Neither kept by a cache, nor told to the pages that it links to, nor found by a search engine.
HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}


@require_safe
def show(request: HttpRequest, token: str) -> HttpResponse:
    link = PreviewLink.objects.open().with_token(token).select_related("article").first()
    if link is None:
        raise Http404
    answer = of_link(request, link)
    for name, value in HEADERS.items():
        answer[name] = value
    return answer


def of_link(request: HttpRequest, link: PreviewLink) -> HttpResponse:
    """The newest saved text; once it has gone out, the way to it."""
    article, newest = link.article, link.article.newest_revision
    is_over = link.has_done_its_work
    if is_over and article.is_live:
        return redirect(article, permanent=True)
    if is_over or newest is None:
        raise Http404
    context = {"article": article.showing(newest.content), "related": [], "corrections": [], "is_preview": True}
    return render(request, "articles/article.html", context)
