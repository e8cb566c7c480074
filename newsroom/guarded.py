"""The admin class of every model of ours: what it allows, it asks of `may`, about the very object."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ActionLocation
from django.contrib.admin import ModelAdmin as DjangoModelAdmin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.core.paginator import Page, Paginator
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from newsroom.audit.models import Entry
from newsroom.legible import LegibleForm
from newsroom.roles import may


class DeskPaginator(Paginator):
    """Counts no further than anybody turns pages, and finds a late page without making the ones before it."""

    template_name = "desk/_pagination.html"
    most = 10_000

    @cached_property
    def counted(self) -> int:
        rows: Any = self.object_list
        return rows.order_by()[: self.most + 1].count()

    @cached_property
    def count(self) -> int:
        return min(self.counted, self.most)

    @property
    def is_cut(self) -> bool:
        return self.counted > self.most

    def page(self, number: Any) -> Page:
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        rows: Any = self.object_list
        # The columns of a list are made for the rows that are shown, not for those that are passed over.
        shown = rows.filter(pk__in=rows.values("pk")[first : min(first + self.per_page, self.count)])
        return Page(shown, number, self)


class GuardedAdmin(ModelAdmin):
    form: type[forms.ModelForm] = LegibleForm
    # Of "add" and "change", those that a verb of the model writes down itself.
    noted_by_verbs: frozenset[str] = frozenset()
    compressed_fields = True
    list_filter_sheet = False
    list_fullwidth = True
    list_per_page = 50
    show_full_result_count = False
    paginator: Any = DeskPaginator
    warn_unsaved_form = True

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may(request.user, "add", self.model)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request.user, "change", self.model if obj is None else obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request.user, "delete", self.model if obj is None else obj)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request.user, "view", self.model if obj is None else obj) or self.has_change_permission(request, obj)

    def get_changelist_formset(self, request: HttpRequest, **kwargs: Any) -> Any:
        """Its fields stand in the cells of a table, where each says its own name."""
        formset = super().get_changelist_formset(request, **kwargs)
        for field in formset.form.base_fields.values():
            field.widget.attrs["aria-label"] = field.label
        return formset

    # What happens in a form is a line of the trail, unless the model's own verb writes one.

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self.note(request, "add", obj)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self.note(request, "change", obj)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for obj in queryset:
            self.note(request, "delete", obj)
        return super().log_deletions(request, queryset)

    def note(self, request: HttpRequest, verb: str, obj: Any) -> None:
        if verb not in self.noted_by_verbs:
            Entry.objects.record(verb, on=obj, by=request.user)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        try:
            return super().get_changelist_instance(request)
        except (ValueError, OverflowError) as nonsense:  # a year 99999 in the address bar
            raise IncorrectLookupParameters from nonsense

    def response_action(self, request: HttpRequest, queryset: Any, *location: Any, **named: Any) -> Any:
        if not all(map(is_key, request.POST.getlist(ACTION_CHECKBOX_NAME))):
            raise BadRequest
        if request.POST.get("select_across") == "1" and DeskPaginator(queryset, self.list_per_page).is_cut:
            messages.error(request, _("These are too many for one go: narrow the list down first."))
            return None
        return super().response_action(request, queryset, *location, **named)

    def get_action_choices(
        self, request: HttpRequest, default_choices: Any = (), action_location: Any = ActionLocation.CHANGE_LIST
    ) -> list[tuple[str, str]]:
        # The theme's own does not know the location, which Django 6.1 asks for.
        return DjangoModelAdmin.get_action_choices(self, request, [("", _("Choose an action"))], action_location)


def permit(user: Any, verb: str, target: Any) -> None:
    """Refused without a word about the object."""
    if not may(user, verb, target):
        raise PermissionDenied


def is_key(value: Any) -> bool:
    """Whether the database may be asked for this row: a form holds whatever somebody sent."""
    return str(value).isdecimal() and len(str(value)) < 19


def said(request: HttpRequest, name: str) -> str:
    """A sentence that somebody typed into a field of its own, as the trail can keep it."""
    return request.POST.get(name, "").replace("\0", "").strip()


def tell_refusal(request: HttpRequest, refusal: ValidationError, *, about: Any = None) -> None:
    sentences = " ".join(refusal.messages)
    messages.error(request, f"“{about}”: {sentences}" if about else sentences)
