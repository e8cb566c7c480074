"""One render per issue: what its readers get, but for the few words that are a reader's own."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Any

import css_inline
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from articles.models.queryset import ArticleQuerySet
from newsletter.letters import head, slots
from newsletter.letters.parts import CARD_WIDTH, FULL_WIDTH, WIDTH, Part, Parts
from newsletter.letters.prose import Prose
from newsroom.identity.models import Identity

if TYPE_CHECKING:
    from newsletter.models import Issue

# What mail programs show of it at most.
PREHEADER = 150
# A terminal that shows a mail obeys them.
CONTROLS = re.compile("[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f]")
# Between a picture and the words beside it.
GUTTER = 22
# Media queries stay in a style element: dark mode and narrow screens cannot be inlined.
INLINER = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


@dataclass(frozen=True)
class Letter:
    html: str
    text: str
    sender: str
    head: str
    site: str
    parts: list[Part] = field(default_factory=list)


def compose(issue: "Issue", articles: ArticleQuerySet, *, at: datetime | None = None) -> Letter:
    """The letter as it stands at that moment, with slots where each copy differs."""
    magazine, at = Identity.objects.present(), at or timezone.now()
    site = settings.SITE_URL
    with translation.override(settings.LANGUAGE_CODE):
        prose = Prose(site=site, shared=_said_to_all(issue, magazine, site=site))
        parts = list(Parts(issue.content.blocks, articles, prose=prose, at=at))
        context = _context(issue, magazine, parts, prose=prose, at=at)
        html = _tight(INLINER.inline(render_to_string("email/letter.html", context)))
        text = _tidy(render_to_string("email/letter.txt", context))
    name = issue.from_name or issue.newsletter.from_name or magazine.name
    sender = head.mailbox(name, head.bare(settings.DEFAULT_FROM_EMAIL))
    shared = _head(issue, sender, site=site, at=at)
    return Letter(html=html, text=text, sender=sender, head=shared, site=site, parts=parts)


def specimen(letter: Letter) -> Letter:
    """A letter for the eyes of the house: its links are nobody's."""
    values = _of_nobody(letter.site)
    return replace(letter, html=slots.fill(letter.html, values, escape), text=slots.fill(letter.text, values))


def for_nobody(part: Part, *, site: str) -> Part:
    """A part of a letter as everybody may read it, on a page of the site."""
    values = _of_nobody(site)
    said = {name: slots.fill(words, values) for name, words in part.items() if isinstance(words, str)}
    html = {"html": slots.fill(part["html"], values, escape)} if "html" in part else {}
    url = {"url": part["url"].removeprefix(site)} if "url" in part else {}
    return part | said | html | url


def _of_nobody(site: str) -> dict[str, str]:
    return {
        slots.ADDRESS: _("reader@example.org"),
        slots.UNSUBSCRIBE: f"{site}/newsletter/",
        slots.PREFERENCES: f"{site}/newsletter/",
    }


def _said_to_all(issue: "Issue", magazine: Identity, *, site: str) -> dict[str, str]:
    """What the tags stand for that are the same in every copy."""
    return {
        "newsletter": issue.newsletter.name,
        "magazine": magazine.name,
        "site": site,
        "web": f"{site}{issue.get_absolute_url()}",
    }


def _context(issue: "Issue", magazine: Identity, parts: list[Part], *, prose: Prose, at: datetime) -> dict[str, Any]:
    first = next((part["standfirst"] for part in parts if part.get("standfirst")), "")
    is_rtl = translation.get_language_bidi()
    return {
        "subject": slots.unmarked(issue.subject),
        # Cut before the tags are filled in, or it might cut through a slot.
        "preheader": prose.one_line(Truncator(issue.preheader or issue.content.words or first).chars(PREHEADER)),
        "parts": parts,
        "newsletter": issue.newsletter,
        "magazine": magazine,
        "language": settings.LANGUAGE_CODE,
        "direction": "rtl" if is_rtl else "ltr",
        "start": "right" if is_rtl else "left",
        "end": "left" if is_rtl else "right",
        "site": prose.site,
        "at": at,
        "width": WIDTH,
        "full_width": FULL_WIDTH,
        "card_width": CARD_WIDTH,
        "words_width": FULL_WIDTH - CARD_WIDTH - GUTTER,
        "web_url": prose.shared["web"],
        "address": slots.ADDRESS,
        "unsubscribe_url": slots.UNSUBSCRIBE,
        "preferences_url": slots.PREFERENCES,
    }


def _head(issue: "Issue", sender: str, *, site: str, at: datetime) -> str:
    """The header lines that all copies share."""
    newsletter, reply_to = issue.newsletter, issue.reply_to or issue.newsletter.reply_to
    return "\r\n".join(
        head.lines(
            [
                ("From", sender),
                ("Reply-To", reply_to and head.spelled(reply_to)),
                ("Subject", head.text(issue.subject, after="Subject")),
                ("Date", head.date(at)),
                ("List-Id", head.list_id(newsletter.name, newsletter.slug, site)),
            ]
        )
    )


def _tight(html: str) -> str:
    """Without indentation, which every copy would carry."""
    return "\n".join(line for line in map(str.strip, CONTROLS.sub("", html).splitlines()) if line)


def _tidy(text: str) -> str:
    """No trailing spaces, no more than one empty line in a row."""
    kept: list[str] = []
    for line in (line.rstrip() for line in CONTROLS.sub("", text).strip().splitlines()):
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept) + "\n"
