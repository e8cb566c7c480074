from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy
from unfold.admin import TabularInline
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from newsletter.models import Consent, Subscriber, Subscription, Suppression
from newsroom.addresses import check_email
from newsroom.audit.models import Entry
from newsroom.guarded import GuardedAdmin


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
