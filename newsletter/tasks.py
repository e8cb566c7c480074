"""Single mails that a reader waits for, but no request does. A worker may run any of them twice."""

from datetime import datetime

from procrastinate import RetryDecision, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.jobs import Job

from newsletter.mail import is_final
from newsletter.models import Knock, Newsletter, Subscriber
from newsletter.signup.mails import ask, show_data, tell
from newsroom.audit.origin import coming_from


class UnlessFinal(RetryStrategy):
    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        return None if is_final(exception) else super().get_retry_decision(exception=exception, job=job)


# 5 s, 25 s, 2 min, 10 min, 52 min, 4 h.
PATIENTLY = UnlessFinal(max_attempts=6, exponential_wait=5)


@app.task(name="newsletter.knock", queue="mail", retry=PATIENTLY)
def take_in(*, email: str, newsletters: list[int], page: str, wording: str, origin: str) -> None:
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
