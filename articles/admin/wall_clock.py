"""Moments as people name them: by the clock on the wall of the house."""

from datetime import UTC, datetime

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

FIRST, SECOND = "first", "second"


def moment_named(text: str, *, which: str = "") -> datetime:
    """The instant behind "2026-03-29T02:30". Raises ValidationError (code `at`) with a sentence.

    An hour that the clocks skip is refused; of one that comes twice, `which` says the first or the second.
    """
    chosen = instant_of(_parsed(text), which=which)
    if chosen <= timezone.now():
        raise _refusal(_("This moment has passed. Choose a later one, or publish now."))
    return chosen


def instant_of(wall: datetime, *, which: str = "") -> datetime:
    """The same for a day and time without a zone, past or to come."""
    zone = timezone.get_default_timezone()
    first, second = (wall.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    named = {"moment": f"{wall:%H:%M}", "zone": timezone.get_default_timezone_name()}
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != wall:
        raise _refusal(
            _("There is no %(moment)s on that day in %(zone)s: the clocks go forward. Choose another time.") % named
        )
    if first.utcoffset() != second.utcoffset() and which not in {FIRST, SECOND}:
        raise _refusal(
            _(
                "%(moment)s comes twice on that day in %(zone)s: the clocks go back. "
                "Say whether you mean the first or the second."
            )
            % named
        )
    return (second if which == SECOND else first).astimezone(UTC)


def _parsed(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=None)
    except ValueError:
        raise _refusal(_("Say on which day and at what time it is to appear.")) from None


def _refusal(sentence: str) -> ValidationError:
    return ValidationError(sentence, code="at")
