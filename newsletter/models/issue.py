from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.models import Article
from newsletter.models.newsletter import Newsletter


class IssueQuerySet(models.QuerySet["Issue"]):
    def due(self) -> "IssueQuerySet":
        """Their moment has come, and their audience is not frozen yet."""
        return self.filter(send_at__lte=timezone.now(), frozen_at=None)

    def sending(self) -> "IssueQuerySet":
        return self.filter(frozen_at__isnull=False, finished_at=None, paused_at=None)

    def archived(self) -> "IssueQuerySet":
        """What stands on the web: everything that has begun to go out."""
        return self.filter(frozen_at__isnull=False)

    def newest_first(self) -> "IssueQuerySet":
        return self.order_by("-frozen_at", "-pk")


class Issue(models.Model):
    """One letter, put together once, sent once."""

    newsletter = models.ForeignKey(Newsletter, verbose_name=_("newsletter"), on_delete=models.PROTECT, related_name="issues")

    # What it says
    subject = models.CharField(_("subject"), max_length=150)
    slug = models.SlugField(_("address"), max_length=80)
    preheader = models.CharField(
        _("preheader"), max_length=150, blank=True, help_text=_("What mail programs show beside the subject.")
    )
    intro = models.TextField(_("opening"), blank=True, help_text=_("In your own voice, before the articles."))
    articles = models.ManyToManyField(Article, through="IssueArticle", related_name="issues")

    # Where it stands: moments, never flags
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    send_at = models.DateTimeField(_("goes out"), null=True, editable=False)
    frozen_at = models.DateTimeField(_("frozen"), null=True, editable=False)
    paused_at = models.DateTimeField(_("paused"), null=True, editable=False)
    paused_because = models.CharField(max_length=300, blank=True, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, editable=False)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL, related_name="+")

    # Frozen with the audience: with a Delivery, this makes every byte of a copy
    letter_html = models.TextField(editable=False, blank=True)
    letter_text = models.TextField(editable=False, blank=True)
    letter_from = models.CharField(max_length=300, editable=False, blank=True)
    letter_site = models.CharField(max_length=200, editable=False, blank=True)

    objects = IssueQuerySet.as_manager()

    class Meta:
        verbose_name = _("issue")
        verbose_name_plural = _("issues")
        permissions = [("send_issue", "Can send, pause and cancel an issue")]
        constraints = [
            models.UniqueConstraint(
                name="newsletter_issue_address_once",
                fields=["newsletter", "slug"],
                violation_error_message=_("This newsletter has an issue at that address: choose another one."),
            ),
            models.CheckConstraint(
                name="newsletter_issue_frozen_before_finished",
                condition=Q(finished_at=None) | Q(frozen_at__isnull=False),
                violation_error_message=_("An issue is frozen before it is finished."),
            ),
            models.CheckConstraint(
                name="newsletter_issue_frozen_is_whole",
                condition=Q(frozen_at=None) | (~Q(letter_html="") & ~Q(letter_text="") & ~Q(letter_from="")),
                violation_error_message=_("A frozen issue holds its letter."),
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    def get_absolute_url(self) -> str:
        return reverse("newsletter:issue", args=[self.newsletter.slug, self.slug])


class IssueArticle(models.Model):
    """An article's ordered place in an issue."""

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="contents")
    article = models.ForeignKey(Article, verbose_name=_("article"), on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("article of the issue")
        verbose_name_plural = _("articles of the issue")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="newsletter_issuearticle_once",
                fields=["issue", "article"],
                violation_error_message=_("This article stands in the issue already."),
            )
        ]

    def __str__(self) -> str:
        return str(self.article)
