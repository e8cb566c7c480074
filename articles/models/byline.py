from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from authors.models import Author
from newsroom.audit.models import Entry
from newsroom.identity.models import Identity

# The lead and the three beside it; what follows them is in the order of its days.
MOST_PICKS = 4


class Byline(models.Model):
    """An author's ordered place on an article."""

    article = models.ForeignKey("Article", on_delete=models.CASCADE, related_name="bylines")
    author = models.ForeignKey(Author, on_delete=models.PROTECT, related_name="bylines")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                name="articles_byline_author_once",
                fields=["article", "author"],
                violation_error_message=gettext_lazy("This author is named already."),
            )
        ]

    def __str__(self) -> str:
        return str(self.author)


class PicksChanged(ValidationError):
    """Somebody else arranged the front page in between; `now` is their order."""

    def __init__(self, now: list[int]) -> None:
        self.now = now
        super().__init__(
            _("Somebody changed the picks while you arranged yours, which are below. Save again to put yours in place.")
        )


class PickManager(models.Manager["Pick"]):
    def order(self) -> list[int]:
        """The keys of the picked articles, first things first."""
        return list(self.order_by("position", "pk").values_list("article", flat=True))

    def check_room(self, picks: int) -> None:
        if picks > MOST_PICKS:
            raise ValidationError(
                _("The front page has room for %(most)s picks: take some off first.") % {"most": MOST_PICKS}
            )

    def arrange(self, articles: Sequence[int], *, was: Sequence[int], by: Any) -> None:
        """These and no others are picked, in this order. Raises PicksChanged if the order is no longer as it `was`."""
        self.check_room(len(articles))
        with transaction.atomic():
            now = self._locked_order()
            if now != list(was):
                raise PicksChanged(now)
            self._put(articles, now, by=by)

    def drop(self, article: int, *, by: Any) -> None:
        """Readers do not have this article any more, so it is no pick either."""
        with transaction.atomic():
            now = self._locked_order()
            if article in now:
                self._put([key for key in now if key != article], now, by=by)

    def _locked_order(self) -> list[int]:
        with connection.cursor() as cursor:
            # Two orders must not be mixed, not even where nothing is picked yet and no row could be locked.
            cursor.execute(f"LOCK TABLE {connection.ops.quote_name(Pick._meta.db_table)} IN EXCLUSIVE MODE")
        return self.order()

    def _put(self, articles: Sequence[int], before: list[int], *, by: Any) -> None:
        self.exclude(article__in=articles).delete()
        self.bulk_create(
            [Pick(article_id=key, position=place) for place, key in enumerate(articles, start=1)],
            update_conflicts=True,
            unique_fields=["article"],
            update_fields=["position"],
        )
        magazine = Identity.objects.present()
        Entry.objects.record("arrange front page", on=magazine, by=by, before=before, after=list(articles))


class Pick(models.Model):
    """An article that the editors put first on the front page."""

    article = models.OneToOneField(
        "Article", verbose_name=gettext_lazy("article"), on_delete=models.CASCADE, related_name="pick"
    )
    position = models.PositiveSmallIntegerField(gettext_lazy("position"), default=1)

    objects = PickManager()

    class Meta:
        verbose_name = gettext_lazy("pick of the front page")
        verbose_name_plural = gettext_lazy("picks of the front page")
        ordering = ["position"]

    def __str__(self) -> str:
        return str(self.article)
