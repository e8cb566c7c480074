from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from unfold.admin import TabularInline
from unfold.decorators import display

from newsletter.models import Subscriber, Subscription
from newsletter.people.desk import PeopleDoors
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
class SubscriberAdmin(PeopleDoors, ReadOnlyAdmin):
    """To be read: people join and leave by their own presses, and each press is kept."""

    fields = readonly_fields = ["email", "created_at", "suppressed"]
    inlines = [PlacesInline]
    list_display = ["email", "created_at"]
    list_filter = ["subscriptions__newsletter"]
    search_fields = ["email_key"]
    ordering = ["-pk"]

    @display(description=gettext_lazy("Suppressed"), empty_value="–")
    def suppressed(self, subscriber: Subscriber) -> str | None:
        return str(subscriber.bar) if subscriber.bar else None
