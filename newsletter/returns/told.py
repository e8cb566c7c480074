"""Who is told when an issue draws complaints or comes back: the people who may send."""

from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from articles.mail import post
from authors.models import User
from newsletter.models import Issue
from newsletter.returns.guard import COMPLAINTS, MANY_COMPLAINTS, MANY_RETURNS, SENTENCES
from newsroom.identity.models import Identity
from newsroom.roles import ADMIN, EDITOR


def senders() -> QuerySet[User]:
    """Whoever may send, and can be written to."""
    reachable = User.objects.filter(is_active=True, is_staff=True).exclude(email="")
    return reachable.filter(groups__name__in=[EDITOR, ADMIN]).distinct().order_by("pk")


def tell(person: int, *, issue: int, happened: str, count: int, at: str) -> None:
    reader, found = senders().filter(pk=person).first(), Issue.objects.filter(pk=issue).first()
    if reader is None or found is None:
        return
    with translation.override(settings.LANGUAGE_CODE):
        subjects = {
            COMPLAINTS: _("Complaints about “%(issue)s”"),
            MANY_COMPLAINTS: _("Many complaints about “%(issue)s”"),
            MANY_RETURNS: _("Many copies of “%(issue)s” come back"),
        }
        desk = f"{settings.SITE_URL}{reverse('admin:newsletter_issue_change', args=[found.pk])}"
        lines = [
            f"“{found}”: {SENTENCES[happened](count)}",
            _("It is paused.") if found.paused_at else "",
            f"{_('At the desk:')} {desk}",
            str(Identity.objects.present().name),
        ]
        subject = subjects[happened] % {"issue": found}
    post(
        to=reader.email,
        subject=subject,
        text="\n\n".join(line for line in lines if line) + "\n",
        at=datetime.fromisoformat(at),
        named=f"{happened} {issue} {count} {person}",
    )
