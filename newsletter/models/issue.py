from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from articles.models import Article, Correction
from newsletter.letters.compose import Letter, compose, specimen
from newsletter.models.installation import Installation, unconfirmed
from newsletter.models.newsletter import Newsletter
from newsletter.sending.bell import ring
from newsroom.audit.models import Entry

if TYPE_CHECKING:
    from articles.models.correction import CorrectionQuerySet
    from newsletter.models.delivery import DeliveryQuerySet
    from newsletter.models.subscriber import SubscriptionQuerySet

# How long a press of the button can be taken back.
SECOND_THOUGHTS = timedelta(minutes=5)
LONGEST_REASON = 300


class IssueQuerySet(models.QuerySet["Issue"]):
    def due(self) -> "IssueQuerySet":
        """Their moment has come, and their audience is not frozen yet."""
        return self.filter(send_at__lte=timezone.now(), frozen_at=None, paused_at=None)

    def sending(self) -> "IssueQuerySet":
        return self.filter(frozen_at__isnull=False, finished_at=None, paused_at=None)

    def coming(self) -> "IssueQuerySet":
        """Those that go out at an hour that is set, the next first."""
        return self.filter(send_at__isnull=False, frozen_at=None, paused_at=None).order_by("send_at", "pk")

    def stopped(self) -> "IssueQuerySet":
        return self.filter(paused_at__isnull=False, finished_at=None)

    def frozen_since(self, moment: datetime) -> "IssueQuerySet":
        return self.filter(frozen_at__gte=moment)

    def archived(self) -> "IssueQuerySet":
        """What stands on the web: everything that has begun to go out."""
        return self.filter(frozen_at__isnull=False)

    def newest_first(self) -> "IssueQuerySet":
        return self.order_by("-frozen_at", "-pk")

    def for_archive(self) -> "IssueQuerySet":
        return self.select_related("newsletter").defer("letter_html", "letter_text", "letter_head")

    def named(self, name: str) -> "Issue":
        """By `newsletter-slug/issue-slug`, or by id. Raises ValidationError if there is none."""
        newsletter, _slash, slug = name.partition("/")
        wanted = Q(pk=int(name)) if name.isascii() and name.isdigit() else Q(newsletter__slug=newsletter, slug=slug)
        found = self.select_related("newsletter").filter(wanted).first()
        if found is None:
            raise ValidationError(
                _("There is no issue “%(name)s”: name it as newsletter/issue, such as weekly/ready, or by its number.")
                % {"name": name}
            )
        return found


class Issue(models.Model):
    """One letter, put together once, sent once."""

    class Stand(models.TextChoices):
        DRAFT = "draft", gettext_lazy("Draft")
        SCHEDULED = "scheduled", gettext_lazy("Scheduled")
        SENDING = "sending", gettext_lazy("Going out")
        PAUSED = "paused", gettext_lazy("Paused")
        SENT = "sent", gettext_lazy("Sent")

    newsletter = models.ForeignKey(
        Newsletter, verbose_name=gettext_lazy("newsletter"), on_delete=models.PROTECT, related_name="issues"
    )

    # What it says
    subject = models.CharField(gettext_lazy("subject"), max_length=150)
    slug = models.SlugField(gettext_lazy("address"), max_length=80)
    preheader = models.CharField(
        gettext_lazy("preheader"),
        max_length=150,
        blank=True,
        help_text=gettext_lazy("What mail programs show beside the subject."),
    )
    intro = models.TextField(
        gettext_lazy("opening"), blank=True, help_text=gettext_lazy("In your own voice, before the articles.")
    )
    articles = models.ManyToManyField(Article, through="IssueArticle", related_name="issues")

    # Where it stands: moments, never flags
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    send_at = models.DateTimeField(gettext_lazy("goes out"), null=True, editable=False)
    frozen_at = models.DateTimeField(gettext_lazy("frozen"), null=True, editable=False)
    paused_at = models.DateTimeField(gettext_lazy("paused"), null=True, editable=False)
    paused_because = models.CharField(max_length=LONGEST_REASON, blank=True, editable=False)
    not_after = models.DateTimeField(gettext_lazy("not to be sent after"), null=True, editable=False)
    finished_at = models.DateTimeField(gettext_lazy("finished"), null=True, editable=False)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )

    # Frozen with the audience: with a Delivery, this makes every byte of a copy
    letter_html = models.TextField(editable=False, blank=True)
    letter_text = models.TextField(editable=False, blank=True)
    letter_from = models.CharField(max_length=300, editable=False, blank=True)
    letter_head = models.TextField(editable=False, blank=True)
    letter_site = models.CharField(max_length=200, editable=False, blank=True)

    # How many deliveries freezing made; the books must add up to it
    audience = models.PositiveIntegerField(gettext_lazy("readers"), null=True, editable=False)

    objects = IssueQuerySet.as_manager()

    if TYPE_CHECKING:
        deliveries: DeliveryQuerySet

    class Meta:
        verbose_name = gettext_lazy("issue")
        verbose_name_plural = gettext_lazy("issues")
        permissions = [("send_issue", "Can send, pause and cancel an issue")]
        constraints = [
            models.UniqueConstraint(
                name="newsletter_issue_address_once",
                fields=["newsletter", "slug"],
                violation_error_message=gettext_lazy(
                    "This newsletter has an issue at that address: choose another one."
                ),
            ),
            models.CheckConstraint(
                name="newsletter_issue_frozen_before_finished",
                condition=Q(finished_at=None) | Q(frozen_at__isnull=False),
                violation_error_message=gettext_lazy("An issue is frozen before it is finished."),
            ),
            models.CheckConstraint(
                name="newsletter_issue_frozen_is_whole",
                condition=Q(frozen_at=None)
                | (
                    ~Q(letter_html="")
                    & ~Q(letter_text="")
                    & ~Q(letter_from="")
                    & ~Q(letter_head="")
                    & Q(audience__isnull=False)
                ),
                violation_error_message=gettext_lazy("A frozen issue holds its letter and knows its readers."),
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    def get_absolute_url(self) -> str:
        return reverse("newsletter:issue", args=[self.newsletter.slug, self.slug])

    # Where it stands

    @property
    def stand(self) -> Stand:
        if self.finished_at:
            return self.Stand.SENT
        if self.paused_at:
            return self.Stand.PAUSED
        if self.frozen_at:
            return self.Stand.SENDING
        return self.Stand.SCHEDULED if self.send_at else self.Stand.DRAFT

    @property
    def is_frozen(self) -> bool:
        return self.frozen_at is not None

    @property
    def is_too_late(self) -> bool:
        return self.not_after is not None and self.not_after <= timezone.now()

    # What it holds, and for whom

    def cards(self) -> list[Article]:
        """Its articles that readers may see, in its own order."""
        order = list(self.contents.values_list("article_id", flat=True))
        found = Article.objects.live().for_cards().in_bulk(order)
        return [found[pk] for pk in order if pk in found]

    def corrections_since(self) -> "CorrectionQuerySet":
        """Notes on its articles that its readers cannot have seen: newer than the letter itself."""
        notes = Correction.objects.live().on(self.contents.values("article"))
        seen = self.frozen_at or timezone.now()
        return notes.since(seen).select_related("article").newest_first()

    def readers(self) -> "SubscriptionQuerySet":
        """Whom it would reach at this moment."""
        return self.newsletter.subscriptions.mailable()

    def letter(self, *, at: datetime | None = None) -> Letter:
        """The letter as it would be frozen now."""
        return compose(self, self.cards(), at=at or timezone.now())

    def preview(self) -> Letter:
        """What a reader would get, with nobody's links in it; once it is frozen, what they got."""
        if not self.is_frozen:
            return specimen(self.letter())
        return specimen(self.frozen_letter)

    @property
    def frozen_letter(self) -> Letter:
        return Letter(
            html=self.letter_html,
            text=self.letter_text,
            sender=self.letter_from,
            head=self.letter_head,
            site=self.letter_site,
        )

    def problems(self, *, at: datetime) -> list[ValidationError]:
        """What keeps it from going out at that moment, one sentence for each."""
        return [ValidationError(sentence, code=field) for field, sentence in self._missing(at=at)]

    def _missing(self, *, at: datetime) -> Iterable[tuple[str, str]]:
        chosen = Article.objects.filter(issues=self)
        if not Installation.objects.is_confirmed():
            yield "installation", unconfirmed()
        if not self.subject.strip():
            yield "subject", _("Write a subject.")
        if not self.intro.strip() and not chosen.exists():
            yield "articles", _("Choose an article, or write an opening.")
        for article in chosen.exclude(pk__in=chosen.live(at=at)):
            yield (
                "articles",
                _("“%(article)s” is not before readers by then: publish it, or take it out.") % {"article": article},
            )
        if not self.readers().exists():
            yield "newsletter", _("Nobody subscribes to “%(name)s” yet.") % {"name": self.newsletter}

    def books(self) -> dict[str, int]:
        """What became of its copies: total = open + accepted + failed + uncertain + skipped."""
        counts = self.deliveries.counted()
        return {
            "total": sum(counts.values()),
            "open": counts["queued"] + counts["claimed"] + counts["handing"],
            **{state: counts[state] for state in ("queued", "claimed", "handing")},
            **{state: counts[state] for state in ("accepted", "failed", "uncertain", "skipped")},
        }

    # Verbs

    def send(
        self, *, by: Any, at: datetime | None = None, now: bool = False, not_after: datetime | None = None
    ) -> None:
        """Let it go out: in five minutes, at the given moment, or now. A worker does the rest.

        A worker that comes back later than `not_after` sends nothing, and asks.

        Raises ValidationError with one sentence for each thing that is missing.
        """
        with transaction.atomic():
            self._lock()
            moment = timezone.now()
            when = moment if now else max(at or moment + SECOND_THOUGHTS, moment)
            if self.is_frozen:
                raise ValidationError(_("This issue is going out already, or has gone."))
            if self.send_at and not (at or now):
                raise ValidationError(
                    _("This issue goes out at %(when)s already: cancel that first, or name another moment.")
                    % {"when": _spoken(self.send_at)}
                )
            if not_after and not_after <= when:
                raise ValidationError(_("It would be too late before it begins: name a later end."))
            if problems := self.problems(at=when):
                raise ValidationError(problems)
            self.send_at, self.sent_by, self.paused_at, self.paused_because = when, by, None, ""
            self.not_after = not_after
            self.save(update_fields=["send_at", "sent_by", "paused_at", "paused_because", "not_after"])
            Entry.objects.record("send", on=self, by=by, send_at=when)
            ring()

    def cancel_sending(self, *, by: Any) -> None:
        """Take the order back, while no copy has been made."""
        with transaction.atomic():
            self._lock()
            if self.is_frozen:
                raise ValidationError(_("It is too late to cancel: the letter is going out. You can pause it."))
            if not self.send_at:
                raise ValidationError(_("This issue is not waiting to go out."))
            self.send_at = self.paused_at = None
            self.paused_because = ""
            self.save(update_fields=["send_at", "paused_at", "paused_because"])
            Entry.objects.record("cancel sending", on=self, by=by)

    def pause(self, *, by: Any, because: str) -> None:
        """Hand over no further copy until somebody resumes. `by` is None where the house itself stops."""
        with transaction.atomic():
            self._lock()
            if self.stand not in {self.Stand.SCHEDULED, self.Stand.SENDING}:
                raise ValidationError(_("Only an issue that is waiting to go out, or going out, can be paused."))
            self._stop(because, by=by)

    def resume(self, *, by: Any) -> None:
        with transaction.atomic():
            self._lock()
            if self.stand != self.Stand.PAUSED:
                raise ValidationError(_("This issue is not paused."))
            self.paused_at, self.paused_because = None, ""
            if self.is_too_late:  # somebody knows, and wants it all the same
                self.not_after = None
            self.save(update_fields=["paused_at", "paused_because", "not_after"])
            Entry.objects.record("resume", on=self, by=by)
            ring()

    def freeze(self) -> bool:
        """Compile the letter and write one delivery per reader, all at once or not at all. Says whether it did.

        An issue that may no longer go out, because an article of it was withdrawn, pauses and says so.
        """
        with transaction.atomic():
            self._lock()
            moment = timezone.now()
            if self.is_frozen or self.paused_at or not self.send_at or self.send_at > moment:
                return False
            if self.stop_if_late():
                return False
            if problems := self.problems(at=moment):
                self._stop(" ".join(ValidationError(problems).messages), by=None)
                return False
            letter = self.letter(at=moment)
            self.letter_html, self.letter_text, self.letter_site = letter.html, letter.text, letter.site
            self.letter_from, self.letter_head, self.frozen_at = letter.sender, letter.head, moment
            self.audience = self.deliveries.enter(self.readers(), issue=self)
            self.save(
                update_fields=[
                    "letter_html", "letter_text", "letter_from", "letter_head", "letter_site", "frozen_at", "audience",
                ]
            )  # fmt: skip
            Entry.objects.record("freeze", on=self, audience=self.audience)
        return True

    def finish(self) -> bool:
        """When nothing is left to hand over. Says whether this call finished it."""
        if self.deliveries.unfinished().exists() or not self.balance() or self.asks():
            return False
        with transaction.atomic():
            left = self.deliveries.model.objects.unfinished().filter(issue=OuterRef("pk"))
            done = Issue.objects.sending().filter(pk=self.pk).exclude(Exists(left)).update(finished_at=timezone.now())
            if done:
                self.refresh_from_db(fields=["finished_at"])
                Entry.objects.record("finish", on=self, **self.books())
        return bool(done)

    def asks(self) -> bool:
        """Whether the newsletter wants a person to settle what is uncertain, and there is some: then it pauses."""
        if self.newsletter.on_doubt != Newsletter.Doubt.ASK:
            return False
        doubtful = self.deliveries.uncertain().count()
        if doubtful:
            self._stop_going_out(
                ngettext(
                    "Nobody knows whether %(count)s copy was taken: look it up in the mail server’s log, "
                    "and settle it.",
                    "Nobody knows whether %(count)s copies were taken: look them up in the mail server’s log, "
                    "and settle them.",
                    doubtful,
                )
                % {"count": doubtful}
            )
        return bool(doubtful)

    def stop_if_late(self) -> bool:
        """Whether it may not be sent any more, now; then it pauses and says so."""
        if not self.is_too_late or not self.not_after:
            return False
        sentence = _("It was not to be sent after %(when)s, and now it is later. Resume it to send it all the same.")
        return self._stop_going_out(sentence % {"when": _spoken(self.not_after)})

    def reopen(self) -> None:
        """A copy of it is to go out once more."""
        if self.finished_at:
            self.finished_at = self.not_after = None
            self.save(update_fields=["finished_at", "not_after"])

    def balance(self) -> bool:
        """Whether the books add up to the audience that was frozen. If not, the issue pauses and says so."""
        total = self.books()["total"]
        if total == self.audience:
            return True
        sentence = _("The books do not balance: %(audience)s copies were made, %(total)s are there.")
        self._stop_going_out(sentence % {"audience": self.audience, "total": total})
        return False

    def reconcile(self, verdict: str, *, by: Any) -> int:
        """Settle what is uncertain, as somebody found out: "accepted", "failed", or "repeat". Says how many."""
        now = timezone.now()
        changes: dict[str, dict[str, Any]] = {
            "accepted": {"state": "accepted", "settled_at": now},
            "failed": {"state": "failed", "settled_at": now},
            "repeat": {"state": "queued", "settled_at": None, "repeated_at": now},
        }
        with transaction.atomic():
            self._lock()
            settled = self.deliveries.uncertain().update(not_before=None, **changes[verdict])
            if settled and verdict == "repeat":
                self.reopen()
            if settled:
                Entry.objects.record("reconcile", on=self, by=by, verdict=verdict, copies=settled)
                ring()
        return settled

    # How the verbs do it

    def _lock(self) -> None:
        self.refresh_from_db(from_queryset=Issue.objects.select_for_update(of=("self",)))

    def _stop_going_out(self, because: str) -> bool:
        """The house itself stops it, unless somebody else did already. True, for those who ask whether it stands."""
        with transaction.atomic():
            self._lock()
            if self.stand in {self.Stand.SCHEDULED, self.Stand.SENDING}:
                self._stop(because, by=None)
        return True

    def _stop(self, because: str, *, by: Any) -> None:
        self.paused_at, self.paused_because = timezone.now(), because[:LONGEST_REASON]
        self.save(update_fields=["paused_at", "paused_because"])
        Entry.objects.record("pause", on=self, by=by, because=because)


class IssueArticle(models.Model):
    """An article's ordered place in an issue."""

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="contents")
    article = models.ForeignKey(
        Article, verbose_name=gettext_lazy("article"), on_delete=models.PROTECT, related_name="+"
    )
    position = models.PositiveSmallIntegerField(gettext_lazy("position"), default=0)

    class Meta:
        verbose_name = gettext_lazy("article of the issue")
        verbose_name_plural = gettext_lazy("articles of the issue")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="newsletter_issuearticle_once",
                fields=["issue", "article"],
                violation_error_message=gettext_lazy("This article stands in the issue already."),
            )
        ]

    def __str__(self) -> str:
        return str(self.article)


def _spoken(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")
