from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.feedgenerator import Enclosure, Rss201rev2Feed
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator

from articles.body.syndication import for_elsewhere, without_controls
from articles.models import Article, Correction, Section, Tag
from authors.models import Author
from newsroom.identity.models import Identity

NEWEST = 30


def absolute(path: str) -> str:
    return f"{settings.SITE_URL}{path}"


class FullTextRss(Rss201rev2Feed):
    """RSS 2.0 with the whole text (content:encoded) and every author (dc:creator)."""

    def rss_attributes(self) -> dict[str, str]:
        return super().rss_attributes() | {
            "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
            "xmlns:dc": "http://purl.org/dc/elements/1.1/",
        }

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        for name in item["people"]:
            handler.addQuickElement("dc:creator", name)
        if item["content"]:
            handler.addQuickElement("content:encoded", item["content"])


class ArticleFeed(Feed):
    feed_type = FullTextRss
    subject: Any = None

    def articles(self, subject: Any) -> QuerySet[Article]:
        return Article.objects.live()

    def path(self, subject: Any) -> str:
        return subject.get_absolute_url() if subject else "/"

    def title(self, subject: Any) -> str:
        name = Identity.objects.present().name
        return f"{subject} · {name}" if subject else name

    def link(self, subject: Any) -> str:
        return absolute(self.path(subject))

    def feed_url(self, subject: Any) -> str:
        return absolute(f"{self.path(subject)}rss/")

    def description(self, subject: Any) -> str:
        return getattr(subject, "description", "") or Identity.objects.present().description or self.title(subject)

    def items(self, subject: Any) -> Any:
        return self.articles(subject).for_feed().newest_first()[:NEWEST]  # type: ignore[attr-defined]

    def item_title(self, item: Article) -> str:
        return without_controls(item.title)

    def item_description(self, item: Article) -> str:
        return without_controls(item.standfirst)

    def item_link(self, item: Article) -> str:
        return absolute(item.get_absolute_url())

    def item_guid(self, item: Article) -> str:
        return f"{settings.SITE_URL}/#article-{item.pk}"

    item_guid_is_permalink = False

    def item_pubdate(self, item: Article) -> Any:
        return item.first_published_at

    def item_updateddate(self, item: Article) -> Any:
        return item.updated_at or item.first_published_at

    def item_categories(self, item: Article) -> list[str]:
        return [name for name in [item.section and item.section.name, *(tag.name for tag in item.subjects)] if name]

    def item_enclosures(self, item: Article) -> list[Enclosure]:
        return [Enclosure(absolute(item.photo.stand_in_url), "0", "image/jpeg")] if item.photo else []

    def item_extra_kwargs(self, item: Article) -> dict[str, Any]:
        return {"content": for_elsewhere(item.body_html), "people": [author.name for author in item.people]}


class LatestFeed(ArticleFeed):
    pass


class SectionFeed(ArticleFeed):
    def get_object(self, request: HttpRequest, slug: str) -> Section:
        return get_object_or_404(Section, slug=slug)

    def articles(self, subject: Section) -> QuerySet[Article]:
        return Article.objects.live().within(subject)


class TagFeed(ArticleFeed):
    def get_object(self, request: HttpRequest, slug: str) -> Tag:
        return get_object_or_404(Tag, slug=slug)

    def articles(self, subject: Tag) -> QuerySet[Article]:
        return Article.objects.live().about(subject)


class AuthorFeed(ArticleFeed):
    def get_object(self, request: HttpRequest, slug: str) -> Author:
        return get_object_or_404(Author, slug=slug)

    def articles(self, subject: Author) -> QuerySet[Article]:
        return Article.objects.live().by(subject)


class CorrectionsFeed(Feed):
    feed_type = Rss201rev2Feed

    def title(self) -> str:
        return _("Corrections · %(magazine)s") % {"magazine": Identity.objects.present().name}

    def link(self) -> str:
        return absolute("/corrections/")

    def feed_url(self) -> str:
        return absolute("/corrections/rss/")

    def description(self) -> str:
        return _("What was wrong, what is right, and when we said so.")

    def items(self) -> Any:
        return Correction.objects.live().newest_first().select_related("article")[:NEWEST]

    def item_title(self, item: Correction) -> str:
        return without_controls(f"{item.kind_label}: {item.article.title}")

    def item_description(self, item: Correction) -> str:
        return without_controls(f"{item.wrong} {item.right}")

    def item_link(self, item: Correction) -> str:
        return absolute(f"{item.article.get_absolute_url()}#corrections")

    def item_guid(self, item: Correction) -> str:
        return f"{settings.SITE_URL}/#correction-{item.pk}"

    item_guid_is_permalink = False

    def item_pubdate(self, item: Correction) -> Any:
        return item.published_at


def json_feed(request: HttpRequest) -> HttpResponse:
    """JSON Feed 1.1 (jsonfeed.org/version/1.1)."""
    magazine = Identity.objects.present()
    items = Article.objects.live().for_feed().newest_first()[:NEWEST]
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": magazine.name,
        "home_page_url": absolute("/"),
        "feed_url": absolute("/feed.json"),
        "description": magazine.description,
        "language": settings.LANGUAGE_CODE,
        "items": [_json_item(article) for article in items],
    }
    return JsonResponse(feed, content_type="application/feed+json", json_dumps_params={"ensure_ascii": False})


def _json_item(article: Article) -> dict[str, Any]:
    moments = {"date_published": article.first_published_at, "date_modified": article.updated_at}
    return {
        "id": f"{settings.SITE_URL}/#article-{article.pk}",
        "url": absolute(article.get_absolute_url()),
        "title": article.title,
        "summary": article.standfirst,
        "content_html": for_elsewhere(article.body_html),
        "authors": [{"name": author.name, "url": absolute(author.url)} for author in article.people],
        "tags": [tag.name for tag in article.subjects],
        **{name: moment.isoformat() for name, moment in moments.items() if moment},
        **({"image": absolute(article.photo.stand_in_url)} if article.photo else {}),
    }
