from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap, views
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.models import Article, Page, Section
from newsroom.identity.models import Identity

# Google News reads two days back, and a thousand addresses.
NEWS_AGE = timedelta(hours=48)
NEWS_MOST = 1000


class OurSitemap(Sitemap):
    protocol = urlsplit(settings.SITE_URL).scheme

    def get_domain(self, site: Any = None) -> str:
        return urlsplit(settings.SITE_URL).netloc


class ArticleSitemap(OurSitemap):
    limit = 10_000

    def items(self) -> Any:
        return Article.objects.live().only("slug", "published_at", "updated_at").newest_first()

    def lastmod(self, item: Article) -> Any:
        return item.updated_at or item.published_at

    def get_latest_lastmod(self) -> Any:
        # Django's own looks at every article.
        return Article.objects.live().last_changed()


class SectionSitemap(OurSitemap):
    def items(self) -> Any:
        return Section.objects.all()


class PageSitemap(OurSitemap):
    def items(self) -> Any:
        return Page.objects.live()


SITEMAPS: dict[str, type[Sitemap] | Sitemap] = {
    "articles": ArticleSitemap,
    "sections": SectionSitemap,
    "pages": PageSitemap,
}


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    return views.index(request, sitemaps=SITEMAPS, sitemap_url_name="sitemap_section")


@require_safe
def section(request: HttpRequest, section: str) -> HttpResponse:
    return views.sitemap(request, sitemaps=SITEMAPS, section=section)


@require_safe
def news(request: HttpRequest) -> HttpResponse:
    articles = Article.objects.live().since(timezone.now() - NEWS_AGE).for_cards().newest_first()[:NEWS_MOST]
    context = {"articles": articles, "magazine": Identity.objects.present(), "language": settings.LANGUAGE_CODE[:2]}
    return render(request, "articles/sitemap-news.xml", context, content_type="application/xml")
