"""An issue, its readers, and what sends it."""

import email.policy
import threading
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage

from django.utils import timezone

from articles.models import Article
from newsletter.letters.content import Block, Kind
from newsletter.models import Issue, Newsletter, Subscription, Suppression
from newsletter.sending.sender import Sender
from newsletter.sending.transports import SmtpTransport, Transport
from tests.cast import NewsroomTestCase
from tests.newsletter.cast import NILS, OTTO, ROSA, make_newsletters, make_reader

PAUL, MINA = "paul@readers.example", "Mina+Letters@bücher.example"
BEN = "ben@readers.example"


class SendingTestCase(NewsroomTestCase):
    """Rosa, Paul and Mina read the weekly letter; Otto left it, Nils never confirmed, Ben’s address is suppressed."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.weekly, cls.breaking = make_newsletters()
        yesterday = timezone.now() - timedelta(days=1)
        cls.rosa, cls.paul, cls.mina, cls.ben = (
            make_reader(address, cls.weekly, confirmed_at=yesterday) for address in (ROSA, PAUL, MINA, BEN)
        )
        cls.otto = make_reader(
            OTTO, cls.weekly, confirmed_at=yesterday, left_at=yesterday, left_how=Subscription.Left.BUTTON
        )
        cls.nils = make_reader(NILS, cls.weekly)
        Suppression.objects.bar(BEN, Suppression.Reason.COMPLAINT)
        cls.issue = make_issue(cls.weekly, cls.tides)

    def delivery_to(self, address: str):
        return self.issue.deliveries.get(address=address)

    def states(self) -> dict[str, str]:
        return dict(self.issue.deliveries.values_list("address", "state"))


def make_issue(newsletter: Newsletter, *articles: Article, intro: str = "Good morning.", blocks=(), **facts) -> Issue:
    """With an opening, a card of each article, and whatever else is to follow."""
    opening = [Block(Kind.PROSE, text=intro)] if intro else []
    cards = [Block(Kind.CARD, article=article.pk) for article in articles]
    said = {"subject": "What the tide left", "slug": "tide"} | facts
    issue = Issue.objects.create(newsletter=newsletter, **said)
    issue.keep(replace(issue.content, blocks=(*opening, *cards, *blocks)), by=None)
    return issue


def arranged(issue: Issue, *blocks: Block, **facts) -> Issue:
    """The same issue with other parts."""
    issue.keep(replace(issue.content, **{"blocks": blocks or issue.content.blocks} | facts), by=None)
    return issue


def frozen(issue: Issue) -> Issue:
    issue.send(by=None, now=True)
    assert issue.freeze()
    return issue


def send_through(transport: Transport) -> Sender:
    """What a worker does, until there is nothing left that can be done at once."""
    sender = Sender(transport, threading.Event())
    with transport:
        for _round in range(50):
            if not sender.round():
                break
    return sender


def smtp(port: int, **options) -> SmtpTransport:
    return SmtpTransport(**{"host": "127.0.0.1", "port": port, "timeout": 5} | options)


def parsed(letter: bytes) -> EmailMessage:
    return email.message_from_bytes(letter, policy=email.policy.default)


def time_passes(issue: Issue) -> None:
    """As if half a minute had gone by for all that waits or is leased."""
    earlier = timezone.now() - timedelta(seconds=1)
    issue.deliveries.exclude(leased_until=None).update(leased_until=earlier)
    issue.deliveries.exclude(not_before=None).update(not_before=earlier)
