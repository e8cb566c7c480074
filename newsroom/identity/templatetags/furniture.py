"""Small things that every template of ours may use without loading them."""

from datetime import datetime
from urllib.parse import urlencode, urljoin

from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, to_locale

register = template.Library()


@register.simple_tag
def absolute(path: str = "") -> str:
    """The address as readers know it: by the configured site, never by the Host header.

    A picture's address may be whole already, where a storage elsewhere keeps it.
    """
    return urljoin(f"{settings.SITE_URL}/", path) if path else settings.SITE_URL


@register.simple_tag(takes_context=True)
def canonical(context: template.Context) -> str:
    """This page's one address: without its query, but for the moment before which a list begins."""
    before = context.get("before")
    query = "?" + urlencode({"before": before.isoformat()}) if before else ""
    return absolute(context["request"].path.removesuffix("page/1/") + query)


@register.filter
def moment(at: datetime) -> str:
    """For programs. HTML takes three digits of a second at most; nobody needs one."""
    return timezone.localtime(at).isoformat(timespec="seconds")


@register.filter
def day_beside(at: datetime, other: datetime | None) -> str:
    """The day; with its year where that is not the year of the other one, which stands beside it."""
    at, other = timezone.localtime(at), timezone.localtime(other) if other else None
    return date_format(at, "MONTH_DAY_FORMAT" if other and other.year == at.year else "DATE_FORMAT")


@register.simple_tag
def locale() -> str:
    """The language as OpenGraph writes it: en_GB."""
    return to_locale(get_language() or settings.LANGUAGE_CODE)
