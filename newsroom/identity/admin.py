from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldBooleanSwitchWidget

from newsroom.audit.models import Entry
from newsroom.guarded import GuardedAdmin
from newsroom.identity.models import Identity, Link
from newsroom.legible import LegibleForm

ACCEPTED = "image/png,image/webp,image/avif,image/jpeg"


class LogoField(forms.FileField):
    widget = UnfoldAdminFileFieldWidget(attrs={"accept": ACCEPTED})


class IdentityForm(LegibleForm):
    new_logo = LogoField(
        label=_("Logo instead of the wordmark"),
        required=False,
        help_text=_("PNG, WebP or AVIF with a transparent ground; three times as high as it is shown, or more."),
    )
    new_logo_dark = LogoField(
        label=_("The logo for dark pages"), required=False, help_text=_("Where it must be lighter. Of the same shape.")
    )
    without_logo = forms.BooleanField(
        label=_("Take the logo down and show the wordmark"), required=False, widget=UnfoldBooleanSwitchWidget
    )

    class Meta:
        model = Identity
        fields = ["name", "tagline", "description", "wordmark", "sign", "accent", "invitation", "hub", "colophon"]

    def clean(self) -> None:
        super().clean()
        if self.cleaned_data.get("without_logo"):
            self.instance.put_down_logo()
        for field, is_dark in (("new_logo", False), ("new_logo_dark", True)):
            upload = self.cleaned_data.get(field)
            if upload and not self.errors:
                try:
                    self.instance.bear(upload, dark=is_dark)
                except ValidationError as refusal:
                    self.add_error(field, refusal)


@admin.register(Identity)
class IdentityAdmin(GuardedAdmin):
    form = IdentityForm
    noted_by_verbs = frozenset({"add", "change"})
    fieldsets = [
        (None, {"fields": ["name", "tagline", "description"]}),
        (
            _("How it looks"),
            {"fields": ["wordmark", "sign", "accent", "logo_now", "new_logo", "new_logo_dark", "without_logo"]},
        ),
        (_("What it says"), {"fields": ["invitation", "colophon"]}),
        (_("Whom it tells"), {"fields": ["hub"]}),
    ]
    readonly_fields = ["logo_now"]

    @display(description=_("Logo"))
    def logo_now(self, identity: Identity) -> SafeString | str:
        return mark_safe(render_to_string("identity/_logo.html", {"magazine": identity})) if identity.logo else "–"  # noqa: S308 - a template's output

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
