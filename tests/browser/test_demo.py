"""What the demo makes, asked of the one that the browser plays in."""

import json

import pytest

pytestmark = pytest.mark.browser

# Runs in the demo's own shell, and prints what it counts.
COUNT = """
import json
from articles.models import Article, Correction, Page
from authors.models import Author
from newsletter.models import Issue, Newsletter, Subscription
from newsroom.audit.models import Entry
live = Article.objects.live()
photos = [photo for article in live for photo in [article.photo, *article.figures.all()]]
print(json.dumps({
    "live": live.count(),
    "stands": {stand: Article.objects.standing(stand).count() for stand in Article.Stand.values},
    "portraits": Author.objects.exclude(portrait="").count(),
    "corrections": Correction.objects.live().count(),
    "pages": Page.objects.live().count(),
    "newsletters": sorted(Newsletter.objects.values_list("slug", flat=True)),
    "readers": Subscription.objects.confirmed().count(),
    "photos": len(photos),
    "whole": sum(bool(p.alt and p.caption and p.credit.startswith("Illustration by")) for p in photos),
    "issues": [[issue.audience, issue.books()["total"]] for issue in Issue.objects.archived()],
}))
"""


def test_a_magazine_of_the_promised_size(house):
    made = json.loads(house.manage("shell", "--no-imports", "-v", "0", "-c", COUNT).splitlines()[-1])
    assert made["live"] >= 35
    assert all(made["stands"][stand] for stand in ("draft", "submitted", "scheduled", "live"))
    assert made["portraits"] == 6
    assert made["corrections"] >= 3
    assert made["pages"] == 2
    assert made["newsletters"] == ["breaking", "weekly"]
    assert made["readers"] > 300
    assert made["whole"] == made["photos"] >= 45
    assert len(made["issues"]) >= 7
    assert all(audience == total for audience, total in made["issues"])
