"""Makes the demo: a small magazine that looks real, made by the same verbs that its people use."""

import io
import random
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timedelta
from itertools import repeat
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from articles.content import Content
from articles.models import Article, Correction, Page, Photo, Pick, Section, Series, Tag
from articles.tasks import defer_renditions
from authors.models import Author, User
from newsroom import roles
from newsroom.demo import drawing, letters, texts
from newsroom.demo.texts import Text
from newsroom.identity.models import Identity, Link

PASSWORD = "newsroom"  # noqa: S105 - the demo's, known to everybody, on the loopback address only
SECTIONS = {
    "machines": ("Machines", "What hums, turns, lifts and breaks, and who mends it."),
    "work": ("Work", "Shifts, trades and the people who keep the lights on."),
    "coast": ("Coast", "The edge of the land and everybody who lives on it."),
    "weather": ("Weather", "What it will do, what it did, and how we knew."),
    "ideas": ("Ideas", "Arguments worth having twice."),
}
SERIES = {
    "read-it-yourself": (
        "Read it yourself",
        "Instruments and words that anybody can use, explained by people who do so in the rain.",
    ),
}
ACCOUNTS = {
    "admin": (roles.ADMIN, None),
    "editor": (roles.EDITOR, "rhys-calder"),
    "writer": (roles.WRITER, "tom-okafor"),
    "contributor": (roles.CONTRIBUTOR, "mara-lind"),
}
ORIGINAL_SIZE = (1600, 900)
SMALL_SIZE = (640, 360)


def is_loaded() -> bool:
    return Identity.objects.exists()


def load(size: tuple[int, int] = ORIGINAL_SIZE) -> Iterator[tuple[str, float]]:
    """Yields what is being made and how much of everything is done, from 0 to 1. All of it comes in, or nothing."""
    with transaction.atomic():
        yield "people and sections", 0.0
        users = make_users()
        authors = make_authors(users)
        make_furniture()
        found = texts.read_all()
        photos: dict[tuple[str, str], Photo] = {}
        wanted = [(text.slug, key, facts) for text in found for key, facts in text.pictures.items()]
        for number, (slug, key, facts, drawn) in enumerate(draw(wanted, size), 1):
            photos[slug, key] = make_photo(drawn, facts, by=users["editor"])
            yield "pictures", 0.05 + 0.65 * number / len(wanted)
        for number, text in enumerate(found, 1):
            make_article(text, photos, authors, users)
            yield "articles", 0.7 + 0.15 * number / len(found)
        make_pages()
        # Leads of the front page first: they are what a newcomer sees.
        for photo in sorted(photos.values(), key=lambda photo: -photo.pk):
            defer_renditions(photo)
        for share in letters.make(by=users["editor"]):
            yield "letters and subscribers", 0.85 + 0.15 * share


def make_users() -> dict[str, User]:
    users = {}
    password = make_password(PASSWORD)  # once: it is meant to be slow
    for name, (role, _author) in ACCOUNTS.items():
        user = User.objects.create_user(name, f"{name}@longshore.example")
        user.password = password
        user.save(update_fields=["password"])
        roles.appoint(user, role)
        users[name] = user
    return users


def make_authors(users: dict[str, User]) -> dict[str, Author]:
    logins = {author: users[name] for name, (_role, author) in ACCOUNTS.items() if author}
    authors = {}
    for slug, facts in texts.table("authors").items():
        author = Author(slug=slug, user=logins.get(slug), **facts)
        portrait = as_jpeg(drawing.portrait(slug))
        author.full_clean()
        author.wear(io.BytesIO(portrait))
        author.save()
        authors[slug] = author
    return authors


def make_furniture() -> None:
    Identity.objects.create(
        name="Longshore",
        tagline="A magazine from the edge of things",
        description="Longshore is an independent magazine about coasts, machines, work, weather and ideas.",
        invitation="One letter on Thursdays: what we found out, and what we got wrong.",
        colophon="Longshore is an invented magazine. Everything in it is the demo of Newsroom.",
    )
    for position, (slug, (name, description)) in enumerate(SECTIONS.items()):
        Section.objects.create(slug=slug, name=name, description=description, position=position)
        Link.objects.create(place=Link.Place.HEADER, label=name, path=f"/section/{slug}/", position=position)
    for label, path in {
        "Mastodon": "https://social.example/@longshore",
        "Bluesky": "https://sky.example/longshore",
    }.items():
        Link.objects.create(place=Link.Place.SOCIAL, label=label, path=path)
    for slug, (name, description) in SERIES.items():
        Series.objects.create(slug=slug, name=name, description=description)
    footer = {"About": "/about/", "Corrections": "/corrections/", "Archive": "/archive/", "Imprint": "/imprint/"}
    for position, (label, path) in enumerate(footer.items()):
        Link.objects.create(place=Link.Place.FOOTER, label=label, path=path, position=position)


def draw(
    wanted: list[tuple[str, str, dict[str, Any]]], size: tuple[int, int]
) -> Iterator[tuple[str, str, dict[str, Any], bytes]]:
    """On every core at once; in the order asked for."""
    with ProcessPoolExecutor() as pool:
        seeds = [f"{slug}/{key}" for slug, key, _facts in wanted]
        drawn = pool.map(draw_one, seeds, [facts["motif"] for *_, facts in wanted], repeat(size))
        for (slug, key, facts), content in zip(wanted, drawn, strict=True):
            yield slug, key, facts, content


def draw_one(seed: str, motif: str, size: tuple[int, int]) -> bytes:
    return as_jpeg(drawing.picture(seed, motif, size))


def as_jpeg(picture: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=92)
    return out.getvalue()


def make_photo(drawn: bytes, facts: dict[str, Any], *, by: User) -> Photo:
    maker = facts["illustrator"]
    photo = Photo(
        alt=facts["alt"],
        caption=facts["caption"],
        kind=Photo.Kind.ILLUSTRATION,
        maker=maker,
        maker_url=f"https://example.org/{slugify(maker)}",
        source="Longshore",
        source_url="https://example.org/longshore",
        licence="CC BY 4.0",
        licence_url="https://creativecommons.org/licenses/by/4.0/",
    )
    photo.full_clean(exclude=["original", "sha256", "width", "height", "colour", "stand_in"])
    photo.take(io.BytesIO(drawn), by=by)
    photo.save()
    return photo


def make_article(
    text: Text, photos: dict[tuple[str, str], Photo], authors: dict[str, Author], users: dict[str, User]
) -> Article:
    facts = text.facts
    body = text.body
    for key in text.pictures:
        body = body.replace(f'data-photo="{key}"', f'data-photo="{photos[text.slug, key].pk}"')
    lead = photos.get((text.slug, "lead"))
    content = Content(
        title=facts["title"],
        standfirst=facts["standfirst"],
        body=body,
        slug=text.slug,
        section=Section.objects.get(slug=facts["section"]).pk,
        bylines=tuple(authors[slug].pk for slug in facts["authors"]),
        tags=tuple(tag_named(name).pk for name in facts.get("tags", [])),
        photo=lead.pk if lead else None,
        series=Series.objects.get(slug=facts["series"]).pk if "series" in facts else None,
        part=facts.get("part"),
    )
    writer = authors[facts["authors"][0]].user or users["editor"]
    article = Article.objects.begin(content, by=writer)
    bring_forward(article, facts, writer=writer, editor=users["editor"])
    return article


def bring_forward(article: Article, facts: dict[str, Any], *, writer: User, editor: User) -> None:
    """From a draft to where the text says that it stands."""
    match facts.get("state", "live"):
        case "live":
            article.publish(by=editor, at=ago(facts["days_ago"])).carry_out()
            if "pick" in facts:
                Pick.objects.create(article=article, position=facts["pick"])
            if note := facts.get("correction"):
                Correction.objects.create(
                    article=article,
                    kind=note["kind"],
                    wrong=note["wrong"],
                    right=note["right"],
                    is_serious=note.get("serious", False),
                    published_at=ago(note["days_ago"]),
                )
        case "submitted":
            article.submit(by=writer)
        case "scheduled":
            article.publish(
                by=editor, at=on_the_hour(ago(-facts["in_days"])), zone=timezone.get_default_timezone_name()
            )


def make_pages() -> None:
    for slug in ("about", "imprint"):
        text = texts.page(slug)
        page = Page(slug=slug, body=text.body, published_at=ago(400), **text.facts)
        page.full_clean(exclude=["body_html"])
        page.keep()


def tag_named(name: str) -> Tag:
    return Tag.objects.get_or_create(slug=slugify(name), defaults={"name": name})[0]


def ago(days: float) -> datetime:
    """A plausible minute, that many days back."""
    wobble = random.Random(str(days)).randrange(-40, 40)
    return timezone.now() - timedelta(days=days, minutes=wobble if days > 1 else 0)


def on_the_hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
