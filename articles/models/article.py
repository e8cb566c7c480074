from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.db.models import Q
from django.db.models.functions import Coalesce, Upper
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from procrastinate.contrib.django import app

from articles.body import Heading, figures_in, headings_in, plain_text, render, word_count
from articles.comparing import words_changed
from articles.content import Content
from articles.merging import merge
from articles.models.address import Address
from articles.models.byline import Byline, Pick
from articles.models.cards import bylines, correction_cards, part_cards, tag_cards
from articles.models.correction import Correction
from articles.models.photo import Photo
from articles.models.preview_link import PreviewLink
from articles.models.publication import Publication, Unexplained
from articles.models.queryset import ArticleQuerySet
from articles.models.revision import Revision
from articles.models.subject import Section, Series, Tag
from articles.readiness import problems_of
from articles.restoring import Gone
from authors.cards import AuthorCard, author_cards
from authors.models import Author
from newsroom.audit.models import Entry
from newsroom.identity.models import Identity
from newsroom.identity.templatetags.furniture import day_beside
from newsroom.written import EditConflict, Written

WORDS_PER_MINUTE = 230
SEARCHED_CHARACTERS = 400_000
CONTENTS_FROM_WORDS = 1_200
CONTENTS_FROM_PARTS = 3
# Of what went out longer ago nobody is told any more: it moves in from elsewhere, or the worker was away for days.
NEWS_FOR = timedelta(days=1)


class Article(Written):
    """A text with a headline. Its columns are what readers get; what editors write is kept as revisions.

    Only a draft, which nobody reads, follows its newest revision; from the first schedule on, `publish` alone writes.
    """

    class Stand(models.TextChoices):
        DRAFT = "draft", gettext_lazy("Draft")
        SUBMITTED = "submitted", gettext_lazy("Submitted")
        SCHEDULED = "scheduled", gettext_lazy("Scheduled")
        LIVE = "live", gettext_lazy("Live")
        WITHDRAWN = "withdrawn", gettext_lazy("Withdrawn")

    # What it says
    title = models.CharField(gettext_lazy("headline"), max_length=200, blank=True)
    standfirst = models.TextField(gettext_lazy("standfirst"), max_length=500, blank=True)
    body = models.TextField(gettext_lazy("text"), blank=True)
    photo = models.ForeignKey(
        Photo,
        verbose_name=gettext_lazy("lead photo"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="leads",
    )

    # Where it belongs
    slug = models.SlugField(gettext_lazy("address"), max_length=80, blank=True)
    section = models.ForeignKey(
        Section,
        verbose_name=gettext_lazy("section"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="articles",
    )
    series = models.ForeignKey(
        Series,
        verbose_name=gettext_lazy("series"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="articles",
    )
    part = models.PositiveSmallIntegerField(gettext_lazy("part"), null=True, blank=True)
    tags = models.ManyToManyField(Tag, verbose_name=gettext_lazy("tags"), blank=True, related_name="articles")

    # How it looks elsewhere: in search results, under shared links
    search_title = models.CharField(gettext_lazy("search title"), max_length=200, blank=True)
    search_description = models.CharField(gettext_lazy("search description"), max_length=500, blank=True)
    share_photo = models.ForeignKey(
        Photo,
        verbose_name=gettext_lazy("share picture"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="shares",
    )
    canonical_url = models.URLField(gettext_lazy("first published at"), max_length=500, blank=True)

    # Whose it is
    authors = models.ManyToManyField(Author, through="Byline", related_name="articles")
    begun_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    begun_at = models.DateTimeField(default=timezone.now, editable=False)

    # Where it stands: moments, never flags
    submitted_at = models.DateTimeField(gettext_lazy("submitted"), null=True, editable=False)
    sent_back_at = models.DateTimeField(gettext_lazy("sent back"), null=True, editable=False)
    first_published_at = models.DateTimeField(gettext_lazy("first published"), null=True, editable=False)
    published_at = models.DateTimeField(gettext_lazy("published"), null=True, editable=False)
    # When the house put it before readers. From then on no clock that is set back hides it; only a withdrawal does.
    appeared_at = models.DateTimeField(null=True, editable=False)
    updated_at = models.DateTimeField(gettext_lazy("updated"), null=True, editable=False)
    withdrawn_at = models.DateTimeField(gettext_lazy("withdrawn"), null=True, editable=False)
    withdrawn_because = models.CharField(max_length=300, blank=True, editable=False)

    # Which revision readers have
    live_revision = models.ForeignKey(Revision, null=True, editable=False, on_delete=models.PROTECT, related_name="+")

    # Made when the text is kept, not when it is read
    body_html = models.TextField(editable=False, blank=True)
    body_text = models.TextField(editable=False, blank=True)
    word_count = models.PositiveIntegerField(editable=False, default=0)
    figures = models.ManyToManyField(Photo, editable=False, related_name="shown_in")
    search = models.GeneratedField(
        expression=SearchVector("title", weight="A", config="newsroom")
        + SearchVector("standfirst", weight="B", config="newsroom")
        + SearchVector("body_text", weight="C", config="newsroom"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = ArticleQuerySet.as_manager()

    # Columns of for_page() and its kin
    if TYPE_CHECKING:
        author_cards: list[dict[str, str]]
        tag_cards: list[dict[str, str]]
        correction_cards: list[dict[str, str]]
        part_cards: list[dict[str, Any]]
        title_snippet: str
        snippet: str
        meant: str | None

    class Meta:
        verbose_name = gettext_lazy("article")
        verbose_name_plural = gettext_lazy("articles")
        permissions = [
            ("submit_article", "Can submit an article"),
            ("send_back_article", "Can send an article back"),
            ("publish_article", "Can publish and schedule an article"),
            ("withdraw_article", "Can withdraw an article"),
            ("open_preview_article", "Can make preview links of an article"),
        ]
        indexes = [
            models.Index(fields=["-published_at", "-id"], name="articles_article_live", condition=Q(withdrawn_at=None)),
            models.Index(
                fields=["section", "-published_at"], name="articles_article_section", condition=Q(withdrawn_at=None)
            ),
            models.Index(
                fields=["id"],
                include=["published_at", "updated_at", "appeared_at"],
                name="articles_article_sitemap",
                condition=Q(published_at__isnull=False, withdrawn_at=None, canonical_url=""),
            ),
            models.Index(fields=["series", "part", "first_published_at"], name="articles_article_series"),
            GinIndex(fields=["search"], name="articles_article_search"),
            # For the desk's lists: what has a word in its headline, and the few that readers do not have.
            GinIndex(OpClass(Upper("title"), name="gin_trgm_ops"), name="articles_article_headline"),
            models.Index(
                fields=["submitted_at", "-id"], name="articles_article_unpublished", condition=Q(published_at=None)
            ),
            models.Index(fields=["-id"], name="articles_article_withdrawn", condition=Q(withdrawn_at__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(
                name="articles_article_address_once",
                fields=["slug"],
                condition=Q(published_at__isnull=False),
                violation_error_message=gettext_lazy("Another article has this address: choose another one."),
            ),
            models.CheckConstraint(
                name="articles_article_published_is_whole",
                condition=Q(published_at=None)
                | (
                    ~Q(title="")
                    & ~Q(standfirst="")
                    & ~Q(slug="")
                    & Q(section__isnull=False, live_revision__isnull=False)
                ),
                violation_error_message=gettext_lazy(
                    "Before publishing, an article needs a headline, a standfirst, an address and a section."
                ),
            ),
            models.CheckConstraint(
                name="articles_article_withdrawn_was_published",
                condition=Q(withdrawn_at=None) | Q(published_at__isnull=False),
                violation_error_message=gettext_lazy("Only what was published can be withdrawn."),
            ),
            models.CheckConstraint(
                name="articles_article_canonical_is_https",
                condition=Q(canonical_url="") | Q(canonical_url__startswith="https://"),
                violation_error_message=gettext_lazy("The address where it first appeared begins with https://."),
            ),
        ]

    def __str__(self) -> str:
        return self.title or _("Untitled article")

    def get_absolute_url(self) -> str:
        return f"/{self.slug}/"

    # Where it stands

    @property
    def stand(self) -> Stand:
        if self.withdrawn_at:
            return self.Stand.WITHDRAWN
        if self.published_at:
            is_out = self.appeared_at or self.published_at <= timezone.now()
            return self.Stand.LIVE if is_out else self.Stand.SCHEDULED
        return self.Stand.SUBMITTED if self.submitted_at else self.Stand.DRAFT

    @property
    def is_live(self) -> bool:
        return self.stand == self.Stand.LIVE

    @property
    def working_copy(self) -> Revision | None:
        """The newest saved revision, while readers have an older one."""
        newest = self.newest_revision
        return newest if newest and self.live_revision_id and newest.pk != self.live_revision_id else None

    # What pages print of it

    @cached_property
    def people(self) -> list[AuthorCard]:
        rows = self.author_cards if "author_cards" in self.__dict__ else _fetch(self, author_cards(bylines()))
        return [AuthorCard(**row) for row in rows]

    @cached_property
    def subjects(self) -> list[Tag]:
        rows = self.tag_cards if "tag_cards" in self.__dict__ else _fetch(self, tag_cards())
        return [Tag(**row) for row in rows]

    @cached_property
    def corrections_shown(self) -> list[Correction]:
        rows = self.correction_cards if "correction_cards" in self.__dict__ else _fetch(self, correction_cards())
        return [Correction(**row | {"published_at": parse_datetime(row["published_at"])}) for row in rows]

    @property
    def corrected(self) -> str:
        """What the date line says of the newest note, such as "Corrected 20 November"; empty without one."""
        if not self.corrections_shown:
            return ""
        note = self.corrections_shown[-1]
        return note.dated % {"day": day_beside(note.published_at, self.first_published_at)}

    @property
    def serious_corrections(self) -> list[Correction]:
        return [note for note in self.corrections_shown if note.is_serious]

    @property
    def other_corrections(self) -> list[Correction]:
        return [note for note in self.corrections_shown if not note.is_serious]

    @cached_property
    def place_in_series(self) -> "Place | None":
        """Which part it is of how many, and what comes before and after; nothing if it is the only one."""
        rows = self.part_cards if "part_cards" in self.__dict__ else _fetch(self, part_cards(Article.objects.live()))
        found = next((number for number, row in enumerate(rows) if row["pk"] == self.pk), None)
        if self.series is None or found is None or len(rows) < 2:
            return None
        parts = [Article(title=row["title"], slug=row["slug"]) for row in rows]
        return Place(
            series=self.series,
            number=found + 1,
            total=len(parts),
            previous=parts[found - 1] if found else None,
            following=parts[found + 1] if found + 1 < len(parts) else None,
        )

    @property
    def title_elsewhere(self) -> str:
        """What search results and shared links call it; on its own page it has its headline."""
        return self.search_title or self.title

    @property
    def summary_elsewhere(self) -> str:
        return self.search_description or self.standfirst

    @property
    def photo_elsewhere(self) -> Photo | None:
        return self.share_photo or self.photo

    @property
    def opens_with_quote(self) -> bool:
        """A drop cap and a quotation mark do not go together."""
        return not self.body_html.startswith("<p>") or self.body_html[3:4] in "“‘„«‚\"'(["

    @property
    def has_embeds(self) -> bool:
        return "data-frame=" in self.body_html

    @cached_property
    def contents(self) -> list[Heading]:
        """The parts of a text that is long enough to be looked through."""
        if self.word_count < CONTENTS_FROM_WORDS:
            return []
        parts = [heading for heading in headings_in(self.body_html) if heading.level == 2 and heading.anchor != "notes"]
        return parts if len(parts) >= CONTENTS_FROM_PARTS else []

    @property
    def reading_minutes(self) -> int:
        return max(1, round(self.word_count / WORDS_PER_MINUTE))

    # Verbs

    def saying(self, content: Content) -> Revision | None:
        """The newest saved revision, if it is just that."""
        newest = self.newest_revision
        return newest if newest and newest.content == content.cleaned() else None

    def submit(self, *, by: Any) -> None:
        """Hand the draft to the editors."""
        with transaction.atomic():
            self._lock()
            if self.published_at or self.submitted_at:
                raise ValidationError(_("This article is with the editors already."))
            self.submitted_at, self.sent_back_at = timezone.now(), None
            self.save(update_fields=["submitted_at", "sent_back_at"])
            Entry.objects.record("submit", on=self, by=by)
            self._tell_people("submitted", by=by)

    def send_back(self, *, by: Any, note: str = "") -> None:
        """Return a submitted article to its writer."""
        with transaction.atomic():
            self._lock()
            if not self.submitted_at or self.published_at:
                raise ValidationError(_("Only a submitted article can be sent back."))
            self.submitted_at, self.sent_back_at = None, timezone.now()
            self.save(update_fields=["submitted_at", "sent_back_at"])
            Entry.objects.record("send back", on=self, by=by, note=note)
            self._tell_people("sent_back", by=by, words=note)

    def publish(
        self,
        *,
        by: Any,
        revision: Revision | None = None,
        at: datetime | None = None,
        zone: str = "",
        change: str = Publication.Change.UNSAID,
        asking: bool = False,
    ) -> Publication:
        """Put a revision (the newest, if none is named) before readers, now or at the given moment.

        A first publication appears at its hour by itself; a later change of a live text waits for a worker. A moment
        in the past is that of an article which moves in from elsewhere. `change` is what an editor says of a change
        of words that readers have; `asking` for it raises Unexplained where nothing is said.
        Raises ValidationError with one sentence for each thing that is missing.
        """
        now = timezone.now()
        with transaction.atomic():
            self._lock()
            revision = revision or self.newest_revision
            if revision is None:
                raise ValidationError(_("There is nothing to publish yet: write and save it first."))
            problems = [
                *problems_of(revision.content, at=at or now, moves_in=at is not None and at < now),
                *self._slug_taken(revision.content.slug),
            ]
            if problems:
                raise ValidationError(problems)
            said = self._said_of(revision, change=change, asking=asking)
            publication = self._publication(revision, due_at=at or now, by=by, zone=zone, **said)
            if publication.due_at <= now or not self.is_live:
                self._apply(publication)
            verb = "publish" if publication.due_at <= now else "schedule"
            told = {name: said[name] for name in ("change", "words_changed") if said.get("change")}
            Entry.objects.record(verb, on=self, by=by, revision=revision.number, due_at=publication.due_at, **told)
            if publication.due_at > now:
                self._tell_people("scheduled", by=by, publication=publication)
        return publication

    def correct(
        self,
        content: Content,
        note: Correction,
        *,
        by: Any,
        based_on: int | None = None,
        **sitting: Any,
    ) -> Correction:
        """Change the text that readers have and say so: kept, noted, published and on the trail, or nothing of it.

        A note about what has been put right before goes with the text as it is.
        Raises EditConflict, or ValidationError with one sentence for each thing that is missing.
        """
        with transaction.atomic():
            self._lock()
            if not self.is_live:
                raise ValidationError(_("Only a live article can be corrected."))
            note.article = self
            note.vet()
            revision = self._keep_on_top(content, by=by, based_on=based_on, **sitting)
            if revision.pk != self.live_revision_id:
                self.publish(by=by, revision=revision, change=Publication.Change.CORRECTION)
            elif twin := self.corrections.saying_the_same(note).first():
                return twin  # a double click
            else:
                self._tell_hub()
            note.published_at = timezone.now()
            note.file(by=by, revision=revision.number)
        return note

    def restore(self, revision: Revision, *, by: Any, based_on: int | None = None, partly: bool = False) -> Revision:
        """What was kept once, as a new revision.

        Raises Incomplete where something in it is no longer there, unless it is wanted `partly`; EditConflict as
        `keep` does.
        """
        content = revision.content
        if gone := Gone.of(content):
            if not partly:
                raise Incomplete(gone)
            content = gone.left_out_of(content)
        with transaction.atomic():
            self._lock()
            restored = self._keep_on_top(content, by=by, based_on=based_on)
            Entry.objects.record("restore", on=self, by=by, revision=restored.number, of=revision.number)
        return restored

    def withdraw(self, *, by: Any, because: str = "") -> None:
        """Take it back from readers, who get 410 and the reason; what was only scheduled is a draft again."""
        with transaction.atomic():
            self._lock()
            if self.stand not in {self.Stand.LIVE, self.Stand.SCHEDULED}:
                raise ValidationError(_("Only a live or scheduled article can be withdrawn."))
            self._settle()
            if self._was_ever_live():
                self.withdrawn_at, self.withdrawn_because = timezone.now(), because
                self._hold_address()
                self._tell_hub()
            else:
                self.published_at = self.first_published_at = self.live_revision = None
            self.publications.waiting().delete()
            Pick.objects.drop(self.pk, by=by)
            self.save(
                update_fields=[
                    "withdrawn_at",
                    "withdrawn_because",
                    "published_at",
                    "first_published_at",
                    "live_revision",
                ]
            )
            Entry.objects.record("withdraw", on=self, by=by, because=because)
            self._tell_people("withdrawn", by=by, words=because)
            # By its name, because the tasks import the models.
            app.configure_task("articles.hide_photos", allow_unknown=False).defer(article=self.pk)

    def follow(self, publication: Publication) -> bool:
        """Carry out a publication whose hour has come; see Publication.carry_out."""
        now = timezone.now()
        with transaction.atomic():
            self._lock()
            claimed = Publication.objects.due().filter(pk=publication.pk).update(done_at=now)
            if not claimed:
                return False
            if self.withdrawn_at is None and self.live_revision_id != publication.revision_id:
                self._apply(publication)
            elif self.withdrawn_at is None and self.appeared_at is None:
                self.appeared_at = now
                self.save(update_fields=["appeared_at"])
            self._hold_address()
            self._tell_hub()
            if self.withdrawn_at is None and publication.due_at > now - NEWS_FOR:
                self._tell_people("published", by=publication.made_by, publication=publication)
        return True

    def open_preview(self, *, by: Any) -> tuple[PreviewLink, str]:
        """A link for people without a login, and its token, which nobody can read again."""
        return PreviewLink.objects.make(self, by=by)

    def rerender(self) -> None:
        """Make the readers' text anew, after a photo in it changed."""
        with transaction.atomic():
            self._lock()
            self.body_html = render(self.body, Photo.by_id(figures_in(self.body)))
            self.save(update_fields=["body_html"])

    def showing(self, content: Content) -> "Article":
        """This article as it would be with that content, for a preview. Nothing is written."""
        shown = Article(pk=self.pk, first_published_at=self.first_published_at, published_at=self.published_at)
        shown._set(content)
        names = Author.objects.in_bulk(content.bylines)
        shown.author_cards = [_card(names[pk]) for pk in content.bylines if pk in names]
        shown.tag_cards = [{"name": tag.name, "slug": tag.slug} for tag in Tag.objects.filter(pk__in=content.tags)]
        shown.correction_cards = []
        shown.part_cards = []
        return shown

    # How the verbs do it

    def _put_together(self, base: Content, newest: Content, content: Content) -> Content | None:
        return merge(base, newest, content)

    def _took(self, content: Content) -> None:
        if self.published_at is None:
            self._take(content)

    def _was_ever_live(self) -> bool:
        return bool(self.appeared_at or (self.first_published_at and self.first_published_at <= timezone.now()))

    def _set(self, content: Content) -> None:
        self.title, self.standfirst, self.slug = content.title, content.standfirst, content.slug
        self.body, self.canonical_url = content.body, content.canonical_url
        self.search_title, self.search_description = content.search_title, content.search_description
        # What has been deleted since is left out, as it is of tags and bylines.
        self.section = Section.objects.filter(pk=content.section or 0).first()
        self.series = Series.objects.filter(pk=content.series or 0).first()
        self.part = content.part if self.series else None
        photos = Photo.by_id({key for key in (content.photo, content.share_photo) if key})
        self.photo, self.share_photo = photos.get(content.photo or 0), photos.get(content.share_photo or 0)
        self.body_html = render(content.body, Photo.by_id(figures_in(content.body)))
        # The search index holds a megabyte of words at most; a text that long is whole in its body.
        self.body_text = plain_text(content.body)[:SEARCHED_CHARACTERS]
        self.word_count = word_count(content.body)

    def _take(self, content: Content) -> None:
        """Write the content, and what is made of it, into the row."""
        self._set(content)
        self.save(force_update=True)
        self.tags.set(Tag.objects.filter(pk__in=content.tags))
        self.figures.set(Photo.objects.filter(pk__in=figures_in(content.body)))
        self.bylines.all().delete()
        known = set(Author.objects.filter(pk__in=content.bylines).values_list("pk", flat=True))
        Byline.objects.bulk_create(
            Byline(article=self, author_id=author, position=position)
            for position, author in enumerate(dict.fromkeys(content.bylines))
            if author in known
        )

    def _keep_on_top(self, content: Content, *, by: Any, based_on: int | None, **sitting: Any) -> Revision:
        """As `keep`, but what somebody else saved in between is for a person to look at: nothing is put together."""
        newest = self.newest_revision
        if newest and based_on is not None and newest.number != based_on and newest.content != content.cleaned():
            raise EditConflict(newest)
        return self.keep(content, by=by, **sitting)

    def _said_of(self, revision: Revision, *, change: str, asking: bool) -> dict[str, Any]:
        """Of a change of the text that readers have: what is said of it, and how many words it is."""
        if not self._was_ever_live() or self.withdrawn_at or self.live_revision_id == revision.pk:
            return {}
        words = words_changed(self.live_revision.content.body, revision.content.body)  # type: ignore[union-attr]
        if words and asking and not change:
            raise Unexplained(words)
        return {"change": change, "words_changed": words, "replaces": self.live_revision}

    def _publication(self, revision: Revision, *, due_at: datetime, by: Any, zone: str, **said: Any) -> Publication:
        """The outbox row of this publication. What had been scheduled before it is superseded."""
        self._settle()
        self.publications.waiting().delete()
        if self.publications.filter(revision=revision).exists():
            newest = self.newest_revision
            revision = self.revisions.create(number=newest.number + 1 if newest else 1, kept=revision.kept, made_by=by)
        return self.publications.create(revision=revision, due_at=due_at, made_by=by, zone=zone, **said)

    def _settle(self) -> None:
        """What readers have got already was no plan that may be dropped: only no worker has come by yet."""
        for arrived in self.publications.due().filter(revision=self.live_revision_id):
            self.follow(arrived)

    def _apply(self, publication: Publication) -> None:
        """Give the row to the readers of that moment."""
        was_live = self._was_ever_live()
        if was_live:  # it may have gone live at its hour, and no worker was there
            self._hold_address()
        self.updated_at = publication.due_at if was_live else None
        if not was_live:
            self.first_published_at = publication.due_at
        if not (was_live and self.published_at and self.withdrawn_at is None):
            self.published_at, self.appeared_at = publication.due_at, None
        if publication.due_at <= timezone.now():
            self.appeared_at = self.appeared_at or timezone.now()
        self.live_revision, self.withdrawn_at, self.withdrawn_because = publication.revision, None, ""
        self._take(publication.revision.content)
        if publication.due_at <= timezone.now():
            self._hold_address()

    def _hold_address(self) -> None:
        Address.objects.hold(self.get_absolute_url(), article=self)

    def _tell_hub(self) -> None:
        """By a worker, once this is committed; the hub may be slow or away."""
        if Identity.objects.with_hub().exists():
            app.configure_task("articles.tell_hub", allow_unknown=False).defer(article=self.pk)

    def _tell_people(self, happened: str, *, by: Any, words: str = "", publication: Publication | None = None) -> None:
        """By mail and by a worker, once this is committed; see articles/news.py."""
        app.configure_task("articles.tell_people", allow_unknown=False).defer(
            article=self.pk,
            happened=happened,
            by=by.pk if by else None,
            words=words,
            publication=publication.pk if publication else None,
            at=timezone.now().isoformat(),
        )

    def _slug_taken(self, slug: str) -> list[ValidationError]:
        with connection.cursor() as cursor:
            # Two texts that go out at the same moment must not both find it free.
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"address /{slug}/"])
        article = Article.objects.claiming(slug).exclude(pk=self.pk).first()
        page = apps.get_model("articles", "Page").objects.at_slug(slug).exists()
        if not (article or page):
            return []
        holder = f"“{article}”" if article else _("a page")
        sentence = _("The address “%(slug)s” belongs to %(holder)s: choose another one.")
        return [ValidationError(sentence % {"slug": slug, "holder": holder}, code="slug")]


@dataclass(frozen=True)
class Place:
    """Where an article stands in its series."""

    series: Series
    number: int
    total: int
    previous: Article | None
    following: Article | None


class Incomplete(ValidationError):
    """What is to be restored holds things that are no longer there."""

    def __init__(self, gone: Gone) -> None:
        self.gone = gone
        super().__init__([ValidationError(sentence, code="gone") for sentence in gone.sentences])


def _fetch(article: Article, column: ArraySubquery) -> Sequence[dict[str, str]]:
    return Article.objects.filter(pk=article.pk).values_list(Coalesce(column, []), flat=True).get()


def _card(author: Author) -> dict[str, str]:
    return {name: getattr(author, name) for name in AuthorCard.__dataclass_fields__}
