"""When a letter goes out, and after which moment it must not, as an editor says at the desk."""

import json
from datetime import UTC, datetime, timedelta

import time_machine
from django.test import override_settings
from django.utils import timezone

from newsletter.models import Issue
from newsroom.audit.models import Entry
from tests.newsletter.letters import SendingTestCase, make_issue, send_through, smtp
from tests.newsletter.sink import Sink, serving
from tests.newsletter.test_issue_commands import run

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


@override_settings(TIME_ZONE="Europe/Berlin")
class ScheduleTests(SendingTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        # Without an article: those of the cast are not before readers at every hour of these tests.
        cls.issue = make_issue(cls.weekly, subject="On Thursday", slug="thursday")

    def setUp(self):
        clock = time_machine.travel(NOON, tick=False)
        self.clock = clock.start()
        self.addCleanup(clock.stop)
        self.client.force_login(self.erna)
        self.page = f"/admin/newsletter/issue/{self.issue.pk}/change/"

    def schedule(self, **said: str):
        answer = self.client.post(f"/admin/newsletter/issue/{self.issue.pk}/schedule/", said, follow=True)
        self.issue.refresh_from_db()
        return answer

    def test_both_moments_are_those_of_the_wall_clock_and_stand_on_the_page_in_the_status_and_in_the_trail(self):
        page = self.schedule(at="2026-03-12T07:00", not_after="2026-03-12T09:30")
        self.assertEqual(self.issue.send_at, datetime(2026, 3, 12, 6, tzinfo=UTC))
        self.assertEqual(self.issue.not_after, datetime(2026, 3, 12, 8, 30, tzinfo=UTC))
        self.assertContains(page, "It goes out on 12 Mar 2026, 07:00")
        self.assertContains(page, "Not to be sent after 12 Mar 2026, 09:30.")
        self.assertContains(page, 'value="2026-03-12T09:30"')
        told = json.loads(run("issue_status", "weekly/thursday", "--json"))
        self.assertEqual(told["not_after"], "2026-03-12T08:30:00+00:00")
        self.assertIn("Not to be sent after 2026-03-12 09:30 CET.", run("issue_status", "weekly/thursday"))
        line = Entry.objects.newest("send", on=self.issue)
        self.assertEqual((line.person, line.details["not_after"]), (self.erna, "2026-03-12T08:30:00Z"))

    def test_a_worker_that_comes_too_late_sends_nothing_of_it(self):
        self.schedule(at="2026-03-12T07:00", not_after="2026-03-12T09:30")
        self.clock.move_to(datetime(2026, 3, 12, 8, 31, tzinfo=UTC))
        with serving(Sink()) as sink:
            send_through(smtp(sink.port))
        self.issue.refresh_from_db()
        self.assertEqual((sink.letters, self.issue.stand), ([], Issue.Stand.PAUSED))

    def test_the_end_may_be_left_open_and_changed_later(self):
        self.schedule(at="2026-03-12T07:00", not_after="2026-03-12T09:30")
        self.schedule(at="2026-03-12T08:00", not_after="")
        self.assertEqual((self.issue.send_at.hour, self.issue.not_after), (7, None))

    def test_what_is_impossible_gets_a_sentence_and_what_was_typed_stays(self):
        for said, sentence in (
            ({"at": "", "not_after": "2026-03-12T09:30"}, "Say on which day and at what time it goes out."),
            ({"at": "soon"}, "This is no day and time."),
            ({"at": "0001-01-01T00:00"}, "This is no day and time."),
            ({"at": "2026-03-10T12:30"}, "This moment has passed. Choose a later one, or send it now."),
            ({"at": "2026-03-12T07:00", "not_after": "2026-03-12T06:59"}, "It would be too late before it begins"),
            ({"at": "2026-03-12T07:00", "not_after": "2026-03-12T07:00"}, "It would be too late before it begins"),
            ({"at": "2026-03-12T07:00", "not_after": "never"}, "This is no day and time."),
            ({"at": "2026-03-29T02:30"}, "There is no 02:30 on that day in Europe/Berlin"),
            ({"at": "2026-03-12T07:00", "not_after": "2026-10-25T02:30"}, "02:30 comes twice on that day"),
        ):
            with self.subTest(said):
                page = self.schedule(**said)
                self.assertContains(page, sentence)
                self.assertContains(page, f'value="{said.get("not_after") or said["at"]}"')
                self.assertEqual((self.issue.send_at, self.issue.not_after), (None, None))
        self.schedule(at="2026-03-12T07:00", not_after="2026-10-25T02:30", which="second")
        self.assertEqual(self.issue.not_after, datetime(2026, 10, 25, 1, 30, tzinfo=UTC))

    def test_what_is_against_it_leads_to_the_preflight_which_keeps_the_moments(self):
        Issue.objects.filter(pk=self.issue.pk).update(subject="s" * 100)
        page = self.schedule(at="2026-03-12T07:00", not_after="2026-03-12T09:30")
        self.assertContains(page, "It was not scheduled: see what is against it.")
        self.assertContains(page, "It goes out on 12 Mar 2026, 07:00")
        self.assertIsNone(self.issue.send_at)
        kept = {"at": "2026-03-12T07:00", "not_after": "2026-03-12T09:30", "which": ""}
        for name, value in kept.items():
            self.assertRegex(page.text, rf'<input type="hidden" name="{name}"( value="{value}")?[ >]')
        self.client.post(
            f"/admin/newsletter/issue/{self.issue.pk}/preflight/",
            kept | {"do": "anyway", "because": "A poem."},
        )
        self.issue.refresh_from_db()
        self.assertEqual(
            (self.issue.send_at, self.issue.not_after),
            (datetime(2026, 3, 12, 6, tzinfo=UTC), datetime(2026, 3, 12, 8, 30, tzinfo=UTC)),
        )

    def test_sending_what_is_scheduled_at_once_keeps_its_end(self):
        self.schedule(at="2026-03-12T07:00", not_after="2026-03-12T09:30")
        self.client.post(f"/admin/newsletter/issue/{self.issue.pk}/do/send-now/")
        self.issue.refresh_from_db()
        self.assertEqual((self.issue.send_at, self.issue.not_after), (NOON, datetime(2026, 3, 12, 8, 30, tzinfo=UTC)))

    def test_only_those_who_may_send_do_it_by_a_press_and_only_while_it_waits(self):
        address = f"/admin/newsletter/issue/{self.issue.pk}/schedule/"
        self.assertEqual(self.client.get(address).status_code, 405)
        self.client.force_login(self.ida_login)
        said = {"at": "2026-03-12T07:00"}
        self.assertEqual(self.client.post(address, said).status_code, 403)
        self.client.force_login(self.erna)
        Issue.objects.filter(pk=self.issue.pk).update(paused_at=timezone.now(), send_at=NOON + timedelta(days=1))
        self.assertContains(self.schedule(**said), "Only what waits can be scheduled.")
        self.assertNotContains(self.client.get(self.page), "/schedule/")
