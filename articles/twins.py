"""Articles for programs: their text as Markdown, a map of the house, the picture under a shared link."""

import json
import re
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from articles.body.markdown import escaped, to_markdown
from articles.body.syndication import without_controls
from articles.freshness import unless_known
from articles.models import Article, Photo, Section
from articles.share import Look, share_picture
from newsroom.identity.models import Identity
from newsroom.identity.templatetags.furniture import absolute

MARKDOWN = "text/markdown; charset=utf-8"
NAMED = 50
# What JSON lets stand and YAML does not; and what a program that knows no front matter takes for HTML or a link.
MEANINGFUL = re.compile(r"[\x7f-\x84\x86-\x9f\u2028\u2029\ufeff<>]|(?<=\])\(")


@require_safe
def markdown(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Article.objects.live().for_page().at_slug(slug))
    answer = HttpResponse(twin(found), content_type=MARKDOWN)
    answer["Link"] = f'<{found.canonical_url or absolute(found.get_absolute_url())}>; rel="canonical"'
    return answer


@require_safe
def share(request: HttpRequest, slug: str) -> HttpResponse:
    article = get_object_or_404(Article.objects.live().for_cards(), slug=slug)
    section = article.section.name if article.section else ""
    magazine = Identity.objects.present()

    def make() -> HttpResponse:
        return HttpResponse(share_picture(article.title, section, magazine), content_type="image/png")

    return unless_known(request, (article.title, section, Look.of(magazine)), make)


@require_safe
def llms(request: HttpRequest) -> HttpResponse:
    """See llmstxt.org: what this is, and where its texts lie in a form that programs read easily."""
    context = {
        "magazine": Identity.objects.present(),
        "articles": Article.objects.live().for_cards().newest_first()[:NAMED],
        "sections": Section.objects.all(),
    }
    return render(request, "articles/llms.txt", context, content_type=MARKDOWN)


def twin(article: Article) -> str:
    """The whole article as Markdown with front matter."""
    address = absolute(article.get_absolute_url())
    front = "\n".join(f"{name}: {_yaml(value)}" for name, value in _facts(article, address).items())
    parts = [
        f"---\n{front}\n---",
        f"# {escaped(article.title)}",
        escaped(article.standfirst),
        _lead(article.photo) if article.photo else "",
        to_markdown(article.body_html, base=address),
        _corrections(article),
    ]
    return without_controls("\n\n".join(part for part in parts if part) + "\n")


def _facts(article: Article, address: str) -> dict[str, Any]:
    facts = {
        "title": article.title,
        "standfirst": article.standfirst,
        "authors": [person.name for person in article.people],
        "published": article.first_published_at and article.first_published_at.isoformat(timespec="seconds"),
        "updated": article.updated_at and article.updated_at.isoformat(timespec="seconds"),
        "section": article.section.name if article.section else "",
        "tags": [tag.name for tag in article.subjects],
        "language": settings.LANGUAGE_CODE,
        "canonical_url": article.canonical_url or address,
    }
    return {name: value for name, value in facts.items() if value}


def _lead(photo: Photo) -> str:
    line = " ".join(escaped(words) for words in (photo.caption, photo.credit) if words)
    return f"![{escaped(photo.alt)}]({absolute(photo.stand_in_url)})\n\n{line}".strip()


def _corrections(article: Article) -> str:
    notes = [
        f"- {escaped(f'{note.kind_label}, {note.published_at:%Y-%m-%d}: {note.wrong} {note.right}')}"
        for note in article.corrections_shown
    ]
    return "\n".join([f"## {_('Corrections')}", "", *notes]) if notes else ""


def _yaml(value: Any) -> str:
    """JSON is YAML, but for a few signs."""
    said = json.dumps(value, ensure_ascii=False)
    return MEANINGFUL.sub(lambda sign: f"\\u{ord(sign[0]):04x}", said)
