from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from xml.sax.xmlreader import AttributesImpl

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.decorators import method_decorator
from django.utils.encoding import iri_to_uri
from django.utils.feedgenerator import Rss201rev2Feed, rfc3339_date
from django.utils.html import escape, format_html
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator
from django.views.decorators.http import require_safe

from articles.body.syndication import for_elsewhere, without_controls
from articles.freshness import unless_known
from articles.models import Article, Correction, Photo, Section, Series, Tag
from articles.models.queryset import ArticleQuerySet
from articles.structured_data import last_changed
from authors.models import Author
from newsroom.identity.models import Identity
from newsroom.identity.templatetags.furniture import absolute, day_beside

NEWEST = 30
# How long a reader that knows nothing better may keep a feed.
MINUTES = 60
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

    def add_root_elements(self, handler: SimplerXMLGenerator) -> None:
        super().add_root_elements(handler)
        if hub := self.feed["hub"]:
            handler.addQuickElement("atom:link", None, {"rel": "hub", "href": hub})

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        for name in item["people"]:
            handler.addQuickElement("dc:creator", name)
        if item["updateddate"] and item["updateddate"] != item["pubdate"]:
            handler.addQuickElement("atom:updated", rfc3339_date(item["updateddate"]))
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


@dataclass(frozen=True)
class Source:
    """What a feed is about: everything, or a section, a tag, an author."""

    magazine: Identity
    subject: Section | Tag | Series | Author | None
    articles: ArticleQuerySet

    @property
    def path(self) -> str:
        return self.subject.get_absolute_url() if self.subject else "/"

    @property
    def title(self) -> str:
        return f"{self.subject} · {self.magazine.name}" if self.subject else self.magazine.name

    @property
    def description(self) -> str:
        """A feed has to have one."""
        own = getattr(self.subject, "description", "") or getattr(self.subject, "bio", "")
        return own or self.magazine.description or self.title

    def newest(self) -> Any:
        return self.articles.for_feed().newest_first()[:NEWEST]

    def made_of(self) -> Any:
        """One query, and nothing of it is long."""
        said = (self.path, self.title, self.description, self.magazine.name, self.magazine.hub, self.magazine.icon)
        return said, list(self.articles.newest_first().versions()[:NEWEST])


def everything() -> Source:
    return Source(Identity.objects.present(), None, Article.objects.live())


def of_section(slug: str) -> Source:
    section = get_object_or_404(Section, slug=slug)
    return Source(Identity.objects.present(), section, Article.objects.live().within(section))


def of_tag(slug: str) -> Source:
    tag = get_object_or_404(Tag, slug=slug)
    return Source(Identity.objects.present(), tag, Article.objects.live().about(tag))


def of_series(slug: str) -> Source:
    series = get_object_or_404(Series.objects.begun(), slug=slug)
    return Source(Identity.objects.present(), series, Article.objects.live().of_series(series))


def of_author(slug: str) -> Source:
    author = get_object_or_404(Author, slug=slug)
    return Source(Identity.objects.present(), author, Article.objects.live().by(author))


class ConditionalFeed(Feed):
    """Nothing is made for whoever has it already."""

    feed_type: type[Rss201rev2Feed]
    ttl = MINUTES

    def made_of(self, subject: Any) -> Any:
        raise NotImplementedError

    def links(self, subject: Any) -> str:
        raise NotImplementedError

    @method_decorator(require_safe)
    def __call__(self, request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        subject = self.get_object(request, *arguments, **named)

        def make() -> HttpResponse:
            feed = self.get_feed(subject, request)
            answer = HttpResponse(content_type=self.feed_type.content_type)
            feed.write(answer, "utf-8")
            return answer

        answer = unless_known(request, self.made_of(subject), make)
        answer["Link"] = self.links(subject)
        return answer


class ArticleFeed(ConditionalFeed):
    feed_type = FullTextRss

    def __init__(self, source: Callable[..., Source]) -> None:
        self.source = source

    def get_object(self, request: HttpRequest, **named: Any) -> Source:
        return self.source(**named)

    def made_of(self, source: Source) -> Any:
        return source.made_of()

    def links(self, source: Source) -> str:
        return links(source, "rss/")

    def title(self, source: Source) -> str:
        return source.title

    def link(self, source: Source) -> str:
        return absolute(source.path)

    def feed_url(self, source: Source) -> str:
        return absolute(f"{source.path}rss/")

    def description(self, source: Source) -> str:
        return source.description

    def feed_extra_kwargs(self, source: Source) -> dict[str, Any]:
        return {"hub": source.magazine.hub}

    def items(self, source: Source) -> Any:
        return source.newest()

    def item_title(self, item: Article) -> str:
        return item.title

    def item_description(self, item: Article) -> str:
        return escape(item.standfirst)  # it is read as HTML

    def item_link(self, item: Article) -> str:
        return absolute(item.get_absolute_url())

    def item_guid(self, item: Article) -> str:
        return guid("article", item.pk)

    item_guid_is_permalink = False

    def item_pubdate(self, item: Article) -> Any:
        return item.first_published_at

    def item_updateddate(self, item: Article) -> Any:
        return last_changed(item)

    def item_categories(self, item: Article) -> list[str]:
        names = [item.section and item.section.name, *(tag.name for tag in item.subjects)]
        return [name for name in names if name]

    def item_extra_kwargs(self, item: Article) -> dict[str, Any]:
        return {
            "content": content_of(item),
            "people": [author.name for author in item.people],
            "photo": _photo(item),
        }


class CorrectionsFeed(ConditionalFeed):
    feed_type = PrintableRss

    def get_object(self, request: HttpRequest) -> Identity:
        return Identity.objects.present()

    def newest(self) -> Any:
        return Correction.objects.live().newest_first()

    def made_of(self, magazine: Identity) -> Any:
        return magazine.name, list(self.newest().versions()[:NEWEST])

    def links(self, magazine: Identity) -> str:
        return f'<{self.feed_url(magazine)}>; rel="self"'

    def title(self, magazine: Identity) -> str:
        return _("Corrections · %(magazine)s") % {"magazine": magazine.name}

    def link(self, magazine: Identity) -> str:
        return absolute("/corrections/")

    def feed_url(self, magazine: Identity) -> str:
        return absolute("/corrections/rss/")

    def description(self, magazine: Identity) -> str:
        return _("What was wrong, what is right, and when we said so.")

    def items(self, magazine: Identity) -> Any:
        return self.newest().select_related("article")[:NEWEST]

    def item_title(self, item: Correction) -> str:
        return f"{item.kind_label}: {item.article.title}"

    def item_description(self, item: Correction) -> str:
        return escape(f"{item.wrong} {item.right}")

    def item_link(self, item: Correction) -> str:
        return absolute(f"{item.article.get_absolute_url()}#corrections")

    def item_guid(self, item: Correction) -> str:
        return guid("correction", item.pk)

    item_guid_is_permalink = False

    def item_pubdate(self, item: Correction) -> Any:
        return item.published_at


def json_feed(source: Callable[..., Source]) -> Callable[..., HttpResponse]:
    """JSON Feed 1.1 (jsonfeed.org/version/1.1) of what the RSS feed has."""

    @require_safe
    def view(request: HttpRequest, **named: Any) -> HttpResponse:
        found = source(**named)
        answer = unless_known(request, found.made_of(), lambda: _json(found))
        answer["Link"] = links(found, "feed.json")
        return answer

    return view


def links(source: Source, feed: str) -> str:
    """For the Link header, as WebSub wants it."""
    itself = f'<{absolute(source.path + feed)}>; rel="self"'
    return f'{itself}, <{iri_to_uri(source.magazine.hub)}>; rel="hub"' if source.magazine.hub else itself


def content_of(article: Article) -> str:
    """The whole text, and at its end what was corrected in it."""
    text = for_elsewhere(article.body_html, base=absolute(article.get_absolute_url()))
    notes = (
        format_html(
            "<p><strong>{}:</strong> {} {}</p>",
            note.dated % {"day": day_beside(note.published_at, None)},
            without_controls(note.wrong),
            without_controls(note.right),
        )
        for note in article.corrections_shown
    )
    return text + "".join(notes)


def _json(source: Source) -> HttpResponse:
    magazine = source.magazine
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": source.title,
        "home_page_url": absolute(source.path),
        "feed_url": absolute(f"{source.path}feed.json"),
        "description": source.description,
        "icon": absolute(f"{magazine.icon}.png"),
        "favicon": absolute(f"{magazine.icon}.svg"),
        "authors": [{"name": magazine.name, "url": absolute("/")}],
        "language": settings.LANGUAGE_CODE,
        "items": [_json_item(article) for article in source.newest()],
    }
    if magazine.hub:
        feed["hubs"] = [{"type": "WebSub", "url": magazine.hub}]
    return JsonResponse(feed, content_type="application/feed+json", json_dumps_params={"ensure_ascii": False})


def _json_item(article: Article) -> dict[str, Any]:
    address = absolute(article.get_absolute_url())
    item: dict[str, Any] = {
        "id": guid("article", article.pk),
        "url": address,
        "title": article.title,
        "summary": article.standfirst,
        "content_html": content_of(article),
        "date_published": _moment(article.first_published_at),
        "date_modified": _moment(last_changed(article) if article.updated_at or article.corrections_shown else None),
        "authors": [_json_author(author) for author in article.people],
        "tags": [tag.name for tag in article.subjects],
        "language": settings.LANGUAGE_CODE,
    }
    if photo := _photo(article):
        item["image"] = absolute(photo.stand_in_url)
        item["_picture"] = {"alt": photo.alt, "caption": photo.caption, "credit": photo.credit}
    return {name: value for name, value in item.items() if value is not None}


def _photo(article: Article) -> Photo | None:
    return article.photo if article.photo and article.photo.is_for_feeds else None


def _json_author(author: Any) -> dict[str, str]:
    avatar = {"avatar": absolute(author.portrait_url)} if author.portrait else {}
    return {"name": author.name, "url": absolute(author.url)} | avatar


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return without_controls(value)
    if isinstance(value, dict):
        return {name: _printable(inner) for name, inner in value.items()}
    return [_printable(inner) for inner in value] if isinstance(value, list) else value
