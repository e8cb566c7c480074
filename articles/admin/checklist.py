"""What the article form shows of the check-list: the saved text, looked through."""

from typing import Any

from django.utils.translation import ngettext

from articles.models import Article, Revision
from articles.readiness import State, check_list

FIRST = (State.WRONG, State.ADVICE, State.OK)


def looked_through(article: Article, newest: Revision | None) -> dict[str, Any]:
    """Nothing where readers have exactly this text already."""
    if newest is None or (article.is_live and newest.pk == article.live_revision_id):
        return {}
    checks = check_list(newest.content)
    wrong = sum(check.state == State.WRONG for check in checks)
    return {
        "revision": newest.number,
        # What is to be done first; within that, in the order of the text.
        "checks": sorted(checks, key=lambda check: FIRST.index(check.state)),
        "wrong": wrong,
        "words": ngettext("%(count)s thing to do", "%(count)s things to do", wrong) % {"count": wrong},
    }
