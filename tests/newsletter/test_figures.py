"""How the letters fare, at the desk: numbers that are right, plots that are tables too, and always as many queries."""

from datetime import timedelta

from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from newsletter.models import Delivery, Figures, Issue, Return, Subscription, Suppression
from newsletter.models.returned import Kind
from newsletter.returns import figures
from newsletter.returns.paths import seal
from newsletter.returns.reports import Report
from newsletter.returns.taking import take
from newsroom.audit.models import Entry
from tests.cast import make_user
from tests.newsletter.bounces import accepted
from tests.newsletter.cast import ROSA, make_reader
from tests.newsletter.letters import SendingTestCase, frozen, make_issue


class FiguresTestCase(SendingTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.ada = make_user("ada", "admin")
        yesterday = timezone.now() - timedelta(days=1)
        for number in range(30):
            make_reader(f"reader{number}@readers.example", cls.weekly, confirmed_at=yesterday)

    def setUp(self):
        frozen(self.issue)
        accepted(self.issue)
        self.letters = list(self.issue.deliveries.order_by("pk"))
        self.client.force_login(self.ada)

    def report(self, kind: Kind, *numbers: int) -> None:
        for number in numbers:
            take(Report("brevo", kind, f"{kind}{number}", sealed=(seal(self.letters[number].pk),)))

    def finish(self, issue: Issue) -> None:
        Issue.objects.filter(pk=issue.pk).update(finished_at=timezone.now())
        issue.refresh_from_db()


class TheNumbers(FiguresTestCase):
    def test_they_are_those_of_the_ledger_and_of_what_came_back(self):
        self.report(Kind.BOUNCED, 0, 1)
        self.report(Kind.RETURNED, 1, 2)
        self.report(Kind.COMPLAINED, 3)
        self.report(Kind.UNSUBSCRIBED, 4)
        self.report(Kind.DELIVERED, 5, 6)
        Delivery.objects.filter(pk=self.letters[7].pk).update(state="failed")
        row = figures.of_issue(self.issue)
        assert (row.total, row.accepted, row.failed) == (33, 32, 1)
        assert (row.came_back, row.bounced, row.complained, row.left) == (4, 2, 1, 1)

    def test_who_joins_or_leaves_counts_for_the_issue_before_it(self):
        second = frozen(make_issue(self.weekly, self.tides, slug="second"))
        now = timezone.now()
        for issue, days in ((self.issue, 14), (second, 7)):
            Issue.objects.filter(pk=issue.pk).update(frozen_at=now - timedelta(days=days))
        places = list(self.weekly.subscriptions.filter(confirmed_at__isnull=False, left_at=None).order_by("pk"))
        for place, joined, left in zip(places, (10, 3, 20), (2, None, 8), strict=False):
            Subscription.objects.filter(pk=place.pk).update(
                confirmed_at=now - timedelta(days=joined),
                left_at=now - timedelta(days=left) if left else None,
                left_how="button" if left else "",
            )
        Subscription.objects.exclude(pk__in=[place.pk for place in places[:3]]).update(
            confirmed_at=now - timedelta(days=60), left_at=None, left_how=""
        )
        first, later = figures.of_newsletter(self.weekly)
        assert (first.joined, first.left) == (1, 1)
        assert (later.joined, later.left) == (1, 1)

    def test_a_finished_issue_is_summed_once_and_anew_when_its_books_change(self):
        self.finish(self.issue)
        assert figures.sum_up() == 1 and figures.sum_up() == 0
        with CaptureQueriesContext(connection) as asked:
            assert figures.of_issue(self.issue).accepted == 33
        assert not [query for query in asked if "newsletter_delivery" in query["sql"]]
        self.issue.deliveries.filter(pk=self.letters[0].pk).update(state="uncertain")
        Figures.objects.all().delete()
        figures.sum_up()
        self.issue.reconcile("failed", by=self.ada)
        assert figures.of_issue(self.issue).failed == 1
        assert figures.sum_up() == 1

    def test_as_many_queries_for_twelve_issues_as_for_two(self):
        def queries() -> int:
            with CaptureQueriesContext(connection) as asked:
                figures.of_newsletter(self.weekly)
            return len(asked)

        frozen(make_issue(self.weekly, self.tides, slug="second"))
        for_two = queries()
        for number in range(10):
            frozen(make_issue(self.weekly, self.tides, slug=f"more-{number}"))
        assert queries() == for_two <= 6


class ThePages(FiguresTestCase):
    def test_the_last_issues_are_drawn_and_are_a_table_as_well(self):
        page = self.client.get("/admin/figures/")
        assert page.content.decode().count("plot__drawing") == 3
        self.assertContains(page, 'class="plot__bar plot__bar--accepted"')
        self.assertContains(page, f'<a href="/admin/figures/{self.issue.pk}/">What the tide left</a>')
        self.assertContains(page, "<td>33</td>")
        self.assertContains(page, "No issue has gone out yet.")  # of Breaking

    def test_an_issue_says_what_came_back_in_the_servers_words(self):
        take(Report("brevo", Kind.BOUNCED, "x", said=f"550 <{ROSA}> unknown", sealed=(seal(self.letters[0].pk),)))
        page = self.client.get(f"/admin/figures/{self.issue.pk}/")
        self.assertContains(page, "550 &lt;r•••@readers.example&gt; unknown")
        self.assertContains(page, "After it went out, by day")

    def test_a_draft_has_none(self):
        draft = make_issue(self.weekly, self.tides, slug="draft")
        self.assertContains(self.client.get(f"/admin/figures/{draft.pk}/"), "It has not gone out yet.")

    def test_nobody_without_a_role_sees_them(self):
        self.client.force_login(make_user("wim", "writer"))
        for path in ("/admin/figures/", f"/admin/figures/{self.issue.pk}/", "/admin/figures/99999/"):
            assert self.client.get(path).status_code == 403, path

    def test_what_a_flood_held_back_is_suppressed_when_the_admin_believes_it(self):
        self.report(Kind.BOUNCED, *range(22))
        page = self.client.get(f"/admin/figures/{self.issue.pk}/")
        self.assertContains(page, "22 addresses bounced, and were not suppressed")
        self.client.force_login(make_user("emil", "editor"))
        assert self.client.post(f"/admin/figures/{self.issue.pk}/believe/").status_code == 403
        self.client.force_login(self.ada)
        self.client.post(f"/admin/figures/{self.issue.pk}/believe/")
        assert Suppression.objects.filter(reason="bounced").count() == 22
        assert Entry.objects.get(verb="believe returns").person == self.ada
        again = self.client.post(f"/admin/figures/{self.issue.pk}/believe/", follow=True)
        self.assertContains(again, "Nothing is held back here.")

    def test_the_first_page_of_the_desk_warns(self):
        self.report(Kind.COMPLAINED, 0, 1, 2)
        page = self.client.get("/admin/")
        self.assertContains(page, "reported as spam by many")
        self.assertContains(page, f"/admin/figures/{self.issue.pk}/")


class WhoIsTold(FiguresTestCase):
    def test_those_who_may_send_get_a_mail_with_the_sentence_and_the_link(self):
        ProcrastinateJob.objects.all().delete()
        self.report(Kind.COMPLAINED, 0, 1, 2)
        done: set[int] = set()
        with self.settings(MAILERS={"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}):
            while todo := [job for job in ProcrastinateJob.objects.order_by("id") if job.pk not in done]:
                for job in todo:
                    done.add(job.pk)
                    app.tasks[job.task_name].func(**job.args)
        letters = {letter.to[0]: letter for letter in mail.outbox if letter.subject.startswith("Many complaints")}
        assert set(letters) == {"ada@magazine.example", "erna@magazine.example"}
        body = letters["ada@magazine.example"].body
        assert "3 readers reported this letter as spam" in body and "It is paused." in body
        assert f"/admin/newsletter/issue/{self.issue.pk}/change/" in body


class SuppressionsAtTheDesk(FiguresTestCase):
    def setUp(self):
        super().setUp()
        self.report(Kind.BOUNCED, 0)
        self.bar = Suppression.objects.get(reason="bounced")
        self.path = f"/admin/newsletter/suppression/{self.bar.pk}"

    def test_one_is_found_by_the_whole_address_and_by_no_part_of_it(self):
        whole = self.letters[0].address.upper()
        self.assertContains(self.client.get("/admin/newsletter/suppression/", {"q": f" {whole} "}), self.path)
        for part in (whole[:-1], "readers.example", self.bar.key_hash):
            self.assertNotContains(self.client.get("/admin/newsletter/suppression/", {"q": part}), self.path)

    def test_it_says_which_letter_came_back_and_names_no_address(self):
        page = self.client.get(f"{self.path}/change/")
        self.assertContains(page, "came back: the address does not exist, “What the tide left”")
        self.assertNotContains(page, self.letters[0].address)

    def test_it_is_lifted_with_a_reason_that_stays_in_the_trail(self):
        answer = self.client.post(f"{self.path}/lift/", {"because": " "}, follow=True)
        self.assertContains(answer, "Say why this address may be mailed again.")
        self.client.post(f"{self.path}/lift/", {"because": "She phoned."})
        assert not Suppression.objects.filter(pk=self.bar.pk).exists()
        line = Entry.objects.get(verb="lift")
        assert (line.person, line.details["because"], line.details["reason"]) == (self.ada, "She phoned.", "bounced")

    def test_an_erasure_is_lifted_by_nobody_of_the_house(self):
        Suppression.objects.filter(pk=self.bar.pk).update(reason="erased")
        answer = self.client.post(f"{self.path}/lift/", {"because": "Please."}, follow=True)
        self.assertContains(answer, "only they can come back")
        assert Suppression.objects.filter(pk=self.bar.pk).exists()

    def test_a_complaint_is_lifted_by_the_admin_and_never_by_the_reader(self):
        self.report(Kind.COMPLAINED, 1)
        place = Subscription.objects.get(subscriber=self.letters[1].subscriber)
        place.subscriber.ask([self.weekly])
        assert place.subscriber.bar.reason == "complaint"
        assert not place.subscriber.confirm({place.pk: place.round}, asked_at=timezone.now())
        self.client.post(f"/admin/newsletter/suppression/{place.subscriber.bar.pk}/lift/", {"because": "A mistake."})
        assert place.subscriber.bar is None

    def test_returns_are_read_and_found_by_the_whole_address(self):
        row = Return.objects.get()
        page = self.client.get("/admin/newsletter/return/", {"q": self.letters[0].address})
        self.assertContains(page, f"/admin/newsletter/return/{row.pk}/change/")
        assert self.client.get(f"/admin/newsletter/return/{row.pk}/change/").status_code == 200
        assert self.client.get("/admin/newsletter/return/", {"kind__exact": "bounced"}).status_code == 200
