"""First segments of fixed addresses, which no article, page or newsletter may take. A test holds it to the URLconf."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

SEGMENTS = frozenset(
    [
        "accounts",
        "admin",
        "api",
        "archive",
        "author",
        "corrections",
        "favicon.ico",
        "feed",
        "feed.json",
        "healthz",
        "identity",
        "llms.txt",
        "mail",
        "media",
        "newsletter",
        "page",
        "preview",
        "readyz",
        "robots.txt",
        "rss",
        "search",
        "section",
        "series",
        "share",
        "sitemap-news.xml",
        "sitemap.xml",
        "static",
        "tag",
        "webhooks",
    ]
)
# Under /newsletter/, for newsletters and issues alike.
NEWSLETTER_SEGMENTS = frozenset(
    ["check", "confirm", "data", "preferences", "returns", "rss", "subscribe", "unsubscribe", "undo", "again", "page"]
)


def check_slug(slug: str, reserved: frozenset[str] = SEGMENTS) -> None:
    """Raises ValidationError for the field `slug`."""
    if slug in reserved:
        raise ValidationError(
            {"slug": _("“%(slug)s” is an address of the house itself: choose another one.") % {"slug": slug}}
        )
