"""What the commands about one person share."""

from django.core.management.base import CommandError

from newsletter.models import Subscriber
from newsroom.addresses import email_key


def subscriber_named(email: str) -> Subscriber:
    found = Subscriber.objects.filter(email_key=email_key(email)).first()
    if found is None:
        raise CommandError("Nobody is known here by this address.")
    return found
