"""Small things that every template of ours may use without loading them."""

from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def absolute(path: str = "") -> str:
    """The address as readers know it: by the configured site, never by the Host header."""
    return f"{settings.SITE_URL}{path}"
