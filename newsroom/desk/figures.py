"""How the letters fare: the last issues of each newsletter, and one issue by itself."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from newsletter.models import Issue, Newsletter, Return, Suppression
from newsletter.returns import figures, guard
from newsroom.desk.plot import Plot, Series
from newsroom.guarded import permit, tell_refusal
from newsroom.roles import may, may_every

# A house with more newsletters looks at them one by one.
MOST_NEWSLETTERS = 8
LATEST = 20


def all_figures(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    if not may_every(request.user, "view", Issue):
        raise PermissionDenied
    newsletters = list(Newsletter.objects.order_by("position", "pk")[:50])
    named = request.GET.get("newsletter", "")
    chosen = [found for found in newsletters if found.slug == named] or newsletters[:MOST_NEWSLETTERS]
    told = [(newsletter, figures.of_newsletter(newsletter)) for newsletter in chosen]
    context |= {
        "title": _("Figures"),
        "newsletters": [(newsletter, rows, plots_of(rows)) for newsletter, rows in told],
        "others": [found for found in newsletters if found not in chosen],
    }
    return TemplateResponse(request, "desk/figures.html", context)


def issue_figures(request: HttpRequest, pk: int, context: dict[str, Any]) -> HttpResponse:
    issue = _seen(request, pk)
    days = figures.days_of(issue) if issue.is_frozen else []
    context |= {
        "title": _("Figures of “%(issue)s”") % {"issue": issue},
        "issue": issue,
        "row": figures.of_issue(issue) if issue.is_frozen else None,
        "days": days,
        "plot": Plot(
            _("After it went out, by day"),
            [date_format(day.first, "MONTH_DAY_FORMAT") for day in days],
            [
                Series(_("Came back"), "returned", [day.came_back for day in days]),
                Series(_("Left"), "left", [day.left for day in days]),
                Series(_("Complained"), "complained", [day.complained for day in days]),
            ],
        ),
        "latest": Return.objects.known().filter(issue=issue).exclude(kind="delivered").order_by("-pk")[:LATEST],
        "held_back": guard.held_back(issue),
        "may_believe": may(request.user, "lift", Suppression),
    }
    return TemplateResponse(request, "desk/issue_figures.html", context)


def believe(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: what the flood held back is suppressed after all."""
    issue = _seen(request, pk)
    permit(request.user, "lift", Suppression)
    try:
        count = guard.believe(issue, by=request.user)
        words = ngettext("%(count)s address is suppressed.", "%(count)s addresses are suppressed.", count)
        messages.success(request, words % {"count": count})
    except ValidationError as refusal:
        tell_refusal(request, refusal)
    return redirect("admin:issue_figures", pk)


def plots_of(rows: list[figures.Row]) -> list[Plot]:
    days = [date_format(timezone.localtime(row.issue.frozen_at), "MONTH_DAY_FORMAT") for row in rows]
    return [
        Plot(
            _("Copies"),
            days,
            [
                Series(_("Accepted"), "accepted", [row.accepted for row in rows]),
                Series(_("Refused"), "failed", [row.failed for row in rows]),
            ],
        ),
        Plot(
            _("Of each hundred copies"),
            days,
            [
                Series(_("Refused"), "failed", [row.failed_share for row in rows]),
                Series(_("Came back"), "returned", [row.came_back_share for row in rows]),
                Series(_("Left"), "left", [row.left_share for row in rows]),
                Series(_("Complained"), "complained", [row.complained_share for row in rows]),
            ],
            decimals=2,
            unit="\N{NARROW NO-BREAK SPACE}%",
        ),
        Plot(
            _("Readers, until the next issue"),
            days,
            [
                Series(_("Joined"), "joined", [row.joined for row in rows]),
                Series(_("Left"), "left", [row.left for row in rows]),
            ],
        ),
    ]


def _seen(request: HttpRequest, pk: int) -> Issue:
    if not may(request.user, "view", Issue):
        raise PermissionDenied
    issue = get_object_or_404(Issue.objects.for_archive(), pk=pk)
    permit(request.user, "view", issue)
    return issue
