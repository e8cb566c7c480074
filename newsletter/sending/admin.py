"""The desk's side of sending: each copy, the domains in trouble, and the pace. Nobody but an admin comes here."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.admin import TabularInline
from unfold.decorators import display

from newsletter.models import Attempt, Delivery, Lane, Pace
from newsroom.guarded import GuardedAdmin, permit, tell_refusal
from newsroom.roles import may

State = Delivery.State
COLOURS = {
    State.ACCEPTED: "success",
    State.FAILED: "danger",
    State.UNCERTAIN: "warning",
    State.SKIPPED: "default",
    **dict.fromkeys(Delivery.OPEN, "info"),
}


class WithVerbs(GuardedAdmin):
    """To be read; what can be done is a verb with a button."""

    change_form_template = "admin/newsletter/with_verbs.html"
    # name: permission, label, what it does, what is said afterwards
    verbs: ClassVar[dict[str, tuple[str, Any, Any, Any]]] = {}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[Any]:
        name = f"newsletter_{self.model._meta.model_name}_do"
        carry_out = self.admin_site.admin_view(require_POST(self.carry_out))
        return [path("<int:pk>/do/<slug:verb>/", carry_out, name=name), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        found = self.get_object(request, object_id)
        names = self.offered(found) if found else []
        offered = [
            (reverse(f"admin:newsletter_{self.model._meta.model_name}_do", args=[found.pk, name]), self.verbs[name][1])
            for name in names
            if may(request.user, self.verbs[name][0], found)
        ]
        return super().change_view(request, object_id, form_url, {"verbs": offered})

    def offered(self, found: Any) -> list[str]:
        return list(self.verbs)

    def carry_out(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        if verb not in self.verbs:
            raise Http404
        needed, _label, do, done = self.verbs[verb]
        found = get_object_or_404(self.model, pk=pk)
        permit(request.user, needed, found)
        try:
            do(found, request.user)
            messages.success(request, done)
        except ValidationError as refusal:
            tell_refusal(request, refusal)
        return self.and_then(found)

    def and_then(self, found: Any) -> HttpResponse:
        return redirect(f"admin:newsletter_{self.model._meta.model_name}_changelist")


class AttemptInline(TabularInline):
    model = Attempt
    fields = readonly_fields = ["edition", "state", "handed_at", "settled_at", "answer", "asked_at", "asked_by"]
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Delivery)
class DeliveryAdmin(WithVerbs):
    fields = ["issue", "address", "edition", "state", "attempt", "handed_at", "repeated_at", "settled_at", "answer"]
    inlines = [AttemptInline]
    list_display = ["address", "issue", "stand", "settled_at", "answer"]
    list_filter = ["state"]
    list_select_related = ["issue"]
    search_fields = ["=subscriber__email_key"]
    search_help_text = _("The whole address.")
    ordering = ["-pk"]
    verbs = {
        "again": (
            "resend",
            _("Send it to this person again"),
            lambda copy, by: copy.send_again(by=by),
            _("It goes out once more, as a new message."),
        ),
        "accepted": (
            "resend",
            _("The mail server took it"),
            lambda copy, by: copy.settle("accepted", by=by),
            _("Settled as you found it."),
        ),
        "failed": (
            "resend",
            _("It did not, and it shall not be tried again"),
            lambda copy, by: copy.settle("failed", by=by),
            _("Settled as you found it."),
        ),
    }

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        return lookup == "issue__id__exact" or super().lookup_allowed(lookup, value, request)

    def get_queryset(self, request: HttpRequest) -> Any:
        texts = [f"issue__{name}" for name in ("letter_html", "letter_text", "letter_head", "letter_parts", "blocks")]
        return super().get_queryset(request).select_related("issue").defer(*texts)

    @display(description=_("State"), label=COLOURS)
    def stand(self, copy: Delivery) -> tuple[str, str]:
        return copy.state, str(copy.get_state_display())

    def offered(self, found: Delivery) -> list[str]:
        if found.state in Delivery.OPEN:
            return []
        return list(self.verbs) if found.state == State.UNCERTAIN else ["again"]

    def and_then(self, found: Any) -> HttpResponse:
        return redirect("admin:newsletter_delivery_change", found.pk)


@admin.register(Lane)
class LaneAdmin(WithVerbs):
    fields = ["domain", "because", "failures", "rests", "rests_until", "waiting"]
    readonly_fields = ["waiting"]
    list_display = ["domain", "because", "rests_until"]
    search_fields = ["domain"]
    ordering = ["domain"]
    verbs = {
        "through": (
            "change",
            _("Try again now"),
            lambda lane, by: lane.let_through(by=by),
            _("Its copies are tried again at once."),
        ),
        "give-up": (
            "change",
            _("Give up: count its waiting copies as refused"),
            lambda lane, by: lane.give_up(by=by),
            _("Its waiting copies are counted as refused."),
        ),
    }

    @display(description=_("Waiting copies"))
    def waiting(self, lane: Lane) -> int:
        return lane.waiting().count()


@admin.register(Pace)
class PaceAdmin(GuardedAdmin):
    fields = ["per_second", "per_hour"]
    list_display = ["__str__", "per_second", "per_hour"]
    noted_by_verbs = frozenset({"add", "change"})

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not Pace.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Pace, form: Any, change: bool) -> None:
        obj.set(per_second=obj.per_second, per_hour=obj.per_hour, by=request.user)
