"""At full size: a million copies, ten thousand of which came back. Run by `make bench`."""

import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from newsletter.models import Delivery, Issue
from newsletter.models.returned import Kind
from newsletter.returns import figures
from newsletter.returns.paths import seal
from newsletter.returns.reports import Report
from newsletter.returns.taking import take
from tests.newsletter.letters import SendingTestCase, frozen, make_issue

COPIES, RETURNED = 1_000_000, 10_000


@pytest.mark.bench
class AMillionCopies(SendingTestCase):
    def test_a_report_is_taken_in_and_the_plots_are_made_in_no_time(self):
        issues = [frozen(self.issue), *(frozen(make_issue(self.weekly, self.tides, slug=f"n{n}")) for n in range(11))]
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO newsletter_delivery (issue_id, address, token, state, attempt, fence, answer, handed_at) "
                "SELECT %s, 'r' || n || '@x.example', md5(n::text), 'accepted', 1, 1, '250 Ok', now() "
                "FROM generate_series(1, %s) AS n",
                [issues[0].pk, COPIES],
            )
            cursor.execute(
                "INSERT INTO newsletter_fact (delivery_id, issue_id, kind, first_at) "
                "SELECT id, issue_id, 'bounced', now() FROM newsletter_delivery WHERE issue_id = %s "
                "ORDER BY id DESC LIMIT %s",
                [issues[0].pk, RETURNED],
            )
            cursor.execute("ANALYZE newsletter_delivery")
        taken = self.taking(issues[0])
        Issue.objects.update(finished_at=timezone.now() - timedelta(days=1))
        began = time.perf_counter()
        assert figures.sum_up() == 12
        summed = time.perf_counter() - began
        drawn = min(self.drawing() for _try in range(3))
        print(f"\na report {1000 * taken:.0f} ms, all books {summed:.2f} s, a page's figures {1000 * drawn:.0f} ms")
        assert taken < 0.1 and drawn < 0.3

    def taking(self, issue: Issue) -> float:
        letters = list(Delivery.objects.filter(issue=issue).order_by("pk")[100:140])
        began = time.perf_counter()
        for number, letter in enumerate(letters):
            kind = Kind.COMPLAINED if number % 2 else Kind.BOUNCED
            assert take(Report("brevo", kind, f"{number}", sealed=(seal(letter.pk),))).is_news
        return (time.perf_counter() - began) / len(letters)

    def drawing(self) -> float:
        began = time.perf_counter()
        assert len(figures.of_newsletter(self.weekly)) == 12
        return time.perf_counter() - began
