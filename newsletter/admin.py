from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import path
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.admin import TabularInline
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from newsletter.models import Consent, Issue, IssueArticle, Newsletter, Subscriber, Subscription, Suppression
from newsletter.sending import admin as sending  # noqa: F401 - it registers what it shows
from newsroom.addresses import check_email
from newsroom.audit.models import Entry
from newsroom.guarded import GuardedAdmin, permit, said, tell_refusal
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
        lambda issue, by, because: issue.send(by=by, now=True),
        gettext_lazy("It is going out: a worker makes the copies now."),
    ),
    "send": (
        gettext_lazy("Send in 5 minutes"),
        {Stand.DRAFT},
        lambda issue, by, because: issue.send(by=by),
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


@admin.register(Newsletter)
class NewsletterAdmin(GuardedAdmin):
    fields = ["name", "slug", "description", "position", "from_name", "reply_to"]
    list_display = ["name", "slug", "description", "position"]
    list_editable = ["position"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}


class ContentsInline(TabularInline):
    model = IssueArticle
    fields = ["article", "position"]
    autocomplete_fields = ["article"]
    ordering_field = "position"
    extra = 0

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("article")


@admin.register(Issue)
class IssueAdmin(GuardedAdmin):
    fields = ["newsletter", "subject", "slug", "preheader", "intro"]
    inlines = [ContentsInline]
    list_display = ["subject", "newsletter", "where", "send_at", "audience"]
    list_filter = ["newsletter"]
    list_select_related = ["newsletter"]
    autocomplete_fields = ["newsletter"]
    search_fields = ["subject"]
    prepopulated_fields = {"slug": ["subject"]}
    ordering = ["-pk"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("letter_html", "letter_text", "letter_head")

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
            path("<int:pk>/preview/", guarded(self.preview), name="newsletter_issue_preview"),
            path("<int:pk>/do/<slug:verb>/", guarded(require_POST(self.carry_out)), name="newsletter_issue_do"),
        ]
        return ours + super().get_urls()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        issue = self.get_object(request, object_id)
        return super().change_view(request, object_id, form_url, standing(issue, request.user) if issue else None)

    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        issue = self._seen(request, pk)
        return HttpResponse(issue.preview().html)

    def carry_out(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        if verb not in VERBS:
            raise Http404
        issue = self._seen(request, pk)
        permit(request.user, "send", issue)
        try:
            VERBS[verb][2](issue, request.user, said(request, "because"))
            messages.success(request, VERBS[verb][3])
        except ValidationError as refusal:
            tell_refusal(request, refusal)
        return redirect("admin:newsletter_issue_change", pk)

    def _seen(self, request: HttpRequest, pk: int) -> Issue:
        issue = get_object_or_404(Issue.objects.select_related("newsletter"), pk=pk)
        if not self.has_view_permission(request, issue):
            raise PermissionDenied
        return issue


def standing(issue: Issue, user: Any) -> dict[str, Any]:
    """What the form of an issue shows above its fields."""
    offered = [(name, label) for name, (label, stands, _do, _done) in VERBS.items() if issue.stand in stands]
    return {
        "badge": str(issue.stand.label),
        "badge_colour": COLOURS[issue.stand],
        "issue_verbs": offered if may(user, "send", issue) else [],
        "readers": issue.readers().count() if not issue.is_frozen else issue.audience,
        "books": _named_books(issue) if issue.is_frozen else [],
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


class PlacesInline(TabularInline):
    model = Subscription
    fields = readonly_fields = ["newsletter", "asked_at", "confirmed_at", "left_at", "left_how"]
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("newsletter")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(GuardedAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Subscriber)
class SubscriberAdmin(ReadOnlyAdmin):
    """To be read: people join and leave by their own presses, and each press is kept."""

    fields = readonly_fields = ["email", "created_at", "suppressed", "consents"]
    inlines = [PlacesInline]
    list_display = ["email", "created_at"]
    list_filter = ["subscriptions__newsletter"]
    search_fields = ["email_key"]
    ordering = ["-pk"]

    @display(description=gettext_lazy("Suppressed"), empty_value="–")
    def suppressed(self, subscriber: Subscriber) -> str | None:
        return str(subscriber.bar) if subscriber.bar else None

    @display(description=gettext_lazy("What they asked for"))
    def consents(self, subscriber: Subscriber) -> str:
        context = {"consents": Consent.objects.of(subscriber.key_hash)}
        return mark_safe(render_to_string("desk/_consents.html", context))  # noqa: S308 - a template's output


class SuppressionForm(forms.ModelForm):
    address = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=1000,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("It is kept as a keyed hash only, and may not be mailed again."),
    )

    class Meta:
        model = Suppression
        fields = ["note"]

    def clean_address(self) -> str:
        return check_email(self.cleaned_data["address"])


@admin.register(Suppression)
class SuppressionAdmin(GuardedAdmin):
    form = SuppressionForm
    noted_by_verbs = frozenset({"add"})
    list_display = ["__str__", "reason", "at", "note"]
    list_filter = ["reason"]
    ordering = ["-at"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["reason", "at", "note"] if obj else ["address", "note"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Suppression, form: Any, change: bool) -> None:
        bar = Suppression.objects.bar(form.cleaned_data["address"], Suppression.Reason.OPERATOR, note=obj.note)
        obj.pk, obj.reason, obj.at = bar.pk, bar.reason, bar.at
        Entry.objects.record("suppress", on=bar, by=request.user)
