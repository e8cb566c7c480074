from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from django.utils import timezone
from django.utils.translation import gettext as _

from newsletter.models import Subscription
from newsletter.models.newsletter import named
from newsletter.signup.tokens import CONFIRM, Forged, seal, unseal

LIVES = timedelta(days=7)


def confirmation_token(places: Iterable[Subscription], *, at: datetime) -> str:
    return seal(CONFIRM, [round(at.timestamp() * 1_000_000), [[place.pk, place.round] for place in places]])


class Confirmation:
    """What a confirmation link comes to, as things are now."""

    class Stand(StrEnum):
        """Each is the page that is shown."""

        OPEN = "press"
        DONE = "confirmed"
        EXPIRED = "expired"
        SPENT = "spent"
        ASKED = "answer"

    stand: Stand

    def __init__(self, token: str) -> None:
        """Raises Forged."""
        moment, rounds = unseal(CONFIRM, token)
        self.asked_at = datetime.fromtimestamp(moment / 1_000_000, tz=UTC)
        self.rounds = dict(rounds)
        self._look()

    @property
    def newsletters(self) -> str:
        """Those that the page speaks of, as a sentence names them."""
        shown = {
            self.Stand.OPEN: self.awaiting,
            self.Stand.DONE: [place for place in self.places if place.is_confirmed],
        }
        return named(place.newsletter for place in shown.get(self.stand, self.places))

    @property
    def button(self) -> str:
        return _("Yes, send me %(newsletters)s") % {"newsletters": self.newsletters}

    # Verbs

    def answer(self, *, again: bool) -> None:
        """The person pressed the button of the page."""
        if self.stand == self.Stand.OPEN:
            self.subscriber.confirm(self.rounds, asked_at=self.asked_at, wording=self.button)
            self._look()
        elif self.stand == self.Stand.EXPIRED or (self.stand == self.Stand.SPENT and again):
            self.subscriber.ask([place.newsletter for place in self.places], wording=_("Send a new link"))
            self.stand = self.Stand.ASKED

    def _look(self) -> None:
        self.places = list(Subscription.objects.among(self.rounds).for_reading())
        if not self.places:
            raise Forged  # genuine once, but the person or the newsletter is gone, and nobody need know which
        self.subscriber = self.places[0].subscriber
        self.awaiting = self.subscriber.awaiting(self.rounds, asked_at=self.asked_at)
        self.stand = self._stand()

    def _stand(self) -> Stand:
        expired = timezone.now() - self.asked_at > LIVES
        if self.awaiting:
            return self.Stand.EXPIRED if expired else self.Stand.OPEN
        if not self.subscriber.bar and any(place.is_confirmed for place in self.places):
            return self.Stand.DONE
        return self.Stand.EXPIRED if expired else self.Stand.SPENT
