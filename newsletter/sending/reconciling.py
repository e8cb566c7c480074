"""The desk's page on which all copies of unknown fate of an issue are settled at once."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Max, Min, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.widgets import UnfoldAdminRadioSelectWidget

from newsletter.models import Delivery, Issue
from newsroom.guarded import permit, tell_refusal

VERDICTS = {
    "accepted": gettext_lazy("The mail server took them: they count as accepted"),
    "repeat": gettext_lazy("It did not: hand the same letters over once more"),
    "failed": gettext_lazy("It did not, and they shall not be tried again"),
}


class ReconcileForm(forms.Form):
    verdict = forms.ChoiceField(
        label=gettext_lazy("What the mail server’s log says"),
        choices=list(VERDICTS.items()),
        widget=UnfoldAdminRadioSelectWidget,
        error_messages={"required": gettext_lazy("Say what became of them.")},
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)
    sure = forms.BooleanField(
        label=gettext_lazy("I looked, and this holds for every one of them"),
        error_messages={
            "required": gettext_lazy("Say that it holds for every one of them, or settle them one by one.")
        },
    )


def reconcile(request: HttpRequest, issue: Issue, context: dict[str, Any]) -> HttpResponse:
    permit(request.user, "resend", Delivery)
    known = numbers(issue)
    form = ReconcileForm(request.POST or None, initial={"seen": known["uncertain"]})
    if request.method == "POST" and form.is_valid() and _settled(request, issue, form.cleaned_data):
        return redirect("admin:newsletter_issue_change", issue.pk)
    # From now on it is about as many as there are now.
    if form.is_bound:
        form.data = {**request.POST.dict(), "seen": str(known["uncertain"])}
    context |= {
        "title": _("Copies of unknown fate: “%(issue)s”") % {"issue": issue},
        "opts": Issue._meta,
        "issue": issue,
        "known": known,
        "form": form,
    }
    return TemplateResponse(request, "admin/newsletter/issue/reconcile.html", context)


def numbers(issue: Issue) -> dict[str, Any]:
    """How many there are, how many of them are repeated by themselves, and when they were handed over."""
    found = issue.deliveries.uncertain().aggregate(
        uncertain=Count("pk"),
        waiting=Count("pk", filter=Q(not_before__isnull=False)),
        first=Min("handed_at"),
        last=Max("handed_at"),
    )
    return found | {"total": issue.audience or 0}


def _settled(request: HttpRequest, issue: Issue, given: dict[str, Any]) -> bool:
    try:
        count = issue.reconcile(given["verdict"], by=request.user, seen=given["seen"])
    except ValidationError as refusal:
        tell_refusal(request, refusal)
        return False
    sentences = {
        "accepted": ngettext("%(count)s copy counts as accepted.", "%(count)s copies count as accepted.", count),
        "failed": ngettext("%(count)s copy counts as refused.", "%(count)s copies count as refused.", count),
        "repeat": ngettext("%(count)s copy is handed over again.", "%(count)s copies are handed over again.", count),
    }
    messages.success(request, sentences[given["verdict"]] % {"count": count})
    issue.refresh_from_db()
    if issue.stand == Issue.Stand.PAUSED:
        messages.info(request, _("The issue is paused: resume it, and it goes on."))
    return True
