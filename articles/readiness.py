"""What must be true of a text before readers get it. Each answer is a sentence that says what to do."""

import re
from collections.abc import Iterator
from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from articles.body import figures_in, plain_text
from articles.content import Content
from articles.models.library import Right
from articles.models.photo import Photo
from articles.models.subject import Section
from newsroom.reserved import SEGMENTS


def problems_of(content: Content, *, at: datetime | None = None) -> list[ValidationError]:
    """One error per thing that is missing; its code is the form field to go to. Empty when the text is ready.

    `at` is the moment at which readers are to get it.
    """
    return [
        *(ValidationError(sentence, code=field) for field, sentence in _missing(content)),
        *(ValidationError(sentence, code=field) for field, sentence in _photo_problems(content, at)),
    ]


def _missing(content: Content) -> Iterator[tuple[str, str]]:
    if not content.title:
        yield "title", _("Write a headline.")
    if not content.standfirst:
        yield "standfirst", _("Write a standfirst.")
    if not plain_text(content.body):
        yield "body", _("Write the text.")
    if not content.section or not Section.objects.filter(pk=content.section).exists():
        yield "section", _("Choose a section.")
    if not content.bylines:
        yield "bylines", _("Name at least one author.")
    if not re.fullmatch(r"[-a-z0-9_]+", content.slug):
        yield "slug", _("Write an address of small letters, digits and hyphens.")
    if content.slug in SEGMENTS:
        yield "slug", _("“%(slug)s” is an address of the house itself: choose another one.") % {"slug": content.slug}


def _photo_problems(content: Content, at: datetime | None) -> Iterator[tuple[str, str]]:
    wanted = dict.fromkeys([content.photo] if content.photo else []) | dict.fromkeys(figures_in(content.body))
    found = Photo.by_id(wanted)
    for number in wanted:
        field = "photo" if number == content.photo else "body"
        photo = found.get(number)
        if photo is None:
            yield field, _("A photo in it is no longer in the library: take it out or choose another one.")
            continue
        if not photo.credit:
            yield (
                field,
                _("The photo “%(photo)s” has no credit: say in the photo library who made it.") % {"photo": photo},
            )
        if Right.WEB not in photo.rights:
            sentence = _("The photo “%(photo)s” may not be shown on the site: choose another one.")
            yield field, sentence % {"photo": photo}
        if photo.licensed_until and photo.licence_is_over(at=at):
            day = date_format(photo.licensed_until)
            yield (
                field,
                _("The licence of the photo “%(photo)s” ends on %(day)s: renew it, or choose another one.")
                % {"photo": photo, "day": day},
            )
        if re.search(r"\.(jpe?g|png|webp|avif|gif|heic)$", photo.alt, re.IGNORECASE):
            sentence = _("The alternative text of “%(photo)s” is a file name: say what the picture shows.")
            yield field, sentence % {"photo": photo}
        if not photo.alt:
            yield (
                field,
                _("The photo “%(photo)s” has no alternative text: write it in the photo library.") % {"photo": photo},
            )
