import json
from io import StringIO

from django.core.management import CommandError, call_command

from newsletter.models import Issue
from tests.newsletter.cast import ROSA
from tests.newsletter.letters import SendingTestCase, frozen, make_issue, send_through, smtp
from tests.newsletter.sink import Sink, serving


def run(name: str, *arguments: str) -> str:
    out = StringIO()
    call_command(name, *arguments, stdout=out)
    return out.getvalue().strip()


class IssueCommandTests(SendingTestCase):
    def test_send_issue_schedules_and_says_to_how_many_and_when(self):
        said = run("send_issue", "weekly/tide")
        self.assertRegex(
            said, r"^“What the tide left” goes to 3 subscribers of Weekly at \d\d:\d\d; until then it can be"
        )
        self.issue.refresh_from_db()
        self.assertEqual(self.issue.stand, Issue.Stand.SCHEDULED)

    def test_send_issue_now_is_due_at_once(self):
        self.assertIn("goes to 3 subscribers of Weekly now", run("send_issue", str(self.issue.pk), "--now"))
        self.assertIn(self.issue, Issue.objects.due())

    def test_a_dry_run_changes_nothing(self):
        self.assertIn("would go to 3 subscribers", run("send_issue", "weekly/tide", "--dry-run"))
        self.issue.refresh_from_db()
        self.assertEqual(self.issue.stand, Issue.Stand.DRAFT)

    def test_refusals_are_one_sentence(self):
        make_issue(self.weekly, self.harbour, slug="harbour")
        for arguments, sentence in (
            (["send_issue", "weekly/nothing"], "There is no issue “weekly/nothing”"),
            (["send_issue", "²"], "There is no issue “²”"),
            (["send_issue", "9" * 30], "There is no issue “999"),
            (["send_issue", "weekly/harbour", "--now"], "“Harbour” is not before readers"),
            (["send_issue", "weekly/harbour", "--dry-run"], "“Harbour” is not before readers"),
            (["pause_issue", "weekly/tide"], "can be paused"),
            (["resume_issue", "weekly/tide"], "not paused"),
        ):
            with self.subTest(arguments=arguments), self.assertRaisesMessage(CommandError, sentence):
                run(*arguments)

    def test_pause_and_resume(self):
        frozen(self.issue)
        run("pause_issue", "weekly/tide", "--because", "A wrong figure.")
        self.issue.refresh_from_db()
        self.assertEqual(self.issue.paused_because, "A wrong figure.")
        run("resume_issue", "weekly/tide")
        self.issue.refresh_from_db()
        self.assertEqual(self.issue.stand, Issue.Stand.SENDING)

    def test_issue_status_gives_the_books_as_json_and_as_a_sentence(self):
        frozen(self.issue)
        with serving(Sink(at_recipient={ROSA: "550 5.1.1 No such user"})) as sink:
            send_through(smtp(sink.port))
        status = json.loads(run("issue_status", "weekly/tide", "--json"))
        expected = {"total": 3, "open": 0, "queued": 0, "claimed": 0, "handing": 0, "accepted": 2, "failed": 1}
        expected |= {"uncertain": 0, "skipped": 0, "state": "sent", "subject": "What the tide left"}
        self.assertEqual({name: status[name] for name in expected}, expected)
        self.assertEqual(
            run("issue_status", "weekly/tide"),
            "“What the tide left”: sent. 3 copies: 0 open, 2 accepted, 1 failed, 0 uncertain, 0 skipped.",
        )

    def test_reconcile_issue_settles_what_is_uncertain(self):
        frozen(self.issue)
        self.issue.deliveries.update(state="uncertain")
        self.assertIn("3 uncertain copies", run("reconcile_issue", "weekly/tide", "--accepted", "--dry-run"))
        self.assertEqual(self.issue.books()["uncertain"], 3)
        run("reconcile_issue", "weekly/tide", "--accepted")
        self.assertEqual(self.issue.books()["accepted"], 3)
        with self.assertRaises(CommandError):
            run("reconcile_issue", "weekly/tide")
