"""What bars an address and what came back of it, at the desk."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import path
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from newsletter.models import Return, Suppression
from newsletter.models.suppression import key_hash
from newsletter.returns.taking import returns_of
from newsroom.addresses import check_email, email_key
from newsroom.audit.models import Entry
from newsroom.guarded import GuardedAdmin, permit, said, tell_refusal
from newsroom.roles import may


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
    change_form_template = "desk/suppression.html"
    list_display = ["__str__", "reason", "at", "note"]
    list_filter = ["reason"]
    search_fields = ["key_hash"]
    search_help_text = gettext_lazy("Found by the whole address: nothing else of it is kept.")
    ordering = ["-at", "-pk"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["reason", "at", "note", "returned"] if obj else ["address", "note"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["returned"]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        typed = search_term.strip()
        return (queryset.filter(pk__in=Suppression.objects.of_address(typed)) if typed else queryset), False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(description=gettext_lazy("What came back"))
    def returned(self, suppression: Suppression) -> str:
        context = {"returns": returns_of(suppression.key_hash)}
        return mark_safe(render_to_string("desk/_returns.html", context))  # noqa: S308 - a template's output

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        found = self.get_object(request, object_id)
        extra = {"may_lift": bool(found) and may(request.user, "lift", found)}
        return super().change_view(request, object_id, form_url, (extra_context or {}) | extra)

    def save_model(self, request: HttpRequest, obj: Suppression, form: Any, change: bool) -> None:
        bar = Suppression.objects.bar(form.cleaned_data["address"], Suppression.Reason.OPERATOR, note=obj.note)
        obj.pk, obj.reason, obj.at = bar.pk, bar.reason, bar.at
        Entry.objects.record("suppress", on=bar, by=request.user)

    def get_urls(self) -> list[Any]:
        lift = self.admin_site.admin_view(require_POST(self.lift))
        return [path("<int:pk>/lift/", lift, name="newsletter_suppression_lift"), *super().get_urls()]

    def lift(self, request: HttpRequest, pk: int) -> HttpResponse:
        permit(request.user, "lift", Suppression)
        found = get_object_or_404(Suppression, pk=pk)
        permit(request.user, "lift", found)
        try:
            found.lift(by=request.user, because=said(request, "because"))
        except ValidationError as refusal:
            tell_refusal(request, refusal)
            return redirect("admin:newsletter_suppression_change", pk)
        messages.success(
            request, _("Lifted: this address may be mailed again, if its owner subscribes or did not leave.")
        )
        return redirect("admin:newsletter_suppression_changelist")


@admin.register(Return)
class ReturnAdmin(GuardedAdmin):
    """To be read: what comes back is never changed."""

    fields = readonly_fields = ["kind", "at", "noted_at", "source", "issue", "status", "said"]
    list_display = ["at", "what", "issue", "source", "said"]
    list_filter = ["kind", "source"]
    list_select_related = ["issue"]
    search_fields = ["address_hash"]
    search_help_text = gettext_lazy("Found by the whole address: nothing else of it is kept.")
    ordering = ["-pk"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("issue__letter_html", "issue__letter_text", "issue__letter_head")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        typed = search_term.strip()
        return (queryset.filter(address_hash=key_hash(email_key(typed))) if typed else queryset), False

    @display(description=gettext_lazy("What"), ordering="kind")
    def what(self, found: Return) -> str:
        return found.get_kind_display()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
