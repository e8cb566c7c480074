from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.utils import timezone
from procrastinate.contrib.django import app

from newsletter.mail import new_message_id
from newsletter.models import Knock, Subscriber
from newsletter.people.person import erase, everything_about
from newsletter.signup.tokens import DATA, Forged, seal, unseal
from newsroom.audit.origin import current_origin

LIVES = timedelta(hours=1)


def ask_for_link(person: Subscriber) -> bool:
    """A letter may have been forwarded, and its link with it: what tells or ends everything comes by a mail of its own.

    Returns whether a mail is under way; it counts among the mails that one mailbox gets in a day.
    """
    turn = Knock.objects.admit(person.email, origin=current_origin())
    if turn is None:
        return False
    app.configure_task("newsletter.data", allow_unknown=False, schedule_at=turn).defer(
        subscriber=person.pk, at=timezone.now().isoformat(), message_id=new_message_id()
    )
    return True


def data_token(person: Subscriber, *, at: datetime) -> str:
    return seal(DATA, [person.pk, round(at.timestamp())])


class OwnData:
    """What a link to one's own data comes to, as things are now."""

    class Page(StrEnum):
        OPEN = "data"
        SURE = "data_sure"
        GONE = "data_gone"
        EXPIRED = "data_expired"
        ASKED = "data_asked"

    def __init__(self, token: str) -> None:
        """Raises Forged."""
        key, moment = unseal(DATA, token)
        found = Subscriber.objects.filter(pk=key).first()
        if found is None:
            raise Forged  # erased since
        self.person, self.sent_to = found, found.masked
        expired = timezone.now() - datetime.fromtimestamp(moment, tz=UTC) > LIVES
        self.page = self.Page.EXPIRED if expired else self.Page.OPEN
        self.is_mailed = False

    def copy(self) -> dict[str, Any] | None:
        """Everything that is known of the person; None where the link is too old for that."""
        return everything_about(self.person) if self.page == self.Page.OPEN else None

    def press(self, button: str) -> None:
        if self.page == self.Page.EXPIRED:
            self.page, self.is_mailed = self.Page.ASKED, ask_for_link(self.person)
        elif button == "erase":
            self.page = self.Page.SURE
        elif button == "erase for ever":
            erase(self.person, by=None, asked="reader")
            self.page = self.Page.GONE
