"""The parts of a letter with everything they say looked up: what the mail, its text and the archive are made of.

Frozen with the letter, as data: what was mailed stands there, whatever becomes of an article afterwards.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from articles.body import figures_in, plain_text, render
from articles.body.syndication import for_elsewhere
from articles.models import Article, Photo, Right
from articles.models.queryset import ArticleQuerySet
from newsletter.letters import slots
from newsletter.letters.content import Block, Kind
from newsletter.letters.prose import Prose

WIDTH = 600
FULL_WIDTH = 552
CARD_WIDTH = 184
# Twice as many dots as are shown, where there are so many: telephones have them.
FULL_DOTS, CARD_DOTS = 1200, 480

type Part = dict[str, Any]

IMAGE = re.compile(r'(<img\b[^>]*?) width="(\d+)" height="(\d+)"')


class Parts:
    def __init__(self, blocks: Iterable[Block], articles: ArticleQuerySet, *, prose: Prose, at: datetime) -> None:
        self._blocks = list(blocks)
        self._prose = prose
        self._at = at
        wanted = {block.article for block in self._blocks if block.article}
        whole = {block.article for block in self._blocks if block.kind == Kind.FULL}
        self._articles = articles.for_cards().in_bulk(wanted - whole) | _whole(articles, whole)
        self._photos = Photo.by_id({block.photo for block in self._blocks if block.photo})
        self._has_led = False

    def __iter__(self) -> Iterator[Part]:
        """In their order; what no longer is there, or may not be shown in a letter, is left out."""
        for block in self._blocks:
            if part := self._made_of(block):
                yield {"kind": str(block.kind)} | part

    def _made_of(self, block: Block) -> Part | None:
        match block.kind:
            case Kind.CARD:
                return self._card(block)
            case Kind.FULL:
                return self._full(block)
            case Kind.PHOTO:
                return self._figure(block)
            case Kind.QUOTE:
                return self._said(block) | {"who": slots.unmarked(block.who)}
            case _:
                return self._said(block)

    def _said(self, block: Block) -> Part:
        return {"html": self._prose.html(block.text), "text": self._prose.plain(block.text)}

    def _figure(self, block: Block) -> Part | None:
        picture = self._picture(self._photos.get(block.photo or 0), is_large=True)
        return picture and {"picture": picture, "caption": self._prose.line(" ".join(block.text.split()))}

    def _card(self, block: Block) -> Part | None:
        article = self._articles.get(block.article or 0)
        if article is None:
            return None
        leads, self._has_led = not self._has_led, True
        names = get_text_list([author.name for author in article.people], _("and"))
        return {
            "article": article.pk,
            "url": f"{self._prose.site}{article.get_absolute_url()}",
            "section": article.section.name if article.section else "",
            "title": slots.unmarked(article.title),
            "standfirst": slots.unmarked(article.standfirst),
            "byline": _("by %(authors)s") % {"authors": names} if names else "",
            "leads": leads,
            "picture": self._picture(article.photo, is_large=leads or block.kind == Kind.FULL),
        }

    def _full(self, block: Block) -> Part | None:
        part = self._card(block)
        if part is None:
            return None
        article = self._articles[block.article or 0]
        photos = Photo.by_id(figures_in(article.body))
        shown = {key: photo for key, photo in photos.items() if self._may_show(photo)}
        body = for_elsewhere(render(article.body, shown), base=part["url"])
        return part | {"html": _fitting(slots.unmarked(body)), "text": slots.unmarked(plain_text(article.body))}

    def _picture(self, photo: Photo | None, *, is_large: bool) -> Part | None:
        """The photo as the letter shows it, with its credit."""
        if photo is None or not self._may_show(photo):
            return None
        url, (own_width, own_height) = photo.stand_in_within(FULL_DOTS if is_large else CARD_DOTS)
        width = FULL_WIDTH if is_large else CARD_WIDTH
        return {
            "url": urljoin(f"{self._prose.site}/", url),
            "alt": photo.alt,
            "credit": photo.credit,
            "width": width,
            "height": max(1, round(own_height * width / own_width)),
        }

    def _may_show(self, photo: Photo) -> bool:
        return photo.allows(Right.LETTER, at=self._at)


def _whole(articles: ArticleQuerySet, keys: set[int | None]) -> dict[int, Article]:
    return articles.for_page().defer(None).in_bulk(keys) if keys else {}


def _fitting(html: str) -> str:
    """Pictures no wider than the letter: Outlook draws them as wide as they say."""

    def fitted(image: re.Match[str]) -> str:
        width, height = int(image[2]), int(image[3])
        shown = min(width, FULL_WIDTH)
        return f'{image[1]} width="{shown}" height="{max(1, round(height * shown / max(width, 1)))}"'

    return IMAGE.sub(fitted, html)
