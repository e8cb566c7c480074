"""What the templates of the desk need besides the theme's own tags."""

from typing import Any

from django import template

from articles.models import Photo
from articles.photos.upload import UploadForm
from newsroom.roles import may

register = template.Library()


@register.inclusion_tag("desk/_photo_library.html", takes_context=True)
def photo_library(context: Any) -> dict[str, Any]:
    """The dialog in which a photo is found or uploaded; once on a page."""
    request = context["request"]
    return {
        "form": UploadForm(auto_id="upload_%s"),
        "may_add": may(request.user, "add", Photo),
        "csrf_token": context.get("csrf_token"),
    }
