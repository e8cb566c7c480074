"""The page on which a person's login ends and their texts get a new owner."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.widgets import UnfoldAdminSelectWidget

from articles.leaving import leave, legacy_of
from authors.models import User
from newsroom.guarded import permit


class LeavingForm(forms.Form):
    to = forms.ModelChoiceField(
        User.objects.none(),
        label=gettext_lazy("Who takes over their drafts and scheduled texts?"),
        widget=UnfoldAdminSelectWidget,
    )

    def __init__(self, said: QueryDict | None = None, *, leaving: User) -> None:
        super().__init__(said)
        self.fields["to"].queryset = User.objects.colleagues_of(leaving)  # type: ignore[attr-defined]


def person_leaves(request: HttpRequest, pk: int, context: dict[str, Any]) -> HttpResponse:
    permit(request.user, "change", User)
    person = get_object_or_404(User, pk=pk)
    form = LeavingForm(request.POST if request.method == "POST" else None, leaving=person)
    if form.is_valid():
        try:
            done = leave(person, to=form.cleaned_data["to"], by=request.user)
        except ValidationError as refusal:
            form.add_error(None, ValidationError(refusal.messages))
        else:
            words = ngettext(
                "%(person)s has left; %(count)s text went to %(colleague)s.",
                "%(person)s has left; %(count)s texts went to %(colleague)s.",
                done.articles,
            )
            named = {"person": person, "count": done.articles, "colleague": form.cleaned_data["to"]}
            messages.success(request, words % named)
            return redirect("admin:authors_user_change", pk)
    context |= {
        "title": _("%(person)s leaves") % {"person": person},
        "opts": User._meta,
        "person": person,
        "form": form,
        "legacy": legacy_of(person),
    }
    return TemplateResponse(request, "desk/leaving.html", context)
