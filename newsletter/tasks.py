"""Single mails that a reader waits for, but no request does. A worker may run any of them twice."""

import logging
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db import DatabaseError
from django.utils import timezone
from procrastinate import RetryDecision, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.jobs import Job
from procrastinate.types import JSONValue

from authors.models import User
from newsletter.letters.trial import trial
from newsletter.mail import is_final
from newsletter.models import Issue, Knock, LetterOnPublish, Newsletter, OptOut, Subscriber
from newsletter.people.intake import Intake
from newsletter.returns import figures, told
from newsletter.returns.emptying import empty
from newsletter.returns.mailbox import MailboxAway, opened
from newsletter.signup.mails import ask, show_data, tell
from newsroom.audit.origin import coming_from

logger = logging.getLogger(__name__)


class UnlessFinal(RetryStrategy):
    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        return None if is_final(exception) else super().get_retry_decision(exception=exception, job=job)


# 5 s, 25 s, 2 min, 10 min, 52 min, 4 h.
PATIENTLY = UnlessFinal(max_attempts=6, exponential_wait=5)


@app.task(name="newsletter.knock", queue="mail", retry=PATIENTLY)
def hear_out(*, email: str, newsletters: list[int], page: str, wording: str, origin: str) -> None:
    """Somebody filled in the form."""
    with coming_from(origin):
        wanted = Newsletter.objects.filter(pk__in=newsletters)
        Subscriber.objects.known_as(email).ask(wanted, page=page, wording=wording)


@app.task(name="newsletter.ask", queue="mail", retry=PATIENTLY)
def send_confirmation(*, subscriber: int, rounds: dict[str, int], at: str, message_id: str) -> None:
    """“Confirm your subscription”, for those of the places for which that is still to be done."""
    found, asked_at = Subscriber.objects.filter(pk=subscriber).first(), datetime.fromisoformat(at)
    wanted = {int(place): number for place, number in rounds.items()}
    places = found.awaiting(wanted, asked_at=asked_at) if found else []
    if found and places:
        ask(found, places, at=asked_at, message_id=message_id)


@app.task(name="newsletter.tell", queue="mail", retry=PATIENTLY)
def send_already(*, subscriber: int, rounds: dict[str, int], at: str, message_id: str) -> None:
    """“You are already subscribed”, unless that is no longer so."""
    found = Subscriber.objects.filter(pk=subscriber).first()
    places = found.subscriptions.mailable().among(int(place) for place in rounds).for_reading() if found else []
    if found and places:
        tell(found, list(places), at=datetime.fromisoformat(at), message_id=message_id)


@app.task(name="newsletter.data", queue="mail", retry=PATIENTLY)
def send_data_link(*, subscriber: int, at: str, message_id: str) -> None:
    """The link to everything that is known of a person, for that person."""
    found = Subscriber.objects.filter(pk=subscriber).first()
    if found:
        show_data(found, at=datetime.fromisoformat(at), message_id=message_id)


@app.periodic(cron="17 * * * *")
@app.task(name="newsletter.forget_knocks", queue="housekeeping")
def forget_knocks(timestamp: int) -> None:
    """What no limit counts any more: it says who wanted to write to whom."""
    Knock.objects.over().delete()


@app.periodic(cron="* * * * *")
@app.task(name="newsletter.put_opt_outs_away", queue="housekeeping", queueing_lock="opt-outs", lock="opt-outs")
def put_opt_outs_away(timestamp: int) -> int:
    """What a press could not write, because the storage was away or the process died."""
    return OptOut.objects.put_away()


@app.task(name="newsletter.tell_senders", queue="mail", retry=PATIENTLY)
def tell_senders(*, issue: int, happened: str, count: int) -> None:
    """Each of those who may send gets a mail of their own, and each is tried again by itself."""
    news: dict[str, JSONValue] = {
        "issue": issue,
        "happened": happened,
        "count": count,
        "at": timezone.now().isoformat(),
    }
    people = list(told.senders().values_list("pk", flat=True))
    if people:
        tell_sender.batch_defer(*({"person": person} | news for person in people))


@app.task(name="newsletter.tell_sender", queue="mail", retry=PATIENTLY)
def tell_sender(*, person: int, issue: int, happened: str, count: int, at: str) -> None:
    told.tell(person, issue=issue, happened=happened, count=count, at=at)


@app.periodic(cron="*/5 * * * *")
@app.task(name="newsletter.read_bounces", queue="housekeeping", queueing_lock="read-bounces", lock="read-bounces")
def read_bounces(timestamp: int) -> str:
    """What lies in the mailbox of returns; a mailbox that is away is asked again in five minutes."""
    if not settings.BOUNCE_MAILBOX_URL:
        return ""
    try:
        return str(empty(opened(settings.BOUNCE_MAILBOX_URL)))
    except (MailboxAway, ImproperlyConfigured) as reason:
        logger.error("The mailbox of returns cannot be read: %s", reason)
        return str(reason)


@app.periodic(cron="*/10 * * * *")
@app.task(name="newsletter.sum_up", queue="housekeeping", queueing_lock="sum-up")
def sum_up(timestamp: int) -> int:
    """The books of what is finished, for the plots."""
    return figures.sum_up()


@app.task(name="newsletter.take_in", queue="lists")
def take_list_in(*, token: str) -> None:
    """A list that is too large to be read while somebody waits."""
    if intake := Intake.known_as(token):
        intake.work()


@app.task(name="newsletter.try_out", queue="mail", retry=PATIENTLY)
def send_trial(*, issue: int, person: int, at: str, message_id: str) -> None:
    """A letter before it goes out, to somebody of the house."""
    found = Issue.objects.select_related("newsletter").filter(pk=issue).first()
    reader = User.objects.filter(pk=person, is_active=True, is_staff=True).exclude(email="").first()
    if found and reader:
        trial(found, to=reader.email, at=datetime.fromisoformat(at), message_id=message_id)


def make_letters() -> int:
    """The letters of what has just been published. Says how many this call made; one that fails holds up no other."""
    made, failures = 0, []
    for wish in LetterOnPublish.objects.due().select_related("article", "newsletter", "asked_by"):
        try:
            made += wish.make() is not None
        except (ValidationError, DatabaseError) as failure:
            failures.append(failure)
    if failures:
        raise ExceptionGroup("Some letters could not be made.", failures)
    return made
