"""The history of one issue: who kept what and when, what differs, and the way back to it."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.html import format_html
from django.utils.translation import gettext as _

from articles.admin.difference import Difference, facts_of_words, of_bodies
from articles.models import Article
from newsletter.admin.composing import framed, may_change, permit_change
from newsletter.letters.content import IssueContent, Kind
from newsletter.models import Issue, IssueRevision
from newsroom.guarded import is_key
from newsroom.written import EditConflict

SHOWN = 200


def history(admin: Any, request: HttpRequest, issue: Issue) -> HttpResponse:
    rows = list(issue.revisions.select_related("made_by")[:SHOWN])
    context = {
        "title": _("Revisions of “%(issue)s”") % {"issue": issue},
        "revisions": rows,
        "newest": rows[0].number if rows else 0,
        "is_writable": may_change(request.user, issue),
    }
    return framed(admin, request, issue, "history", context)


def compare(admin: Any, request: HttpRequest, issue: Issue) -> HttpResponse:
    """Two revisions; the older one, if none is named, is the one before."""
    newest = issue.newest_revision
    named, other = request.GET.get("new"), request.GET.get("old")
    new = revision_of(issue, named) if named else newest
    earlier = issue.revisions.filter(number__lt=new.number if new else 0).select_related("made_by")
    old = revision_of(issue, other) if other else earlier.first()
    if new is None or old is None:
        messages.info(request, _("This is the first revision: there is nothing to compare it with."))
        return redirect("admin:newsletter_issue_history", issue.pk)
    context = {
        "title": _("Revisions %(old)s and %(new)s of “%(issue)s”")
        % {"old": old.number, "new": new.number, "issue": issue},
        "sides": [old, new],
        "difference": difference(old.content, new.content),
        "newest": newest.number,
        "is_writable": may_change(request.user, issue),
    }
    return framed(admin, request, issue, "compare", context)


def difference(old: IssueContent, new: IssueContent) -> Difference:
    facts = facts_of_words(
        (_("Subject"), old.subject, new.subject),
        (_("Preheader"), old.preheader, new.preheader),
        (_("Address"), old.slug, new.slug),
        (_("Sender’s name"), old.from_name, new.from_name),
        (_("Answers go to"), old.reply_to, new.reply_to),
    )
    titles = dict(Article.objects.filter(pk__in={*old.articles, *new.articles}).values_list("pk", "title"))
    stretches, differs = of_bodies(*("".join(_told(content, titles)) for content in (old, new)))
    return Difference([*facts], stretches, differs)


def _told(content: IssueContent, titles: dict[int, str]) -> Iterator[str]:
    """Its parts as the blocks of a text, which is what is compared."""
    for block in content.blocks:
        if block.article:
            gone = _("no longer there (%(number)s)") % {"number": block.article}
            words = f"{Kind(block.kind).label}: {titles.get(block.article, gone)}"
            yield format_html("<p>{}</p>", words)
        elif block.photo:
            yield format_html('<figure data-photo="{}"></figure><p>{}</p>', block.photo, block.text)
        elif block.kind == Kind.QUOTE:
            yield format_html("<blockquote><p>{}</p></blockquote><p>{}</p>", block.text, block.who)
        else:
            # The marks of the words are compared as they were typed.
            yield from (format_html("<p>{}</p>", part) for part in block.text.split("\n\n"))


def restore(request: HttpRequest, issue: Issue, number: int) -> HttpResponse:
    permit_change(request.user, issue)
    revision = revision_of(issue, str(number))
    based_on = request.POST.get("based_on", "")
    try:
        kept = issue.restore(revision, by=request.user, based_on=int(based_on) if is_key(based_on) else 0)
    except EditConflict as conflict:
        told = _("Not restored: %(who)s saved revision %(number)s in the meantime. Look at it first.")
        newer = conflict.newest
        messages.error(request, told % {"who": newer.made_by or _("Somebody"), "number": newer.number})
        return redirect("admin:newsletter_issue_history", issue.pk)
    messages.success(request, _("Revision %(old)s is back, as revision %(new)s.") % {"old": number, "new": kept.number})
    return redirect("admin:newsletter_issue_change", issue.pk)


def revision_of(issue: Issue, number: str) -> IssueRevision:
    if not is_key(number) or len(number) > 9:
        raise Http404
    return get_object_or_404(issue.revisions.select_related("made_by"), number=int(number))
