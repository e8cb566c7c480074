"""What a reader asks of the magazine, and what is found: four queries with the furniture, at any size."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.core.paginator import EmptyPage, Page, Paginator
from django.db.models import CharField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Cast, ExtractYear
from django.http import Http404
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from articles.models import Article, Section
from articles.models.byline import Byline
from articles.models.finding import MARKS
from articles.models.queryset import RANKED_AMONG, ArticleQuerySet
from articles.paging import PER_PAGE
from authors.models import Author

LONGEST_QUERY = 200
SUGGESTED = 4
# More would be a page of options; their articles are found without the filter.
MOST_AUTHORS = 500
# An article moved in from elsewhere may carry any date; nobody picks from a list of thousand years.
MOST_YEARS = 100
PAGE_NUMBER = re.compile(r"[1-9][0-9]{0,3}")
WORD = re.compile(r"\w")
# Blocks and cells of the text, and lines within a block.
PARTED, BETWEEN = re.compile(r"\s*(?:\n\n|\t)\s*"), " · "
PHONE_WORDS_BEFORE, PHONE_CHARACTERS = 4, 84
SENTENCE_ENDS = ".!?…”’\"'"
MARKED = re.compile("{0}([^{0}{1}]*){1}".format(*MARKS))


@dataclass(frozen=True)
class Choice:
    slug: str
    name: str
    key: int


@dataclass(frozen=True)
class Choices:
    """What the filters offer: only what has something to find."""

    sections: list[Choice]
    authors: list[Choice]
    years: list[Choice]


class Search:
    """One reader's question. A filter that is not among those offered is ignored."""

    def __init__(self, asked: Mapping[str, str]) -> None:
        self.words = _line(asked.get("q", ""))[:LONGEST_QUERY]
        self.choices = offered()
        self.section = _chosen(self.choices.sections, asked.get("section"))
        self.author = _chosen(self.choices.authors, asked.get("author"))
        self.year = _chosen(self.choices.years, asked.get("year"))
        self.number = _page_number(asked.get("page", "1"))

    @property
    def is_narrowed(self) -> bool:
        return bool(self.section or self.author or self.year)

    @property
    def is_asked(self) -> bool:
        return bool(self.words or self.is_narrowed)

    @cached_property
    def page(self) -> Page[int]:
        """The keys of this page, best first; raises Http404 beyond the end."""
        try:
            return Paginator(self._found[:RANKED_AMONG], PER_PAGE).page(self.number)
        except EmptyPage as beyond:
            raise Http404 from beyond

    @cached_property
    def articles(self) -> list[Article]:
        keys = list(self.page)
        if not keys:
            return []
        rows = Article.objects.live().for_cards().with_snippets(self.words).filter(pk__in=keys)
        return sorted(rows, key=lambda row: keys.index(row.pk))

    @property
    def total(self) -> int:
        return min(len(self._found), RANKED_AMONG)

    @property
    def is_capped(self) -> bool:
        """There are more than we rank, and count."""
        return len(self._found) > RANKED_AMONG

    @cached_property
    def newest(self) -> list[Article]:
        """What to read for somebody who found nothing, or asks nothing yet."""
        if self.total:
            return []
        newest = Article.objects.live().for_cards().newest_first()
        if self.words:
            newest = newest.meaning(self.words, among=self._narrowed)
        return list(newest[:SUGGESTED])

    @property
    def meant(self) -> str:
        """Words like those asked for which do find something here."""
        return getattr(self.newest[0], "meant", None) or "" if self.newest and not self.is_too_common else ""

    @property
    def is_too_common(self) -> bool:
        """There are only words that every text has, and no index keeps."""
        return bool(WORD.search(self.words) and self.newest and getattr(self.newest[0], "terms", None) == 0)

    # Addresses of the same search, otherwise

    @property
    def here(self) -> str:
        return self._address()

    @property
    def meant_url(self) -> str:
        return self._address(q=self.meant)

    @property
    def everywhere_url(self) -> str:
        return self._address(section="", author="", year="")

    def _address(self, **changed: str) -> str:
        chosen = {"section": self.section, "author": self.author, "year": self.year}
        asked = {"q": self.words} | {name: choice.slug for name, choice in chosen.items() if choice}
        return "?" + urlencode({name: value for name, value in (asked | changed).items() if value})

    @cached_property
    def _narrowed(self) -> ArticleQuerySet:
        return Article.objects.live().narrowed(
            section=self.section.key if self.section else None,
            author=self.author.key if self.author else None,
            year=self.year.key if self.year else None,
        )

    @cached_property
    def _found(self) -> list[int]:
        """Keys only: a text is fetched when its page is turned to."""
        if not self.is_asked:
            return []
        if self.words:
            return list(self._narrowed.matching(self.words).values_list("pk", flat=True))
        return list(self._narrowed.newest_first().values_list("pk", flat=True)[: RANKED_AMONG + 1])


def offered() -> Choices:
    """Sections and authors with something live, and the years from the first article to the newest: one query."""
    live = Article.objects.live()
    in_section = live.filter(section=OuterRef("pk")).newest_first()
    of_author = Byline.objects.filter(author=OuterRef("pk"), article__in=live)
    year = Cast(ExtractYear("published_at"), CharField())
    oldest, newest = (
        edge.values_list(Value("year"), "slug", "title", "pk", year)[:1]
        for edge in (live.order_by("published_at", "pk"), live.newest_first())
    )
    sections = _with_any(Section.objects.all(), in_section, "section", "position")
    authors = _with_any(Author.objects.order_by("sort_name"), of_author, "author", "sort_name")[:MOST_AUTHORS]
    rows = oldest.union(newest, sections, authors, all=True)
    found: dict[str, list[tuple[str, Choice]]] = {"section": [], "author": [], "year": []}
    for kind, slug, name, key, order in rows:
        found[kind].append((order, Choice(slug, name, key)))
    return Choices(
        sections=[choice for order, choice in sorted(found["section"], key=lambda pair: (int(pair[0]), pair[1].name))],
        authors=[choice for order, choice in sorted(found["author"], key=lambda pair: pair[0])],
        years=_years_between([int(order) for order, choice in found["year"]]),
    )


def marked(text: str) -> SafeString:
    """As HTML, with what was found in <mark>; nothing else of the text is markup, whatever it holds."""
    html = MARKED.sub(r"<mark>\1</mark>", escape(text))
    return mark_safe(html.translate(dict.fromkeys(map(ord, MARKS))))  # noqa: S308 - escaped one line above


def passage(article: Article) -> SafeString:
    """Where in the text the words stand; the standfirst, if only the headline has them."""
    text = article.snippet.strip()
    if MARKS[0] not in text:
        return marked(article.standfirst)
    text = PARTED.sub(BETWEEN, text)
    before = "…\u00a0" if text.strip("".join(MARKS))[0].islower() else ""
    after = "" if text.strip("".join(MARKS))[-1] in SENTENCE_ENDS else "\u00a0…"
    return _for_phones(f"{before}{text}{after}")


def _for_phones(text: str) -> SafeString:
    """The same, with what a phone has no room for set apart: it shows some words around the first mark."""
    words = text.split(" ")
    first = next(number for number, word in enumerate(words) if MARKS[0] in word)
    start = max(0, first - PHONE_WORDS_BEFORE)
    end = first + 1
    while end < len(words) and len(" ".join(words[start : end + 1])) <= PHONE_CHARACTERS:
        end += 1
    before, shown, after = (marked(" ".join(part)) for part in (words[:start], words[start:end], words[end:]))
    apart = '<span class="further {}"><span>{}</span></span>'
    return format_html(
        "{}{}{}",
        format_html(apart, "before", before + " ") if before else "",
        shown,
        format_html(apart, "after", " " + after) if after else "",
    )


def _with_any(things: QuerySet, articles: QuerySet, kind: str, order: str) -> QuerySet:
    # One probe of an index for each: an EXISTS the planner may turn into reading all articles.
    found = things.annotate(any=Subquery(articles.values("pk")[:1])).exclude(any=None)
    return found.values_list(Value(kind), "slug", "name", "pk", Cast(order, CharField()))


def _years_between(edges: list[int]) -> list[Choice]:
    if not edges:
        return []
    first = max(min(edges), max(edges) - MOST_YEARS)
    return [Choice(str(year), str(year), year) for year in range(max(edges), first - 1, -1)]


def _chosen(choices: list[Choice], slug: str | None) -> Choice | None:
    return next((choice for choice in choices if choice.slug == slug), None)


def _page_number(text: str) -> int:
    if not PAGE_NUMBER.fullmatch(text):
        raise Http404
    return int(text)


def _line(text: str) -> str:
    """One line without what no database holds."""
    return " ".join(text.replace("\0", " ").split())
