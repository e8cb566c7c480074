from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from newsroom.audit.models import Entry
from newsroom.guarded import GuardedAdmin


@admin.register(Entry)
class EntryAdmin(GuardedAdmin):
    """To be read. The database refuses to change it, whoever asks."""

    fields = ["at", "person_name", "verb", "subject", "subject_type", "subject_id", "origin", "details"]
    readonly_fields = fields
    list_display = ["at", "person_name", "verb", "subject", "subject_type", "origin"]
    list_filter = ["verb", "subject_type"]
    search_fields = ["subject", "person_name"]
    date_hierarchy = "at"
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
