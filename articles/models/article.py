from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchRank, SearchVector, SearchVectorField
from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce, JSONObject, TruncMonth
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from procrastinate.contrib.django import app

from articles.body import Heading, figures_in, headings_in, plain_text, render, word_count
from articles.content import Content
from articles.models.address import Address
from articles.models.correction import Correction
from articles.models.finding import headline_with, passages_with, query_of, words_like
from articles.models.photo import Photo
from articles.models.publication import Publication
from articles.models.revision import Revision
from articles.models.subject import Section, Series, Tag
from articles.models.version import Version
from articles.readiness import problems_of
from authors.cards import AuthorCard, author_cards
from authors.models import Author
from newsroom.audit.models import Entry
from newsroom.identity.models import Identity
from newsroom.identity.templatetags.furniture import day_beside

WORDS_PER_MINUTE = 230
# Related articles are looked for among this many of the newest: a bound that ten years of archive do not move.
RELATED_AMONG = 300
SEARCHED_CHARACTERS = 400_000
RANKED_AMONG = 300
CONTENTS_FROM_WORDS = 1_200
CONTENTS_FROM_PARTS = 3
# A series that is longer has its parts on its own page; what is read in order has an end.
SERIES_MOST = 200


class ArticleQuerySet(models.QuerySet["Article"]):
    # Where it stands

    def live(self, *, at: datetime | None = None) -> Self:
        """Everything a reader may see, now or at the given moment."""
        return self.filter(published_at__lte=at or timezone.now(), withdrawn_at=None)

    def scheduled(self) -> Self:
        return self.filter(published_at__gt=timezone.now(), withdrawn_at=None)

    def withdrawn(self) -> Self:
        return self.exclude(withdrawn_at=None)

    def submitted(self) -> Self:
        return self.filter(published_at=None).exclude(submitted_at=None)

    def drafts(self) -> Self:
        return self.filter(published_at=None, submitted_at=None)

    def standing(self, stand: str) -> Self:
        return {
            Article.Stand.DRAFT: self.drafts,
            Article.Stand.SUBMITTED: self.submitted,
            Article.Stand.SCHEDULED: self.scheduled,
            Article.Stand.LIVE: self.live,
            Article.Stand.WITHDRAWN: self.withdrawn,
        }[Article.Stand(stand)]()

    # Whose, and about what

    def by(self, author: Author) -> Self:
        return self.filter(Exists(Byline.objects.filter(article=OuterRef("pk"), author=author)))

    def about(self, tag: Tag) -> Self:
        return self.filter(Exists(Article.tags.through.objects.filter(article=OuterRef("pk"), tag=tag)))

    def of_user(self, user: Any) -> Self:
        """Begun by this person, or under their byline."""
        bylines = Byline.objects.filter(article=OuterRef("pk"), author__user=user)
        return self.filter(Q(begun_by=user) | Exists(bylines))

    def related_to(self, article: "Article") -> Self:
        """The newest that share a tag, then those of the same section."""
        shared = Article.tags.through.objects.filter(article=OuterRef("pk"), tag__articles=article.pk)
        newest = Article.objects.live().exclude(pk=article.pk).newest_first().values("pk")[:RELATED_AMONG]
        near = self.filter(pk__in=newest).annotate(shares_tag=Exists(shared))
        return near.filter(Q(shares_tag=True) | Q(section=article.section_id)).order_by("-shares_tag", "-published_at")

    def within(self, section: Section) -> Self:
        return self.filter(section=section)

    def of_series(self, series: Any) -> Self:
        """In the order of reading: by the part that an editor numbered, else as they appeared."""
        return self.filter(series=series).order_by(F("part").asc(nulls_last=True), "first_published_at", "pk")

    def of_month(self, year: int, month: int) -> Self:
        return self.filter(published_at__year=year, published_at__month=month)

    def before(self, moment: datetime | None) -> Self:
        return self.filter(published_at__lt=moment) if moment else self

    def leading_with(self, photo: Photo) -> Self:
        return self.filter(photo=photo)

    def showing_photo(self, photo: Photo) -> Self:
        """Those that show it in their text, in the order of locking; a lead photo is read from its own row."""
        return self.filter(figures=photo).order_by("pk")

    def since(self, moment: datetime) -> Self:
        return self.filter(first_published_at__gte=moment)

    def at_slug(self, slug: str) -> Self:
        return self.filter(slug=slug)

    def claiming(self, slug: str) -> Self:
        """Those that have this address, or will have it at an hour that is set."""
        waiting = Publication.objects.waiting().filter(article=OuterRef("pk"), revision__kept__slug=slug)
        return self.filter(Q(slug=slug, published_at__isnull=False) | Exists(waiting))

    def narrowed(self, *, section: int | None = None, author: int | None = None, year: int | None = None) -> Self:
        """Only those of a section, under somebody's byline, of a year: each if it is given."""
        found = self.filter(section=section) if section else self
        if author:
            found = found.filter(Exists(Byline.objects.filter(article=OuterRef("pk"), author=author)))
        return found.filter(published_at__year=year) if year else found

    def matching(self, words: str) -> Self:
        """Best first, among the newest that match: ranking every match of a common word takes seconds.

        There is one more than RANKED_AMONG when there are more; they are not counted either.
        """
        query = query_of(words)
        newest = self.filter(search=query).newest_first().values("pk")[: RANKED_AMONG + 1]
        return (
            self.filter(pk__in=newest).annotate(rank=SearchRank(F("search"), query)).order_by("-rank", "-published_at")
        )

    def with_snippets(self, words: str) -> Self:
        """With the headline and the passages where the words stand; costly, so of the few rows that are shown."""
        return self.annotate(title_snippet=headline_with(words), snippet=passages_with(words))

    def meaning(self, words: str, *, among: Self) -> Self:
        """With `meant`: words of the newest headlines of `among` that resemble these, and find something there."""
        return self.annotate(meant=words_like(words, among.newest_first().values("pk", "title")))

    def frontmost(self, most: int) -> Self:
        """The editors' picks in their order, then the newest."""
        newest = self.newest_first().values("pk")[:most]
        on_top = self.filter(Q(pk__in=newest) | Q(pk__in=Pick.objects.values("article")))
        return on_top.order_by(F("pick__position").asc(nulls_last=True), "-published_at", "-pk")[:most]

    # In what order

    def newest_first(self) -> Self:
        return self.order_by("-published_at", "-pk")

    # Everything one shape of page prints, in one query. Asking a card for more raises.

    def for_cards(self) -> Self:
        return (
            self.select_related("section", "photo")
            .defer("body", "body_html", "body_text", "search")
            .annotate(author_cards=author_cards(_bylines()))
            .fetch_mode(models.FETCH_RAISE)
        )

    def for_page(self) -> Self:
        return (
            self.select_related("section", "photo", "series")
            .defer("body", "body_text", "search")
            .annotate(
                author_cards=author_cards(_bylines()),
                tag_cards=_tag_cards(),
                correction_cards=_correction_cards(),
                part_cards=_part_cards(),
            )
        )

    def for_feed(self) -> Self:
        return (
            self.select_related("section", "photo")
            .defer("body", "body_text", "search")
            .annotate(author_cards=author_cards(_bylines()), tag_cards=_tag_cards())
            .fetch_mode(models.FETCH_RAISE)
        )

    def versions(self) -> Any:
        """Of each and of all that a feed says of it: what is equal has not changed."""
        people = _bylines().values(version=Version("author__name"))
        tags = Tag.objects.filter(articles=OuterRef("pk")).order_by("name").values(version=Version("name"))
        return self.values_list(
            "pk",
            Version("title"),
            Version("section__name"),
            Version("photo__alt"),
            ArraySubquery(people),
            ArraySubquery(tags),
        )

    def for_desk(self) -> Self:
        """What the editors' lists print: also whether something newer is saved than what readers have."""
        newest = Revision.objects.filter(article=OuterRef("pk")).order_by("-number")
        newer = newest.filter(number__gt=OuterRef("live_revision__number"))
        return (
            self.select_related("section")
            .defer("body", "body_html", "body_text", "search")
            .annotate(
                author_cards=author_cards(_bylines()), has_newer=Exists(newer), newest_at=newest.values("made_at")[:1]
            )
        )

    def by_year(self) -> list[dict[str, Any]]:
        """Years, newest first, with the months that have articles and how many."""
        months = self.annotate(month=TruncMonth("published_at")).order_by("-month").values("month")
        years: dict[int, list[dict[str, Any]]] = {}
        for row in months.annotate(count=models.Count("pk")):
            month = row["month"]
            url = reverse("archive_month", args=[month.year, month.month])
            years.setdefault(month.year, []).append({"month": month, "count": row["count"], "url": url})
        return [{"year": year, "months": found} for year, found in years.items()]

    def with_keys(self, first: int, last: int) -> Self:
        return self.filter(pk__range=(first, last))

    def last_changed_by(self, keys: int) -> Any:
        """For each part of so many keys, when any of it last changed; read from an index alone."""
        parts = self.values(sheet=F("pk") / keys).order_by("sheet")
        return parts.annotate(at=models.Max(Coalesce("updated_at", "published_at"))).values_list("sheet", "at")

    # Verbs

    def begin(self, content: Content, *, by: Any) -> "Article":
        """A new draft with its first revision."""
        with transaction.atomic():
            article = self.create(begun_by=by)
            article.keep(content, by=by)
        return article


class Article(models.Model):
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
        ]
        indexes = [
            models.Index(fields=["-published_at", "-id"], name="articles_article_live", condition=Q(withdrawn_at=None)),
            models.Index(
                fields=["section", "-published_at"], name="articles_article_section", condition=Q(withdrawn_at=None)
            ),
            models.Index(
                fields=["id"],
                include=["published_at", "updated_at"],
                name="articles_article_sitemap",
                condition=Q(published_at__isnull=False, withdrawn_at=None),
            ),
            GinIndex(fields=["search"], name="articles_article_search"),
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
            return self.Stand.LIVE if self.published_at <= timezone.now() else self.Stand.SCHEDULED
        return self.Stand.SUBMITTED if self.submitted_at else self.Stand.DRAFT

    @property
    def is_live(self) -> bool:
        return self.stand == self.Stand.LIVE

    @property
    def newest_revision(self) -> Revision | None:
        return self.revisions.first()

    @property
    def working_copy(self) -> Revision | None:
        """The newest saved revision, while readers have an older one."""
        newest = self.newest_revision
        return newest if newest and self.live_revision_id and newest.pk != self.live_revision_id else None

    # What pages print of it

    @cached_property
    def people(self) -> list[AuthorCard]:
        rows = self.author_cards if "author_cards" in self.__dict__ else _fetch(self, author_cards(_bylines()))
        return [AuthorCard(**row) for row in rows]

    @cached_property
    def subjects(self) -> list[Tag]:
        rows = self.tag_cards if "tag_cards" in self.__dict__ else _fetch(self, _tag_cards())
        return [Tag(**row) for row in rows]

    @cached_property
    def corrections_shown(self) -> list[Correction]:
        rows = self.correction_cards if "correction_cards" in self.__dict__ else _fetch(self, _correction_cards())
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
        rows = self.part_cards if "part_cards" in self.__dict__ else _fetch(self, _part_cards())
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
        parts = [heading for heading in headings_in(self.body_html) if heading.level == 2 and heading.text]
        return parts if len(parts) >= CONTENTS_FROM_PARTS else []

    @property
    def reading_minutes(self) -> int:
        return max(1, round(self.word_count / WORDS_PER_MINUTE))

    # Verbs

    def keep(self, content: Content, *, by: Any, based_on: int | None = None) -> Revision:
        """Save what somebody wrote as a new revision. Raises EditConflict if `based_on` is no longer the newest.

        The same content twice, as from a double click, is one revision.
        """
        content = content.cleaned()
        with transaction.atomic():
            self._lock()
            newest = self.newest_revision
            if newest and newest.content == content:
                return newest
            if newest and based_on is not None and based_on != newest.number:
                raise EditConflict(newest)
            revision = self.revisions.create(
                number=newest.number + 1 if newest else 1, kept=content.as_json(), made_by=by
            )
            if self.published_at is None:
                self._take(content)
        return revision

    def submit(self, *, by: Any) -> None:
        """Hand the draft to the editors."""
        with transaction.atomic():
            self._lock()
            if self.published_at or self.submitted_at:
                raise ValidationError(_("This article is with the editors already."))
            self.submitted_at, self.sent_back_at = timezone.now(), None
            self.save(update_fields=["submitted_at", "sent_back_at"])
            Entry.objects.record("submit", on=self, by=by)

    def send_back(self, *, by: Any, note: str = "") -> None:
        """Return a submitted article to its writer."""
        with transaction.atomic():
            self._lock()
            if not self.submitted_at or self.published_at:
                raise ValidationError(_("Only a submitted article can be sent back."))
            self.submitted_at, self.sent_back_at = None, timezone.now()
            self.save(update_fields=["submitted_at", "sent_back_at"])
            Entry.objects.record("send back", on=self, by=by, note=note)

    def publish(
        self, *, by: Any, revision: Revision | None = None, at: datetime | None = None, zone: str = ""
    ) -> Publication:
        """Put a revision (the newest, if none is named) before readers, now or at the given moment.

        A first publication appears at its hour by itself; a later change of a live text waits for a worker. A moment
        in the past is that of an article which moves in from elsewhere.
        Raises ValidationError with one sentence for each thing that is missing.
        """
        now = timezone.now()
        with transaction.atomic():
            self._lock()
            revision = revision or self.newest_revision
            if revision is None:
                raise ValidationError(_("There is nothing to publish yet: write and save it first."))
            problems = [*problems_of(revision.content), *self._slug_taken(revision.content.slug)]
            if problems:
                raise ValidationError(problems)
            publication = self._publication(revision, due_at=at or now, by=by, zone=zone)
            if publication.due_at <= now or not self.is_live:
                self._apply(publication)
            verb = "publish" if publication.due_at <= now else "schedule"
            Entry.objects.record(verb, on=self, by=by, revision=revision.number, due_at=publication.due_at)
        return publication

    def withdraw(self, *, by: Any, because: str = "") -> None:
        """Take it back from readers, who get 410 and the reason; what was only scheduled is a draft again."""
        with transaction.atomic():
            self._lock()
            if self.stand not in {self.Stand.LIVE, self.Stand.SCHEDULED}:
                raise ValidationError(_("Only a live or scheduled article can be withdrawn."))
            if self._was_ever_live():
                self.withdrawn_at, self.withdrawn_because = timezone.now(), because
                self._hold_address()
                self._tell_hub()
            else:
                self.published_at = self.first_published_at = self.live_revision = None
            self.publications.waiting().delete()
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
            self._hold_address()
            self._tell_hub()
        return True

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

    def _lock(self) -> None:
        self.refresh_from_db(from_queryset=Article.objects.select_for_update(of=("self",)))

    def _was_ever_live(self) -> bool:
        return bool(self.first_published_at and self.first_published_at <= timezone.now())

    def _set(self, content: Content) -> None:
        self.title, self.standfirst, self.slug = content.title, content.standfirst, content.slug
        self.body = content.body
        # What has been deleted since is left out, as it is of tags and bylines.
        self.section = Section.objects.filter(pk=content.section or 0).first()
        self.series = Series.objects.filter(pk=content.series or 0).first()
        self.part = content.part if self.series else None
        self.photo = Photo.objects.filter(pk=content.photo or 0).first()
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

    def _publication(self, revision: Revision, *, due_at: datetime, by: Any, zone: str) -> Publication:
        """The outbox row of this publication. What had been scheduled before it is superseded."""
        self.publications.waiting().delete()
        if self.publications.filter(revision=revision).exists():
            newest = self.newest_revision
            revision = self.revisions.create(number=newest.number + 1, kept=revision.kept, made_by=by)  # type: ignore[union-attr]
        return self.publications.create(revision=revision, due_at=due_at, made_by=by, zone=zone)

    def _apply(self, publication: Publication) -> None:
        """Give the row to the readers of that moment."""
        was_live = self._was_ever_live()
        if was_live:  # it may have gone live at its hour, and no worker was there
            self._hold_address()
        self.updated_at = publication.due_at if was_live else None
        if not was_live:
            self.first_published_at = publication.due_at
        if not (was_live and self.published_at and self.withdrawn_at is None):
            self.published_at = publication.due_at
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


class Byline(models.Model):
    """An author's ordered place on an article."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="bylines")
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


class Pick(models.Model):
    """An article that the editors put first on the front page."""

    article = models.OneToOneField(
        Article, verbose_name=gettext_lazy("article"), on_delete=models.CASCADE, related_name="pick"
    )
    position = models.PositiveSmallIntegerField(gettext_lazy("position"), default=1)

    class Meta:
        verbose_name = gettext_lazy("pick of the front page")
        verbose_name_plural = gettext_lazy("picks of the front page")
        ordering = ["position"]

    def __str__(self) -> str:
        return str(self.article)


@dataclass(frozen=True)
class Place:
    """Where an article stands in its series."""

    series: Series
    number: int
    total: int
    previous: Article | None
    following: Article | None


class EditConflict(ValidationError):
    """Somebody else saved in between. Their text is `newest`; the caller still holds the other one."""

    def __init__(self, newest: Revision) -> None:
        self.newest = newest
        who = newest.made_by or _("Somebody")
        super().__init__(
            _("%(who)s saved revision %(number)s while you were writing. Your text is below and not saved yet.")
            % {"who": who, "number": newest.number},
            code="conflict",
        )


def _bylines() -> models.QuerySet:
    return Byline.objects.filter(article=OuterRef("pk")).order_by("position")


def _tag_cards() -> ArraySubquery:
    tags = Tag.objects.filter(articles=OuterRef("pk")).order_by("name")
    return ArraySubquery(tags.values(card=JSONObject(name="name", slug="slug")))


def _correction_cards() -> ArraySubquery:
    notes = Correction.objects.filter(article=OuterRef("pk"), published_at__lte=timezone.now()).order_by("published_at")
    return ArraySubquery(
        notes.values(
            card=JSONObject(**{name: name for name in ("kind", "wrong", "right", "is_serious", "published_at")})
        )
    )


def _part_cards() -> ArraySubquery:
    parts = Article.objects.live().of_series(OuterRef("series"))[:SERIES_MOST]
    return ArraySubquery(parts.values(card=JSONObject(pk="pk", title="title", slug="slug")))


def _fetch(article: Article, column: ArraySubquery) -> Sequence[dict[str, str]]:
    return Article.objects.filter(pk=article.pk).values_list(Coalesce(column, []), flat=True).get()


def _card(author: Author) -> dict[str, str]:
    return {name: getattr(author, name) for name in AuthorCard.__dataclass_fields__}
