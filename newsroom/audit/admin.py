from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from newsroom.audit.models import Entry
from newsroom.guarded import GuardedAdmin, is_key
from newsroom.roles import may

# Nobody turns two hundred pages; a filter comes first.
COUNTED = 10_000
DAYS_OFFERED = 14


class BoundedPaginator(Paginator):
    """Counts no further than anybody looks: a trail of years is as fast as one of days."""

    @cached_property
    def count(self) -> int:
        found: Any = self.object_list
        return found.order_by()[:COUNTED].count()


class PersonFilter(admin.SimpleListFilter):
    title = _("who")
    parameter_name = "person"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        people = get_user_model()._default_manager.filter(is_staff=True).order_by("username")
        return [(str(person.pk), person.get_username()) for person in people]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(person=self.value()) if is_key(self.value()) else queryset


class VerbFilter(admin.SimpleListFilter):
    title = _("what")
    parameter_name = "verb"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(verb, verb) for verb in Entry.objects.known("verb")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(verb=self.value()) if self.value() else queryset


class KindFilter(admin.SimpleListFilter):
    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind, kind_named(kind)) for kind in Entry.objects.known("subject_type")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(subject_type=self.value()) if self.value() else queryset


class DayFilter(admin.SimpleListFilter):
    """The last two weeks are offered; any other day may stand in the address, as ?day=2026-01-31."""

    title = _("day")
    parameter_name = "day"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        days = [timezone.localdate() - timedelta(days=ago) for ago in range(DAYS_OFFERED)]
        return [(day.isoformat(), date_format(day)) for day in days]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        try:
            day = date.fromisoformat(self.value() or "")
            begin, end = (datetime.combine(day + timedelta(days=days), time.min) for days in (0, 1))
        except (ValueError, OverflowError):
            return queryset
        return queryset.filter(at__gte=timezone.make_aware(begin), at__lt=timezone.make_aware(end))


@admin.register(Entry)
class EntryAdmin(GuardedAdmin):
    """To be read. The database refuses to change it, whoever asks."""

    fields = ["at", "person_name", "verb", "kind", "thing", "origin", "details"]
    readonly_fields = fields
    list_display = ["at", "person_name", "verb", "subject", "kind", "origin"]
    list_filter = [PersonFilter, VerbFilter, KindFilter, DayFilter]
    search_fields = ["subject"]
    search_help_text = _("How the name of what it was done to begins")
    sortable_by = ["at"]
    paginator = BoundedPaginator

    @display(description=_("kind"))
    def kind(self, entry: Entry) -> str:
        return kind_named(entry.subject_type)

    @display(description=_("on"))
    def thing(self, entry: Entry) -> SafeString:
        """Its name as it was; a link to it for whoever may see it, as long as it is there."""
        context = {"entry": entry, "address": self._address(entry)}
        return mark_safe(render_to_string("desk/_audited.html", context))  # noqa: S308 - a template's output

    def _address(self, entry: Entry) -> str:
        return entry.__dict__.get("address", "")

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        entry = super().get_object(request, object_id, from_field)
        if entry is not None:
            entry.__dict__["address"] = address_of(entry, request.user)
        return entry

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return (queryset.filter(subject__istartswith=search_term) if search_term else queryset), False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def kind_named(kind: str) -> str:
    try:
        return capfirst(str(apps.get_model(kind)._meta.verbose_name))
    except (LookupError, ValueError):
        return kind


def address_of(entry: Entry, user: Any) -> str:
    """Of the form of what it was done to; empty where that is gone, or not for this person."""
    try:
        model = apps.get_model(entry.subject_type)
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[entry.subject_id])
    except (LookupError, ValueError, NoReverseMatch):
        return ""
    found = model._default_manager.filter(pk=entry.subject_id).first()
    return address if found is not None and may(user, "view", found) else ""
