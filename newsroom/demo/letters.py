"""The demo's two newsletters, their readers, and the letters that went out before anybody looked."""

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from articles.models import Article
from newsletter.letters.content import Block, IssueContent, Kind
from newsletter.models import Consent, Delivery, Issue, Newsletter, Subscriber, Subscription
from newsroom.demo import texts

READERS = 340
FIRST_NAMES = [
    "ada",
    "bram",
    "carla",
    "dario",
    "edda",
    "finn",
    "greta",
    "hugo",
    "iris",
    "jonas",
    "kaja",
    "lars",
    "mina",
    "nora",
    "olaf",
    "pia",
    "quinn",
    "rosa",
    "sven",
    "tilda",
]
SURNAMES = [
    "aldous",
    "berg",
    "crane",
    "dahl",
    "ember",
    "frost",
    "gale",
    "holt",
    "isley",
    "juniper",
    "kell",
    "lowe",
    "marsh",
    "noble",
    "oake",
    "pike",
    "quill",
    "reed",
]
ARTICLES_EACH = 4


def make(*, by: Any) -> Iterator[float]:
    """Yields how much of it is done."""
    tables = texts.table("letters")
    newsletters = [
        Newsletter.objects.create(
            slug=slug, name=facts["name"], description=facts["description"], position=position, from_name="Longshore"
        )
        for position, (slug, facts) in enumerate(tables.items())
    ]
    make_readers(newsletters)
    yield 0.3
    letters = [(newsletter, facts) for newsletter in newsletters for facts in tables[newsletter.slug]["issue"]]
    # Oldest first, so that each takes the articles that were new in its week.
    letters.sort(key=lambda letter: -letter[1].get("days_ago", 0))
    for number, (newsletter, facts) in enumerate(letters, 1):
        issue = make_issue(newsletter, facts, by=by)
        if not facts.get("ready"):
            send_in_the_past(issue, by=by, days_ago=facts["days_ago"])
        yield 0.3 + 0.7 * number / len(letters)


def make_readers(newsletters: list[Newsletter]) -> None:
    chance = random.Random("readers")
    names = [f"{first}.{last}" for first in FIRST_NAMES for last in SURNAMES]
    for name in chance.sample(names, READERS):
        subscriber = Subscriber.objects.known_as(f"{name}@reader.example")
        subscribe(subscriber, newsletters[0], chance)
        if chance.random() < 0.3:
            subscribe(subscriber, newsletters[1], chance)


def subscribe(subscriber: Subscriber, newsletter: Newsletter, chance: random.Random) -> None:
    """Nine in ten confirmed; one in twenty of those left again."""
    asked = timezone.now() - timedelta(days=chance.uniform(0, 300))
    subscription = Subscription(subscriber=subscriber, newsletter=newsletter, asked_at=asked)
    acts = [(Consent.Act.ASKED, asked)]
    if chance.random() < 0.9:
        subscription.confirmed_at = asked + timedelta(minutes=chance.uniform(1, 90))
        acts.append((Consent.Act.CONFIRMED, subscription.confirmed_at))
        if chance.random() < 0.05:
            subscription.left_at = subscription.confirmed_at + (timezone.now() - asked) * chance.random() * 0.9
            subscription.left_how = Subscription.Left.BUTTON
            acts.append((Consent.Act.LEFT, subscription.left_at))
    subscription.save()
    Subscriber.objects.filter(pk=subscriber.pk).update(created_at=asked)
    Consent.objects.bulk_create(
        Consent(
            at=at,
            act=act,
            address=subscriber.email,
            address_hash=subscriber.key_hash,
            newsletter=newsletter.name,
            origin="192.0.2.7",
            page=f"{settings.SITE_URL}/newsletter/",
            wording="Subscribe to Our Newsletter",
        )
        for act, at in acts
    )


def make_issue(newsletter: Newsletter, facts: dict[str, Any], *, by: Any) -> Issue:
    until = timezone.now() - timedelta(days=facts.get("days_ago", 0))
    chosen = Article.objects.live().before(until).newest_first()[: ARTICLES_EACH if newsletter.slug == "weekly" else 1]
    content = IssueContent(
        subject=facts["subject"],
        slug="ready" if facts.get("ready") else facts["slug"],
        preheader=facts["preheader"],
        blocks=(
            Block(Kind.PROSE, text="\n\n".join(facts["intro"])),
            *(Block(Kind.CARD, article=article.pk) for article in chosen),
        ),
    )
    return Issue.objects.begin(newsletter, content, by=by)


def send_in_the_past(issue: Issue, *, by: Any, days_ago: float) -> None:
    """Frozen by the book, then settled and dated back: nothing is mailed to readers who do not exist."""
    moment = timezone.now() - timedelta(days=days_ago)
    issue.send(by=by, now=True)
    issue.freeze()
    later = Subscription.objects.filter(newsletter=issue.newsletter, confirmed_at__gt=moment)
    issue.deliveries.filter(subscriber__in=later.values("subscriber")).delete()
    audience = issue.deliveries.update(
        state=Delivery.State.ACCEPTED,
        attempt=1,
        handed_at=moment + timedelta(seconds=1),
        settled_at=moment + timedelta(seconds=2),
        answer="250 2.0.0 Ok: queued",
    )
    finished = moment + timedelta(minutes=1)
    dated = {"send_at": moment, "frozen_at": moment, "finished_at": finished, "audience": audience}
    Issue.objects.filter(pk=issue.pk).update(**dated)
