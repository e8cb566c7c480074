from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.models.subject import is_out
from articles.models.version import Version
from newsroom.audit.models import Entry


class CorrectionQuerySet(models.QuerySet["Correction"]):
    def live(self) -> "CorrectionQuerySet":
        return self.filter(is_out(article="article__"), published_at__lte=timezone.now(), article__withdrawn_at=None)

    def newest_first(self) -> "CorrectionQuerySet":
        return self.order_by("-published_at", "-pk")

    def on(self, articles: Iterable[Any]) -> "CorrectionQuerySet":
        return self.filter(article__in=articles)

    def saying_the_same(self, note: "Correction") -> "CorrectionQuerySet":
        return self.filter(kind=note.kind, wrong=note.wrong, right=note.right)

    def since(self, moment: datetime) -> "CorrectionQuerySet":
        return self.filter(published_at__gt=moment)

    def last_noted(self, keys: tuple[int, int]) -> Any:
        """Of articles with keys in this range: when each was last corrected."""
        noted = self.filter(article__pk__range=keys).values("article").order_by()
        return noted.annotate(at=models.Max("published_at")).values_list("article", "at")

    def last_noted_by(self, keys: int) -> Any:
        """The same, for each part of so many keys."""
        parts = self.values(sheet=models.F("article_id") / keys).order_by()
        return parts.annotate(at=models.Max("published_at")).values_list("sheet", "at")

    def versions(self) -> Any:
        """Of each and of its article: what is equal has not changed."""
        return self.values_list("pk", Version("wrong"), Version("article__title"))


class Correction(models.Model):
    """A published note: what was wrong, what is right, when."""

    class Kind(models.TextChoices):
        CORRECTION = "correction", _("Correction")
        CLARIFICATION = "clarification", _("Clarification")
        UPDATE = "update", _("Update")

        @property
        def dated(self) -> Any:
            """What the date line says of it."""
            return {
                "correction": _("Corrected %(day)s"),
                "clarification": _("Clarified %(day)s"),
                "update": _("Updated %(day)s"),
            }[self.value]

    article = models.ForeignKey(
        "Article", verbose_name=_("article"), on_delete=models.CASCADE, related_name="corrections"
    )
    kind = models.CharField(_("kind"), max_length=13, choices=Kind, default=Kind.CORRECTION)
    wrong = models.TextField(_("what was wrong"), max_length=600)
    right = models.TextField(_("what is right"), max_length=600)
    is_serious = models.BooleanField(
        _("serious"),
        default=False,
        help_text=_("It stands above the text, for whoever has read the article must not miss it."),
    )
    published_at = models.DateTimeField(_("published"), default=timezone.now)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        constraints = [
            models.CheckConstraint(
                name="articles_correction_kind",
                condition=models.Q(kind__in=["correction", "clarification", "update"]),
                violation_error_message=_("Choose one of the kinds."),
            ),
            models.CheckConstraint(
                name="articles_correction_says_both",
                condition=~models.Q(wrong="") & ~models.Q(right=""),
                violation_error_message=_("Say what was wrong and what is right."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.right[:60]}"

    @property
    def dated(self) -> str:
        return str(self.Kind(self.kind).dated)

    @property
    def kind_label(self) -> str:
        return self.get_kind_display()

    # Verbs

    def vet(self) -> None:
        """Raises ValidationError with one sentence for each thing that is missing; its code is the field to go to."""
        try:
            self.full_clean(exclude=["article"])
        except ValidationError as refusal:
            problems = [(field, told) for field, found in refusal.error_dict.items() for told in found]
            raise ValidationError([ValidationError(told.messages, code=field) for field, told in problems]) from None

    def file(self, *, by: Any, **details: Any) -> None:
        """As a note that is new."""
        with transaction.atomic():
            self.save()
            self._record("correct", by=by, kind=self.kind, wrong=self.wrong, right=self.right, **details)

    def amend(self, *, by: Any) -> None:
        """The trail keeps how it read before."""
        with transaction.atomic():
            before = Correction.objects.select_for_update(of=("self",)).get(pk=self.pk)
            self.save()
            was = {"kind": before.kind, "wrong": before.wrong, "right": before.right}
            self._record("change correction", by=by, wrong=self.wrong, right=self.right, kind=self.kind, before=was)

    def take_back(self, *, by: Any) -> None:
        with transaction.atomic():
            self._record("delete correction", by=by, kind=self.kind, wrong=self.wrong, right=self.right)
            self.delete()

    def _record(self, verb: str, *, by: Any, **details: Any) -> None:
        Entry.objects.record(verb, on=self.article, by=by, **details)
