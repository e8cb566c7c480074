"""All copies of unknown fate of an issue, settled at once at the desk."""

from newsletter.models import Issue
from newsroom import roles
from newsroom.audit.models import Entry
from tests.cast import make_user
from tests.newsletter.cast import ROSA
from tests.newsletter.letters import MINA, PAUL, SendingTestCase, frozen, send_through, smtp
from tests.newsletter.sink import Sink, serving


class AtTheDeskTests(SendingTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.ada = make_user("ada", roles.ADMIN)

    def setUp(self):
        frozen(self.issue)
        self.issue.deliveries.filter(address__in=[ROSA, PAUL]).update(state="uncertain")
        self.issue.deliveries.filter(address=MINA).update(state="accepted")
        self.client.force_login(self.ada)
        self.page = f"/admin/newsletter/issue/{self.issue.pk}/reconcile/"

    def press(self, verdict: str = "", *, seen: int = 2, **said: str):
        answer = self.client.post(self.page, {"verdict": verdict, "seen": seen} | said, follow=True)
        self.issue.refresh_from_db()
        return answer

    def test_the_page_says_how_many_and_is_reached_from_the_issue(self):
        self.assertContains(self.client.get(f"/admin/newsletter/issue/{self.issue.pk}/change/"), f'href="{self.page}"')
        page = self.client.get(self.page)
        self.assertContains(page, "Of 2 copies, of 3, nobody knows whether the mail server took them")
        self.assertContains(page, "Settle 2 copies")
        self.assertNotContains(page, "readers.example")
        self.assertEqual(self.states()[ROSA], "uncertain")

    def test_as_accepted(self):
        answer = self.press("accepted", sure="on")
        self.assertContains(answer, "2 copies count as accepted.")
        self.assertNotContains(answer, f'href="{self.page}"')
        self.assertEqual(set(self.states().values()), {"accepted"})
        line = Entry.objects.newest("reconcile", on=self.issue)
        self.assertEqual((line.person, line.details), (self.ada, {"verdict": "accepted", "copies": 2}))

    def test_to_be_sent_again_also_where_the_issue_was_finished(self):
        self.assertTrue(self.issue.finish())
        self.assertContains(self.press("repeat", sure="on"), "2 copies are handed over again.")
        with serving(Sink()) as sink:
            send_through(smtp(sink.port))
        self.issue.refresh_from_db()
        self.assertEqual({address for address, _letter in sink.letters}, {ROSA, PAUL})
        self.assertEqual((self.issue.stand, self.issue.books()["accepted"]), (Issue.Stand.SENT, 3))

    def test_without_a_verdict_or_a_confirmation_nothing_is_settled(self):
        self.assertContains(self.press(sure="on"), "Say what became of them.")
        self.assertContains(self.press("accepted"), "Say that it holds for every one of them")
        self.assertContains(self.press("delivered", sure="on"), "Select a valid choice")
        self.assertEqual(self.issue.books()["uncertain"], 2)

    def test_nor_where_there_are_more_by_now_than_somebody_saw(self):
        page = self.press("accepted", seen=1, sure="on")
        self.assertContains(page, "There are more or fewer of them by now: look again.")
        self.assertContains(page, 'name="seen" value="2"')
        self.assertEqual(self.issue.books()["uncertain"], 2)

    def test_whoever_may_not_settle_one_may_not_settle_all(self):
        self.client.force_login(self.erna)
        self.assertEqual(self.client.get(self.page).status_code, 403)
        self.assertEqual(self.press("accepted", sure="on").status_code, 403)
        self.assertNotContains(self.client.get(f"/admin/newsletter/issue/{self.issue.pk}/change/"), self.page)
        self.assertEqual(self.issue.books()["uncertain"], 2)

    def test_a_paused_issue_says_that_it_is_to_be_resumed(self):
        self.issue.pause(by=self.erna, because="Wait.")
        self.assertContains(self.press("failed", sure="on"), "The issue is paused: resume it, and it goes on.")
