"""One person: what is known of them, what the house may do, and how it ends."""

import io
import json
from pathlib import Path

from django.conf import settings
from django.core.management import CommandError, call_command

from newsletter.models import Consent, Delivery, Subscriber, Subscription, Suppression
from newsletter.people import person as people
from newsletter.people.importing import import_subscribers
from newsroom.addresses import email_key
from newsroom.audit.models import Entry
from tests.cast import make_user
from tests.newsletter.cast import OTTO, ROSA
from tests.newsletter.letters import SendingTestCase, frozen


class OnePerson(SendingTestCase):
    def setUp(self):
        self.issue = frozen(self.issue)
        self.copy = self.issue.deliveries.get(address=ROSA)
        self.copy.state, self.copy.answer, self.copy.settled_at = "accepted", "250 2.0.0 OK", self.issue.frozen_at
        self.copy.save()
        self.person = self.rosa.subscriber

    def old_list(self) -> Path:
        path = settings.SCRATCH / "old.csv"
        path.write_text(f"email\n{ROSA}\n")
        return path

    def words(self) -> str:
        return "\n".join(f"{event.words} {event.detail}" for event in people.story(self.person))

    def test_the_story_names_the_servers_answer_and_never_says_delivered(self):
        Consent.objects.record(Consent.Act.CONFIRMED, self.rosa)
        people.take_off(self.person, by=self.erna, because="By phone")
        words = self.words()
        for said in ("handed over to the mail server, which took it. 250 2.0.0 OK", "Confirmed “Weekly”", "By phone"):
            assert said in words, words
        assert "through somebody of the house" in words
        assert "delivered" not in words.lower()
        events = people.story(self.person)
        assert [event.at for event in events] == sorted([event.at for event in events], reverse=True)
        assert ROSA in people.answer_to(self.person)

    def test_taking_off_is_a_leaving(self):
        assert people.take_off(self.person, by=self.erna) == 1
        self.rosa.refresh_from_db()
        assert (self.rosa.left_how, self.rosa.has_left) == (Subscription.Left.STAFF, True)
        assert people.take_off(self.person, by=self.erna) == 0

    def test_a_suppression_of_any_reason_is_lifted_with_a_reason(self):
        for reason in ("bounced", "complaint", "operator"):
            Suppression.objects.bar(ROSA, reason)
            assert people.lift_suppression(self.person, by=self.erna, because="They asked us to")
            assert self.person.bar is None
        assert not people.lift_suppression(self.person, by=self.erna, because="Again")

    def test_lifting_brings_nobody_back_who_left(self):
        self.rosa.leave(how=Subscription.Left.BUTTON)
        people.suppress(self.person, by=self.erna)
        people.lift_suppression(self.person, by=self.erna, because="x")
        assert not self.person.subscriptions.mailable().exists()

    def test_everything_is_in_the_copy(self):
        out = io.StringIO()
        call_command("export_person", ROSA.upper(), json=True, stdout=out)
        told = json.loads(out.getvalue())
        assert told["address"] == ROSA and told["letters"][0]["answer"] == "250 2.0.0 OK"
        assert told["subscriptions"][0]["newsletter__name"] == "Weekly"

    def test_erasing_leaves_a_hash_and_counts_and_nothing_else(self):
        Consent.objects.record(Consent.Act.CONFIRMED, self.rosa, page="https://x/")
        people.take_off(self.person, by=self.erna, because="Rosa rang")
        books, hashed = self.issue.books(), self.person.key_hash
        out = io.StringIO()
        call_command("erase_person", ROSA, dry_run=True, stdout=out)
        assert "nothing was changed" in out.getvalue() and Subscriber.objects.filter(email=ROSA).exists()
        call_command("erase_person", ROSA, stdout=out)
        assert not Subscriber.objects.filter(email_key=email_key(ROSA)).exists()
        for model in (Consent, Delivery, Entry, Suppression, Subscription):
            assert "rosa" not in str(list(model.objects.values())).lower(), model
        assert Suppression.objects.get(key_hash=hashed).reason == "erased"
        assert Entry.objects.get(verb="erase").details == {"asked": "command"}
        assert Consent.objects.of(hashed).count() == 2
        assert self.issue.books() == books
        import_subscribers(self.old_list(), newsletter=self.weekly, by=None)
        assert not Subscriber.objects.filter(email_key=email_key(ROSA)).exists()
        with self.assertRaisesMessage(CommandError, "Nobody is known"):
            call_command("erase_person", ROSA)

    def test_erasing_does_not_weaken_a_complaint(self):
        Suppression.objects.bar(ROSA, Suppression.Reason.COMPLAINT, note="rosa@ said so")
        people.erase(self.person, by=None)
        bar = Suppression.objects.get(key_hash=self.person.key_hash)
        assert (bar.reason, bar.note) == ("complaint", "")


class AtTheDesk(SendingTestCase):
    def setUp(self):
        self.ada = make_user("ada.people", "admin")
        self.client.force_login(self.ada)
        self.base = f"/admin/newsletter/subscriber/{self.rosa.subscriber_id}"

    def do(self, verb: str, **said):
        return self.client.post(f"{self.base}/do/{verb}/", said, follow=True)

    def test_a_page_tells_the_story(self):
        page = self.client.get(f"{self.base}/change/")
        self.assertContains(page, "A reply to copy")
        self.assertContains(page, ROSA)

    def test_verbs_are_pressed_there(self):
        self.assertContains(self.do("take-off", place=self.rosa.pk), "They get no letter of these any more.")
        self.rosa.refresh_from_db()
        assert self.rosa.left_how == "staff"
        self.do("suppress", because="Rude")
        assert self.rosa.subscriber.bar.reason == "operator"
        self.assertContains(self.do("lift"), "Say why this address may be mailed again.")
        assert self.rosa.subscriber.bar
        self.do("lift", because="Sorry")
        assert self.rosa.subscriber.bar is None
        self.do("erase")
        assert not Subscriber.objects.filter(email=ROSA).exists()
        assert {"take off", "suppress", "lift suppression", "erase"} <= set(
            Entry.objects.filter(person=self.ada).values_list("verb", flat=True)
        )

    def test_they_are_posts_of_those_who_may(self):
        assert self.client.get(f"{self.base}/do/erase/").status_code == 405
        self.client.force_login(self.erna)
        for verb in ("take-off", "suppress", "lift", "erase"):
            assert self.client.post(f"{self.base}/do/{verb}/", {"because": "x"}).status_code == 403
        assert self.client.get("/admin/newsletter/subscriber/export/").status_code in {403, 405}
        assert Subscriber.objects.filter(email=ROSA).exists()

    def test_the_list_goes_out_as_a_download(self):
        answer = self.client.post("/admin/newsletter/subscriber/export/", {"newsletter": ""})
        assert answer["Content-Disposition"].startswith("attachment") and "no-store" in answer["Cache-Control"]
        assert ROSA in b"".join(answer.streaming_content).decode()

    def test_a_list_comes_in_after_a_dry_run(self):
        file = io.BytesIO(f"email\nnew@r.example\n{OTTO}\nx\n".encode())
        file.name = "list.csv"
        page = self.client.post(
            "/admin/newsletter/subscriber/import/",
            {"file": file, "newsletter": self.weekly.pk, "kind": "subscribers"},
            follow=True,
        )
        for said in ("subscribed now", "left here before", "This does not look like"):
            self.assertContains(page, said)
        assert not Subscriber.objects.filter(email="new@r.example").exists()
        address = page.redirect_chain[-1][0]
        done = self.client.post(address, {"press": "import"}, follow=True)
        self.assertContains(done, "It is done.")
        assert Subscriber.objects.filter(email="new@r.example").exists()
        assert Entry.objects.filter(verb="import subscribers", person=self.ada).count() == 1
        assert self.client.post(address, {"press": "import"}, follow=True).status_code == 200
        assert Entry.objects.filter(verb="import subscribers", person=self.ada).count() == 1

    def test_what_cannot_be_read_is_refused_there_too(self):
        file = io.BytesIO(b"PK\x03\x04")
        file.name = "list.xlsx"
        page = self.client.post(
            "/admin/newsletter/subscriber/import/",
            {"file": file, "newsletter": self.weekly.pk, "kind": "subscribers"},
            follow=True,
        )
        self.assertContains(page, "not a table of text")
