"""A visitor who looks at every public surface again and again, as feed readers and search engines do.

It keeps what it got and asks for it again by its ETag: what an answer 304 leaves it with counts as what it was shown.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.urls import get_resolver

# Nobody may keep an answer for longer than all surfaces may disagree, unless its address changes with its bytes.
LONGEST_KEPT = 5
FOR_EVER = re.compile(r"/(media|static|identity)/")
# What says nothing of any article, and why.
SILENT = {
    "^media/(?P<name>[0-9a-f]{2}/[0-9a-f]{32}(?:-[0-9]{1,4})?\\.(?:jpg|webp|avif))$": "128 random bits; see Told.photo",
    "mail/": "a trial's mailbox",
    "mail/<eml:name>/": "a trial's mailbox",
    "mail/<eml:name>/html/": "a trial's mailbox",
    "newsletter/subscribe/": "a form",
    "newsletter/confirm/<token>/": "one person's link",
    "newsletter/unsubscribe/<token>/": "one person's link",
    "newsletter/preferences/<token>/": "one person's link",
    "newsletter/data/<token>/": "one person's link",
    "newsletter/returns/<slug:service>/": "for machines",
    "healthz/": "for machines",
    "readyz/": "for machines",
    "identity/<colour:colour>.css": "the house's look",
    "identity/<colour:colour>/<str:letter>.svg": "the house's look",
    "identity/<colour:colour>/<str:letter>.png": "the house's look",
    "preview/<str:token>/": "shows a text before its hour to whoever was given its token",
}


def routes() -> Iterator[str]:
    """Of everything that is reached without a login."""

    def walk(patterns: Iterable, before: str = "") -> Iterator[str]:
        for found in patterns:
            route = before + str(found.pattern)
            if not hasattr(found, "url_patterns"):
                yield route
            elif route != "admin/":
                yield from walk(found.url_patterns, route)

    return walk(get_resolver().url_patterns)


@dataclass(frozen=True)
class Told:
    """The two texts of the hour: one that nobody has seen, and a change, also of its address, of one that all have.

    Words by which each is known, none of them in the questions that the crawler asks.
    """

    moment: datetime  # by the clock of the house
    before_all: datetime  # when the text that is changed first appeared
    photo: str
    section: str
    tag: str
    author: str
    series: str
    beside: str  # a live text that is related to both
    issue: str  # newsletter/issue
    first: str = "Marrowfat"
    standfirst: str = "Zephyrine"
    first_slug: str = "qwindle"
    old: str = "Harrier"
    new: str = "Plover"
    old_slug: str = "oldwick"
    new_slug: str = "newmark"
    # Whether no other text appeared in the month of the moment.
    alone: bool = True

    @property
    def secrets(self) -> tuple[str, ...]:
        """Of the text that nobody has seen."""
        return self.first, self.standfirst, self.photo, f"/{self.first_slug}/", f"/{self.first_slug}.md"


@dataclass(frozen=True)
class Surface:
    path: str
    # What it says once the new text is out, and once the change is.
    first: str = ""
    change: str = ""
    # Its status before, where there is nothing before.
    before: int | None = None
    # Whether the text that is changed stands there until then.
    holds_old: bool = True
    # Whether it goes on saying it afterwards, because that was mailed.
    keeps_old: bool = False


def surfaces(told: Told) -> dict[str, list[Surface]]:
    """By route."""
    both = {"first": told.first, "change": told.new}
    later = f"?before={told.moment.year + 1}-01-01T00:00Z"
    month, then = f"archive/{told.moment:%Y/%m}/", f"archive/{told.before_all:%Y/%m}/"
    fresh = {"first": f"/{month}", "before": 404} if told.alone else {}
    found = {
        "": [Surface("", **both), Surface(later, **both), Surface("nothing-here/")],
        "page/<positive:number>/": [Surface("page/1/"), Surface("page/2/"), Surface(f"page/2/{later}")],
        "archive/": [Surface("archive/", first=fresh.get("first", ""))],
        "archive/<year:year>/": [Surface(f"archive/{told.moment:%Y}/", **fresh)],
        "archive/<year:year>/<month:month>/": [
            Surface(month, first=told.first, before=404 if told.alone else None),
            Surface(then, change=told.new),
        ],
        "archive/<year:year>/<month:month>/page/<positive:number>/": [Surface(f"{month}page/2/")],
        "search/": [
            Surface("search/?q=Qwindle", first=told.first),
            Surface("search/?q=Newmark", change=told.new, holds_old=False),
            Surface("search/?q=Oldwick"),
            Surface(f"search/?section={told.section}", **both),
            Surface("search/"),
        ],
        "rss/": [Surface("rss/", **both)],
        "feed.json": [Surface("feed.json", **both)],
        "feed/": [Surface("feed/")],
        "robots.txt": [Surface("robots.txt")],
        "favicon.ico": [Surface("favicon.ico")],
        "corrections/": [Surface("corrections/", change=told.new)],
        "corrections/page/<positive:number>/": [Surface("corrections/page/2/")],
        "corrections/rss/": [Surface("corrections/rss/", change=told.new)],
        "share/<slug:slug>.png": [
            Surface(f"share/{told.first_slug}.png", first="PNG", before=404),
            Surface(f"share/{told.new_slug}.png", change="PNG", before=404),
        ],
        "llms.txt": [Surface("llms.txt", **both)],
        "sitemap.xml": [Surface("sitemap.xml", first="/sitemap-series.xml")],
        "sitemap-news.xml": [Surface("sitemap-news.xml", first=told.first)],
        "sitemap-<slug:section>.xml": [
            Surface("sitemap-articles.xml", first=f"/{told.first_slug}/", change=f"/{told.new_slug}/"),
            Surface("sitemap-series.xml", first=f"/series/{told.series}/"),
            *(Surface(f"sitemap-{name}.xml") for name in ("sections", "tags", "authors", "pages")),
        ],
        "<slug:slug>.md": [
            Surface(f"{told.first_slug}.md", first=told.first, before=404),
            Surface(f"{told.new_slug}.md", change=told.new, before=404),
            Surface(f"{told.old_slug}.md"),
        ],
        "<slug:slug>/": [
            Surface(f"{told.first_slug}/", first=told.first, before=404),
            Surface(f"{told.new_slug}/", change=told.new, before=404),
            Surface(f"{told.old_slug}/"),
            Surface(f"{told.beside}/", **both),
        ],
        "newsletter/": [Surface("newsletter/")],
        "newsletter/<slug:newsletter>/": [Surface(f"newsletter/{told.issue.partition('/')[0]}/")],
        "newsletter/<slug:newsletter>/rss/": [Surface(f"newsletter/{told.issue.partition('/')[0]}/rss/")],
        "newsletter/<slug:newsletter>/<slug:issue>/": [
            Surface(f"newsletter/{told.issue}/", holds_old=False, keeps_old=True)
        ],
    }
    for kind in ("section", "tag", "author", "series"):
        slug, says = getattr(told, kind), {"first": told.first} if kind == "series" else both
        before = 404 if kind == "series" else None
        for tail in ("", "rss/", "feed.json"):
            found[f"{kind}/<slug:slug>/{tail}"] = [Surface(f"{kind}/{slug}/{tail}", **says, before=before)]
        found[f"{kind}/<slug:slug>/page/<positive:number>/"] = [Surface(f"{kind}/{slug}/page/2/")]
    return found


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str


@dataclass
class Crawler:
    """`fetch` gets a path and headers, and answers as it was answered: it follows no redirect."""

    told: Told
    fetch: Callable[[str, dict[str, str]], Answer]
    requests: int = 0
    kept: dict[str, Answer] = field(default_factory=dict)

    def walk(self, *, first: bool, change: bool) -> list[str]:
        """Every surface once. One sentence for each that does not say what readers are to have."""
        faults = []
        for surface in [surface for found in surfaces(self.told).values() for surface in found]:
            answer = self.ask(f"/{surface.path}")
            faults += [f"/{surface.path} {fault}" for fault in self.faults(surface, answer, first, change)]
        return faults

    def ask(self, path: str) -> Answer:
        known = self.kept.get(path)
        asked = {"If-None-Match": known.headers["ETag"]} if known and "ETag" in known.headers else {}
        self.requests += 1
        answer = self.fetch(path, asked)
        if answer.status == 304 and known:
            return known
        self.kept[path] = answer
        return answer

    def faults(self, surface: Surface, answer: Answer, first: bool, change: bool) -> Iterator[str]:
        told = self.told
        if answer.status >= 500:
            yield f"answers {answer.status}"
        how_long = [int(seconds) for seconds in re.findall(r"max-age=(\d+)", answer.headers.get("Cache-Control", ""))]
        if max(how_long, default=0) > LONGEST_KEPT and not FOR_EVER.match(f"/{surface.path}"):
            yield f"may be kept for {max(how_long)} s"
        if answer.status in {404, 410} and "no-cache" not in answer.headers.get("Cache-Control", ""):
            yield f"may go on answering {answer.status}"
        shown = answer.text + answer.headers.get("Location", "") + answer.headers.get("Link", "")
        if not first:
            yield from (f"leaks {word}" for word in told.secrets if word in shown.replace(f"/{surface.path}", ""))
        if not change and (told.new in shown or f"/{told.new_slug}/" in shown.replace(f"/{surface.path}", "")):
            yield f"leaks {told.new}"
        if change and told.old in shown and not surface.keeps_old:
            yield f"still says {told.old}"
        for is_out, wanted in ((first, surface.first), (change, surface.change)):
            if wanted and is_out and (answer.status != 200 or wanted not in shown):
                yield f"does not say {wanted} ({answer.status})"
        if surface.before and not (first if surface.first else change) and answer.status != surface.before:
            yield f"answers {answer.status} before there is anything"
        expected = surface.holds_old and surface.change == told.new and surface.before is None
        if expected and not change and told.old not in shown:
            yield f"does not say {told.old} yet ({answer.status})"
