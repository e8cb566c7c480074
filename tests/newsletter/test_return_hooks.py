"""What mail services post is believed when it carries their secret, and counts once."""

import json

import pytest
from django.test import override_settings

from newsletter.models import Fact, Return, Subscription, Suppression
from newsletter.returns.hooks import SERVICES
from newsletter.returns.paths import metadata
from newsroom.reserved import NEWSLETTER_SEGMENTS
from tests.newsletter.bounces import accepted, head_of
from tests.newsletter.cast import ROSA
from tests.newsletter.letters import PAUL, SendingTestCase, frozen
from tests.newsletter.services import ANYMAIL, address, hooks_are_open, post, posted_events
from tests.real import needs_real_files, real

# What each of the samples says, by the name of the test that it was made for; "" where it is no concern of ours.
SAYS = {
    "amazon_ses": {"bounce": "bounced", "complaint": "complained", "rendering_failure": "returned"},
    "brevo": {"hard_bounce": "bounced", "blocked": "blocked", "complaint": "complained", "error_email": "returned"},
    "mailersend": {"hard_bounced": "bounced", "spam_complaint": "complained"},
    "mailgun": {"delivered": "delivered", "failed_temporary": "delayed", "rejected": "returned",
                "unsubscribed": "unsubscribed", "dropped_bounce": "bounced", "dropped_timed_out": "returned",
                "alt_smtp_code": "bounced"},
    # Its sample that is not grouped is the first one once more, and no news.
    "mailjet": {"sent": "delivered", "blocked": "bounced", "unsub": "unsubscribed"},
    "mailtrap": {"sent": "delivered", "soft_bounce": "delayed", "unsubscribe": "unsubscribed", "reject": "blocked"},
    "mandrill": {},
    "postal": {"bounce": "returned", "delivered": "delivered"},
    "postmark": {"bounce": "bounced", "spam": "complained", "bounce_unsubscribe_variant": "unsubscribed"},
    "resend": {"hard_bounced": "bounced", "delivery_delayed": "delayed"},
    "sendgrid": {"dropped_invalid": "bounced", "dropped_unsubscribed": "unsubscribed", "deferred": "delayed"},
    "sparkpost": {"bounce": "bounced", "unsubscribe": "unsubscribed", "generation_failure": "returned"},
    "unisender_go": {"delivered": "delivered", "soft_bounced": "returned", "unsubscribed": "unsubscribed"},
}  # fmt: skip


def bare(test: str) -> str:
    return test.removeprefix("test_").removesuffix("_event")


@hooks_are_open
class TheSamplesOfThirteenServices(SendingTestCase):
    @needs_real_files
    def test_each_is_read_right_and_refused_without_the_secret(self):
        asked, wrong = 0, []
        for service, says in SAYS.items():
            for sample in json.loads(real(f"webhooks/anymail-{service}.json").read_text()):
                for event in posted_events(service, sample["payload"]):
                    before = Return.objects.count()
                    forged = post(service, event, password="hook:guessed", key="guessed")
                    assert (forged.status_code, Return.objects.count()) == (401, before), (service, sample["test"])
                    answer, asked = post(service, event), asked + 1
                    assert answer.status_code == 200, (service, sample["test"], answer.content)
                    new = [row.kind for row in Return.objects.order_by("pk")[before:]]
                    wanted = says.get(bare(sample["test"]), "")
                    if new != ([wanted] if wanted else []):
                        wrong.append((service, sample["test"], wanted, new))
        assert not wrong
        assert asked == 68
        assert not Fact.objects.exists() and not Suppression.objects.exclude(reason="complaint").exists()

    @needs_real_files
    def test_what_others_call_a_sample_is_read_or_gets_a_sentence(self):
        for name, service, status, kinds in (
            ("json-amazonses-01", "amazon_ses", 200, ["bounced"]),
            ("json-amazonses-02", "amazon_ses", 200, ["bounced"]),
            ("json-amazonses-03", "amazon_ses", 200, ["complained"]),
            ("json-sendgrid-01", "sendgrid", 422, []),
            ("json-sendgrid-02", "sendgrid", 422, []),
            ("json-sendgrid-03", "sendgrid", 422, []),
            ("postmark-inbound-test-payload", "postmark", 422, []),
        ):
            before = Return.objects.count()
            answer = post(service, json.loads(real(f"webhooks/{name}.json").read_text()))
            assert answer.status_code == status, name
            assert [row.kind for row in Return.objects.order_by("pk")[before:]] == kinds
            assert answer.content.decode().endswith(".")


@hooks_are_open
class AboutOurOwnLetters(SendingTestCase):
    def setUp(self):
        frozen(self.issue)
        accepted(self.issue)
        self.to_rosa, self.to_paul = self.delivery_to(ROSA), self.delivery_to(PAUL)

    def message_id(self, delivery) -> str:
        [line] = [line for line in head_of(delivery).splitlines() if line.startswith("Message-ID:")]
        return line.partition("<")[2].rstrip(">")

    def test_a_bounce_is_known_by_its_message_id_and_counts_once(self):
        event = {
            "event-data": {
                "event": "failed", "severity": "permanent", "reason": "bounce", "id": "one", "timestamp": 1534111899,
                "recipient": ROSA, "message": {"headers": {"message-id": self.message_id(self.to_rosa)}},
                "delivery-status": {"code": 550, "message": "5.1.1 User unknown"},
            }
        }  # fmt: skip
        for _replay in range(3):
            assert post("mailgun", event).status_code == 200
        assert self.rosa.subscriber.bar.reason == Suppression.Reason.BOUNCED
        assert Return.objects.count() == Fact.objects.count() == 1

    def test_a_complaint_is_known_by_what_the_service_was_given_with_the_copy(self):
        event = {"RecordType": "SpamComplaint", "ID": 7, "Email": "somebody@else.example", "MessageID": "x",
                 "BouncedAt": "2026-11-24T16:33:54Z", "Metadata": metadata(self.to_rosa.pk)}  # fmt: skip
        assert post("postmark", event).status_code == 200
        assert self.rosa.subscriber.bar.reason == Suppression.Reason.COMPLAINT

    def test_who_unsubscribes_there_has_left_here(self):
        event = {"event": "unsub", "time": 1498093527, "email": PAUL, "MessageID": 1,
                 "Payload": json.dumps(metadata(self.to_paul.pk))}  # fmt: skip
        assert post("mailjet", [event]).status_code == 200
        self.paul.refresh_from_db()
        assert self.paul.left_how == Subscription.Left.MAIL_PROGRAM

    def test_metadata_that_somebody_made_up_names_nobody(self):
        made_up = f"r-{self.to_rosa.pk}-{'0' * 20}"
        event = {"RecordType": "SpamComplaint", "ID": 7, "Email": ROSA, "Metadata": {"delivery": made_up}}
        assert "1 about no letter of ours" in post("postmark", event).content.decode()
        assert self.rosa.subscriber.bar is None

    def test_a_batch_that_breaks_off_goes_on_when_it_is_posted_again(self):
        events = [{"event": "spam", "time": 1498093527 + number, "email": letter.address, "MessageID": number,
                   "Payload": json.dumps(metadata(letter.pk))}
                  for number, letter in enumerate((self.to_rosa, self.to_paul))]  # fmt: skip
        post("mailjet", events[:1])
        assert "1 of them news" in post("mailjet", events).content.decode()
        assert Suppression.objects.filter(reason="complaint").count() == 3


class TheAddress(SendingTestCase):
    def test_without_a_secret_there_is_none(self):
        for service in SERVICES:
            assert post(service, {}).status_code == 404, service
            assert self.client.get(address(service)).status_code == 405
            assert self.client.head(address(service)).status_code == 404

    def test_the_common_password_does_not_open_what_wants_a_signature_of_its_own(self):
        with override_settings(ANYMAIL={"WEBHOOK_SECRET": ANYMAIL["WEBHOOK_SECRET"]}):
            for service in ("mailgun", "mandrill", "postal", "mailersend", "unisender_go"):
                assert post(service, {}).status_code == 404, service
            assert post("postmark", {"RecordType": "Open"}).status_code == 200

    def test_nobody_reads_an_unknown_service(self):
        with hooks_are_open:
            assert self.client.post("/newsletter/returns/elsewhere/", {}).status_code == 404

    def test_no_newsletter_takes_the_address(self):
        assert "returns" in NEWSLETTER_SEGMENTS


NONSENSE = [b"", b"{", b"[]", b"null", b"{}", b'"x"', b"1", b"[1]", b'[{"msys": 1}]', b'{"event-data": []}',
            b"\xff\xfe", b'{"Type": "Notification", "MessageId": "x", "Message": "["}', b"[" * 5000,
            b'{"a":' * 3000]  # fmt: skip


@hooks_are_open
class Nonsense(SendingTestCase):
    def test_it_is_refused_or_means_nothing_and_never_breaks_anything(self):
        statuses = set()
        for service in SERVICES:
            for body in NONSENSE:
                for event in (body, body.decode("latin-1")):
                    try:
                        answer = post(service, event)
                    except (TypeError, KeyError, json.JSONDecodeError):
                        continue  # the poster could not even sign it
                    statuses.add(answer.status_code)
                    assert answer.status_code in {200, 422}, (service, body[:20])
        assert statuses == {200, 422}
        assert not Fact.objects.exists()

    def test_a_body_without_end_is_refused(self):
        answer = self.client.post(address("postmark"), b"x" * 5_000_001, content_type="application/json")
        assert answer.status_code in {400, 401, 413}


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_is_tried_here(service):
    assert service in SAYS
