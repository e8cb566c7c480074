"""Links in a text to our own pages: looked up, never fetched."""

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import Enum, auto
from urllib.parse import urljoin, urlsplit

from django.apps import apps
from django.conf import settings
from django.db.models import Case, CharField, DateTimeField, F, Value, When
from django.db.models.functions import Concat
from django.urls import Resolver404, resolve
from django.utils import timezone

from articles.models.address import Address, spelled

# For those with a login, or with a key that dies.
NOT_FOR_READERS = ("/admin/", "/preview/")
# Whose addresses are kept: the first segment says what, the second which one.
LISTS = ("section", "tag", "series", "author")
ALWAYS = datetime(1, 1, 2, tzinfo=UTC)


class Answer(Enum):
    PAGE = auto()
    LATER = auto()
    NOTHING = auto()
    NOT_FOR_READERS = auto()


def answers_to(hrefs: Iterable[str], *, within: str) -> dict[str, Answer]:
    """What readers of the article at this slug get from each link that stays on our site. One query at most."""
    paths = {href: path for href in hrefs if (path := own_path(href, within=within))}
    bases = {href: _base(path) for href, path in paths.items()}
    since = _answering_since({base for base in bases.values() if base})
    return {href: _answer(path, bases[href], since, within) for href, path in paths.items()}


def own_path(href: str, *, within: str) -> str:
    """The path on this site that a link leads to; empty for the world's and for places in the text itself."""
    if not href or href.startswith("#"):
        return ""
    try:
        parts = urlsplit(urljoin(f"{settings.SITE_URL}/{within}/", href))
    except ValueError:
        return ""
    is_ours = parts.scheme in {"http", "https"} and parts.netloc == settings.SITE.netloc
    return (parts.path or "/") if is_ours and "\0" not in parts.path else ""


def _answer(path: str, base: str, since: dict[str, datetime], within: str) -> Answer:
    if spelled(path).startswith(NOT_FOR_READERS):
        return Answer.NOT_FOR_READERS
    if not base or base == f"/{within}/":
        return Answer.PAGE
    if base not in since:
        return Answer.NOTHING
    return Answer.PAGE if since[base] <= timezone.now() else Answer.LATER


def _base(path: str) -> str:
    """The address on which it hangs that this path answers; empty where a fixed route does."""
    path = spelled(path)
    segments = path.strip("/").split("/")
    if segments[0] in LISTS and len(segments) > 1:
        return f"/{segments[0]}/{segments[1]}/"
    if len(segments) == 1 and path.endswith(".md"):
        return f"{path.removesuffix('.md')}/"
    if segments[0] == "share" and path.endswith(".png"):
        return f"/{segments[-1].removesuffix('.png')}/"
    try:
        match = resolve(path)
    except Resolver404:
        return path
    return path if match.url_name in {"article", "nowhere"} else ""


def _answering_since(paths: set[str]) -> dict[str, datetime]:
    """Of these paths, those that answer or will, with the moment; old addresses lead on and answer, too."""
    if not paths:
        return {}
    slugs = [path.strip("/") for path in paths]
    held = Address.objects.filter(path__in=paths).annotate(
        since=Case(
            When(article__withdrawn_at__isnull=False, then=None),
            When(article__isnull=False, then=F("article__published_at")),
            When(page__isnull=False, then=F("page__published_at")),
            default=Value(ALWAYS),
            output_field=DateTimeField(),
        )
    )
    # What goes live at its hour has no address before a worker was there.
    articles, pages = apps.get_model("articles", "Article").objects, apps.get_model("articles", "Page").objects
    named = Concat(Value("/"), "slug", Value("/"), output_field=CharField())
    rows = held.values_list("path", "since").union(
        articles.filter(slug__in=slugs, withdrawn_at=None).values_list(named, "published_at"),
        pages.filter(slug__in=slugs).values_list(named, "published_at"),
    )
    found: dict[str, datetime] = {}
    for path, since in rows:
        if since is not None:
            found[path] = min(since, found.get(path, since))
    return found
