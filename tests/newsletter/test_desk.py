"""The desk's side of a letter: put together by an editor, sent by a press, then never changed."""

from newsletter.models import Issue, Newsletter, Subscriber, Subscription, Suppression
from newsroom.audit.models import Entry
from tests.articles.desk import DeskTestCase
from tests.newsletter.letters import make_issue


class TheIssue(DeskTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.weekly = Newsletter.objects.create(name="The Weekly", slug="weekly", description="Each Thursday.")
        cls.rosa = Subscriber.objects.known_as("rosa@readers.example")
        place = Subscription.objects.create(subscriber=cls.rosa, newsletter=cls.weekly)
        place.confirmed_at = place.asked_at
        place.save()
        cls.first = make_issue(cls.weekly, subject="First", slug="first")

    def setUp(self):
        self.client.force_login(self.erna)

    def do(self, verb: str, **said):
        answer = self.client.post(f"/admin/newsletter/issue/{self.first.pk}/do/{verb}/", said, follow=True)
        self.first.refresh_from_db()
        return answer

    def test_it_can_be_sent_and_cancelled_within_five_minutes(self):
        assert self.do("send").status_code == 200
        assert self.first.stand == Issue.Stand.SCHEDULED
        assert self.first.sent_by == self.erna
        self.do("cancel")
        assert self.first.stand == Issue.Stand.DRAFT

    def test_what_is_missing_is_said_and_nothing_goes_out(self):
        Issue.objects.filter(pk=self.first.pk).update(blocks=[])
        self.assertContains(self.do("send-now"), "Choose an article, or write an opening.")
        assert self.first.send_at is None

    def test_once_frozen_its_books_are_shown_and_nobody_changes_it(self):
        self.do("send-now")
        assert self.first.freeze()
        for user in (self.erna, self.ada):
            self.client.force_login(user)
            page = self.client.get(f"/admin/newsletter/issue/{self.first.pk}/change/")
            self.assertContains(page, "On their way")
            self.assertNotContains(page, 'name="subject"')
            self.client.post(f"/admin/newsletter/issue/{self.first.pk}/change/", {"subject": "Other"})
            self.client.post(f"/admin/newsletter/issue/{self.first.pk}/delete/", {"post": "yes"})
        self.first.refresh_from_db()
        assert self.first.subject == "First"
        self.do("pause")
        assert self.first.stand == Issue.Stand.PAUSED
        self.do("resume")
        assert self.first.stand == Issue.Stand.SENDING

    def test_its_letter_can_be_read_before(self):
        self.assertContains(self.client.get(f"/admin/newsletter/issue/{self.first.pk}/preview/"), "Good morning.")

    def test_the_verbs_are_posts_of_those_who_may_send(self):
        address = f"/admin/newsletter/issue/{self.first.pk}/do/send-now/"
        assert self.client.get(address).status_code == 405
        self.client.force_login(self.ida_login)
        assert self.client.post(address).status_code == 403
        assert self.client.get(f"/admin/newsletter/issue/{self.first.pk}/preview/").status_code == 403
        self.first.refresh_from_db()
        assert self.first.send_at is None


class PeopleOnTheDesk(DeskTestCase):
    def setUp(self):
        self.client.force_login(self.ada)
        self.rosa = Subscriber.objects.known_as("rosa@readers.example")

    def test_a_subscriber_is_found_by_part_of_the_address_and_only_read(self):
        self.assertContains(self.client.get("/admin/newsletter/subscriber/", {"q": "ROSA@rea"}), "rosa@readers.example")
        address = f"/admin/newsletter/subscriber/{self.rosa.pk}"
        assert self.client.get(f"{address}/change/").status_code == 200
        for verb in ("change", "delete"):
            assert self.client.post(f"{address}/{verb}/", {"email": "x@x.example", "post": "yes"}).status_code == 403
        assert self.client.get("/admin/newsletter/subscriber/add/").status_code == 403

    def test_an_address_is_suppressed_by_the_house_and_kept_as_a_hash_only(self):
        self.client.post(
            "/admin/newsletter/suppression/add/", {"address": " Rosa@Readers.example ", "note": "Asked by phone"}
        )
        assert self.rosa.bar.reason == Suppression.Reason.OPERATOR
        assert Entry.objects.filter(verb="suppress").exists()
        page = self.client.get("/admin/newsletter/suppression/")
        self.assertContains(page, "Asked by phone")
        self.assertNotContains(page, "readers.example")

    def test_what_is_no_address_gets_a_sentence(self):
        answer = self.client.post("/admin/newsletter/suppression/add/", {"address": "rosa", "note": ""})
        self.assertContains(answer, "This does not look like an e-mail address.")
