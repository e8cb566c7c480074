"""What has gone out, on the web."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from articles.feeds import NEWEST, ConditionalFeed, PrintableRss, guid
from newsletter.models import Issue, Newsletter
from newsletter.models.newsletter import Moved
from newsroom.identity.models import Identity
from newsroom.identity.templatetags.furniture import absolute


@require_safe
def newsletter(request: HttpRequest, newsletter: str) -> HttpResponse:
    try:
        found = Newsletter.objects.at_slug(newsletter)
    except Moved as moved:
        return redirect(moved.to, permanent=True)
    issues = found.issues.archived().for_archive().newest_first()
    return render(request, "newsletter/archive.html", {"newsletter": found, "issues": issues})


@require_safe
def issue(request: HttpRequest, newsletter: str, issue: str) -> HttpResponse:
    try:
        home = Newsletter.objects.at_slug(newsletter)
    except Moved as moved:
        return redirect("newsletter:issue", moved.to.slug, issue, permanent=True)
    found = get_object_or_404(Issue.objects.archived().for_reading(), newsletter=home, slug=issue)
    context = {
        "issue": found,
        "newsletter": home,
        "parts": found.parts_on_the_web(),
        "corrections": found.corrections_since(),
    }
    return render(request, "newsletter/issue.html", context)


class ArchiveFeed(ConditionalFeed):
    """The letters of one newsletter, each as the first words of it and a link."""

    feed_type: type[Rss201rev2Feed] = PrintableRss

    def __call__(self, request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        try:
            return super().__call__(request, *arguments, **named)
        except Moved as moved:
            return redirect("newsletter:archive_feed", moved.to.slug, permanent=True)

    def get_object(self, request: HttpRequest, newsletter: str) -> Newsletter:
        return Newsletter.objects.at_slug(newsletter)

    def newest(self, newsletter: Newsletter) -> Any:
        return newsletter.issues.archived().for_archive().newest_first()[:NEWEST]

    def made_of(self, newsletter: Newsletter) -> Any:
        said = (newsletter.slug, newsletter.name, newsletter.description, Identity.objects.present().name)
        return said, list(newsletter.issues.archived().newest_first().values_list("pk", "subject", "slug")[:NEWEST])

    def links(self, newsletter: Newsletter) -> str:
        return f'<{self.feed_url(newsletter)}>; rel="self"'

    def title(self, newsletter: Newsletter) -> str:
        return f"{newsletter.name} · {Identity.objects.present().name}"

    def link(self, newsletter: Newsletter) -> str:
        return absolute(newsletter.get_absolute_url())

    def feed_url(self, newsletter: Newsletter) -> str:
        return absolute(f"{newsletter.get_absolute_url()}rss/")

    def description(self, newsletter: Newsletter) -> str:
        return newsletter.description or _("Every letter that has gone out.")

    def items(self, newsletter: Newsletter) -> Any:
        return self.newest(newsletter)

    def item_title(self, item: Issue) -> str:
        return item.subject

    def item_description(self, item: Issue) -> str:
        return escape(item.preheader or item.content.words)  # it is read as HTML

    def item_link(self, item: Issue) -> str:
        return absolute(item.get_absolute_url())

    def item_guid(self, item: Issue) -> str:
        return guid("issue", item.pk)

    item_guid_is_permalink = False

    def item_pubdate(self, item: Issue) -> Any:
        return item.frozen_at
