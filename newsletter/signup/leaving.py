from datetime import datetime

from newsletter.models import Subscription
from newsletter.models.newsletter import named
from newsletter.signup.tokens import UNDO, seal, unseal

BUTTON = Subscription.Left.BUTTON


class Departure:
    """Somebody opened the link at the foot of a letter."""

    def __init__(self, place: Subscription) -> None:
        self.place = place
        self.page = "unsubscribe"

    @property
    def is_over(self) -> bool:
        """There is nothing left to stop."""
        return self.place.has_left and not self.place.subscriber.subscriptions.staying().exists()

    @property
    def undo(self) -> str:
        """What takes this leaving back: a value that only the page after it carries."""
        places = self.place.subscriber.subscriptions.for_reading()
        moments = [[place.pk, place.left_at.isoformat()] for place in places if place.left_at and place.can_undo]
        return seal(UNDO, moments) if moments else ""

    # Verbs: the person pressed a button

    def stop(self, what: str) -> None:
        if what == "all":
            self.place.subscriber.leave_all(how=BUTTON)
        elif what == "one":
            self.place.leave(how=BUTTON)
        else:
            return
        self.page = "left"

    def take_back(self, undo: str) -> None:
        """Raises Forged."""
        moments = dict(unseal(UNDO, undo))
        places = self.place.subscriber.subscriptions.among(moments).for_reading()
        back = [place for place in places if place.come_back(left_at=datetime.fromisoformat(moments[place.pk]))]
        self.newsletters = named(place.newsletter for place in back)
        self.page = "confirmed" if back else "too_late"
