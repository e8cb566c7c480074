from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.search import SearchRank
from django.db import models, transaction
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce, TruncMonth
from django.urls import reverse
from django.utils import timezone

from articles.content import Content
from articles.models.byline import Byline, Pick
from articles.models.cards import bylines, correction_cards, notes_on_article, part_cards, tag_cards
from articles.models.finding import headline_with, passages_with, query_of, terms_in, words_like
from articles.models.photo import Photo
from articles.models.publication import Publication
from articles.models.revision import FIRST, Revision
from articles.models.subject import Section, Tag, is_out
from articles.models.version import Version
from authors.cards import author_cards
from authors.models import Author, User

if TYPE_CHECKING:
    from articles.models.article import Article

# Related articles are looked for among this many of the newest: a bound that ten years of archive do not move.
RELATED_AMONG = 300
RANKED_AMONG = 300


def place_in(keys: Sequence[int]) -> Case:
    """Where an article stands among these keys; nowhere is null."""
    # 0 is nobody's: an order by a bare NULL, which no keys would give, is none that SQL knows.
    places = [When(pk=key, then=Value(place)) for place, key in enumerate((*keys, 0))]
    return Case(*places, default=Value(None), output_field=models.IntegerField())


class ArticleQuerySet(models.QuerySet["Article"]):
    # Where it stands

    def live(self, *, at: datetime | None = None) -> Self:
        """Everything a reader may see, now or at the given moment."""
        return self.filter(is_out(at), withdrawn_at=None)

    def scheduled(self) -> Self:
        return self.filter(published_at__gt=timezone.now(), appeared_at=None, withdrawn_at=None)

    def withdrawn(self) -> Self:
        return self.exclude(withdrawn_at=None)

    def submitted(self) -> Self:
        return self.filter(published_at=None).exclude(submitted_at=None)

    def drafts(self) -> Self:
        return self.filter(published_at=None, submitted_at=None)

    def sent_back(self) -> Self:
        """Drafts that an editor returned to their writers."""
        return self.drafts().exclude(sent_back_at=None)

    def standing(self, stand: str) -> Self:
        return {
            self.model.Stand.DRAFT: self.drafts,
            self.model.Stand.SUBMITTED: self.submitted,
            self.model.Stand.SCHEDULED: self.scheduled,
            self.model.Stand.LIVE: self.live,
            self.model.Stand.WITHDRAWN: self.withdrawn,
        }[self.model.Stand(stand)]()

    # Whose, and about what

    def by(self, author: Author) -> Self:
        return self.filter(Exists(Byline.objects.filter(article=OuterRef("pk"), author=author)))

    def about(self, tag: Tag) -> Self:
        return self.filter(Exists(self.model.tags.through.objects.filter(article=OuterRef("pk"), tag=tag)))

    def of_user(self, user: Any) -> Self:
        """Begun by this person, or under their byline."""
        bylines = Byline.objects.filter(article=OuterRef("pk"), author__user=user)
        return self.filter(Q(begun_by=user) | Exists(bylines))

    def in_hand_of(self, user: Any) -> Self:
        """What is not out yet and is this person's to finish: begun by them, or under their byline and nobody's."""
        bylines = Byline.objects.filter(article=OuterRef("pk"), author__user=user)
        unseen = Q(published_at=None) | Q(published_at__gt=timezone.now(), appeared_at=None, withdrawn_at=None)
        return self.filter(unseen, Q(begun_by=user) | Q(Exists(bylines), begun_by=None))

    def related_to(self, article: "Article") -> Self:
        """The newest that share a tag, then those of the same section."""
        shared = self.model.tags.through.objects.filter(article=OuterRef("pk"), tag__articles=article.pk)
        newest = self.model.objects.live().exclude(pk=article.pk).newest_first().values("pk")[:RELATED_AMONG]
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

    def shared_with(self, photo: Photo) -> Self:
        return self.filter(share_photo=photo)

    def ours(self) -> Self:
        """Without what first appeared elsewhere, which search engines are to look for there."""
        return self.filter(canonical_url="")

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

    def headed(self, words: str) -> Self:
        """With every one of these words, or parts of them, in the headline: those first; or anywhere in the text."""
        in_headline = Q(*(Q(title__icontains=word) for word in words.split()))
        found = self.filter(in_headline | Q(search=query_of(words)))
        return found.order_by(
            Case(When(in_headline, then=0), default=1), F("published_at").desc(nulls_last=True), "-pk"
        )

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
        """With `meant`: words of the newest headlines of `among` that resemble these, and find something there.

        And with `terms`: how many of the words can find anything at all.
        """
        return self.annotate(meant=words_like(words, among.newest_first().values("pk", "title")), terms=terms_in(words))

    def frontmost(self, most: int, *, picks: Sequence[int] | None = None) -> Self:
        """The editors' picks in their order, then the newest. Which picks, may be supposed."""
        newest = self.newest_first().values("pk")[:most]
        on_top = self.filter(Q(pk__in=newest) | Q(pk__in=Pick.objects.values("article") if picks is None else picks))
        place = F("pick__position") if picks is None else place_in(picks)
        return on_top.order_by(place.asc(nulls_last=True), "-published_at", "-pk")[:most]

    def for_picks(self, keys: Sequence[int]) -> Self:
        """These, in this order, as the page of the picks shows them."""
        found = self.for_desk().select_related("section", "photo").filter(pk__in=keys)
        return found.order_by(place_in(keys).asc(nulls_last=True))

    # In what order

    def newest_first(self) -> Self:
        return self.order_by("-published_at", "-pk")

    # Everything one shape of page prints, in one query. Asking a card for more raises.

    def for_cards(self) -> Self:
        return (
            self.select_related("section", "photo")
            .defer("body", "body_html", "body_text", "search")
            .annotate(author_cards=author_cards(bylines()))
            .fetch_mode(models.FETCH_RAISE)
        )

    def for_page(self) -> Self:
        return (
            self.select_related("section", "photo", "share_photo", "series")
            .defer("body", "body_text", "search")
            .annotate(
                author_cards=author_cards(bylines()),
                tag_cards=tag_cards(),
                correction_cards=correction_cards(),
                part_cards=part_cards(self.model.objects.live()),
            )
        )

    def for_feed(self) -> Self:
        return (
            self.select_related("section", "photo")
            .defer("body", "body_text", "search")
            .annotate(author_cards=author_cards(bylines()), tag_cards=tag_cards(), correction_cards=correction_cards())
            .fetch_mode(models.FETCH_RAISE)
        )

    def versions(self) -> Any:
        """Of each and of all that a feed says of it: what is equal has not changed."""
        people = bylines().values(version=Version("author__name"))
        tags = Tag.objects.filter(articles=OuterRef("pk")).order_by("name").values(version=Version("name"))
        return self.values_list(
            "pk",
            Version("title"),
            Version("section__name"),
            Version("photo__alt"),
            ArraySubquery(people),
            ArraySubquery(tags),
            ArraySubquery(notes_on_article().values(version=Version("wrong"))),
        )

    def for_desk(self) -> Self:
        """What the editors' lists print: also whether something newer is saved than what readers have."""
        newest = Revision.objects.filter(article=OuterRef("pk")).order_by("-number")
        newer = newest.filter(number__gt=OuterRef("live_revision__number"))
        return (
            self.select_related("section")
            .defer("body", "body_html", "body_text", "search")
            .annotate(
                author_cards=author_cards(bylines()), has_newer=Exists(newer), newest_at=newest.values("made_at")[:1]
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

    def hand_over(self, leaving: Any, *, to: Any) -> int:
        """What this person has in hand is the colleague's from now on. Says how many texts that are."""
        return self.in_hand_of(leaving).update(begun_by=to)

    def begin(self, content: Content, *, by: Any, sitting: UUID | None = None, turn: int | None = None) -> "Article":
        """A new draft with its first revision."""
        with transaction.atomic():
            article = self.create(begun_by=by)
            article.keep(content, by=by, sitting=sitting, turn=turn)
        return article

    def begun_in(self, sitting: UUID, content: Content, *, by: Any, turn: int | None) -> "tuple[Article, bool]":
        """What this sitting began, and whether it did so now: its answer may have got lost on the way."""
        with transaction.atomic():
            # Two requests of the same sitting must not both find nothing.
            User.objects.select_for_update(no_key=True, of=("self",)).get(pk=by.pk)
            if begun := self.filter(begun_by=by, revisions__sitting=sitting, revisions__number=FIRST).first():
                return begun, False
            return self.begin(content, by=by, sitting=sitting, turn=turn), True
