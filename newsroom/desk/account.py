"""A person's own account: of what happens to articles they want a mail."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from authors.models import MAILS, User
from newsroom.legible import LegibleForm


class MailsForm(LegibleForm):
    class Meta:
        model = User
        fields = [f"mail_when_{name}" for name in MAILS]
        widgets = dict.fromkeys(fields, forms.CheckboxInput)

    def wanted(self) -> list[str]:
        return [name for name in MAILS if self.cleaned_data[f"mail_when_{name}"]]


def account(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    person = get_object_or_404(User, pk=request.user.pk)
    # What is not ticked is not sent: a form without anything in it is one, too.
    said = request.POST if request.method == "POST" else None
    form = MailsForm(said, instance=person, label_suffix="")
    if form.is_valid():
        person.choose_mails(form.wanted(), by=request.user)
        messages.success(request, _("Your choice is kept."))
        return redirect("admin:account")
    return TemplateResponse(request, "desk/account.html", context | {"title": _("Your account"), "form": form})
