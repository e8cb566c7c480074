"""Somebody leaves the house. What they signed stays under their name; what they had begun goes to a colleague."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from articles.models import Article, PreviewLink
from authors.models import User
from newsroom.audit.models import Entry
from newsroom.roles import may


@dataclass(frozen=True)
class Legacy:
    """What a leaving person hands over, counted."""

    articles: int
    previews: int


def legacy_of(user: User) -> Legacy:
    return Legacy(
        articles=Article.objects.in_hand_of(user).count(),
        previews=PreviewLink.objects.open().unpublished().made_by_user(user).count(),
    )


def leave(user: User, *, to: User, by: Any) -> Legacy:
    """Their login ends, on every machine; drafts and scheduled texts are the colleague's from now on."""
    with transaction.atomic():
        locked = {found.pk: found for found in User.objects.select_for_update().filter(pk__in=[user.pk, to.pk])}
        user, to = locked[user.pk], locked[to.pk]
        _refuse(user, to, by)
        legacy = Legacy(
            articles=Article.objects.hand_over(user, to=to),
            previews=PreviewLink.objects.made_by_user(user).end(),
        )
        user.is_active = False
        # Sessions are bound to the password: none of them is good again, even if the login is opened once more.
        user.set_unusable_password()
        user.save(update_fields=["is_active", "password"])
        Entry.objects.record(
            "leave", on=user, by=by, to=to.get_username(), articles=legacy.articles, previews=legacy.previews
        )
    return legacy


def _refuse(user: User, to: User, by: Any) -> None:
    if not user.is_active:
        raise ValidationError(_("This person has left already."))
    if user == by:
        raise ValidationError(_("Somebody else has to do this for you."))
    if to == user or not (to.is_active and to.is_staff and may(to, "add", Article)):
        raise ValidationError(_("Choose a colleague who writes or edits here."), code="to")
