"""Which letters an article goes out in by itself, chosen where it is written and published."""

from typing import Any

from django.template.loader import render_to_string

from articles.beside import BESIDE
from articles.models import Article
from newsletter.models import Issue, LetterOnPublish, Newsletter
from newsroom.guarded import is_key
from newsroom.roles import may


class OnPublish:
    def shown(self, article: Article, request: Any) -> str:
        if not may(request.user, "send", Issue):
            return ""
        there = {row.newsletter_id: row for row in LetterOnPublish.objects.filter(article=article)}
        sent = _keys(request, "letters") if "letters_shown" in request.POST else None
        rows = [
            {
                "newsletter": newsletter,
                "wish": there.get(newsletter.pk),
                "is_chosen": newsletter.pk in (there if sent is None else sent),
            }
            for newsletter in Newsletter.objects.all()
        ]
        return render_to_string("admin/newsletter/_on_publish.html", {"rows": rows}) if rows else ""

    def take(self, article: Article, request: Any) -> None:
        among = _keys(request, "letters_shown")
        if among and may(request.user, "send", Issue):
            LetterOnPublish.objects.choose(article, _keys(request, "letters"), among=among, by=request.user)


def _keys(request: Any, name: str) -> set[int]:
    return {int(key) for key in request.POST.getlist(name) if is_key(key)}


BESIDE.append(OnPublish())
