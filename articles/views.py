from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from articles import front
from articles.models import Article, Correction, Page, Section, Series, Tag
from articles.models.queryset import ArticleQuerySet
from articles.paging import NUMBERED, PER_PAGE, cut, moment_in
from articles.search import Search
from authors.models import Author

RELATED = 3


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    if "before" in request.GET:
        return latest(request, 1)
    return render(request, "articles/front.html", vars(front.compose()))


@require_safe
def latest(request: HttpRequest, number: int) -> HttpResponse:
    if number == 1 and "before" not in request.GET:
        return redirect("/", permanent=True)
    return listing(
        request, Article.objects.live(), number, {"heading": _("Latest"), "page_url": "/", "feed_url": "/rss/"}
    )


@require_safe
def section(request: HttpRequest, slug: str, number: int = 1) -> HttpResponse:
    found = get_object_or_404(Section, slug=slug)
    context = {"section": found, "heading": found.name, "standfirst": found.description} | paths_of(found)
    return listing(request, Article.objects.live().within(found), number, context, template="articles/section.html")


@require_safe
def tag(request: HttpRequest, slug: str, number: int = 1) -> HttpResponse:
    found = get_object_or_404(Tag, slug=slug)
    context = {"tag": found, "kicker": _("Subject"), "heading": found.name} | paths_of(found)
    return listing(request, Article.objects.live().about(found), number, context, template="articles/tag.html")


@require_safe
def series(request: HttpRequest, slug: str, number: int = 1) -> HttpResponse:
    """In the order of reading, which no moment cuts: it is numbered as far as it goes."""
    found = get_object_or_404(Series.objects.begun(), slug=slug)
    page = cut(Article.objects.live().for_cards().of_series(found), number, Paginator)
    page.object_list = list(page.object_list)
    context = {"series": found, "kicker": _("Series"), "heading": found.name, "standfirst": found.description}
    return render(request, "articles/series.html", context | paths_of(found) | {"page": page})


@require_safe
def author(request: HttpRequest, slug: str, number: int = 1) -> HttpResponse:
    found = get_object_or_404(Author, slug=slug)
    context = {"author": found, "heading": found.name} | paths_of(found)
    return listing(request, Article.objects.live().by(found), number, context, template="authors/author.html")


@require_safe
def article(request: HttpRequest, slug: str) -> HttpResponse:
    found = Article.objects.live().for_page().at_slug(slug).first()
    if found is None:
        return page(request, slug)
    related = Article.objects.live().for_cards().related_to(found)[:RELATED]
    context = {"article": found, "corrections": found.corrections_shown, "related": related}
    return render(request, "articles/article.html", context)


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    return render(request, "articles/page.html", {"page": get_object_or_404(Page.objects.live().at_slug(slug))})


@require_safe
def archive(request: HttpRequest) -> HttpResponse:
    return render(request, "articles/archive.html", {"years": Article.objects.live().by_year()})


@require_safe
def archive_year(request: HttpRequest, year: int) -> HttpResponse:
    years = [found for found in Article.objects.live().by_year() if found["year"] == year]
    if not years:
        raise Http404
    return render(request, "articles/archive.html", {"years": years})


@require_safe
def archive_month(request: HttpRequest, year: int, month: int, number: int = 1) -> HttpResponse:
    if month not in MONTHS:
        raise Http404
    context = {
        "kicker": _("Archive"),
        "heading": f"{MONTHS[month]} {year}",
        "page_url": f"/archive/{year}/{month:02}/",
    }
    return listing(request, Article.objects.live().of_month(year, month), number, context, empty_is_404=True)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    asked = Search(request.GET)
    return render(request, "articles/search.html", {"search": asked, "query": asked.words, "page": asked.page})


@require_safe
def corrections(request: HttpRequest, number: int = 1) -> HttpResponse:
    page = cut(Correction.objects.live().newest_first().select_related("article"), number)
    return render(request, "articles/corrections.html", {"page": page, "page_url": "/corrections/"})


def listing(
    request: HttpRequest,
    articles: ArticleQuerySet,
    number: int,
    context: dict[str, Any],
    *,
    template: str = "articles/listing.html",
    empty_is_404: bool = False,
) -> HttpResponse:
    if number > NUMBERED:
        return redirect("archive")
    before = moment_in(request.GET.get("before"))
    page = cut(articles.for_cards().before(before).newest_first(), number)
    cards = list(page.object_list)
    if empty_is_404 and not cards:
        raise Http404
    page.object_list = cards
    is_last_numbered = len(cards) == PER_PAGE and (before or number == NUMBERED)
    older = "?" + urlencode({"before": cards[-1].published_at.isoformat()}) if is_last_numbered else ""
    return render(request, template, context | {"page": page, "older": older, "before": before})


def paths_of(subject: Section | Tag | Series | Author) -> dict[str, Any]:
    path = subject.get_absolute_url()
    return {"subject": subject, "page_url": path, "feed_url": f"{path}rss/"}
