from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.decorators import display

from articles.admin.badge import wall_time
from newsletter.admin import composing, history, looking
from newsletter.letters import preflight
from newsletter.letters.desk import preflight_page
from newsletter.letters.scheduling import ScheduleForm
from newsletter.models import Delivery, Issue
from newsletter.sending import reconciling
from newsroom.guarded import GuardedAdmin, is_key, permit, said, tell_refusal
from newsroom.roles import may

Stand = Issue.Stand
COLOURS = {
    Stand.DRAFT: "default",
    Stand.SCHEDULED: "primary",
    Stand.SENDING: "info",
    Stand.PAUSED: "warning",
    Stand.SENT: "success",
}
# What each button of an issue does, where it is offered, and what is said afterwards.
VERBS: dict[str, tuple[Any, set[Stand], Any, Any]] = {
    "send-now": (
        gettext_lazy("Send now"),
        {Stand.DRAFT, Stand.SCHEDULED},
        lambda issue, by, because: preflight.send(issue, by=by, now=True, not_after=issue.not_after),
        gettext_lazy("It is going out: a worker makes the copies now."),
    ),
    "send": (
        gettext_lazy("Send in 5 minutes"),
        {Stand.DRAFT},
        lambda issue, by, because: preflight.send(issue, by=by),
        gettext_lazy("It goes out in five minutes. Until then you can cancel it."),
    ),
    "cancel": (
        gettext_lazy("Cancel"),
        {Stand.SCHEDULED},
        lambda issue, by, because: issue.cancel_sending(by=by),
        gettext_lazy("Cancelled: nothing has been sent."),
    ),
    "pause": (
        gettext_lazy("Pause"),
        {Stand.SENDING},
        lambda issue, by, because: issue.pause(by=by, because=because or _("Paused by hand.")),
        gettext_lazy("Paused: no further copy leaves until somebody resumes."),
    ),
    "resume": (
        gettext_lazy("Resume"),
        {Stand.PAUSED},
        lambda issue, by, because: issue.resume(by=by),
        gettext_lazy("It goes on."),
    ),
}
SCHEDULABLE = {Stand.DRAFT, Stand.SCHEDULED}


@admin.register(Issue)
class IssueAdmin(GuardedAdmin):
    list_display = ["subject", "newsletter", "where", "send_at", "audience"]
    list_filter = ["newsletter"]
    list_select_related = ["newsletter"]
    search_fields = ["subject"]
    ordering = ["-pk"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("letter_html", "letter_text", "letter_head", "letter_parts")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What readers got is not changed any more, by nobody."""
        return super().has_change_permission(request, obj) and not (obj and obj.is_frozen)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and obj.is_frozen)

    def get_view_on_site_url(self, obj: Issue | None = None) -> str | None:
        return super().get_view_on_site_url(obj) if obj and obj.is_frozen else None

    @display(description=gettext_lazy("Where it stands"), label=COLOURS)
    def where(self, issue: Issue) -> tuple[str, str]:
        return issue.stand, str(issue.stand.label)

    def get_urls(self) -> list[Any]:
        guarded = self.admin_site.admin_view
        ours = [
            path("<int:pk>/preflight/", guarded(self.preflight), name="newsletter_issue_preflight"),
            path("<int:pk>/preview/", guarded(self.preview), name="newsletter_issue_preview"),
            path("<int:pk>/try/", guarded(require_POST(self.try_out)), name="newsletter_issue_try"),
            path("<int:pk>/autosave/", guarded(require_POST(self.autosave)), name="newsletter_issue_autosave"),
            path("<int:pk>/attend/", guarded(require_POST(self.attend)), name="newsletter_issue_attend"),
            path(
                "<int:pk>/discard/<uuid:sitting>/", guarded(require_POST(self.discard)), name="newsletter_issue_discard"
            ),
            path(
                "<int:pk>/restore/<int:number>/", guarded(require_POST(self.restore)), name="newsletter_issue_restore"
            ),
            path("<int:pk>/compare/", guarded(self.compare), name="newsletter_issue_compare"),
            path("<int:pk>/reconcile/", guarded(self.reconcile), name="newsletter_issue_reconcile"),
            path("<int:pk>/schedule/", guarded(require_POST(self.schedule)), name="newsletter_issue_schedule"),
            path("<int:pk>/do/<slug:verb>/", guarded(require_POST(self.carry_out)), name="newsletter_issue_do"),
        ]
        return ours + super().get_urls()

    # The form, and what belongs to it

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        return composing.begin(self, request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        issue = self._seen(request, object_id)
        return composing.write(self, request, issue, standing(issue, request.user))

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        return history.history(self, request, self._seen(request, object_id))

    def autosave(self, request: HttpRequest, pk: int) -> HttpResponse:
        return composing.autosave(request, self._seen(request, pk))

    def attend(self, request: HttpRequest, pk: int) -> HttpResponse:
        return composing.attend(request, self._seen(request, pk))

    def discard(self, request: HttpRequest, pk: int, sitting: UUID) -> HttpResponse:
        return composing.discard(request, self._seen(request, pk), sitting)

    def restore(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        return history.restore(request, self._seen(request, pk), number)

    def compare(self, request: HttpRequest, pk: int) -> HttpResponse:
        return history.compare(self, request, self._seen(request, pk))

    def preflight(self, request: HttpRequest, pk: int) -> HttpResponse:
        return preflight_page(request, self._seen(request, pk), self.admin_site.each_context(request))

    def reconcile(self, request: HttpRequest, pk: int) -> HttpResponse:
        return reconciling.reconcile(request, self._seen(request, pk), self.admin_site.each_context(request))

    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        return looking.look(self, request, self._seen(request, pk))

    def try_out(self, request: HttpRequest, pk: int) -> HttpResponse:
        return looking.try_out(request, self._seen(request, pk))

    def schedule(self, request: HttpRequest, pk: int) -> HttpResponse:
        """At a moment of their own. A refusal shows the page with what was typed."""
        issue = self._seen(request, pk)
        permit(request.user, "send", issue)
        plan = ScheduleForm(request.POST, auto_id="plan-%s")
        if issue.stand not in SCHEDULABLE:
            messages.error(request, _("Only what waits can be scheduled."))
        elif not plan.is_valid():
            form = composing.opened(issue, request.user)
            return composing.page(self, request, issue, form, standing(issue, request.user, plan))
        else:
            try:
                at, not_after = plan.moments()
                preflight.send(issue, by=request.user, at=at, not_after=not_after)
                messages.success(request, _("It goes out on %(when)s.") % {"when": wall_time(issue.send_at)})
            except preflight.Held:
                messages.error(request, _("It was not scheduled: see what is against it."))
                planned = urlencode({name: plan.data.get(name, "") for name in plan.fields})
                return redirect(f"{reverse('admin:newsletter_issue_preflight', args=[pk])}?{planned}")
            except ValidationError as refusal:
                tell_refusal(request, refusal)
        return redirect("admin:newsletter_issue_change", pk)

    def carry_out(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        if verb not in VERBS:
            raise Http404
        issue = self._seen(request, pk)
        permit(request.user, "send", issue)
        try:
            VERBS[verb][2](issue, request.user, said(request, "because"))
            messages.success(request, VERBS[verb][3])
        except preflight.Held:
            messages.error(request, _("It was not sent: see what is against it."))
            return redirect("admin:newsletter_issue_preflight", pk)
        except ValidationError as refusal:
            tell_refusal(request, refusal)
        return redirect("admin:newsletter_issue_change", pk)

    def _seen(self, request: HttpRequest, pk: int | str) -> Issue:
        permit(request.user, "view", Issue)
        if not is_key(pk):
            raise Http404
        issue = get_object_or_404(Issue.objects.select_related("newsletter"), pk=pk)
        permit(request.user, "view", issue)
        return issue


def standing(issue: Issue, user: Any, plan: ScheduleForm | None = None) -> dict[str, Any]:
    """What the form of an issue shows above its fields."""
    is_open = may(user, "send", issue) and issue.stand in SCHEDULABLE
    offered = [(name, label) for name, (label, stands, _do, _done) in VERBS.items() if issue.stand in stands]
    return {
        "badge": str(issue.stand.label),
        "badge_colour": COLOURS[issue.stand],
        "issue_verbs": offered if may(user, "send", issue) else [],
        "plan": (plan or ScheduleForm.of(issue)) if is_open else None,
        "readers": issue.readers().count() if not issue.is_frozen else issue.audience,
        "books": _named_books(issue) if issue.is_frozen else [],
        "may_reconcile": issue.is_frozen and may(user, "resend", Delivery) and issue.deliveries.uncertain().exists(),
    }


def _named_books(issue: Issue) -> list[tuple[str, int]]:
    words = {
        "total": _("Copies"),
        "open": _("On their way"),
        "accepted": _("Accepted"),
        "failed": _("Refused"),
        "uncertain": _("Uncertain"),
        "skipped": _("Skipped"),
    }
    books = issue.books()
    return [(label, books[name]) for name, label in words.items()]
