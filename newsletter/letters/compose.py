"""One render per issue: what its readers get, but for the few words that are a reader's own."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, TypeGuard
from urllib.parse import urljoin

import css_inline
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from articles.models import Article, Photo, Right
from newsletter.letters import head, slots
from newsroom.identity.models import Identity

if TYPE_CHECKING:
    from newsletter.models import Issue

WIDTH = 600
LEAD_WIDTH = 552
CARD_WIDTH = 184
# Media queries stay in a style element: dark mode and narrow screens cannot be inlined.
INLINER = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


@dataclass(frozen=True)
class Letter:
    html: str
    text: str
    sender: str
    head: str
    site: str


@dataclass(frozen=True)
class Picture:
    url: str
    alt: str
    credit: str
    width: int
    height: int


@dataclass(frozen=True)
class Card:
    url: str
    section: str
    title: str
    standfirst: str
    byline: str
    picture: Picture | None


def compose(issue: "Issue", articles: Iterable[Article], *, at: datetime) -> Letter:
    """The letter as it stands at that moment, with slots where each copy differs."""
    magazine = Identity.objects.present()
    site = settings.SITE_URL
    with translation.override(settings.LANGUAGE_CODE):
        context = _context(issue, magazine, site=site, at=at, articles=articles)
        html = _tight(INLINER.inline(render_to_string("email/letter.html", context)))
        text = _tidy(render_to_string("email/letter.txt", context))
    name = issue.newsletter.from_name or magazine.name
    sender = head.mailbox(name, head.bare(settings.DEFAULT_FROM_EMAIL))
    return Letter(html=html, text=text, sender=sender, head=_head(issue, sender, site=site, at=at), site=site)


def specimen(letter: Letter) -> Letter:
    """A letter for the eyes of the house: its links are nobody's."""
    values = {
        slots.ADDRESS: _("reader@example.org"),
        slots.UNSUBSCRIBE: f"{letter.site}/newsletter/",
        slots.PREFERENCES: f"{letter.site}/newsletter/",
    }
    return replace(letter, html=slots.fill(letter.html, values), text=slots.fill(letter.text, values))


def _context(
    issue: "Issue", magazine: Identity, *, site: str, at: datetime, articles: Iterable[Article]
) -> dict[str, Any]:
    widths = chain([LEAD_WIDTH], repeat(CARD_WIDTH))
    cards = [_card(article, site=site, width=width, at=at) for article, width in zip(articles, widths, strict=False)]
    return {
        "subject": slots.unmarked(issue.subject),
        "preheader": slots.unmarked(issue.preheader or issue.intro or (cards[0].standfirst if cards else "")),
        "intro": slots.unmarked(issue.intro),
        "cards": cards,
        "newsletter": issue.newsletter,
        "magazine": magazine,
        "language": settings.LANGUAGE_CODE,
        "site": site,
        "at": at,
        "width": WIDTH,
        "web_url": f"{site}{issue.get_absolute_url()}",
        "address": slots.ADDRESS,
        "unsubscribe_url": slots.UNSUBSCRIBE,
        "preferences_url": slots.PREFERENCES,
    }


def _card(article: Article, *, site: str, width: int, at: datetime) -> Card:
    names = get_text_list([author.name for author in article.people], _("and"))
    return Card(
        url=f"{site}{article.get_absolute_url()}",
        section=article.section.name if article.section else "",
        title=slots.unmarked(article.title),
        standfirst=slots.unmarked(article.standfirst),
        byline=_("by %(authors)s") % {"authors": names} if names else "",
        picture=_picture(article.photo, site=site, width=width) if _may_show(article.photo, at) else None,
    )


def _may_show(photo: Photo | None, at: datetime) -> TypeGuard[Photo]:
    return photo is not None and photo.allows(Right.LETTER, at=at)


def _picture(photo: Photo, *, site: str, width: int) -> Picture:
    own_width, own_height = photo.stand_in_size
    return Picture(
        url=urljoin(f"{site}/", photo.stand_in_url),
        alt=photo.alt,
        credit=photo.credit,
        width=width,
        height=max(1, round(own_height * width / own_width)),
    )


def _head(issue: "Issue", sender: str, *, site: str, at: datetime) -> str:
    """The header lines that all copies share."""
    newsletter = issue.newsletter
    return "\r\n".join(
        head.lines(
            [
                ("From", sender),
                ("Reply-To", newsletter.reply_to and head.spelled(newsletter.reply_to)),
                ("Subject", head.text(issue.subject, after="Subject")),
                ("Date", head.date(at)),
                ("List-Id", head.list_id(newsletter.name, newsletter.slug, site)),
            ]
        )
    )


def _tight(html: str) -> str:
    """Without indentation, which every copy would carry."""
    return "\n".join(line for line in map(str.strip, html.splitlines()) if line)


def _tidy(text: str) -> str:
    """No trailing spaces, no more than one empty line in a row."""
    kept: list[str] = []
    for line in (line.rstrip() for line in text.strip().splitlines()):
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept) + "\n"
