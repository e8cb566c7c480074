"""Runs in the demo's own shell: what a reader can meet, and the demo has none of. Prints where it is, as JSON."""

import json
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.test import Client, RequestFactory
from django.utils import timezone

from articles.content import Content
from articles.models import Article, Correction, Photo, Section, Series, Tag
from authors.models import Author, User
from newsletter.models import Issue, Newsletter, Subscriber, Subscription
from newsletter.signup.confirmation import confirmation_token
from newsletter.signup.own_data import data_token
from newsletter.signup.tokens import UNDO, seal
from newsroom import errors

BODIES = settings.BASE_DIR / "tests" / "browser"
HARD, TROUBLED = ((BODIES / name).read_text() for name in ("hard.html", "troubled.html"))

now = timezone.now()
editor = User.objects.get(username="editor")
everybody = tuple(Author.objects.values_list("pk", flat=True)[:5])
coast = Section.objects.get(slug="coast")

LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
LONG = (
    "Why the harbour office counted every barrel, rope, lamp, gull and ferry passenger twice "
    "and never said so to the mayor"
)


def article(slug: str, body: str, *, days: float = 1, **facts) -> Article:
    content = {"title": slug.replace("-", " ").capitalize(), "standfirst": "A short text.", "section": coast.pk}
    content["bylines"] = everybody[:1]
    found = Article.objects.begin(Content(**content | {"slug": slug, "body": body} | facts), by=editor)
    found.publish(by=editor, at=now - timedelta(days=days)).carry_out()
    return found


def place(name: str, newsletter: Newsletter, **stand) -> Subscription:
    subscriber = Subscriber.objects.known_as(f"{name}@furnished.example")
    return Subscription.objects.create(
        subscriber=subscriber, newsletter=newsletter, **{"asked_at": now - timedelta(days=2)} | stand
    )


def confirm(*places: Subscription, days: float = 1) -> str:
    return f"/newsletter/confirm/{confirmation_token(places, at=now - timedelta(days=days))}/"


def data(place: Subscription, hours: float = 0) -> str:
    return f"/newsletter/data/{data_token(place.subscriber, at=now - timedelta(hours=hours))}/"


def furnish() -> dict:
    photos = list(Photo.objects.order_by("pk")[:3])
    figures = "".join(
        f'<figure data-photo="{photo.pk}" data-width="{width}"></figure><p>Text.</p>'
        for photo, width in zip(photos, ("text", "wide", "full"), strict=True)
    )
    figures += f'<figure data-gallery="{",".join(str(photo.pk) for photo in photos)}"></figure><p>Text.</p>'
    tags = tuple(Tag.objects.values_list("pk", flat=True)[:9])
    hard = article(
        "hard", HARD + figures, days=0.01, title=LONG, standfirst=LONG * 3, bylines=everybody, tags=tags,
        photo=photos[0].pk,
    )  # fmt: skip
    for kind in Correction.Kind.values:
        Correction.objects.create(
            article=hard, kind=kind, wrong=f"We wrote {LONG_WORD}.", right="That was wrong.", published_at=now
        )
    article("troubled", TROUBLED, days=400)
    article("ebb", "<p>Out.</p>", title="Ebb", days=0.02)
    for number in range(14):
        article(f"note-{number}", "<p>Text.</p>", days=300 + number)
    withdrawn = article("withdrawn", "<p>Text.</p>")
    withdrawn.withdraw(by=editor, because="A source asked us to.")
    untold = article("withdrawn-untold", "<p>Text.</p>")
    untold.withdraw(by=editor, because="")
    Section.objects.create(slug="empty", name="Empty", description="", position=99)
    Tag.objects.create(slug="empty", name="Empty")
    Series.objects.create(slug="empty", name="Empty")

    weekly, breaking = Newsletter.objects.order_by("-slug")
    confirmed = {"confirmed_at": now - timedelta(days=1)}
    asked = place("asked", weekly)
    reads = place("reads", weekly, **confirmed)
    place("reads", breaking, **confirmed)
    chooses = place("chooses", weekly, **confirmed)
    gone = place("gone", weekly, left_at=now - timedelta(hours=1), left_how=Subscription.Left.BUTTON, **confirmed)
    leaves = place("leaves", weekly, **confirmed)
    issue = Issue.objects.archived().filter(newsletter=weekly).first()
    draft = Article.objects.drafts().first()

    desk = Client(SERVER_NAME=settings.SITE.hostname)
    desk.force_login(editor)
    request = RequestFactory().get("/")
    request.user = editor.__class__()
    rendered = {
        "erased": Client(SERVER_NAME=settings.SITE.hostname).post(
            data(place("erased", weekly)), {"do": "erase for ever"}
        ),
        "preview": desk.get(f"/admin/articles/article/{draft.pk}/preview/"),
        "forbidden": errors.forbidden(request, PermissionError()),
        "broken": errors.server_error(request),
        "away": errors.unavailable(),
    }
    year, month = hard.published_at.year, hard.published_at.month
    return {
        "before": (now - timedelta(days=5)).isoformat(),
        "tag": Tag.objects.get(pk=tags[0]).slug,
        "series": Series.objects.exclude(slug="empty").first().slug,
        "author": Author.objects.get(pk=everybody[0]).slug,
        "corrected": Correction.objects.live().order_by("pk").first().article.slug,
        "year": f"/archive/{year}/",
        "month": f"/archive/{year}/{month:02}/",
        "issue": f"/newsletter/weekly/{issue.slug}/",
        "confirm": confirm(asked),
        "confirmed": confirm(reads),
        "expired": confirm(asked, days=8),
        "spent": confirm(gone),
        "unsubscribe": f"/newsletter/unsubscribe/{reads.token}/",
        "over": f"/newsletter/unsubscribe/{gone.token}/",
        "leaves": f"/newsletter/unsubscribe/{leaves.token}/",
        "undo": seal(UNDO, [[gone.pk, gone.left_at.isoformat()]]),
        "preferences": f"/newsletter/preferences/{reads.token}/",
        "chooses": f"/newsletter/preferences/{chooses.token}/",
        "data": data(reads),
        "stale": data(reads, hours=2),
        "rendered": {name: [answer.status_code, answer.content.decode()] for name, answer in rendered.items()},
    }


with transaction.atomic():
    print(json.dumps(furnish()))
