"""WebSub (w3.org/TR/websub): the hub hears at once which feeds are new, and tells whoever has subscribed there."""

import logging
from collections.abc import Collection, Iterator
from urllib.parse import urlencode

from articles.models import Article, Section, Series, Tag
from authors.models import Author
from newsroom import fetch
from newsroom.identity.templatetags.furniture import absolute

logger = logging.getLogger(__name__)

TOO_MANY = 429


class HubIsAway(Exception):
    """It answered that it cannot hear us now."""


def tell(hub: str, feeds: Collection[str], *, allow: Collection[str] = ()) -> None:
    """Tell the hub of each feed. It may be told twice; what it does not want to hear is not repeated."""
    for feed in feeds:
        message = urlencode({"hub.mode": "publish", "hub.url": feed}).encode()
        answer = fetch.post(hub, message, allow=allow, most_bytes=100_000)
        if answer.status >= 500 or answer.status == TOO_MANY:
            raise HubIsAway(f"The hub answered {answer.status}.")
        if answer.status >= 300:
            logger.warning("The hub does not want to hear of %s: it answered %s.", feed, answer.status)


def feeds_of(article: Article) -> list[str]:
    """Every feed in which it stands, or stood before the last change."""
    shown = list(article.publications.shown().newest_first().values_list("revision__kept", flat=True)[:2])
    paths = ["/", *(subject.get_absolute_url() for subject in _subjects(shown))]
    return [absolute(path + feed) for path in paths for feed in ("rss/", "feed.json")]


def _subjects(contents: list[dict]) -> Iterator[Section | Tag | Series | Author]:
    yield from Section.objects.filter(pk__in=[kept.get("section") for kept in contents if kept.get("section")])
    yield from Series.objects.filter(pk__in=[kept.get("series") for kept in contents if kept.get("series")])
    yield from Tag.objects.filter(pk__in=[tag for kept in contents for tag in kept.get("tags", ())])
    yield from Author.objects.filter(pk__in=[author for kept in contents for author in kept.get("bylines", ())])
