"""The first page of the desk: what waits for this person."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from articles.admin.badge import COLOURS, badge
from articles.models import Article
from newsroom.identity.models import Identity
from newsroom.roles import may, may_every

SHOWN = 6


def magazine_name(request: HttpRequest) -> str:
    """Asked once per request, though the theme prints it more than once."""
    known = request.__dict__
    if "magazine_name" not in known:
        known["magazine_name"] = Identity.objects.present().name
    return known["magazine_name"]


def fill(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """The theme calls this before it prints the page. Four queries, however large the magazine is."""
    if not may(request.user, "view", Article):
        return context
    everything = Article.objects.for_desk()
    reach = everything if may_every(request.user, "view", Article) else everything.of_user(request.user)
    context["cards"] = [
        _card(_("My drafts"), everything.of_user(request.user).drafts().order_by("-pk"), "?stand=draft&whose=mine"),
        _card(_("Waiting for an editor"), reach.submitted().order_by("submitted_at"), "?stand=submitted"),
        _card(_("Scheduled next"), reach.scheduled().order_by("published_at"), "?stand=scheduled"),
        _card(_("Last published"), reach.live().newest_first(), "?stand=live"),
    ]
    context["may_write"] = may(request.user, "add", Article)
    return context


def _card(heading: str, articles: Any, more: str) -> dict[str, Any]:
    rows = []
    for article in articles[:SHOWN]:
        kind, words = badge(article)
        rows.append({"article": article, "badge": words, "colour": COLOURS[kind]})
    return {"heading": heading, "rows": rows, "more": more}
