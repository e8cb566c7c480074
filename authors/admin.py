from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget

from authors.models import Author, User
from newsroom.addresses import email_key
from newsroom.audit.models import Entry
from newsroom.guarded import GuardedAdmin
from newsroom.legible import LegibleForm
from newsroom.roles import ROLES, appoint, roles_of

ACCEPTED = "image/jpeg,image/png,image/webp,image/avif"

# Roles are declared in code: /admin/roles/ shows them.
admin.site.unregister(Group)


class AuthorForm(LegibleForm):
    picture = forms.FileField(
        label=_("New portrait"),
        required=False,
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ACCEPTED}),
        help_text=_("It is shown as a square, cut around the middle a little above the centre."),
    )

    class Meta:
        model = Author
        fields = ["name", "slug", "role", "bio", "website", "user"]

    def clean(self) -> None:
        super().clean()
        upload = self.cleaned_data.get("picture")
        if upload and not self.errors:
            try:
                self.instance.wear(upload)
            except ValidationError as refusal:
                self.add_error("picture", refusal)


@admin.register(Author)
class AuthorAdmin(GuardedAdmin):
    form = AuthorForm
    fieldsets = [
        (None, {"fields": ["name", "slug", "role", "bio", "website"]}),
        (_("Portrait"), {"fields": ["portrait_now", "picture"]}),
        (_("Who writes under it"), {"fields": ["user"]}),
    ]
    readonly_fields = ["portrait_now"]
    list_display = ["portrait_now", "name", "role", "has_login"]
    list_display_links = ["name"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}
    autocomplete_fields = ["user"]

    @display(description=_("Portrait"))
    def portrait_now(self, author: Author) -> SafeString | str:
        return mark_safe(render_to_string("desk/_portrait.html", {"author": author}))  # noqa: S308 - a template's output

    @display(description=_("Has a login"), boolean=True)
    def has_login(self, author: Author) -> bool:
        return author.user_id is not None


class RoleMixin(forms.Form):
    role = forms.ChoiceField(
        label=_("Role"),
        widget=UnfoldAdminSelectWidget,
        choices=lambda: [("", "–"), *((role, f"{role}: {words}") for role, words in ROLES.items())],
    )

    def clean_email(self) -> str:
        email = self.cleaned_data["email"]
        twins = User.objects.filter(email_key=email_key(email)).exclude(pk=self.instance.pk) if email else ()  # type: ignore[attr-defined]
        if twins:
            raise ValidationError(_("Somebody else has this e-mail address: each login needs its own."))
        return email


class NewUserForm(RoleMixin, UserCreationForm):
    class Meta(UserCreationForm.Meta):
        model = User
        fields = ["username", "email", "first_name", "last_name"]


class ChangedUserForm(RoleMixin, UserChangeForm):
    class Meta(UserChangeForm.Meta):
        model = User
        fields = ["username", "password", "email", "first_name", "last_name", "is_active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["role"] = next(iter(roles_of(self.instance)), "")


@admin.register(User)
class StaffAdmin(UserAdmin, GuardedAdmin):
    form = ChangedUserForm
    add_form = NewUserForm
    change_password_form = AdminPasswordChangeForm
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        (_("Who it is"), {"fields": ["first_name", "last_name", "email"]}),
        (_("What they may do"), {"fields": ["role", "is_active"]}),
    ]
    add_fieldsets = [
        (None, {"fields": ["username", "password1", "password2"]}),
        (_("Who it is"), {"fields": ["first_name", "last_name", "email"]}),
        (_("What they may do"), {"fields": ["role"]}),
    ]
    list_display = ["username", "full_name", "email", "role", "is_active", "last_login"]
    list_filter = ["is_active", "groups"]
    filter_horizontal = ()
    search_fields = ["username", "first_name", "last_name", "email"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups")

    @display(description=_("Name"))
    def full_name(self, user: User) -> str:
        return user.get_full_name()

    @display(description=_("Role"))
    def role(self, user: User) -> str:
        return ", ".join(group.name for group in user.groups.all())

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        user, role = form.instance, form.cleaned_data.get("role")
        if role and roles_of(user) != {role}:
            appoint(user, role)
            user.appointed = role

    def note(self, request: HttpRequest, verb: str, obj: Any) -> None:
        """Who gets which role matters more than that a form was saved."""
        role = obj.__dict__.pop("appointed", None)
        if role:
            Entry.objects.record("appoint", on=obj, by=request.user, role=role)
        else:
            super().note(request, verb, obj)
