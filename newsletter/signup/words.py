"""The words of the form that somebody answers by subscribing: Consent keeps them. The templates print the same."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from newsletter.models import Newsletter
from newsroom.identity.models import Identity


def wording(magazine: Identity, offered: Sequence[Newsletter]) -> str:
    """`offered` are the newsletters that the form named; the box under an article names none."""
    return "\n".join(
        line
        for line in (
            _("Subscribe to Our Newsletter"),
            magazine.invitation,
            *(f"{newsletter.name}: {newsletter.description}" for newsletter in offered),
            _("We send one mail to confirm. Every letter has a link to leave."),
            _("Subscribe"),
        )
        if line
    )
