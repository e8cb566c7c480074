"""The page on which an admin says that letters are sent from here, and sees what the doctor says."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured, PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from newsletter.letters.preflight import installation
from newsletter.models import Installation
from newsroom.guarded import tell_refusal


def this_installation(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    if not (request.user.is_active and getattr(request.user, "is_superuser", False)):
        raise PermissionDenied
    if request.method == "POST":
        confirm(request)
        return redirect("admin:installation")
    known = Installation.objects.first()
    context |= {
        "title": _("This installation"),
        "known": known,
        "finding": installation(),
        "was_elsewhere": known and known.site,
    }
    return TemplateResponse(request, "desk/installation.html", context)


def confirm(request: HttpRequest) -> None:
    try:
        paused = Installation.objects.confirm(by=request.user)
    except ValidationError as refusal:
        tell_refusal(request, refusal)
    except ImproperlyConfigured as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Confirmed: letters are sent from here."))
        if paused:
            sentence = ngettext(
                "%(number)s issue was under way when the database was copied: it is paused.",
                "%(number)s issues were under way when the database was copied: they are paused.",
                paused,
            )
            messages.warning(request, sentence % {"number": paused})
