"""What must be true of a text before readers get it, as a list to be looked through.

Each line is a sentence that says what to do, and names the form field where it is done.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from articles.body import figures_in, headings_in, plain_text
from articles.body.grammar import parse
from articles.content import Content
from articles.models.library import Right
from articles.models.photo import Photo
from articles.models.subject import Section
from articles.own_links import Answer, answers_to
from newsroom.reserved import SEGMENTS

LONG_HEADLINE = 90
# The word that stands for what is to come; not a part of another one.
TO_COME = re.compile(r"(?<![\w-])TK(?:-?TK)*(?![\w-])")
FILE_NAME = re.compile(r"\.(jpe?g|png|webp|avif|gif|heic)$", re.IGNORECASE)


class State(StrEnum):
    OK = "ok"
    WRONG = "wrong"  # it keeps the text from being published
    ADVICE = "advice"


@dataclass(frozen=True)
class Check:
    name: str
    field: str
    state: State
    sentence: str


type Found = Iterator[tuple[str, State, str]]
type OfPhotos = dict[int, list[tuple[str, State, str]]]


def check_list(content: Content, *, at: datetime | None = None) -> list[Check]:
    """Every check with what it found, or with one line that says it is clean. The same queries for every text.

    `at` is the moment at which readers are to get it; now, if none is named.
    """
    text, figures = plain_text(content.body), figures_in(content.body)
    chosen = [key for key in (content.photo, content.share_photo) if key]
    photos = Photo.by_id([*chosen, *figures])
    found = {key: list(_photo(photos.get(key), at)) for key in [*chosen, *figures]}
    looks: list[tuple[str, str, str, Found]] = [
        ("headline", "title", _("It has a headline."), _headline(content)),
        ("standfirst", "standfirst", _("It has a standfirst."), _standfirst(content)),
        ("text", "body", _words(text), _text(text)),
        ("section", "section", _("It has a section."), _section(content)),
        ("byline", "bylines", _("Its authors are named."), _byline(content)),
        ("address", "slug", _("Its address is free."), _address(content)),
        ("lead photo", "photo", _("The lead photo has its credit and its alternative text."), _lead(content, found)),
        ("photos", "body", _("The photos in the text are as they must be."), _photos(figures, content, found)),
        ("to come", "body", _("Nothing in it is still to come."), _to_come(content, text, photos)),
        ("headings", "body", _("The headings are in order."), _headings(content)),
        ("links", "body", _("The links to our own pages answer."), _links(content)),
        ("tags", "tags", _("It has tags."), _tags(content)),
        (
            "elsewhere",
            "canonical_url",
            _("Search engines and shared links have all of it."),
            _elsewhere(content, found),
        ),
    ]
    return [check for name, field, clean, seen in looks for check in _lines(name, field, clean, seen)]


def problems_of(content: Content, *, at: datetime | None = None, moves_in: bool = False) -> list[ValidationError]:
    """One error per thing that is wrong; its code is the form field to go to. Empty when the text is ready.

    What moves in from elsewhere may link to what has not moved in yet.
    """
    return [
        ValidationError(check.sentence, code=check.field)
        for check in check_list(content, at=at)
        if check.state == State.WRONG and not (moves_in and check.name == "links")
    ]


def _lines(name: str, field: str, clean: str, found: Found) -> list[Check]:
    lines = [Check(name, place or field, state, sentence) for place, state, sentence in found]
    return lines or [Check(name, field, State.OK, clean)]


def _headline(content: Content) -> Found:
    if not content.title:
        yield "", State.WRONG, _("Write a headline.")
    if len(content.title) > LONG_HEADLINE:
        sentence = _("The headline has %(count)s characters: lists and search engines cut it short.")
        yield "", State.ADVICE, sentence % {"count": len(content.title)}


def _standfirst(content: Content) -> Found:
    if not content.standfirst:
        yield "", State.WRONG, _("Write a standfirst.")


def _text(text: str) -> Found:
    if not text:
        yield "", State.WRONG, _("Write the text.")


def _words(text: str) -> str:
    words = len(text.split())
    return ngettext("The text has %(count)s word.", "The text has %(count)s words.", words) % {"count": words}


def _section(content: Content) -> Found:
    if not content.section or not Section.objects.filter(pk=content.section).exists():
        yield "", State.WRONG, _("Choose a section.")


def _byline(content: Content) -> Found:
    if not content.bylines:
        yield "", State.WRONG, _("Name at least one author.")


def _address(content: Content) -> Found:
    if not re.fullmatch(r"[-a-z0-9_]+", content.slug):
        yield "", State.WRONG, _("Write an address of small letters, digits and hyphens.")
    if content.slug in SEGMENTS:
        sentence = _("“%(slug)s” is an address of the house itself: choose another one.")
        yield "", State.WRONG, sentence % {"slug": content.slug}


def _lead(content: Content, found: OfPhotos) -> Found:
    if not content.photo:
        yield "", State.ADVICE, _("It has no lead photo: it appears without a picture, also where it is shared.")
    else:
        yield from found[content.photo]


def _photos(figures: list[int], content: Content, found: OfPhotos) -> Found:
    for number in dict.fromkeys(figures):
        if number != content.photo:
            yield from found[number]


def _photo(photo: Photo | None, at: datetime | None) -> Found:
    if photo is None:
        yield "", State.WRONG, _("A photo in it is no longer in the library: take it out or choose another one.")
        return
    named = {"photo": photo}
    if not photo.credit:
        yield "", State.WRONG, _("The photo “%(photo)s” has no credit: say in the photo library who made it.") % named
    if Right.WEB not in photo.rights:
        yield "", State.WRONG, _("The photo “%(photo)s” may not be shown on the site: choose another one.") % named
    if photo.licensed_until and photo.licence_is_over(at=at):
        sentence = _("The licence of the photo “%(photo)s” ends on %(day)s: renew it, or choose another one.")
        yield "", State.WRONG, sentence % (named | {"day": date_format(photo.licensed_until)})
    if FILE_NAME.search(photo.alt):
        sentence = _("The alternative text of “%(photo)s” is a file name: say what the picture shows.")
        yield "", State.WRONG, sentence % named
    if not photo.alt:
        sentence = _("The photo “%(photo)s” has no alternative text: write it in the photo library.")
        yield "", State.WRONG, sentence % named


def _to_come(content: Content, text: str, photos: dict[int, Photo]) -> Found:
    if TO_COME.search(content.title):
        yield "title", State.WRONG, _("“TK” is left in the headline.")
    if TO_COME.search(content.standfirst):
        yield "standfirst", State.WRONG, _("“TK” is left in the standfirst.")
    for place in TO_COME.finditer(text):
        yield "body", State.WRONG, _("“TK” is left in the text: “%(words)s”.") % {"words": _around(text, place)}
    for number, photo in photos.items():
        if TO_COME.search(f"{photo.caption}\n{photo.alt}\n{photo.credit}"):
            sentence = _("“TK” is left in the words of the photo “%(photo)s”.")
            field = "photo" if number == content.photo else "body"
            yield field, State.WRONG, sentence % {"photo": Truncator(photo).chars(60)}


def _around(text: str, place: re.Match[str]) -> str:
    """The place with the words beside it, within its paragraph."""
    before = text[: place.start()].rpartition("\n")[2].split(" ")[-5:]
    after = text[place.end() :].partition("\n")[0].split(" ")[:5]
    return " ".join(before) + place[0] + " ".join(after)


def _headings(content: Content) -> Found:
    level = 1
    for heading in headings_in(content.body):
        if heading.level > level + 1:
            sentence = _("The heading “%(heading)s” skips a level: readers get it one higher.")
            yield "", State.ADVICE, sentence % {"heading": Truncator(heading.text).chars(60)}
        level = min(heading.level, level + 1)


def _links(content: Content) -> Found:
    hrefs = [element.attributes.get("href", "") for element in parse(content.body).walk() if element.tag == "a"]
    for href, answer in answers_to(hrefs, within=content.slug).items():
        if answer == Answer.NOTHING:
            yield "", State.WRONG, _("The link to %(address)s leads nowhere.") % {"address": href}
        elif answer == Answer.NOT_FOR_READERS:
            yield "", State.WRONG, _("The link to %(address)s does not open for readers.") % {"address": href}
        elif answer == Answer.LATER:
            sentence = _("The link to %(address)s answers once what is scheduled there has appeared.")
            yield "", State.ADVICE, sentence % {"address": href}


def _elsewhere(content: Content, found: OfPhotos) -> Found:
    if content.canonical_url and not content.canonical_url.startswith("https://"):
        yield "canonical_url", State.WRONG, _("The address where it first appeared begins with https://.")
    if content.share_photo and content.share_photo != content.photo:
        for _field, state, sentence in found[content.share_photo]:
            yield "share_photo", state, sentence


def _tags(content: Content) -> Found:
    if not content.tags:
        yield "", State.ADVICE, _("It has no tags: readers of a subject do not find it.")
