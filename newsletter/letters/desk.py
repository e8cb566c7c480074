"""The desk's page of a preflight: what was found, and the presses that follow from it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from newsletter.letters import preflight
from newsletter.letters.scheduling import ScheduleForm
from newsletter.models import Issue, Preflight
from newsroom.findings import Finding, Verdict
from newsroom.guarded import permit, said, tell_refusal
from newsroom.roles import may

COLOURS = {Verdict.OK: "success", Verdict.WRONG: "danger", Verdict.NOT_CHECKED: "warning"}
# What must be looked at comes first.
ORDER = [Verdict.WRONG, Verdict.NOT_CHECKED, Verdict.OK]


def preflight_page(request: HttpRequest, issue: Issue, context: dict[str, Any]) -> HttpResponse:
    if request.method == "POST":
        permit(request.user, "send", issue)
        return _press(request, issue)
    known = Preflight.objects.of(issue)
    found = known.findings if known else []
    plan = ScheduleForm(request.GET) if request.GET.get("at") else None
    context |= {
        "plan": plan if plan and plan.is_valid() else None,
        "title": _("Preflight of “%(issue)s”") % {"issue": issue},
        "opts": Issue._meta,
        "issue": issue,
        "known": known,
        "rows": rows(found),
        "holds": bool(preflight.holds(found)),
        "may_send": may(request.user, "send", issue) and not issue.is_frozen,
        "is_waiting": issue.stand == Issue.Stand.SCHEDULED,
        "is_paused": issue.stand == Issue.Stand.PAUSED,
    }
    return TemplateResponse(request, "admin/newsletter/issue/preflight.html", context)


def rows(found: Iterable[Finding]) -> list[tuple[str, str, Finding]]:
    """Colour, word and finding, the worst first."""
    ordered = sorted(found, key=lambda finding: ORDER.index(finding.verdict))
    return [(COLOURS[finding.verdict], str(finding.verdict.label), finding) for finding in ordered]


def _planned(request: HttpRequest) -> tuple[datetime | None, datetime | None]:
    """The moments that somebody had chosen when something was against it. Raises ValidationError."""
    if not said(request, "at"):
        return None, None
    plan = ScheduleForm(request.POST)
    if not plan.is_valid():
        raise ValidationError([sentence for errors in plan.errors.values() for sentence in errors])
    return plan.moments()


def _press(request: HttpRequest, issue: Issue) -> HttpResponse:
    pressed, because = said(request, "do"), said(request, "because")
    page = redirect("admin:newsletter_issue_preflight", issue.pk)
    try:
        match pressed:
            case "send" | "send-now":
                preflight.send(issue, by=request.user, now=pressed == "send-now")
                messages.success(request, _("Nothing is against it: it goes out."))
                return redirect("admin:newsletter_issue_change", issue.pk)
            case "anyway" if because:
                at, not_after = _planned(request)
                preflight.send(issue, by=request.user, anyway=because, at=at, not_after=not_after)
                messages.success(request, _("It goes out anyway; your reason stands in the audit trail."))
                return redirect("admin:newsletter_issue_change", issue.pk)
            case "anyway":
                messages.error(request, _("Say why it may go out anyway: the reason is kept."))
            case _:
                Preflight.objects.keep(issue, preflight.look(issue))
    except preflight.Held:
        messages.error(request, _("It was not sent: see what is against it."))
    except ValidationError as refusal:
        tell_refusal(request, refusal)
    return page
