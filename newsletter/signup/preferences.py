from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from newsletter.models import Newsletter, Subscriber, Subscription
from newsletter.models.newsletter import named


@dataclass(frozen=True)
class Row:
    newsletter: Newsletter
    is_ticked: bool
    is_waiting: bool


class Preferences:
    """Every newsletter, and whether this person gets it. Unticking leaves at once; ticking asks by mail."""

    def __init__(self, subscriber: Subscriber) -> None:
        self.subscriber = subscriber
        self.left: list[Newsletter] = []
        self.asked: list[Newsletter] = []
        self.is_mailed = self.is_unchanged = False
        self.rows = self._look()

    @property
    def left_by_name(self) -> str:
        return named(self.left)

    @property
    def asked_by_name(self) -> str:
        return named(self.asked)

    def choose(self, slugs: Sequence[str]) -> None:
        self.left = [row.newsletter for row in self.rows if row.is_ticked and row.newsletter.slug not in slugs]
        self.asked = [row.newsletter for row in self.rows if not row.is_ticked and row.newsletter.slug in slugs]
        for place in self.subscriber.subscriptions.to(self.left).for_reading():
            place.leave(how=Subscription.Left.BUTTON)
        if self.asked:
            wording = "\n".join(f"{newsletter.name}: {newsletter.description}" for newsletter in self.asked)
            self.is_mailed = self.subscriber.ask(self.asked, wording=f"{_('Your letters')}\n{wording}")
        self.is_unchanged = not (self.left or self.asked)
        self.rows = self._look()

    def _look(self) -> list[Row]:
        places = {place.newsletter_id: place for place in self.subscriber.subscriptions.staying()}
        bar = self.subscriber.bar
        return [
            Row(
                newsletter,
                is_ticked=newsletter.pk in places and places[newsletter.pk].is_confirmed and not bar,
                is_waiting=newsletter.pk in places and not places[newsletter.pk].is_confirmed,
            )
            for newsletter in Newsletter.objects.all()
        ]
