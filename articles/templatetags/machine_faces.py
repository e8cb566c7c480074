"""What programs read of a page."""

import json
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

from articles import share
from articles.body.markdown import escaped
from articles.body.syndication import without_controls
from articles.models import Article
from articles.structured_data import describe, document

register = template.Library()

register.filter("without_controls", without_controls)


@register.filter
def markdown(text: str) -> str:
    return without_controls(escaped(text))


@register.filter
def twin(path: str) -> str:
    """Where the Markdown of an article lies."""
    return f"{path.rstrip('/')}.md"


# Nothing in the data may end the element that holds it, or begin another.
HARMLESS = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


@register.simple_tag(takes_context=True)
def structured_data(context: template.Context, subject: Any) -> SafeString:
    """JSON-LD. It is data, not script: the content security policy has nothing to allow."""
    said = json.dumps(document(*describe(subject, context["magazine"])), ensure_ascii=False, separators=(",", ":"))
    # Safe: HARMLESS leaves no sign that could end the element.
    return mark_safe(f'<script type="application/ld+json">{said.translate(HARMLESS)}</script>')  # noqa: S308


@register.simple_tag
def share_image(article: Article) -> dict[str, Any]:
    """The picture under a shared link: the one chosen for it, the lead, or one made of the headline."""
    if photo := article.photo_elsewhere:
        width, height = photo.stand_in_size
        return {"url": photo.stand_in_url, "width": width, "height": height, "alt": photo.alt, "type": "image/jpeg"}
    width, height = share.SIZE
    path = share.share_path(article)
    return {"url": path, "width": width, "height": height, "alt": article.title, "type": "image/png"}
