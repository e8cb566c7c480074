"""The readers that the tests of the letters know.

Rosa reads the weekly letter; Otto left it; Nils asked and never confirmed; Vera is new to the house.
"""

import email
import email.policy
import re
import shutil
from collections.abc import Iterable
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.test import TestCase, override_settings
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from newsletter.models import Newsletter, Subscriber, Subscription
from newsletter.signup.moment import Live
from newsroom.email_url import mailer_from_url
from newsroom.identity.models import Identity

ROSA, OTTO, NILS, VERA = (f"{name}@readers.example" for name in ("rosa", "otto", "nils", "vera"))


def make_newsletters() -> tuple[Newsletter, Newsletter]:
    weekly = Newsletter.objects.create(
        name="Weekly", slug="weekly", description="What we found out, on Thursdays.", position=1
    )
    breaking = Newsletter.objects.create(
        name="Breaking", slug="breaking", description="When it cannot wait.", position=2
    )
    return weekly, breaking


def make_reader(email: str, newsletter: Newsletter, **stand) -> Subscription:
    """A place on the newsletter that was asked for two days ago."""
    asked_at = timezone.now() - timedelta(days=2)
    subscriber = Subscriber.objects.known_as(email)
    return Subscription.objects.create(subscriber=subscriber, newsletter=newsletter, **{"asked_at": asked_at} | stand)


# Django's test runner puts a list in the place of every mailer; these tests open the files that the demo shows.
MAILERS = {"default": mailer_from_url(f"file://{settings.MAILBOX}")}


@override_settings(MAILERS=MAILERS)
class LettersTestCase(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        Identity.objects.create(name="Longshore", invitation="One letter on Thursdays.")
        cls.weekly, cls.breaking = make_newsletters()
        yesterday = timezone.now() - timedelta(days=1)
        cls.rosa = make_reader(ROSA, cls.weekly, confirmed_at=yesterday)
        cls.otto = make_reader(
            OTTO, cls.weekly, confirmed_at=yesterday, left_at=yesterday, left_how=Subscription.Left.BUTTON
        )
        cls.nils = make_reader(NILS, cls.weekly)

    def setUp(self) -> None:
        self.post_room = MailRoom()

    def subscribe(self, address: str, **fields):
        """By the form of a live page; a worker takes the wish in."""
        return self.post({"email": address, "time": Live().time} | fields)

    def post(self, fields, **extra):
        answer = self.client.post("/newsletter/subscribe/", fields, **extra)
        self.post_room.take_in()
        return answer

    def ask(self, address: str, **fields) -> str:
        """Subscribe, and open the mail: the path of its link."""
        self.subscribe(address, **fields)
        [mail] = self.post_room.work()
        return link_in(mail)


class MailRoom:
    """Runs what the requests deferred, as a worker would, and opens what came of it."""

    def __init__(self) -> None:
        # What a test without a transaction around it left behind is nobody's here.
        self.done = set(ProcrastinateJob.objects.values_list("pk", flat=True))
        shutil.rmtree(settings.MAILBOX, ignore_errors=True)

    def jobs(self) -> list[ProcrastinateJob]:
        todo = ProcrastinateJob.objects.filter(task_name__startswith="newsletter.", status="todo", queue_name="mail")
        return [job for job in todo.order_by("id") if job.pk not in self.done]

    def take_in(self) -> None:
        """Whoever filled in the form."""
        self._do(job for job in self.jobs() if job.task_name == "newsletter.knock")

    def work(self) -> list[EmailMessage]:
        """The mails that the jobs wrote just now."""
        known = set(self._files())
        self.take_in()
        self._do(self.jobs())
        return [read_mail(path) for path in self._files() if path not in known]

    def _do(self, jobs: Iterable[ProcrastinateJob]) -> None:
        for job in jobs:
            self.done.add(job.pk)
            app.tasks[job.task_name].func(**job.args)

    def _files(self) -> list[Path]:
        return sorted(Path(settings.MAILBOX).glob("*.eml"))


def read_mail(path: Path) -> EmailMessage:
    return email.message_from_bytes(path.read_bytes(), policy=email.policy.default)


def words_of(mail: EmailMessage, kind: str = "plain") -> str:
    return mail.get_body(preferencelist=(kind,)).get_content()


def link_in(mail: EmailMessage) -> str:
    """The path of the one link of its own that a mail carries."""
    return re.search(rf"{re.escape(settings.SITE_URL)}(/newsletter/\S+/)", words_of(mail)).group(1)


def rows() -> dict[str, list]:
    """Everything the letters know."""
    models = [*apps.get_app_config("newsletter").get_models(), ProcrastinateJob]
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}
