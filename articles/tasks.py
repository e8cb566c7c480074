"""Work that no reader and no editor waits for. A worker may run any of it twice."""

from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from articles.hub import HubIsAway, feeds_of, tell
from articles.models import Article, Photo, Publication, Revision
from articles.news import mail_news, people_concerned
from newsroom.fetch import Unreachable
from newsroom.identity.models import Identity

# Somebody waits for a mail; nobody waits for these.
BEHIND_MAIL = -10


@app.task(name="articles.make_renditions", queue="pictures", retry=3, pass_context=False)
def make_renditions(*, photo: int) -> None:
    """Make the renditions of a photo, then make anew the texts that show it."""
    found = Photo.objects.filter(pk=photo).first()
    if found is None:
        return
    found.render()
    for article in Article.objects.showing_photo(found).iterator(chunk_size=100):
        article.rerender()


@app.task(name="articles.hide_photos", queue="pictures", retry=3)
def hide_photos(*, article: int) -> None:
    """After a withdrawal: photos that no live article shows answer at their old addresses no more."""
    withdrawn = Article.objects.filter(pk=article).exclude(withdrawn_at=None).first()
    if withdrawn is None:
        return
    live = Article.objects.live()
    for photo in {*withdrawn.figures.all(), *filter(None, (withdrawn.photo, withdrawn.share_photo))}:
        shown = (live.showing_photo(photo), live.leading_with(photo), live.shared_with(photo))
        if any(found.exists() for found in shown):
            continue
        with transaction.atomic():
            photo.rename()
            for other in Article.objects.showing_photo(photo).iterator(chunk_size=100):
                other.rerender()


@app.task(
    name="articles.tell_hub",
    queue="outside",
    # 10 s to 3 hours. What the house refuses to call is not tried again.
    retry=RetryStrategy(max_attempts=6, exponential_wait=10, retry_exceptions=[Unreachable, HubIsAway]),
)
def tell_hub(*, article: int) -> None:
    """The hub is told which feeds a publication, a change or a withdrawal made new."""
    found, hub = Article.objects.filter(pk=article).first(), Identity.objects.present().hub
    if found and hub:
        tell(hub, feeds_of(found))


@app.periodic(cron="17 */4 * * *")
@app.task(name="articles.thin_revisions", queue="housekeeping", queueing_lock="thin-revisions")
def thin_revisions(timestamp: int) -> int:
    """Of the history of each text, what nobody will look for."""
    return Revision.objects.thin()


@app.task(name="articles.tell_people", queue="mail", retry=RetryStrategy(max_attempts=6, exponential_wait=5))
def tell_people(*, article: int, happened: str, by: int | None, words: str, publication: int | None, at: str) -> None:
    """Whoever wants to know gets a mail of their own; each is handed over, and tried again, by itself."""
    found = Article.objects.filter(pk=article).first()
    if found is None:
        return
    news: dict[str, Any] = {
        "article": article,
        "happened": happened,
        "by": by,
        "words": words,
        "publication": publication,
        "at": at,
    }
    concerned = people_concerned(found, happened, by=by)
    if concerned:
        tell_person.batch_defer(*({"person": person} | news for person in concerned))


@app.task(name="articles.tell_person", queue="mail", retry=RetryStrategy(max_attempts=6, exponential_wait=5))
def tell_person(*, person: int, **news: Any) -> None:
    mail_news(person, **news)


def carry_out_due() -> int:
    """What was scheduled and whose hour has come. Says how many this call carried out.

    One that fails holds up none of the others; then all failures are raised together.
    """
    done, failures = 0, []
    for publication in Publication.objects.due().select_related("article"):
        try:
            done += publication.carry_out()
        except (ValidationError, DatabaseError) as failure:
            failures.append(failure)
    if failures:
        raise ExceptionGroup("Some publications could not be carried out.", failures)
    return done


def defer_renditions(photo: Photo) -> None:
    """Ask a worker for them, once the photo is committed."""
    transaction.on_commit(
        partial(make_renditions.configure(lock=f"photo-{photo.pk}", priority=BEHIND_MAIL).defer, photo=photo.pk)
    )
