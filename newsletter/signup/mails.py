"""The two mails of the double opt-in. Nothing in them was written by whoever filled in the form."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from newsletter.mail import post
from newsletter.models import Subscriber, Subscription
from newsletter.models.newsletter import named
from newsletter.signup.confirmation import confirmation_token
from newsletter.signup.own_data import data_token
from newsroom.identity.models import Identity


def ask(subscriber: Subscriber, places: Sequence[Subscription], *, at: datetime, message_id: str) -> None:
    path = reverse("newsletter:confirm", args=[confirmation_token(places, at=at)])
    subject = _("Confirm your subscription to %(magazine)s")
    _send("confirm", subscriber, places, subject=subject, path=path, at=at, message_id=message_id)


def tell(subscriber: Subscriber, places: Sequence[Subscription], *, at: datetime, message_id: str) -> None:
    path = reverse("newsletter:preferences", args=[places[0].token])
    subject = _("You are already subscribed")
    _send("already", subscriber, places, subject=subject, path=path, at=at, message_id=message_id)


def show_data(subscriber: Subscriber, *, at: datetime, message_id: str) -> None:
    path = reverse("newsletter:data", args=[data_token(subscriber, at=at)])
    _send("data", subscriber, [], subject=_("Your data at %(magazine)s"), path=path, at=at, message_id=message_id)


def _send(
    name: str, subscriber: Subscriber, places: Sequence[Subscription], *, subject: str, path: str, **identity: Any
) -> None:
    magazine = Identity.objects.present()
    context = {
        "magazine": magazine,
        "newsletters": named(place.newsletter for place in places),
        "link": f"{settings.SITE_URL}{path}",
    }
    post(
        to=subscriber.email,
        subject=subject % {"magazine": magazine.name},
        text=render_to_string(f"email/{name}.txt", context),
        html=render_to_string(f"email/{name}.html", context),
        **identity,
    )
