from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain, count
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from procrastinate.contrib.django import app

from articles.merging import merge, merge_sequences
from articles.models import Article, Correction, Publication
from newsletter.letters.compose import Letter, compose, for_nobody, specimen
from newsletter.letters.content import Block, IssueContent, Kind, blocks_from
from newsletter.letters.parts import Part
from newsletter.letters.prose import personal_tags_in
from newsletter.mail import new_message_id
from newsletter.models.installation import Installation, unconfirmed
from newsletter.models.issue_revision import IssueRevision
from newsletter.models.newsletter import Newsletter
from newsletter.sending.bell import ring
from newsroom.audit.models import Entry
from newsroom.reserved import NEWSLETTER_SEGMENTS
from newsroom.written import EditConflict, Written

if TYPE_CHECKING:
    from articles.models.correction import CorrectionQuerySet
    from newsletter.models.delivery import DeliveryQuerySet
    from newsletter.models.subscriber import SubscriptionQuerySet

# How long a press of the button can be taken back.
SECOND_THOUGHTS = timedelta(minutes=5)
LONGEST_REASON = 300
LONGEST_SLUG = 80
TRIALS_AN_HOUR = 20
# Mail programs cut off a letter that is longer; a little of it is left for what grows on the way.
LONGEST_LETTER = 100_000


EDITED = ("subject", "slug", "preheader", "from_name", "reply_to")


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
        return self.select_related("newsletter").defer("letter_html", "letter_text", "letter_head", "letter_parts")

    def for_reading(self) -> "IssueQuerySet":
        """With its parts, as the page on the web shows them."""
        return self.select_related("newsletter").defer("letter_html", "letter_text", "letter_head")

    # How an issue begins

    def begin(self, newsletter: Newsletter, content: IssueContent, *, by: Any, **facts: Any) -> "Issue":
        """A new draft, with its first revision."""
        content = content.cleaned()
        with transaction.atomic():
            # Two that begin at the same moment must not both find an address free.
            Newsletter.objects.select_for_update(of=("self",)).get(pk=newsletter.pk)
            slug = self.free_slug(newsletter, content.slug or content.subject)
            issue = self.model(newsletter=newsletter, subject=content.subject, slug=slug, **facts)
            issue.save()
            issue.keep(replace(content, slug=slug), by=by)
        return issue

    def begin_like_last(self, newsletter: Newsletter, *, subject: str, by: Any) -> "Issue":
        """A copy of the newest one to start from: its shape and its words, with the articles left out."""
        last = newsletter.issues.order_by("-pk").first()
        content = last.content if last else IssueContent()
        blocks = tuple(block for block in content.blocks if block.article is None)
        return self.begin(newsletter, replace(content, subject=subject, slug="", preheader="", blocks=blocks), by=by)

    def begin_from(
        self, article: Article, *, newsletter: Newsletter, publication: Publication | None, by: Any
    ) -> "Issue":
        """One article as a letter of its own; a publication makes one for each newsletter at most."""
        blocks = (Block(Kind.FULL, article=article.pk),)
        content = IssueContent(subject=article.title[:150], preheader=article.standfirst[:150], blocks=blocks)
        return self.begin(newsletter, content, by=by, publication=publication)

    def free_slug(self, newsletter: Newsletter, words: str) -> str:
        base = slugify(words)[: LONGEST_SLUG - 8].strip("-_") or slugify(f"{timezone.localdate()}")
        taken = set(newsletter.issues.filter(slug__startswith=base).values_list("slug", flat=True))
        taken |= NEWSLETTER_SEGMENTS
        return next(slug for slug in chain([base], (f"{base}-{number}" for number in count(2))) if slug not in taken)

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


class Issue(Written):
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
    slug = models.SlugField(gettext_lazy("address"), max_length=LONGEST_SLUG)
    preheader = models.CharField(
        gettext_lazy("preheader"),
        max_length=150,
        blank=True,
        help_text=gettext_lazy("What mail programs show beside the subject."),
    )
    from_name = models.CharField(
        gettext_lazy("sender’s name"), max_length=80, blank=True, help_text=gettext_lazy("The newsletter’s, if empty.")
    )
    reply_to = models.EmailField(
        gettext_lazy("answers go to"), blank=True, help_text=gettext_lazy("Where the newsletter’s go, if empty.")
    )
    # The parts in their order: letters/content.py says what one holds
    blocks = models.JSONField(default=list, blank=True, editable=False)
    # Which articles stand in the parts, for whoever asks from the article's side
    articles = models.ManyToManyField(Article, through="IssueArticle", related_name="issues")

    # What it was made from, if from a publication
    publication = models.ForeignKey(Publication, null=True, editable=False, on_delete=models.SET_NULL, related_name="+")

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
    letter_parts = models.JSONField(editable=False, default=list, blank=True)
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
            models.UniqueConstraint(
                name="newsletter_issue_publication_once",
                fields=["newsletter", "publication"],
                violation_error_message=gettext_lazy("This publication is a letter of this newsletter already."),
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

    @property
    def content(self) -> IssueContent:
        named = {name: getattr(self, name) for name in EDITED}
        return IssueContent(**named, blocks=blocks_from(self.blocks))

    def showing(self, content: IssueContent) -> "Issue":
        """This issue as it would be with that content. Nothing is written."""
        shown = Issue(pk=self.pk, newsletter=self.newsletter)
        shown._set(content)
        return shown

    def corrections_since(self) -> "CorrectionQuerySet":
        """Notes on its articles that its readers cannot have seen: newer than the letter itself."""
        notes = Correction.objects.live().on(self.contents.values("article"))
        seen = self.frozen_at or timezone.now()
        return notes.since(seen).select_related("article").newest_first()

    def parts_on_the_web(self) -> list[Part]:
        """What was mailed, with nobody's name in it. An article that was withdrawn since is not shown any more."""
        mailed = [part["article"] for part in self.letter_parts if "article" in part]
        there = set(Article.objects.live().filter(pk__in=mailed).values_list("pk", flat=True))
        shown = [part for part in self.letter_parts if part.get("article") in {None, *there}]
        return [for_nobody(part, site=self.letter_site) for part in shown]

    def readers(self) -> "SubscriptionQuerySet":
        """Whom it would reach at this moment."""
        return self.newsletter.subscriptions.mailable()

    def letter(self, *, at: datetime | None = None) -> Letter:
        """The letter as it would be frozen now."""
        at = at or timezone.now()
        return compose(self, Article.objects.live(at=at), at=at)

    def preview(self) -> Letter:
        """What a reader would get, with nobody's links in it; once it is frozen, what they got.

        What is scheduled is shown as it will be.
        """
        if not self.is_frozen:
            return specimen(compose(self, Article.objects.filter(published_at__isnull=False, withdrawn_at=None)))
        return specimen(self.frozen_letter)

    @property
    def frozen_letter(self) -> Letter:
        return Letter(
            html=self.letter_html,
            text=self.letter_text,
            sender=self.letter_from,
            head=self.letter_head,
            site=self.letter_site,
            parts=self.letter_parts,
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
        if tags := personal_tags_in(self.subject):
            yield "subject", _("A subject is the same for everybody: take %(tag)s out of it.") % {"tag": tags[0]}
        if not self.blocks:
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

    def restore(self, revision: IssueRevision, *, by: Any, based_on: int | None = None) -> IssueRevision:
        """What was kept once, as a new revision. Raises EditConflict where somebody saved a newer one meanwhile."""
        content = revision.content
        blocks = tuple(block for block in content.blocks if block.article in {None, *self._articles_of(content)})
        with transaction.atomic():
            self._lock()
            newest = self.newest_revision
            if newest and based_on is not None and newest.number != based_on:
                raise EditConflict(newest)
            restored = self._keep(replace(content, blocks=blocks), by, None, None, None)
            Entry.objects.record("restore", on=self, by=by, revision=restored.number, of=revision.number)
        return restored

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
            Entry.objects.record("send", on=self, by=by, send_at=when, **{"not_after": not_after} if not_after else {})
            ring()

    def try_out(self, people: Sequence[Any], *, by: Any) -> None:
        """A copy marked as a trial, with nobody's links in it, to people of the house. By a worker."""
        hour = timezone.now() - timedelta(hours=1)
        lines = Entry.objects.filter(person=by, verb="try out", at__gt=hour).values_list("details__copies", flat=True)
        if not people:
            raise ValidationError(_("Choose who is to get the trial."))
        if sum(lines) + len(people) > TRIALS_AN_HOUR:
            raise ValidationError(
                _("More than %(most)s trials within an hour are too many: wait a little.") % {"most": TRIALS_AN_HOUR}
            )
        with transaction.atomic():
            Entry.objects.record("try out", on=self, by=by, copies=len(people), to=[person.pk for person in people])
            task = app.configure_task("newsletter.try_out", allow_unknown=False)
            for person in people:
                facts = {"issue": self.pk, "person": person.pk, "message_id": new_message_id()}
                task.defer(at=timezone.now().isoformat(), **facts)

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
            self.letter_parts = letter.parts
            self.audience = self.deliveries.enter(self.readers(), issue=self)
            self.save(
                update_fields=[
                    "letter_html", "letter_text", "letter_from", "letter_head", "letter_site", "letter_parts",
                    "frozen_at", "audience",
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

    def reconcile(self, verdict: str, *, by: Any, seen: int | None = None) -> int:
        """Settle what is uncertain, as somebody found out: "accepted", "failed", or "repeat". Says how many.

        Whoever was told a number means those: raises ValidationError where there are more or fewer by now.
        """
        now = timezone.now()
        changes: dict[str, dict[str, Any]] = {
            "accepted": {"state": "accepted", "settled_at": now},
            "failed": {"state": "failed", "settled_at": now},
            "repeat": {"state": "queued", "settled_at": None, "repeated_at": now, "call": ""},
        }
        with transaction.atomic():
            self._lock()
            if seen is not None and seen != self.deliveries.uncertain().count():
                raise ValidationError(_("There are more or fewer of them by now: look again. Nothing was settled."))
            settled = self.deliveries.uncertain().update(not_before=None, **changes[verdict])
            if settled and verdict == "repeat":
                self.reopen()
            if settled:
                Entry.objects.record("reconcile", on=self, by=by, verdict=verdict, copies=settled)
                ring()
        return settled

    # How the verbs do it

    def _put_together(self, base: IssueContent, newest: IssueContent, content: IssueContent) -> IssueContent | None:
        return merge(base, newest, content, parts={"blocks": merge_sequences})

    def _check_open(self) -> None:
        if self.is_frozen:
            raise ValidationError(_("This issue is going out, or has gone: nothing in it is changed any more."))

    def _set(self, content: IssueContent) -> None:
        for name in EDITED:
            setattr(self, name, getattr(content, name))
        self.blocks = [block.as_json() for block in content.blocks]

    def _took(self, content: IssueContent) -> None:
        """Write the content into the row, and which articles stand in it beside it."""
        self._set(content)
        self.validate_constraints()
        self.save(update_fields=[*EDITED, "blocks"])
        self.contents.all().delete()
        IssueArticle.objects.bulk_create(
            IssueArticle(issue=self, article_id=article, position=position)
            for position, article in enumerate(self._articles_of(content))
        )

    def _articles_of(self, content: IssueContent) -> list[int]:
        """Those that are still there."""
        there = set(Article.objects.filter(pk__in=content.articles).values_list("pk", flat=True))
        return [article for article in content.articles if article in there]

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
