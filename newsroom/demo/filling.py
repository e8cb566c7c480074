"""A magazine of any size, for tests of load and scale. Its rows are what the verbs would have left, without their time.

Nothing of it is drawn or mailed. What is written goes in by COPY, a batch and a transaction at a time, so that memory
stays the same however much is asked for, and a second run adds to the first.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from itertools import batched
from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone
from django.utils.text import slugify

from articles.body import clean, plain_text, render
from articles.content import Content
from articles.models import Address, Article, Byline, Correction, Photo, Publication, Revision, Section, Tag
from authors.models import Author
from authors.models import sort_name as sorted_under
from newsletter.models import Consent, Newsletter, Subscriber, Subscription
from newsletter.models.suppression import key_hash
from newsroom.addresses import email_key
from newsroom.audit.models import Entry
from newsroom.demo import texts

BATCH = 1_000
YEARS = 10
AUTHORS, TAGS, PHOTOS = 60, 400, 200
PARAGRAPHS, PARTS = 4_000, 400
WORDS = texts.table("filling")
HEADLINES = WORDS["headlines"].strip().splitlines()
THINGS, BEGINNINGS, ENDINGS, FIRST_NAMES, SECTIONS = (
    WORDS[name].split() for name in ("things", "beginnings", "endings", "first_names", "sections")
)


def articles(most: int, *, seed: int | None = None) -> Iterator[int]:
    """Makes that many; yields how many there are after each batch."""
    desk = Desk(random.Random(seed))
    done = 0
    for numbers in batched(range(most), BATCH, strict=False):
        with transaction.atomic():
            desk.make(len(numbers))
        done += len(numbers)
        yield done
    _measure(Article, Revision, Publication, Byline, Address, Entry, Article.tags.through)


def subscribers(most: int, *, seed: int | None = None) -> Iterator[int]:
    """The same of people who read letters."""
    chance, letters = random.Random(seed), list(Newsletter.objects.all()[:2])
    done = 0
    for numbers in batched(range(most), BATCH, strict=False):
        with transaction.atomic():
            _sign_up(len(numbers), chance, letters)
        done += len(numbers)
        yield done
    _measure(Subscriber, Subscription, Consent)


class Desk:
    """What articles are made of: words of the demo's texts in a new order, and names that nobody has."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.now = timezone.now()

    def make(self, most: int) -> None:
        keys, revisions = _keys(Article, most), iter(_keys(Revision, 2 * most))
        made: list[models.Model] = []
        for key in keys:
            made += self.article(key, revisions)
        _copy(made)

    def article(self, key: int, revisions: Iterator[int]) -> Iterator[models.Model]:
        """The rows of one: where it stands is a matter of chance, and most are live."""
        content, html, text = self.content(key)
        number, moment = next(revisions), self.moment()
        article = Article(
            pk=key,
            title=content.title,
            standfirst=content.standfirst,
            body=content.body,
            slug=content.slug,
            section_id=content.section,
            photo_id=content.photo,
            begun_at=moment - timedelta(days=2),
            body_html=html,
            body_text=text,
            word_count=len(text.split()),
        )
        draw = self.chance.random()
        if draw < 0.03:
            article.submitted_at = self.now - timedelta(hours=key % 90) if draw < 0.01 else None
        else:
            moment = self.now + timedelta(hours=6 + key % 600) if draw < 0.035 else moment
            article.published_at = article.first_published_at = moment
            article.live_revision_id = number
        if 0.04 < draw < 0.05:
            article.withdrawn_at, article.withdrawn_because = moment + timedelta(days=1), "It was wrong."
        yield article
        yield Revision(pk=number, article=article, number=1, kept=content.as_json(), made_at=article.begun_at)
        yield from self._bylines_and_tags(article, content)
        if article.published_at:
            yield from self._what_publishing_leaves(article, number, moment)
        if 0.9 < draw < 0.93:
            newer = content.as_json() | {"title": f"{content.title}, again"}
            at = min(moment + timedelta(days=3), self.now)
            yield Revision(pk=next(revisions), article=article, number=2, kept=newer, made_at=at)

    def content(self, key: int) -> tuple[Content, str, str]:
        """With the HTML and the plain text that are made of its body; joined, they are what the whole would give."""
        chance = self.chance
        parts = chance.sample(self.parts, k=chance.randint(1, 4))
        blocks = []
        for heading in [None, *parts]:
            blocks += [heading] if heading else []
            blocks += chance.choices(self.paragraphs, k=chance.randint(1, 3))
        thing, place = chance.choice(THINGS), chance.choice(self.places)
        title = chance.choice(HEADLINES).format(thing=thing, place=place)
        content = Content(
            title=title,
            standfirst=" ".join(chance.choice(self.sentences).split()),
            body="".join(block[0] for block in blocks),
            slug=f"{slugify(title)[:60]}-n{key}",
            section=chance.choice(self.sections),
            bylines=tuple(chance.sample(self.authors, k=1 if chance.random() < 0.8 else 2)),
            # A few subjects have most of the articles.
            tags=tuple(sorted({self.tags[int(len(self.tags) * chance.random() ** 3)] for _n in range(3)})),
            photo=chance.choice(self.photos) if self.photos else None,
        )
        return content, "".join(block[1] for block in blocks), "\n\n".join(block[2] for block in blocks)

    def moment(self) -> datetime:
        return self.now - timedelta(minutes=self.chance.randrange(1, YEARS * 365 * 24 * 60))

    def _bylines_and_tags(self, article: Article, content: Content) -> Iterator[models.Model]:
        for position, author in enumerate(content.bylines):
            yield Byline(article=article, author_id=author, position=position)
        for tag in content.tags:
            yield Article.tags.through(article=article, tag_id=tag)

    def _what_publishing_leaves(self, article: Article, revision: int, at: datetime) -> Iterator[models.Model]:
        is_due = at <= self.now
        yield Publication(article=article, revision_id=revision, due_at=at, done_at=at if is_due else None)
        yield Entry(
            at=min(at, self.now),
            verb="publish" if is_due else "schedule",
            subject_type=article._meta.label_lower,
            subject_id=article.pk,
            subject=article.title,
            details={"revision": 1, "due_at": at},
        )
        if is_due:
            yield Address(path=article.get_absolute_url(), article=article)
        if is_due and self.chance.random() < 0.01:
            noted = min(at + timedelta(days=1), self.now)
            yield Correction(article=article, wrong="It named another year.", right="It was 1972.", published_at=noted)

    # What chance draws from

    @cached_property
    def sentences(self) -> list[str]:
        paragraphs = "\n\n".join(plain_text(found.body) for found in texts.read_all()).split("\n\n")
        sentences = {f"{said.strip()}." for words in paragraphs for said in words.rstrip(".").split(". ")}
        return sorted(said for said in sentences if 20 < len(said) < 300 and said[0].isupper() and "\n" not in said)

    @cached_property
    def places(self) -> list[str]:
        return [f"{first}{last}" for first in BEGINNINGS for last in ENDINGS]

    @cached_property
    def paragraphs(self) -> list[tuple[str, str, str]]:
        """Each with a name of its own, so that some words are as rare as they are in a real archive."""
        made = []
        for number in range(PARAGRAPHS):
            name = self.places[number % len(self.places)] + ENDINGS[number % 19] + ENDINGS[number % 17]
            words = " ".join(self.chance.sample(self.sentences, k=4))
            made.append(_block(f"<p>{words} So they say in {name}.</p>"))
        return made

    @cached_property
    def parts(self) -> list[tuple[str, str, str]]:
        names = self.chance.sample(self.places, k=min(PARTS, len(self.places)))
        return [_block(f"<h2>What {place} saw</h2>") for place in names]

    @cached_property
    def sections(self) -> list[int]:
        if not Section.objects.exists():
            for position, name in enumerate(SECTIONS):
                Section.objects.create(name=name, slug=slugify(name), position=position)
        return list(Section.objects.values_list("pk", flat=True))

    @cached_property
    def authors(self) -> list[int]:
        names = [f"{FIRST_NAMES[n % 20]} {BEGINNINGS[n // 20]}{ENDINGS[n % 20]}" for n in range(AUTHORS)]
        return _named(Author, names, lambda name: {"sort_name": sorted_under(name)})

    @cached_property
    def tags(self) -> list[int]:
        return _named(Tag, [f"{place} matters" for place in self.places[:TAGS]], lambda name: {})

    @cached_property
    def photos(self) -> list[int]:
        return [photo.pk for photo in Photo.objects.order_by("pk")[:PHOTOS] if not photo.missing]


def _block(html: str) -> tuple[str, str, str]:
    body = clean(html)
    return body, render(body, {}), plain_text(body)


def _named(model: Any, names: Sequence[str], more: Callable[[str], dict[str, Any]]) -> list[int]:
    made = [model(name=name, slug=slugify(name), **more(name)) for name in names]
    model.objects.bulk_create(made, ignore_conflicts=True)
    return list(model.objects.filter(slug__in=[row.slug for row in made]).values_list("pk", flat=True))


def _sign_up(most: int, chance: random.Random, letters: Sequence[Newsletter]) -> None:
    """Most confirmed; some have not answered yet, some left. There are more lately than long ago."""
    now, made = timezone.now(), list[models.Model]()
    for key in _keys(Subscriber, most):
        email = f"reader{key}@fill.example"
        hashed, asked = key_hash(email_key(email)), now - timedelta(minutes=1_000_000 * chance.random() ** 2)
        person = Subscriber(pk=key, email=email, email_key=email_key(email), key_hash=hashed, created_at=asked)
        made.append(person)
        draw = chance.random()
        for letter in letters[: 1 + (draw > 0.7)]:
            place = Subscription(subscriber=person, newsletter=letter, asked_at=asked)
            acts = {Consent.Act.ASKED: asked}
            if draw > 0.04:
                confirmed = min(asked + timedelta(minutes=7), now)
                place.confirmed_at = acts[Consent.Act.CONFIRMED] = confirmed
                if draw > 0.92:
                    left = confirmed + (now - confirmed) * chance.random()
                    place.left_at = acts[Consent.Act.LEFT] = left
                    place.left_how = Subscription.Left.BUTTON
            made.append(place)
            made += [
                Consent(at=at, act=act, address_hash=hashed, address=email, newsletter=letter.name)
                for act, at in acts.items()
            ]
    _copy(made)


def _keys(model: type[models.Model], most: int) -> list[int]:
    """Numbers that nobody else gets."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, most])
        return [key for (key,) in cursor.fetchall()]


def _copy(rows: Sequence[models.Model]) -> None:
    """Foreign keys are looked at when the transaction ends, and so the order of the tables is no matter."""
    for model in dict.fromkeys(type(row) for row in rows):
        mine = [row for row in rows if type(row) is model]
        fields = [
            field
            for field in model._meta.concrete_fields
            if not field.generated and not (field.primary_key and mine[0].pk is None)
        ]
        quote = connection.ops.quote_name
        columns = ", ".join(quote(str(field.column)) for field in fields)
        statement = f"COPY {quote(model._meta.db_table)} ({columns}) FROM STDIN"
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            for row in mine:
                values = (field.pre_save(row, True) for field in fields)
                copy.write_row(
                    [field.get_db_prep_save(value, connection) for field, value in zip(fields, values, strict=True)]
                )


def _measure(*kinds: type[models.Model]) -> None:
    """The planner and the index-only scans know of the new rows at once, instead of a minute later."""
    tables = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in kinds)
    how = "ANALYZE" if connection.in_atomic_block else "VACUUM (ANALYZE)"
    with connection.cursor() as cursor:
        cursor.execute(f"{how} {tables}")
