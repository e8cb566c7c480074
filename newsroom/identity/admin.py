from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from newsroom.audit.models import Entry
from newsroom.guarded import GuardedAdmin
from newsroom.identity.models import Identity, Link


@admin.register(Identity)
class IdentityAdmin(GuardedAdmin):
    fields = ["name", "tagline", "description", "invitation", "colophon"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not Identity.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """There is one magazine: the list is its form."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if not Identity.objects.exists():
            return redirect("admin:identity_identity_add")
        return redirect("admin:identity_identity_change", True)

    def save_model(self, request: HttpRequest, obj: Identity, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        Entry.objects.record("rename", on=obj, by=request.user, changed=form.changed_data)


@admin.register(Link)
class LinkAdmin(GuardedAdmin):
    fields = ["place", "label", "path", "position"]
    list_display = ["label", "place", "path", "position"]
    list_editable = ["position"]
    list_filter = ["place"]
