from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.models import Article, Publication
from newsletter.models.newsletter import Newsletter
from newsroom.audit.models import Entry

if TYPE_CHECKING:
    from newsletter.models.issue import Issue


class LetterOnPublishQuerySet(models.QuerySet["LetterOnPublish"]):
    def waiting(self) -> "LetterOnPublishQuerySet":
        return self.filter(done_at=None)

    def due(self) -> "LetterOnPublishQuerySet":
        """What was published since it was asked for, and readers still have."""
        published = Publication.objects.gone_out().filter(article=OuterRef("article"), due_at__gte=OuterRef("asked_at"))
        return self.waiting().filter(Exists(published), article__in=Article.objects.live().values("pk"))

    def choose(self, article: Article, newsletters: set[int], *, among: set[int], by: Any) -> None:
        """Of those that somebody was shown, these are to have the article; what has gone out stays."""
        with transaction.atomic():
            Article.objects.select_for_update(of=("self",)).get(pk=article.pk)
            there = {row.newsletter_id: row for row in self.filter(article=article)}
            for newsletter in Newsletter.objects.filter(pk__in=newsletters & among - there.keys()).order_by("pk"):
                self.create(article=article, newsletter=newsletter, asked_by=by)
                Entry.objects.record("ask for letter", on=article, by=by, newsletter=newsletter.slug)
            for key in among - newsletters:
                if key in there and not there[key].done_at:
                    there[key].delete()
                    Entry.objects.record("drop letter", on=article, by=by, newsletter=there[key].newsletter.slug)


class LetterOnPublish(models.Model):
    """An article that goes to a newsletter as a letter of its own once it is published: once, whoever presses what."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="+")
    newsletter = models.ForeignKey(Newsletter, verbose_name=_("newsletter"), on_delete=models.CASCADE, related_name="+")
    asked_at = models.DateTimeField(_("asked for"), default=timezone.now)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    done_at = models.DateTimeField(_("made"), null=True)

    objects = LetterOnPublishQuerySet.as_manager()

    class Meta:
        verbose_name = _("letter on publication")
        verbose_name_plural = _("letters on publication")
        constraints = [
            models.UniqueConstraint(
                name="newsletter_letteronpublish_once",
                fields=["article", "newsletter"],
                violation_error_message=_("This article goes to this newsletter already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.article} → {self.newsletter}"

    def make(self) -> "Issue | None":
        """The issue, going out at once; nothing if somebody else has made it. What may not go out stays a draft."""
        with transaction.atomic():
            claimed = type(self).objects.due().filter(pk=self.pk).update(done_at=timezone.now())
            if not claimed:
                return None
            publication = (
                Publication.objects.gone_out()
                .filter(article=self.article_id, due_at__gte=self.asked_at)
                .order_by("due_at", "pk")
                .first()
            )
            issue = self.newsletter.issues.model.objects.begin_from(
                self.article, newsletter=self.newsletter, publication=publication, by=self.asked_by
            )
            try:
                with transaction.atomic():
                    issue.send(by=self.asked_by, now=True)
            except ValidationError as refusal:
                Entry.objects.record("hold letter", on=issue, because=" ".join(refusal.messages)[:300])
                issue.refresh_from_db()
        return issue
