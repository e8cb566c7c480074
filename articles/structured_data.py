"""What a page is about, in the words of schema.org, as plain dicts. Every word of it stands on the page too."""

from datetime import datetime
from functools import singledispatch
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from articles.models import Article, Correction, Photo, Section, Series, Tag
from articles.share import SIZE as SHARE_SIZE
from articles.share import share_path
from authors.cards import AuthorCard
from authors.models import Author
from newsroom.identity.icon import SIZE as ICON_SIZE
from newsroom.identity.models import Identity
from newsroom.identity.templatetags.furniture import absolute

type Facts = dict[str, Any]


def document(*things: Facts) -> Facts:
    return {"@context": "https://schema.org", "@graph": list(things)}


@singledispatch
def describe(subject: Any, magazine: Identity) -> list[Facts]:
    """The things that the page of this subject is about."""
    raise TypeError(f"Nobody has said how to describe {type(subject).__name__}.")


@describe.register
def _article(article: Article, magazine: Identity) -> list[Facts]:
    steps = [(article.section.name, article.section.get_absolute_url())] if article.section else []
    trail = breadcrumbs(magazine, *steps, (article.title, article.get_absolute_url()))
    return [news_article(article, magazine), trail]


@describe.register
def _author(author: Author, magazine: Identity) -> list[Facts]:
    person = stated(
        _thing("Person", author.name, absolute(author.get_absolute_url())),
        description=author.bio,
        jobTitle=author.role,
        sameAs=author.website,
        image=absolute(author.portrait_url) if author.portrait else "",
        worksFor=publisher(magazine),
    )
    profile = _thing("ProfilePage", author.name, absolute(author.get_absolute_url())) | {"mainEntity": person}
    return [profile, breadcrumbs(magazine, (author.name, author.get_absolute_url()))]


@describe.register(Section)
@describe.register(Tag)
@describe.register(Series)
def _subject(subject: Section | Tag | Series, magazine: Identity) -> list[Facts]:
    return [breadcrumbs(magazine, (subject.name, subject.get_absolute_url()))]


@describe.register
def _magazine(identity: Identity, magazine: Identity) -> list[Facts]:
    # The name in braces is the one variable; `query-input`, which some add, is no word of the vocabulary.
    search = {"@type": "EntryPoint", "urlTemplate": f"{absolute(reverse('search'))}?q={{search_term_string}}"}
    site = stated(
        _thing("WebSite", magazine.name, absolute("/")),
        description=magazine.description,
        inLanguage=settings.LANGUAGE_CODE,
        publisher=publisher(magazine),
        potentialAction={"@type": "SearchAction", "target": search},
    )
    return [site]


def news_article(article: Article, magazine: Identity) -> Facts:
    address, place = absolute(article.get_absolute_url()), article.place_in_series
    return stated(
        {"@type": "NewsArticle", "headline": article.title},
        description=article.standfirst,
        url=address,
        mainEntityOfPage=article.canonical_url or address,
        isBasedOn=article.canonical_url,
        datePublished=_moment(article.first_published_at),
        dateModified=_moment(last_changed(article)),
        author=[byline(person) for person in article.people],
        publisher=publisher(magazine),
        image=[image(shown) if (shown := article.photo or article.share_photo) else share_image(article, magazine)],
        isPartOf=_thing("CreativeWorkSeries", place.series.name, absolute(place.series.get_absolute_url()))
        if place
        else "",
        position=place.number if place else "",
        articleSection=article.section.name if article.section else "",
        keywords=[tag.name for tag in article.subjects],
        wordCount=article.word_count,
        inLanguage=settings.LANGUAGE_CODE,
        isAccessibleForFree=True,
        correction=[correction(note) for note in article.corrections_shown],
    )


def last_changed(article: Article) -> datetime | None:
    """A correction changes the page as much as an update does."""
    noted = [note.published_at for note in article.corrections_shown]
    moments = [article.first_published_at, article.updated_at, *noted]
    return max((moment for moment in moments if moment), default=None)


def byline(person: AuthorCard) -> Facts:
    return stated(_thing("Person", person.name, absolute(person.url)), jobTitle=person.role, sameAs=person.website)


def publisher(magazine: Identity) -> Facts:
    logo = {"@type": "ImageObject", "url": absolute(f"{magazine.icon}.png"), "width": ICON_SIZE, "height": ICON_SIZE}
    policy = absolute(reverse("corrections"))
    profiles = [link["path"] for link in magazine.elsewhere]
    facts = _thing("NewsMediaOrganization", magazine.name, absolute("/")) | {"logo": logo, "correctionsPolicy": policy}
    return stated(facts, sameAs=profiles)


def image(photo: Photo) -> Facts:
    width, height = photo.stand_in_size
    licence = {"@type": "CreativeWork", "name": photo.licence} if photo.licence else ""
    return stated(
        {"@type": "ImageObject", "url": absolute(photo.stand_in_url), "width": width, "height": height},
        caption=photo.caption or photo.alt,
        creditText=photo.credit,
        creator=stated({"@type": "Person", "name": photo.maker}, url=photo.maker_url) if photo.maker else "",
        license=photo.licence_url or licence,
        digitalSourceType=(
            "https://schema.org/TrainedAlgorithmicMediaDigitalSource" if photo.kind == Photo.Kind.AI_MADE else ""
        ),
    )


def share_image(article: Article, magazine: Identity) -> Facts:
    width, height = SHARE_SIZE
    picture = {"@type": "ImageObject", "url": absolute(share_path(article)), "width": width, "height": height}
    return picture | {"caption": article.title, "creditText": magazine.name}


def correction(note: Correction) -> Facts:
    words = f"{note.kind_label}: {note.wrong} {note.right}"
    return {"@type": "CorrectionComment", "text": words, "datePublished": _moment(note.published_at)}


def breadcrumbs(magazine: Identity, *steps: tuple[str, str]) -> Facts:
    """From the front page down to this one."""
    trail = [(_("Front page"), "/"), *steps]
    items = [
        {"@type": "ListItem", "position": position, "name": name, "item": absolute(path)}
        for position, (name, path) in enumerate(trail, start=1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": items}


def stated(facts: Facts, **more: Any) -> Facts:
    """What is empty is not said."""
    return facts | {name: value for name, value in more.items() if value not in ("", None, [], 0)}


def _thing(kind: str, name: str, url: str) -> Facts:
    return {"@type": kind, "name": name, "url": url}


def _moment(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else ""
