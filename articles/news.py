"""Who is told by mail what happened to an article, and in which words."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from articles.mail import post
from articles.models import Article, Byline, Publication
from authors.models import User
from newsroom.identity.models import Identity
from newsroom.roles import ADMIN, EDITOR


@dataclass(frozen=True)
class News:
    """What happened, as a worker finds it told; the sentences are made when the mail is."""

    article: Article
    by: User | None
    words: str
    publication: Publication | None

    @property
    def who(self) -> str:
        return (self.by.get_full_name() or self.by.get_username()) if self.by else str(Identity.objects.present().name)

    @property
    def is_change(self) -> bool:
        return self.article.updated_at is not None

    def said(self, sentence: str) -> str:
        due_at = timezone.localtime(self.publication.due_at) if self.publication else None
        moment = date_format(due_at, "DATETIME_FORMAT") if due_at else ""
        return sentence % {"article": self.article, "who": self.who, "moment": moment, "zone": settings.TIME_ZONE}


# Subject and first sentence of each mail.
WORDS: dict[str, Callable[[News], tuple[str, str]]] = {
    "submitted": lambda news: (_("Submitted: “%(article)s”"), _("%(who)s has submitted “%(article)s”.")),
    "sent_back": lambda news: (_("Sent back: “%(article)s”"), _("%(who)s has sent “%(article)s” back.")),
    "scheduled": lambda news: (
        _("Scheduled: “%(article)s”"),
        _("%(who)s has scheduled “%(article)s”. It goes out on %(moment)s (%(zone)s)."),
    ),
    "published": lambda news: (
        (_("A change is live: “%(article)s”"), _("A change of “%(article)s” is live."))
        if news.is_change
        else (_("Live: “%(article)s”"), _("“%(article)s” is live."))
    ),
    "withdrawn": lambda news: (_("Withdrawn: “%(article)s”"), _("%(who)s has withdrawn “%(article)s”.")),
}


def people_concerned(article: Article, happened: str, *, by: int | None) -> list[int]:
    """The keys of those who are to be told: never whoever did it, nor who may not log in or does not want it."""
    reached = _willing(happened).exclude(pk=by or 0)
    if happened == "submitted":
        # In a house without editors, whoever runs it publishes.
        editors = list(reached.filter(groups__name=EDITOR).values_list("pk", flat=True))
        anybody = Exists(User.objects.filter(is_active=True, groups__name=EDITOR))
        return editors or list(reached.filter(~anybody, groups__name=ADMIN).values_list("pk", flat=True))
    named = Byline.objects.filter(article=article, author__user=OuterRef("pk"))
    return list(reached.filter(Q(pk=article.begun_by_id) | Exists(named)).order_by("pk").values_list("pk", flat=True))


def mail_news(person: int, *, article: int, happened: str, by: int | None, at: str, **told: Any) -> None:
    """One mail to one person, unless they have left or changed their mind since."""
    reader = _willing(happened).filter(pk=person).first()
    found = Article.objects.filter(pk=article).first()
    if reader is None or found is None:
        return
    publication = Publication.objects.filter(pk=told["publication"] or 0).first()
    news = News(found, User.objects.filter(pk=by or 0).first(), told["words"], publication)
    is_out = happened == "published" and found.is_live
    with translation.override(settings.LANGUAGE_CODE):
        subject, sentence = (news.said(words) for words in WORDS[happened](news))
        context = {
            "sentence": sentence,
            "words": news.words,
            "desk": f"{settings.SITE_URL}{reverse('admin:articles_article_change', args=[found.pk])}",
            "page": f"{settings.SITE_URL}{found.get_absolute_url()}" if is_out else "",
            "choose": f"{settings.SITE_URL}{reverse('admin:account')}",
            "magazine": Identity.objects.present(),
        }
        text = render_to_string("email/news.txt", context)
    post(
        to=reader.email,
        subject=subject,
        text=text,
        at=datetime.fromisoformat(at),
        named=f"{happened} {article} {at} {person}",
    )


def _willing(happened: str) -> QuerySet[User]:
    wants: dict[str, Any] = {f"mail_when_{happened}": True}
    return User.objects.filter(is_active=True, is_staff=True, **wants).exclude(email="")
