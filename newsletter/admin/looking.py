"""A letter before it goes out: narrow and wide, in the dark, without pictures, as text, and in one's own mailbox."""

import re
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from authors.models import User
from newsletter.admin.history import revision_of
from newsletter.letters.press import weight
from newsletter.models import Issue
from newsletter.models.issue import LONGEST_LETTER
from newsroom.guarded import is_key, permit, tell_refusal
from newsroom.roles import may

# What a mail program in the dark takes from the letter; the preview decides it, whatever the desk wears.
DARK = "(prefers-color-scheme: dark)"
LOOKS = {"light": gettext_lazy("Light"), "dark": gettext_lazy("Dark")}
WIDTHS = ((390, gettext_lazy("On a telephone")), (700, gettext_lazy("On a desk")))
NARROW = "(max-width: 520px)"
SOURCE = re.compile(r'(<img\b[^>]*?)\ssrc="[^"]*"')


def look(admin: Any, request: HttpRequest, issue: Issue) -> HttpResponse:
    revision = revision_of(issue, request.GET["revision"]) if "revision" in request.GET else None
    unsaved = None if revision or issue.is_frozen else issue.unsaved_of(request.user)
    shown = issue.showing((revision or unsaved).content) if revision or unsaved else issue  # type: ignore[union-attr]
    letter = shown.preview()
    scheme = "dark" if request.GET.get("look") == "dark" else "light"
    has_pictures = request.GET.get("pictures") != "off"
    size = weight(letter)
    context = admin.admin_site.each_context(request) | {
        "title": _("Preview of “%(issue)s”") % {"issue": shown},
        "opts": admin.opts,
        "original": issue,
        "issue": issue,
        "shown": shown,
        "revision": revision,
        "is_unsaved": unsaved is not None,
        "scheme": scheme,
        "looks": LOOKS.items(),
        "has_pictures": has_pictures,
        "views": [(width, label, as_seen(letter.html, scheme, has_pictures=has_pictures)) for width, label in WIDTHS],
        "text": letter.text,
        "kilobytes": round(size / 1000),
        "is_too_long": size > LONGEST_LETTER,
        "colleagues": colleagues(issue, request.user) if may(request.user, "send", issue) else [],
    }
    return TemplateResponse(request, "admin/newsletter/issue/preview.html", context)


def as_seen(html: str, scheme: str, *, has_pictures: bool) -> str:
    """The letter as a program with these settings shows it."""
    html = html.replace(DARK, "all" if scheme == "dark" else "not all")
    return html if has_pictures else SOURCE.sub(r"\1", html)


def colleagues(issue: Issue, user: Any) -> list[User]:
    """Who may get a trial: oneself first, then those who may see the issue anyway."""
    others = (
        User.objects.filter(is_staff=True, is_active=True).exclude(pk=user.pk).exclude(email="").order_by("username")
    )
    return [user, *(person for person in others[:50] if may(person, "view", issue))]


def try_out(request: HttpRequest, issue: Issue) -> HttpResponse:
    permit(request.user, "send", issue)
    wanted = {int(key) for key in request.POST.getlist("to") if is_key(key)}
    chosen = [person for person in colleagues(issue, request.user) if person.pk in wanted]
    try:
        issue.try_out(chosen, by=request.user)
        sentence = ngettext(
            "A trial is on its way to %(count)s person.", "A trial is on its way to %(count)s people.", len(chosen)
        )
        messages.success(request, sentence % {"count": len(chosen)})
    except ValidationError as refusal:
        tell_refusal(request, refusal)
    return redirect("admin:newsletter_issue_preview", issue.pk)
