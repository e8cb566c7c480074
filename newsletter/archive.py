"""What has gone out, on the web."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from newsletter.models import Issue, Newsletter


@require_safe
def newsletter(request: HttpRequest, newsletter: str) -> HttpResponse:
    found = get_object_or_404(Newsletter, slug=newsletter)
    issues = found.issues.archived().for_archive().newest_first()
    return render(request, "newsletter/archive.html", {"newsletter": found, "issues": issues})


@require_safe
def issue(request: HttpRequest, newsletter: str, issue: str) -> HttpResponse:
    archived = Issue.objects.archived().for_archive()
    found = get_object_or_404(archived, newsletter__slug=newsletter, slug=issue)
    context = {
        "issue": found,
        "newsletter": found.newsletter,
        "articles": found.cards(),
        "corrections": found.corrections_since(),
    }
    return render(request, "newsletter/issue.html", context)
