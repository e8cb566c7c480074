"""A letter as its readers will get it, for people of the house: marked, and with nobody's links in it."""

from datetime import datetime
from typing import TYPE_CHECKING

from anymail.exceptions import AnymailAPIError
from django.utils.translation import gettext as _

from newsletter.letters import head
from newsletter.mail import post
from newsletter.models import Service
from newsletter.sending.services import ABOUT_US

if TYPE_CHECKING:
    from newsletter.models import Issue


def trial(issue: "Issue", *, to: str, at: datetime, message_id: str) -> None:
    """Hand one over. Raises what the mail server or the network raises."""
    letter = issue.preview()
    reply_to = issue.reply_to or issue.newsletter.reply_to
    try:
        post(
            to=to,
            subject=_("[Test] %(subject)s") % {"subject": issue.subject},
            text=letter.text,
            html=letter.html,
            at=at,
            message_id=message_id,
            sender=letter.sender,
            headers={"Reply-To": head.spelled(reply_to)} if reply_to else {},
        )
    except AnymailAPIError as refusal:
        if getattr(refusal, "status_code", None) in ABOUT_US:
            Service.objects.heard(took=False, said=" ".join(str(refusal).split()))
        raise
    Service.objects.heard(took=True)
