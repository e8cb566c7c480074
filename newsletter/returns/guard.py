"""When too many complain, or too much comes back at once, the issue stops: that is about us, and not about them."""

from contextlib import suppress

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from newsletter.models import Delivery, Fact, Figures, Issue, Return, Suppression
from newsletter.models.returned import Kind
from newsroom.audit.models import Entry

# Of each thousand copies that mail servers took over. Fewer people than these say nothing about a letter.
WARN, STOP = 1, 3
LEAST_TO_WARN, LEAST_TO_STOP = 2, 3
# A tenth of a list does not move house in a day: that is a mail server which objects to us, or a list of strangers.
FLOOD, LEAST_FOR_A_FLOOD = 100, 20

# How the trail names what was noticed
COMPLAINTS, MANY_COMPLAINTS, MANY_RETURNS = "warn of complaints", "complaints", "flood of returns"


def look(issue: Issue) -> None:
    """After each complaint and each copy that came back, in its transaction."""
    facts = Fact.objects.about(issue)
    complaints = facts.filter(kind=Kind.COMPLAINED).count()
    if complaints >= LEAST_TO_STOP and _is_share(complaints, issue, STOP, at_least=True):
        _alarm(issue, MANY_COMPLAINTS, complaints)
    elif complaints >= LEAST_TO_WARN and _is_share(complaints, issue, WARN):
        _alarm(issue, COMPLAINTS, complaints)
    lost = facts.came_back().count()
    if lost >= LEAST_FOR_A_FLOOD and _is_share(lost, issue, FLOOD) and not is_flooded(issue):
        _take_back(issue)
        _alarm(issue, MANY_RETURNS, lost)


def is_flooded(issue: Issue) -> bool:
    """What comes back of it suppresses nobody, until somebody has looked."""
    return Entry.objects.newest(MANY_RETURNS, on=issue) is not None and not is_believed(issue)


def is_believed(issue: Issue) -> bool:
    return Entry.objects.newest("believe returns", on=issue) is not None


def held_back(issue: Issue) -> int:
    """How many addresses bounced and were not suppressed because of the flood."""
    return Fact.objects.about(issue).filter(kind=Kind.BOUNCED).count() if is_flooded(issue) else 0


def believe(issue: Issue, *, by: object) -> int:
    """Somebody looked: these addresses do not exist, and are suppressed as if they had come one by one."""
    with transaction.atomic():
        Issue.objects.select_for_update(of=("self",)).get(pk=issue.pk)
        if not is_flooded(issue):
            raise ValidationError(_("Nothing is held back here."))
        bounced = Fact.objects.about(issue).filter(kind=Kind.BOUNCED).select_related("delivery")
        for fact in bounced.iterator(chunk_size=500):
            row = Return.objects.filter(delivery=fact.delivery_id, kind=Kind.BOUNCED).order_by("pk").first()
            note = f"“{issue}”, {fact.first_at:%Y-%m-%d}: {row.said if row else ''}"
            Suppression.objects.bar(fact.delivery.address, Suppression.Reason.BOUNCED, note=note, at=fact.first_at)
        count = bounced.count()
        Entry.objects.record("believe returns", on=issue, by=by, addresses=count)
    return count


def accepted(issue: Issue, *, at_most: int) -> int:
    """How many copies were taken over, counted no further than the question needs."""
    figures = Figures.objects.filter(issue=issue).first()
    if figures and figures.finished_at == issue.finished_at:
        return min(figures.accepted, at_most)
    taken = Delivery.objects.filter(issue=issue, state=Delivery.State.ACCEPTED).order_by()
    return taken.values("pk")[:at_most].count()


def _is_share(count: int, issue: Issue, per_mille: int, *, at_least: bool = False) -> bool:
    """Whether these are more than so many of each thousand."""
    most = count * 1000 // per_mille + 1
    taken = accepted(issue, at_most=most)
    return count * 1000 >= taken * per_mille if at_least else count * 1000 > taken * per_mille


def _alarm(issue: Issue, what: str, count: int) -> None:
    """Said once, and again when it has doubled: somebody who has looked and resumed is not stopped by the next one."""
    last = Entry.objects.newest(what, on=issue)
    if last and count < 2 * last.details["count"]:
        return
    if what != COMPLAINTS and issue.stand in {Issue.Stand.SENDING, Issue.Stand.SCHEDULED}:
        with suppress(ValidationError):  # somebody was first
            issue.pause(by=None, because=SENTENCES[what](count))
    Entry.objects.record(what, on=issue, count=count)
    app.configure_task("newsletter.tell_senders", allow_unknown=False).defer(issue=issue.pk, happened=what, count=count)


def _take_back(issue: Issue) -> None:
    """Those whom the first of the flood suppressed: they are held back like the others."""
    bounced = Fact.objects.about(issue).filter(kind=Kind.BOUNCED).values("delivery__subscriber__key_hash")
    rows = Suppression.objects.filter(
        key_hash__in=bounced, reason=Suppression.Reason.BOUNCED, at__gte=issue.frozen_at or issue.created_at
    )
    rows.take_back()


SENTENCES = {
    COMPLAINTS: lambda count: (
        _("%(count)s readers reported this letter as spam: more than one of a thousand.") % {"count": count}
    ),
    MANY_COMPLAINTS: lambda count: (
        _(
            "%(count)s readers reported this letter as spam: three of a thousand or more. "
            "Mail services block senders for that. Look at who gets it and why, before you resume."
        )
        % {"count": count}
    ),
    MANY_RETURNS: lambda count: (
        _(
            "%(count)s copies came back at once: more than a tenth. A mail service may object to us, or the list is "
            "old. Nobody was suppressed for it. Look at what they say, before you resume."
        )
        % {"count": count}
    ),
}
