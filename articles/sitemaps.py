"""What search engines are told: an index, the parts that it names, and the news.

Articles are cut by key, ten thousand keys a part. A part is one walk along the primary key however deep it lies, its
articles stay in it for ever, and so old parts answer 304.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet, Value
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.freshness import unless_known
from articles.models import Article, Byline, Correction, Page, Section, Series, Tag
from authors.models import Author
from newsroom.identity.models import Identity
from newsroom.identity.templatetags.furniture import absolute, moment

# Google News reads two days back, and a thousand addresses.
NEWS_AGE = timedelta(hours=48)
NEWS_MOST = 1000
KEYS = 10_000
# What the protocol allows in one file.
MOST = 50_000
XMLNS = "http://www.sitemaps.org/schemas/sitemap/0.9"


class Place(NamedTuple):
    path: str
    changed: datetime | None = None


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Three queries."""
    changed = dict(Article.objects.live().ours().last_changed_by(KEYS))
    noted = dict(Correction.objects.live().last_noted_by(KEYS))
    parts = [Place(f"/sitemap-articles.xml?p={part + 1}", max(at, noted.get(part, at))) for part, at in changed.items()]
    first = [found.order_by().values_list(Value(name))[:1] for name, found in _lists().items()]
    filled = {name for (name,) in first[0].union(*first[1:]).order_by()}
    others = [Place(f"/sitemap-{name}.xml") for name in _lists() if name in filled]
    return _answer(request, "sitemapindex", "sitemap", [*parts, *others])


@require_safe
def section(request: HttpRequest, section: str) -> HttpResponse:
    if section == "articles":
        return _answer(request, "urlset", "url", _articles(request.GET.get("p")))
    if section not in _lists():
        raise Http404
    return _answer(request, "urlset", "url", [Place(found.get_absolute_url()) for found in _lists()[section][:MOST]])


@require_safe
def news(request: HttpRequest) -> HttpResponse:
    articles = Article.objects.live().ours().since(timezone.now() - NEWS_AGE).newest_first()[:NEWS_MOST]
    magazine = Identity.objects.present()

    def make() -> HttpResponse:
        context = {"articles": articles.for_cards(), "magazine": magazine, "language": settings.LANGUAGE_CODE[:2]}
        return render(request, "articles/sitemap-news.xml", context, content_type="application/xml")

    return unless_known(request, (magazine.name, list(articles.values_list("slug", "title"))), make)


def _lists() -> dict[str, QuerySet]:
    """Those that have something to show."""
    live = Article.objects.live()
    return {
        "sections": Section.objects.filter(Exists(live.filter(section=OuterRef("pk")))),
        "series": Series.objects.filter(Exists(live.filter(series=OuterRef("pk")))),
        "tags": Tag.objects.filter(Exists(Tag.articles.through.objects.filter(tag=OuterRef("pk"), article__in=live))),
        "authors": Author.objects.filter(Exists(Byline.objects.filter(author=OuterRef("pk"), article__in=live))),
        "pages": Page.objects.live(),
    }


def _articles(named: str | None) -> list[Place]:
    """One part; the newest if none is named."""
    live = Article.objects.live().ours()
    if named is None:
        part = (live.order_by("-pk").values_list("pk", flat=True).first() or 0) // KEYS
    elif named.isdecimal() and 0 < len(named) < 10:
        part = int(named) - 1
    else:
        raise Http404
    keys = (part * KEYS, (part + 1) * KEYS - 1)
    noted = dict(Correction.objects.live().last_noted(keys))
    rows: Any = live.with_keys(*keys).order_by("-pk").values_list("pk", "slug", "published_at", "updated_at")
    found = [
        Place(f"/{slug}/", max(updated or published, noted.get(pk, published))) for pk, slug, published, updated in rows
    ]
    if named and not found:
        raise Http404
    return found


def _answer(request: HttpRequest, root: str, entry: str, places: list[Place]) -> HttpResponse:
    def make() -> HttpResponse:
        entries = "\n".join(_entry(entry, place) for place in places)
        text = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{XMLNS}">\n{entries}\n</{root}>\n'
        return HttpResponse(text, content_type="application/xml")

    answer = unless_known(request, places, make)
    answer["X-Robots-Tag"] = "noindex"
    return answer


def _entry(name: str, place: Place) -> str:
    changed = f"<lastmod>{moment(place.changed)}</lastmod>" if place.changed else ""
    return f"<{name}><loc>{escape(absolute(place.path))}</loc>{changed}</{name}>"
