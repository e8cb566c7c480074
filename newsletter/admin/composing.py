"""The form of one issue, kept as revisions. The server arranges the parts; script only saves the wait."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _

from articles.models import Article
from newsletter.admin.form import BeginForm, BlockForm, IssueForm, card_of
from newsletter.letters.content import MOST_BLOCKS, Kind
from newsletter.letters.prose import SHARED
from newsletter.models import Issue, IssueRevision
from newsroom.guarded import is_key, permit
from newsroom.roles import may
from newsroom.written import EditConflict, Late

FOUND_AT_A_TIME = 12
# The buttons that arrange and save nothing.
ARRANGING = ("_up", "_down", "_off", "_add", "_card", "_full", "_find")


def may_change(user: Any, issue: Issue) -> bool:
    """What readers got is not changed any more, by nobody."""
    return not issue.is_frozen and may(user, "change", issue)


def permit_change(user: Any, issue: Issue) -> None:
    if not may_change(user, issue):
        raise PermissionDenied


def begin(admin: Any, request: HttpRequest) -> HttpResponse:
    permit(request.user, "add", Issue)
    form = BeginForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return redirect("admin:newsletter_issue_change", form.begin(by=request.user).pk)
    context = {"title": _("New issue"), "form": form, "media": admin.media + form.media}
    return framed(admin, request, None, "begin", context, status=400 if form.is_bound else 200)


def write(admin: Any, request: HttpRequest, issue: Issue, context: dict[str, Any]) -> HttpResponse:
    """By GET the form; by POST the parts are arranged, or the whole is kept as a revision."""
    if request.method != "POST":
        return page(admin, request, issue, opened(issue, request.user), context)
    permit_change(request.user, issue)
    form = IssueForm.sent(request.POST, issue=issue)
    if pressed := next((name for name in ARRANGING if name in request.POST), None):
        return page(admin, request, issue, arranged(form, pressed, request), context | {"is_unsaved": True})
    if not form.is_valid():
        return page(admin, request, issue, form, context | {"is_unsaved": True, "is_refused": True})
    try:
        revision = issue.keep(form.content(), by=request.user, **form.itself())
    except EditConflict as conflict:
        form.rebase(conflict.newest)
        sides = [issue.showing(content).preview().text for content in (conflict.newest.content, form.content())]
        told = {"conflict": conflict, "sides": sides, "is_unsaved": True}
        return page(admin, request, issue, form, context | told, status=409)
    except ValidationError as refusal:
        form.add_error(None, refusal.messages)
        return page(admin, request, issue, form, context | {"is_unsaved": True, "is_refused": True})
    tell_kept(request, revision)
    if "_preview" in request.POST:
        return redirect("admin:newsletter_issue_preview", issue.pk)
    # The browser may forget what it kept of this sitting.
    return redirect(f"{reverse('admin:newsletter_issue_change', args=[issue.pk])}?kept={form.itself()['sitting']}")


def tell_kept(request: HttpRequest, revision: IssueRevision) -> None:
    messages.success(request, _("Saved as revision %(number)s.") % {"number": revision.number})
    if other := revision.merged_with:
        told = _("%(who)s had saved other parts meanwhile: revision %(number)s holds both.")
        messages.info(request, told % {"who": other.made_by or _("Somebody"), "number": revision.number})


def opened(issue: Issue, user: Any) -> IssueForm:
    revision = issue.unsaved_of(user) or issue.newest_revision
    content = revision.content if revision and not issue.is_frozen else issue.content
    form = IssueForm.showing(content, issue=issue, revision=revision)
    if not may_change(user, issue):
        form.freeze()
    return form


def arranged(form: IssueForm, pressed: str, request: HttpRequest) -> IssueForm:
    """The same form with its parts as the pressed button wants them. Nothing typed is lost, nothing is kept."""
    named, rows = request.POST[pressed], list(form.rows)
    if pressed in {"_up", "_down", "_off"} and is_key(named) and int(named) < len(rows):
        place = int(named)
        row = rows.pop(place)
        if pressed != "_off":
            rows.insert(max(0, place + (1 if pressed == "_down" else -1)), row)
    elif pressed == "_add" and named in {Kind.PROSE, Kind.PHOTO, Kind.QUOTE, Kind.SMALL}:
        rows.append({"kind": named})
    elif pressed in {"_card", "_full"} and is_key(named):
        article = found_by("", request.user, among=[int(named)])
        rows += [{"kind": pressed[1:], "article": str(article[0].pk)}] if article else []
    if len(rows) > MOST_BLOCKS:
        messages.error(request, _("A letter has %(most)s parts at most.") % {"most": MOST_BLOCKS})
    typed = {name: form.data.get(name, "") for name in form.fields}
    return IssueForm(issue=form.issue, rows=rows, initial=typed)


def found_by(words: str, user: Any, *, among: list[int] | None = None) -> list[Article]:
    """Live and scheduled articles with these words in their headline, as far as this person may see them."""
    found = Article.objects.filter(published_at__isnull=False, withdrawn_at=None, title__icontains=words.strip()[:100])
    if among is not None:
        found = found.filter(pk__in=among)
    rows = found.for_desk().select_related("section", "photo").newest_first()[:FOUND_AT_A_TIME]
    return [article for article in rows if may(user, "view", article)]


def page(
    admin: Any, request: HttpRequest, issue: Issue, form: IssueForm, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    is_writable = may_change(request.user, issue)
    words = request.POST.get("q", "")
    unsaved = issue.unsaved_of(request.user) if is_writable else None
    ours = {
        "title": str(issue),
        "form": form,
        "media": admin.media + form.media + BlockForm({"kind": Kind.PHOTO}, 0).media,
        "is_writable": is_writable,
        "newest": issue.newest_revision,
        "others": issue.presences.now().besides(request.user).names() if is_writable else [],
        "unsaved": unsaved if request.method == "GET" else None,
        "kinds": [(kind, kind.label) for kind in (Kind.PROSE, Kind.PHOTO, Kind.QUOTE, Kind.SMALL)],
        "q": words,
        "found": [card_of(article) for article in found_by(words, request.user)] if is_writable else [],
        "tags": ["{name|reader}", "{address}", "{unsubscribe}", "{preferences}", *(f"{{{tag}}}" for tag in SHARED)],
        "may_delete": admin.has_delete_permission(request, issue),
    }
    return framed(admin, request, issue, "change_form", context | ours, status=status)


def autosave(request: HttpRequest, issue: Issue) -> HttpResponse:
    """What the form says every few moments while somebody writes. Never a page."""
    if issue.is_frozen and may(request.user, "view", issue):
        return JsonResponse({"refused": _("This issue is going out: nothing in it is changed any more.")}, status=422)
    permit_change(request.user, issue)
    form = IssueForm.sent(request.POST, issue=issue)
    form.is_valid()  # what is well formed is taken as the form takes it, what is not as it was typed
    try:
        kept = issue.sit(form.content(), by=request.user, **form.itself())
    except Late as late:
        return JsonResponse({"late": late.turn})
    except ValidationError as refusal:
        return JsonResponse({"refused": " ".join(refusal.messages)}, status=422)
    return JsonResponse(told(request, issue) | {"sitting": str(kept.sitting)})


def attend(request: HttpRequest, issue: Issue) -> HttpResponse:
    """Who may only look is no matter for those who write; who may write says that they are there."""
    permit_change(request.user, issue)
    if "leave" in request.POST:
        issue.leave(by=request.user)
        return HttpResponse(status=204)
    return JsonResponse(told(request, issue))


def told(request: HttpRequest, issue: Issue) -> dict[str, Any]:
    """What the form shows: when it was kept, who else is there, and whether there is something newer."""
    newest = issue.newest_revision
    return {
        "saved": _("Draft kept at %(time)s") % {"time": time_format(timezone.localtime(), "H:i:s")},
        "others": issue.attend(by=request.user),
        "newest": newest.number if newest else 0,
        "newestBy": str(newest.made_by) if newest and newest.made_by_id not in {None, request.user.pk} else "",
    }


def discard(request: HttpRequest, issue: Issue, sitting: UUID) -> HttpResponse:
    permit_change(request.user, issue)
    issue.discard(sitting, by=request.user)
    messages.success(request, _("What was not saved is gone; this is the saved text."))
    return redirect("admin:newsletter_issue_change", issue.pk)


def framed(
    admin: Any, request: HttpRequest, issue: Issue | None, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    whole = admin.admin_site.each_context(request) | {"opts": admin.opts, "original": issue, "issue": issue}
    return TemplateResponse(request, f"admin/newsletter/issue/{template}.html", whole | context, status=status)
