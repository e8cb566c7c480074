from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class PublicationQuerySet(models.QuerySet["Publication"]):
    def due(self) -> "PublicationQuerySet":
        return self.filter(done_at=None, due_at__lte=timezone.now())

    def waiting(self) -> "PublicationQuerySet":
        return self.filter(done_at=None)

    def gone_out(self) -> "PublicationQuerySet":
        """Whose hour has come, whether or not a worker was there."""
        return self.filter(models.Q(due_at__lte=timezone.now()) | models.Q(done_at__isnull=False))

    def coming(self, moment: datetime) -> "PublicationQuerySet":
        """Waiting for their hour, which has not passed at that moment; the next first."""
        return self.waiting().filter(due_at__gte=moment).order_by("due_at", "pk")

    def late(self, patience: timedelta) -> "PublicationQuerySet":
        """Due for so long that no worker can be at work; the oldest first."""
        return self.waiting().filter(due_at__lt=timezone.now() - patience).order_by("due_at", "pk")

    def shown(self) -> "PublicationQuerySet":
        return self.exclude(done_at=None)

    def of_live_texts(self) -> "PublicationQuerySet":
        """Those that changed what readers had."""
        return self.exclude(replaces=None)

    def without_a_note(self) -> "PublicationQuerySet":
        """Readers got other words and were told nothing, or nobody was asked."""
        return self.exclude(change=Publication.Change.CORRECTION).filter(words_changed__gt=0)

    def said_to_be(self, change: str) -> "PublicationQuerySet":
        return self.filter(change=change)

    def for_list(self) -> "PublicationQuerySet":
        """Without the texts, which are long."""
        texts = ("body", "body_html", "body_text", "search")
        return self.defer("revision__kept", "replaces__kept", *(f"article__{name}" for name in texts))

    def newest_first(self) -> "PublicationQuerySet":
        return self.order_by("-due_at", "-pk")


class Publication(models.Model):
    """One revision's way to the readers, written in publish's own transaction; what follows from it hangs here."""

    class Change(models.TextChoices):
        """What an editor said of a change of the text that readers had; nothing is guessed."""

        UNSAID = "", _("Not asked")
        SILENT = "silent", _("Silent fix")
        CORRECTION = "correction", _("With a note")

    article = models.ForeignKey("Article", on_delete=models.CASCADE, related_name="publications")
    revision = models.ForeignKey("Revision", on_delete=models.CASCADE, related_name="+")
    due_at = models.DateTimeField(_("due"))
    done_at = models.DateTimeField(_("done"), null=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    # The zone in which a person named the moment; the wall time itself is not stored.
    zone = models.CharField(max_length=60, blank=True)

    # Of a change of a live text
    replaces = models.ForeignKey("Revision", null=True, on_delete=models.SET_NULL, related_name="+")
    words_changed = models.PositiveIntegerField(_("words changed"), default=0)
    change = models.CharField(_("said to be"), max_length=10, choices=Change, blank=True, default=Change.UNSAID)

    objects = PublicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("publication")
        verbose_name_plural = _("publications")
        constraints = [
            models.UniqueConstraint(
                name="articles_publication_revision_once",
                fields=["article", "revision"],
                violation_error_message=_("This revision is published or scheduled already."),
            ),
            models.CheckConstraint(
                name="articles_publication_change",
                condition=models.Q(change__in=["", "silent", "correction"]),
                violation_error_message=_("A change is a silent fix or comes with a note."),
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="articles_publication_waiting", condition=models.Q(done_at=None))
        ]

    def __str__(self) -> str:
        return f"{self.article} ({self.due_at:%Y-%m-%d %H:%M} UTC)"

    def carry_out(self) -> bool:
        """What is due after publishing, once, whoever else tries. Says whether this call did it."""
        return self.article.follow(self)


class Unexplained(ValidationError):
    """Readers have another text than this one, and nobody has said whether that is a silent fix or a correction."""

    def __init__(self, words: int) -> None:
        self.words = words
        super().__init__(
            gettext("The text differs from what readers have: say whether this is a silent fix or a correction."),
            code="unexplained",
        )
