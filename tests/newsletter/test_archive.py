from datetime import timedelta

import feedparser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import Correction
from newsletter.letters.content import Block, Kind
from newsletter.models import Issue, Newsletter
from tests.newsletter.letters import SendingTestCase, arranged, frozen, make_issue


class ArchiveTests(SendingTestCase):
    def test_an_issue_stands_on_the_web_once_it_goes_out(self):
        self.assertEqual(self.client.get("/newsletter/weekly/tide/").status_code, 404)
        self.issue.send(by=self.erna)
        self.assertEqual(self.client.get("/newsletter/weekly/tide/").status_code, 404)
        frozen_issue = self.sent(self.issue)
        page = self.client.get(frozen_issue.get_absolute_url())
        self.assertContains(page, "<h1>What the tide left</h1>", html=True)
        self.assertContains(page, "Good morning.")
        self.assertContains(page, 'href="/tides/"')

    def test_nobody_s_token_stands_on_the_web(self):
        page = self.client.get(self.sent(self.issue).get_absolute_url())
        for subscription in (self.rosa, self.paul, self.mina):
            self.assertNotContains(page, subscription.token)
            self.assertNotContains(page, subscription.subscriber.email)

    def test_an_article_that_was_withdrawn_is_gone_from_it(self):
        issue = self.sent(self.issue)
        self.tides.withdraw(by=self.erna)
        self.assertNotContains(self.client.get(issue.get_absolute_url()), "/tides/")

    def corrected(self, article, **facts) -> Correction:
        words = {"wrong": "We said ten metres.", "right": "It is twelve."}
        return Correction.objects.create(article=article, **words | facts)

    def test_what_was_corrected_since_it_went_out_is_said_beside_it(self):
        issue = self.sent(self.issue)
        self.corrected(self.tides)
        page = self.client.get(issue.get_absolute_url())
        self.assertContains(page, "Corrected since this letter went out")
        self.assertContains(page, 'href="/tides/#corrections"')
        self.assertContains(page, "We said ten metres. It is twelve.")

    def test_what_its_readers_could_know_or_is_not_in_it_or_not_out_yet_is_not_said(self):
        issue = self.sent(self.issue)
        self.corrected(self.tides, published_at=issue.frozen_at - timedelta(minutes=1))
        self.corrected(self.tides, published_at=timezone.now() + timedelta(days=1))
        self.corrected(self.make_article("Gulls"))
        self.assertNotContains(self.client.get(issue.get_absolute_url()), "Corrected since")

    def test_a_note_on_a_withdrawn_article_is_not_said(self):
        issue = self.sent(self.issue)
        self.corrected(self.tides)
        self.tides.withdraw(by=self.erna)
        self.assertNotContains(self.client.get(issue.get_absolute_url()), "Corrected since")

    def test_many_notes_cost_as_much_as_one(self):
        issue = self.sent(self.issue)
        self.corrected(self.tides)
        with CaptureQueriesContext(connection) as few:
            self.client.get(issue.get_absolute_url())
        for number in range(20):
            self.corrected(self.tides, right=f"It is {number}.")
        with self.assertNumQueries(len(few)):
            self.client.get(issue.get_absolute_url())

    def test_the_archive_shows_what_went_out_newest_first(self):
        later = make_issue(self.weekly, subject="A later letter", slug="later")
        make_issue(self.weekly, subject="Not yet", slug="not-yet")
        make_issue(self.breaking, subject="Elsewhere", slug="elsewhere")
        self.sent(self.issue)
        self.sent(later)
        with self.assertNumQueries(3):
            page = self.client.get("/newsletter/weekly/")
        self.assertEqual([issue.subject for issue in page.context["issues"]], ["A later letter", "What the tide left"])
        self.assertContains(page, 'href="/newsletter/weekly/later/"')

    def test_what_was_mailed_stands_there_whatever_becomes_of_the_article(self):
        words = Block(Kind.PROSE, text="Dear {name|reader}, {unsubscribe|leave}")
        issue = self.sent(arranged(self.issue, words, Block(Kind.FULL, article=self.tides.pk)))
        self.tides.keep(self.content("Ebbs", body="<p>Quite other words.</p>", slug="tides"), by=self.erna)
        self.tides.publish(by=self.erna, change="silent")
        page = self.client.get(issue.get_absolute_url())
        self.assertContains(page, "Tides</a>")
        self.assertNotContains(page, "Ebbs")
        self.assertNotContains(page, "Quite other words")
        self.assertContains(page, 'Dear reader, <a href="http://127.0.0.1:8000/newsletter/">leave</a>')
        self.assertNotRegex(page.text, "[\ue000\ue001]")

    def test_the_feed_holds_what_went_out_and_is_named_by_the_archive(self):
        self.sent(self.issue)
        make_issue(self.weekly, subject="Not yet", slug="not-yet")
        answer = self.client.get("/newsletter/weekly/rss/")
        feed = feedparser.parse(answer.content)
        self.assertEqual(feed.bozo, 0)
        self.assertEqual([entry.title for entry in feed.entries], ["What the tide left"])
        self.assertTrue(feed.entries[0].link.endswith("/newsletter/weekly/tide/"))
        self.assertContains(self.client.get("/newsletter/weekly/"), "/newsletter/weekly/rss/")
        self.assertEqual(self.client.get("/newsletter/nothing/rss/").status_code, 404)
        self.assertEqual(
            self.client.get("/newsletter/weekly/rss/", headers={"If-None-Match": answer["ETag"]}).status_code, 304
        )

    def test_a_newsletter_that_is_renamed_leaves_a_redirect(self):
        issue = self.sent(self.issue)
        for slug in ("thursday", "friday"):
            Newsletter.objects.filter(pk=self.weekly.pk).update(slug=slug)
        for old in ("weekly", "thursday"):
            for rest in ("", "tide/", "rss/"):
                answer = self.client.get(f"/newsletter/{old}/{rest}")
                self.assertRedirects(answer, f"/newsletter/friday/{rest}", status_code=301)
        issue.refresh_from_db()

    def test_an_empty_archive_says_so_and_an_unknown_one_is_not_found(self):
        self.assertContains(self.client.get("/newsletter/breaking/"), "No issue has gone out yet.")
        self.assertEqual(self.client.get("/newsletter/nothing/").status_code, 404)
        self.assertEqual(self.client.get("/newsletter/breaking/tide/").status_code, 404)

    def test_pages_of_the_archive_change_nothing_and_set_no_cookie(self):
        issue = self.sent(self.issue)
        for path in (self.weekly.get_absolute_url(), issue.get_absolute_url()):
            self.assertEqual(self.client.get(path).cookies, {})
            self.assertEqual(self.client.post(path).status_code, 405)

    def sent(self, issue: Issue) -> Issue:
        return frozen(issue) if not issue.send_at else self.now(issue)

    def now(self, issue: Issue) -> Issue:
        issue.send(by=self.erna, now=True)
        issue.freeze()
        return issue
