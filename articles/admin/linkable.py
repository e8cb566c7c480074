"""What the link dialog of the text finds: our own articles, as far as the person who writes may see them."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from articles.admin.badge import badge
from articles.models import Article
from newsroom.guarded import permit
from newsroom.roles import may_every

MOST = 12
LONGEST = 200


def linkable(request: HttpRequest) -> HttpResponse:
    permit(request.user, "add", Article)
    words = request.GET.get("q", "").strip()[:LONGEST]
    # Anybody may link to what every reader has; of the rest, to what is theirs to see.
    found = Article.objects.filter(withdrawn_at=None)
    if not may_every(request.user, "view", Article):
        found = Article.objects.live() | found.of_user(request.user)
    lines = [_line(article) for article in found.headed(words).for_desk()[:MOST]] if words else []
    return JsonResponse({"articles": lines})


def _line(article: Article) -> dict[str, Any]:
    _kind, stands = badge(article)
    section = article.section.name if article.section else ""
    return {
        "title": str(article),
        "address": article.get_absolute_url() if article.slug else "",
        "stands": " · ".join(filter(None, [stands, section])),
    }
