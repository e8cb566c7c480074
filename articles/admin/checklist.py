"""What the article form shows of the check-list: the text as it is kept, looked through."""

from typing import Any

from django.utils.translation import ngettext

from articles.content import Content
from articles.models import Article
from articles.readiness import State, check_list

FIRST = (State.WRONG, State.ADVICE, State.OK)


def looked_through(content: Content, article: Article | None = None) -> dict[str, Any]:
    """Nothing where readers have exactly this text already."""
    if article and article.is_live and article.live_revision and content == article.live_revision.content:
        return {}
    # Left empty, the address is made from the headline.
    checks = [check for check in check_list(content) if content.slug or check.field != "slug"]
    wrong = sum(check.state == State.WRONG for check in checks)
    return {
        # What is to be done first; within that, in the order of the text.
        "checks": sorted(checks, key=lambda check: FIRST.index(check.state)),
        "wrong": wrong,
        "words": ngettext("%(count)s thing to do", "%(count)s things to do", wrong) % {"count": wrong},
    }
