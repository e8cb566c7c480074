from datetime import timedelta
from typing import Any, Self

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.fields.json import KT
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.content import Content
from articles.models.publication import Publication
from newsroom import written
from newsroom.audit.models import Entry
from newsroom.characters import legible

# For so long nothing is thinned: somebody may still be at it.
ALL_KEPT_FOR = timedelta(hours=48)
THINNED_AT_A_TIME = 2_000
LONGEST_NAME = 80
# Its number: what an article begins with.
FIRST = 1


class RevisionQuerySet(models.QuerySet["Revision"]):
    def before(self, number: int) -> "RevisionQuerySet":
        return self.filter(number__lt=number)

    def for_history(self) -> "RevisionQuerySet":
        """What the list prints; the texts themselves stay where they are."""
        published = Publication.objects.filter(revision=OuterRef("pk"))
        shown, waiting = published.shown().values("due_at")[:1], published.waiting().values("due_at")[:1]
        return (
            self.select_related("made_by").defer("kept").annotate(headline=KT("kept__title"), shown=shown, due=waiting)
        )

    def to_come(self) -> Self:
        """What readers may get next: the newest above the live one, and what is scheduled."""
        later = self.model.objects.filter(article=OuterRef("article"), number__gt=OuterRef("number"))
        # The first of a text is above none: said to the database, it need not look at most of them any further.
        changed = self.model.objects.filter(number__gt=1)
        above = changed.filter(number__gt=F("article__live_revision__number")).exclude(Exists(later))
        waiting = apps.get_model("articles", "Publication").objects.waiting()
        wanted = above.order_by().values("pk").union(waiting.order_by().values("revision"))
        return self.filter(pk__in=wanted).exclude(pk=F("article__live_revision")).order_by()

    def needless(self) -> "RevisionQuerySet":
        """What nobody will look for: neither named nor ever published, between the first and the last of its day."""
        zone = timezone.get_default_timezone()
        siblings = self.model.objects.filter(article=OuterRef("article"))
        later = siblings.annotate(day=TruncDate("made_at", tzinfo=zone)).filter(
            number__gt=OuterRef("number"), day=OuterRef("day")
        )
        return (
            self.filter(name="", made_at__lt=timezone.now() - ALL_KEPT_FOR)
            .annotate(day=TruncDate("made_at", tzinfo=zone))
            .filter(Exists(siblings.filter(number__lt=OuterRef("number"))), Exists(later))
            .exclude(Exists(Publication.objects.filter(Q(revision=OuterRef("pk")) | Q(replaces=OuterRef("pk")))))
            .exclude(Exists(apps.get_model("articles", "Article").objects.filter(live_revision=OuterRef("pk"))))
        )

    def thin(self) -> int:
        """Let go of what is needless. Says how many; a text of one that is published meanwhile stays by its key."""
        gone = 0
        while True:
            doomed = self.model.objects.filter(pk__in=self.needless().values("pk")[:THINNED_AT_A_TIME])
            # Not delete(), which would read them all to see what hangs on them: nothing does.
            found = doomed._raw_delete(self.db)
            gone += found
            if found < THINNED_AT_A_TIME:
                return gone


class SavedManager(written.SavedManager.from_queryset(RevisionQuerySet)):  # type: ignore[misc]  # a class made at run time
    pass


class Revision(written.Revision):
    of = "article"

    article = models.ForeignKey("Article", on_delete=models.CASCADE, related_name="revisions")
    # A named one is never thinned.
    name = models.CharField(_("name"), max_length=LONGEST_NAME, blank=True)

    objects = SavedManager()

    class Meta(written.Revision.Meta):
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        constraints = written.Revision.kept_once("articles_revision", "article")

    def __str__(self) -> str:
        return f"{self.number}: {self.content.title}"

    @property
    def content(self) -> Content:
        return Content.from_json(self.kept)

    # Verbs

    def call(self, name: str, *, by: Any) -> None:
        """Give it a name, by which it is found again and never thinned; an empty one takes the name away."""
        name = " ".join(legible(name).split())
        if len(name) > LONGEST_NAME:
            raise ValidationError(_("A name has %(most)s characters at most."), params={"most": LONGEST_NAME})
        if name == self.name:
            return
        with transaction.atomic():
            self.name = name
            self.save(update_fields=["name"])
            Entry.objects.record("name revision", on=self.article, by=by, revision=self.number, name=name)
