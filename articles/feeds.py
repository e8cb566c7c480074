from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from xml.sax.xmlreader import AttributesImpl

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator
from django.views.decorators.http import require_safe

from articles.body.syndication import for_elsewhere, without_controls
from articles.models import Article, Correction, Photo, Section, Series, Tag
from articles.models.article import ArticleQuerySet
from authors.models import Author
from newsroom.identity.models import Identity
from newsroom.identity.templatetags.furniture import absolute

NEWEST = 30
NAMESPACES = {
    "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
    "xmlns:dc": "http://purl.org/dc/elements/1.1/",
    "xmlns:media": "http://search.yahoo.com/mrss/",
}


def guid(kind: str, pk: int) -> str:
    """The same for ever, whatever becomes of slug and headline; says nothing of our own numbers."""
    return uuid5(NAMESPACE_URL, f"{settings.SITE_URL}/{kind}/{pk}").urn


class PrintableRss(Rss201rev2Feed):
    """Without the control characters that XML cannot hold; forms let them pass."""

    def write(self, outfile: Any, encoding: str) -> None:
        self.feed, self.items = _printable(self.feed), _printable(self.items)
        super().write(outfile, encoding)


class FullTextRss(PrintableRss):
    """RSS 2.0 with the whole text (content:encoded), every author (dc:creator), and pictures with their credit."""

    def rss_attributes(self) -> dict[str, str]:
        return super().rss_attributes() | NAMESPACES

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        for name in item["people"]:
            handler.addQuickElement("dc:creator", name)
        if item["content"]:
            handler.addQuickElement("content:encoded", item["content"])
        if photo := item["photo"]:
            self.add_picture(handler, photo)

    def add_picture(self, handler: SimplerXMLGenerator, photo: Photo) -> None:
        width, height = (str(side) for side in photo.stand_in_size)
        facts = {"url": absolute(photo.stand_in_url), "medium": "image", "type": "image/jpeg"}
        handler.startElement("media:content", AttributesImpl(facts | {"width": width, "height": height}))
        words = without_controls(photo.caption or photo.alt)
        handler.addQuickElement("media:description", words, {"type": "plain"})
        if photo.credit:
            handler.addQuickElement("media:credit", without_controls(photo.credit))
        handler.endElement("media:content")


class ArticleFeed(Feed):
    feed_type = FullTextRss

    def articles(self, subject: Any) -> ArticleQuerySet:
        return Article.objects.live()

    def path(self, subject: Any) -> str:
        return subject.get_absolute_url() if subject else "/"

    def title(self, subject: Any) -> str:
        return _title(subject)

    def link(self, subject: Any) -> str:
        return absolute(self.path(subject))

    def feed_url(self, subject: Any) -> str:
        return absolute(f"{self.path(subject)}rss/")

    def description(self, subject: Any) -> str:
        return _description(subject)

    def items(self, subject: Any) -> Any:
        return self.articles(subject).for_feed().newest_first()[:NEWEST]

    def item_title(self, item: Article) -> str:
        return item.title

    def item_description(self, item: Article) -> str:
        return item.standfirst

    def item_link(self, item: Article) -> str:
        return absolute(item.get_absolute_url())

    def item_guid(self, item: Article) -> str:
        return guid("article", item.pk)

    item_guid_is_permalink = False

    def item_pubdate(self, item: Article) -> Any:
        return item.first_published_at

    def item_updateddate(self, item: Article) -> Any:
        return item.updated_at or item.first_published_at

    def item_categories(self, item: Article) -> list[str]:
        names = [item.section and item.section.name, *(tag.name for tag in item.subjects)]
        return [name for name in names if name]

    def item_extra_kwargs(self, item: Article) -> dict[str, Any]:
        return {
            "content": for_elsewhere(item.body_html, base=self.item_link(item)),
            "people": [author.name for author in item.people],
            "photo": item.photo,
        }


class LatestFeed(ArticleFeed):
    pass


class SectionFeed(ArticleFeed):
    def get_object(self, request: HttpRequest, slug: str) -> Section:
        return get_object_or_404(Section, slug=slug)

    def articles(self, subject: Section) -> ArticleQuerySet:
        return Article.objects.live().within(subject)


class TagFeed(ArticleFeed):
    def get_object(self, request: HttpRequest, slug: str) -> Tag:
        return get_object_or_404(Tag, slug=slug)

    def articles(self, subject: Tag) -> ArticleQuerySet:
        return Article.objects.live().about(subject)


class SeriesFeed(ArticleFeed):
    def get_object(self, request: HttpRequest, slug: str) -> Series:
        return get_object_or_404(Series, slug=slug)

    def articles(self, subject: Series) -> ArticleQuerySet:
        return Article.objects.live().of_series(subject)


class AuthorFeed(ArticleFeed):
    def get_object(self, request: HttpRequest, slug: str) -> Author:
        return get_object_or_404(Author, slug=slug)

    def articles(self, subject: Author) -> ArticleQuerySet:
        return Article.objects.live().by(subject)


class CorrectionsFeed(Feed):
    feed_type = PrintableRss

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
        return f"{item.kind_label}: {item.article.title}"

    def item_description(self, item: Correction) -> str:
        return f"{item.wrong} {item.right}"

    def item_link(self, item: Correction) -> str:
        return absolute(f"{item.article.get_absolute_url()}#corrections")

    def item_guid(self, item: Correction) -> str:
        return guid("correction", item.pk)

    item_guid_is_permalink = False

    def item_pubdate(self, item: Correction) -> Any:
        return item.published_at


@require_safe
def json_feed(request: HttpRequest) -> HttpResponse:
    return _json(LatestFeed(), None)


@require_safe
def section_json(request: HttpRequest, slug: str) -> HttpResponse:
    return _json(feed := SectionFeed(), feed.get_object(request, slug))


@require_safe
def tag_json(request: HttpRequest, slug: str) -> HttpResponse:
    return _json(feed := TagFeed(), feed.get_object(request, slug))


@require_safe
def series_json(request: HttpRequest, slug: str) -> HttpResponse:
    return _json(feed := SeriesFeed(), feed.get_object(request, slug))


@require_safe
def author_json(request: HttpRequest, slug: str) -> HttpResponse:
    return _json(feed := AuthorFeed(), feed.get_object(request, slug))


def _json(source: ArticleFeed, subject: Any) -> HttpResponse:
    """JSON Feed 1.1 (jsonfeed.org/version/1.1) of what the RSS feed has."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": _title(subject),
        "home_page_url": source.link(subject),
        "feed_url": absolute(f"{source.path(subject)}feed.json"),
        "description": _description(subject),
        "language": settings.LANGUAGE_CODE,
        "items": [_json_item(article) for article in source.items(subject)],
    }
    return JsonResponse(feed, content_type="application/feed+json", json_dumps_params={"ensure_ascii": False})


def _json_item(article: Article) -> dict[str, Any]:
    address = absolute(article.get_absolute_url())
    item = {
        "id": guid("article", article.pk),
        "url": address,
        "title": article.title,
        "summary": article.standfirst,
        "content_html": for_elsewhere(article.body_html, base=address),
        "date_published": _moment(article.first_published_at),
        "date_modified": _moment(article.updated_at),
        "authors": [_json_author(author) for author in article.people],
        "tags": [tag.name for tag in article.subjects],
        "language": settings.LANGUAGE_CODE,
    }
    if photo := article.photo:
        item["image"] = absolute(photo.stand_in_url)
        item["_picture"] = {"alt": photo.alt, "caption": photo.caption, "credit": photo.credit}
    return {name: value for name, value in item.items() if value is not None}


def _json_author(author: Any) -> dict[str, str]:
    avatar = {"avatar": absolute(author.portrait_url)} if author.portrait else {}
    return {"name": author.name, "url": absolute(author.url)} | avatar


def _title(subject: Any) -> str:
    name = Identity.objects.present().name
    return f"{subject} · {name}" if subject else name


def _description(subject: Any) -> str:
    """A feed has to have one."""
    own = getattr(subject, "description", "") or getattr(subject, "bio", "")
    return own or Identity.objects.present().description or _title(subject)


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return without_controls(value)
    if isinstance(value, dict):
        return {name: _printable(inner) for name, inner in value.items()}
    return [_printable(inner) for inner in value] if isinstance(value, list) else value
