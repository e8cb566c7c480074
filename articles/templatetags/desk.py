"""What the templates of the desk need besides the theme's own tags."""

from typing import Any

from django import template

from articles.body.embeds import PROVIDERS
from articles.body.tools import TOOLS
from articles.models import Photo
from articles.models.article import WORDS_PER_MINUTE
from articles.photos.asking import ONLY
from articles.photos.upload import UploadForm
from newsroom.roles import may

register = template.Library()


@register.inclusion_tag("desk/_photo_library.html", takes_context=True)
def photo_library(context: Any) -> dict[str, Any]:
    """The dialog in which a photo is found or uploaded; once on a page."""
    request = context["request"]
    return {
        "form": UploadForm(auto_id="upload_%s"),
        "kinds": Photo.Kind.choices,
        "only": ONLY.items(),
        "may_add": may(request.user, "add", Photo),
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("desk/_body_labels.html")
def body_labels() -> dict[str, Any]:
    """What the nodes of the text are called, for the editor's script; once on a page that has one."""
    return {
        "embed_names": ", ".join(provider.name for provider in PROVIDERS),
        "embed_hosts": " ".join(sorted(host for provider in PROVIDERS for host in provider.hosts)),
    }


@register.inclusion_tag("desk/_foot.html")
def foot() -> dict[str, Any]:
    """Under the text: how long it is, and the way to its keys."""
    return {"pace": WORDS_PER_MINUTE}


@register.inclusion_tag("desk/_shortcuts.html")
def shortcuts() -> dict[str, Any]:
    return {"tools": TOOLS}
