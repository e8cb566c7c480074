"""Mail services by their API: a real conversation with a service of our own on 127.0.0.1."""

import json
import time
from datetime import timedelta
from importlib import import_module
from pkgutil import iter_modules
from unittest import mock

import anymail.backends
from anymail.backends.base import BasePayload
from django.test import SimpleTestCase
from django.utils import timezone

from newsletter.models import Issue, Newsletter
from newsletter.returns.paths import unseal
from newsletter.sending import ledger, services
from newsletter.sending.answers import Answer, Fate, Unreachable
from newsletter.sending.sender import Sender
from newsletter.sending.transports import OneByOne
from tests.newsletter.apis import Api, Brevo, Mailjet, Postmark, Resend, serving
from tests.newsletter.cast import ROSA
from tests.newsletter.letters import MINA, PAUL, SendingTestCase, frozen, send_through, time_passes

READERS = {ROSA, PAUL, MINA}


class ApiTestCase(SendingTestCase):
    def setUp(self):
        frozen(self.issue)

    def send(self, api: Api) -> Sender:
        with mock.patch.object(services, "TIMEOUT_SECONDS", 0.3), serving(api) as transport:
            sender = send_through(transport)
        self.issue.refresh_from_db()
        return sender

    def books(self, *names: str) -> tuple[int, ...]:
        books = self.issue.books()
        return tuple(books[name] for name in names)


class TogetherTests(ApiTestCase):
    def test_one_call_carries_many_letters_each_with_its_own_headers_and_nobody_else_s_address(self):
        for api, to, headers in (
            (Postmark(), lambda one: one["To"], lambda one: {h["Name"]: h["Value"] for h in one["Headers"]}),
            (Resend(), lambda one: one["to"][0], lambda one: one["headers"]),
            (Mailjet(), lambda one: one["To"][0]["Email"], lambda one: one["Headers"]),
        ):
            with self.subTest(api=api.name):
                self.issue.deliveries.update(state="queued", settled_at=None, handed_at=None)
                Issue.objects.update(finished_at=None)
                self.send(api)
                self.assertEqual((self.issue.stand, *self.books("accepted")), (Issue.Stand.SENT, 3))
                self.assertEqual(len(api.calls), 1)
                self.assertEqual(len(api.letters), 3)
                for letter in api.letters:
                    copy = self.issue.deliveries.get(address__in=[a for a in READERS if a[:4] in to(letter)])
                    self.assertIn(copy.token, headers(letter)["List-Unsubscribe"])
                    self.assertEqual(headers(letter)["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click")
                    words = json.dumps(letter)
                    self.assertIn("Good morning.", words)
                    for other in self.issue.deliveries.exclude(pk=copy.pk):
                        self.assertNotIn(other.token, words)
                        self.assertNotIn(other.address, words)
                ids = {headers(letter)["Message-ID"] for letter in api.letters}
                self.assertEqual(len(ids), 3)
                self.assertIn("id-", self.delivery_to(ROSA).answer)

    def test_what_comes_back_finds_its_copy_by_the_mark_that_the_service_was_given(self):
        postmark, resend, mailjet, brevo = Postmark(), Resend(), Mailjet(), Brevo()
        for api, mark in (
            (postmark, lambda one: one["Metadata"]["delivery"]),
            (resend, lambda one: json.loads(one["headers"]["X-Metadata"])["delivery"]),
            (mailjet, lambda one: json.loads(one["EventPayload"])["delivery"]),
            (brevo, lambda one: json.loads(one["headers"]["X-Mailin-custom"])["delivery"]),
        ):
            with self.subTest(api=api.name):
                self.issue.deliveries.update(state="queued", settled_at=None)
                Issue.objects.update(finished_at=None)
                self.send(api)
                named = {unseal([mark(letter)]) for letter in api.letters}
                self.assertEqual(named, {(pk, False) for pk in self.issue.deliveries.values_list("pk", flat=True)})

    def test_one_refused_letter_costs_the_others_nothing(self):
        for api in (Postmark(), Resend(), Mailjet()):
            with self.subTest(api=api.name):
                self.issue.deliveries.update(state="queued", settled_at=None, attempt=0)
                Issue.objects.update(finished_at=None)
                api.refuses = {PAUL}
                self.send(api)
                self.assertEqual(self.states(), {ROSA: "accepted", PAUL: "failed", MINA: "accepted"})
                self.assertEqual(len(api.calls), 1)

    def test_a_call_refused_over_one_letter_is_halved_until_it_is_found(self):
        class Strict(Resend):
            def answer(self, path, headers, sent):
                if any(PAUL in one["to"][0] for one in sent):
                    return 422, {"message": "Invalid `to` field."}, {}
                return super().answer(path, headers, sent)

        api = Strict()
        self.send(api)
        self.assertEqual(self.states(), {ROSA: "accepted", PAUL: "failed", MINA: "accepted"})
        self.assertEqual(len(api.letters), 2)

    def test_who_leaves_before_the_call_is_not_in_it(self):
        with serving(Postmark()) as transport:
            sender = Sender(transport, mock.Mock(is_set=lambda: False))
            copies, _skipped = ledger.claim(self.issue, size=10)
            self.paul.leave(how="button")
            with transport:
                sender._call(self.issue, copies)
        self.assertEqual(self.states(), {ROSA: "accepted", PAUL: "skipped", MINA: "accepted"})

    def test_every_letter_of_a_call_is_in_hand_before_the_call(self):
        seen: list[str] = []

        class Looking(OneByOne):
            name, together = "one that looks", 10

            def __enter__(inner):
                return inner

            def __exit__(inner, *exception):
                pass

            def hand_over_together(inner, parcels):
                seen.extend(self.states().values())
                return [Answer(Fate.ACCEPTED, "taken")] * len(parcels)

        send_through(Looking())
        self.assertEqual(seen, ["handing"] * 3)
        self.assertEqual(self.books("accepted"), (3,))

    def test_an_answer_that_nobody_can_match_leaves_all_in_doubt(self):
        api = Postmark()
        api.answers = [(200, [{"ErrorCode": 0, "MessageID": "id-1", "To": ROSA}], {})]
        self.send(api)
        self.assertEqual(self.books("uncertain"), (3,))


class LostAnswerTests(ApiTestCase):
    def lose(self, api: Api) -> None:
        api.hangs = 0.6
        self.send(api)
        api.hangs = 0.0

    def test_without_a_key_the_whole_call_is_in_doubt_and_never_repeated_by_itself(self):
        api = Postmark()
        self.lose(api)
        self.assertEqual(self.books("uncertain"), (3,))
        time_passes(self.issue)
        self.send(api)
        self.assertEqual((len(api.letters), *self.books("uncertain")), (3, 3))
        self.issue.reconcile("repeat", by=self.erna)
        self.send(api)
        self.assertEqual((len(api.letters), *self.books("accepted")), (6, 3))

    def test_with_a_key_the_same_call_is_made_once_more_and_nobody_gets_a_second_letter(self):
        api = Resend()
        self.lose(api)
        self.assertEqual(self.books("uncertain"), (3,))
        time_passes(self.issue)
        self.send(api)
        self.assertEqual((len(api.letters), *self.books("accepted")), (3, 3))
        [first, second] = api.calls
        self.assertEqual((first["key"], first["sent"]), (second["key"], second["sent"]))

    def test_a_call_whose_sender_was_killed_is_made_once_more_as_well(self):
        api = Resend()
        with serving(api) as transport:
            sender = Sender(transport, mock.Mock(is_set=lambda: False))
            copies, _skipped = ledger.claim(self.issue, size=10)
            in_hand, _call = ledger.begin(self.issue, copies, keeps_call=True)
            with transport:
                sender._hand_over_together(self.issue, [sender._parcel(sender._press(self.issue), c) for c in in_hand])
        time_passes(self.issue)
        self.send(api)
        time_passes(self.issue)
        self.send(api)
        self.assertEqual((len(api.letters), *self.books("accepted")), (3, 3))

    def test_others_who_wait_are_not_put_into_a_call_that_is_repeated(self):
        api = Resend()
        mina = self.issue.deliveries.filter(address=MINA)
        mina.update(not_before=timezone.now() + timedelta(hours=1))
        self.lose(api)
        time_passes(self.issue)
        self.send(api)
        self.assertEqual((len(api.letters), *self.books("accepted")), (3, 3))
        self.assertEqual([len(call["sent"]) for call in api.calls], [2, 2, 1])
        self.assertEqual(set(self.issue.deliveries.values_list("call", flat=True)), {""})

    def test_when_one_of_them_left_meanwhile_the_others_wait_for_a_person(self):
        api = Resend()
        self.lose(api)
        self.paul.leave(how="button")
        time_passes(self.issue)
        self.send(api)
        self.assertEqual(self.states(), {ROSA: "uncertain", PAUL: "skipped", MINA: "uncertain"})
        self.assertEqual(len(api.letters), 3)
        self.assertIn("cannot be repeated safely", self.delivery_to(ROSA).answer)

    def test_later_than_the_service_remembers_a_key_nothing_is_repeated(self):
        api = Resend()
        self.lose(api)
        time_passes(self.issue)
        self.issue.deliveries.update(handed_at=timezone.now() - timedelta(hours=24))
        self.send(api)
        self.assertEqual((len(api.letters), *self.books("uncertain")), (3, 3))
        self.assertEqual(self.issue.stand, Issue.Stand.SENT)

    def test_nor_where_the_newsletter_waits_for_longer_than_that(self):
        Newsletter.objects.update(repeat_after=3600)
        api = Brevo()
        self.lose(api)
        self.assertEqual(set(self.issue.deliveries.values_list("state", "not_before")), {("uncertain", None)})

    def test_where_letters_go_one_by_one_each_has_a_key_of_its_own(self):
        api = Brevo()
        self.lose(api)
        time_passes(self.issue)
        self.send(api)
        keys = [call["sent"]["headers"]["idempotencyKey"] for call in api.calls]
        self.assertEqual((len(keys), len(set(keys))), (6, 3))
        self.assertEqual(set(keys[:3]), set(keys[3:]))

    def test_a_conflict_of_keys_says_nothing_about_the_letters(self):
        api = Resend()
        api.answers = [(409, {"name": "concurrent_idempotent_requests", "message": "Try later."}, {})]
        self.send(api)
        self.assertEqual(self.books("uncertain"), (3,))


class AnswerTests(ApiTestCase):
    def test_answers_are_read_by_what_they_mean(self):
        error = {"ErrorCode": 300, "Message": "No"}
        for code, state, stand in (
            (429, "queued", Issue.Stand.SENDING),
            (401, "queued", Issue.Stand.PAUSED),
            (422, "failed", Issue.Stand.SENT),
            (500, "uncertain", Issue.Stand.SENT),
        ):
            with self.subTest(code=code):
                self.issue.deliveries.update(state="queued", answer="", not_before=None, settled_at=None, attempt=0)
                Issue.objects.update(finished_at=None, paused_at=None)
                self.issue.refresh_from_db()
                api = Postmark()
                api.answers = [(code, error, {})] * 9
                self.send(api)
                self.assertEqual((self.states()[ROSA], self.issue.stand), (state, stand))

    def test_a_key_that_is_not_taken_pauses_the_issue_whichever_way_it_is_said(self):
        api = Postmark()
        api.answers = [(422, {"ErrorCode": 412, "Message": "Your account is pending approval."}, {})]
        self.send(api)
        self.assertEqual(self.issue.stand, Issue.Stand.PAUSED)
        self.assertIn("pending approval", self.issue.paused_because)
        self.assertEqual(set(self.states().values()), {"queued"})

    def test_too_many_at_a_time_rests_as_long_as_the_service_asks_and_costs_no_attempt(self):
        api = Postmark()
        api.answers = [(429, {"Message": "Too many requests"}, {"Retry-After": "120"})]
        sender = self.send(api)
        rest = sender._rests_until - time.monotonic()
        self.assertTrue(100 < rest <= 120, rest)
        self.assertEqual(set(self.issue.deliveries.values_list("state", "attempt")), {("queued", 0)})
        self.assertEqual(len(api.calls), 1)
        self.send(api)
        self.assertEqual(self.books("accepted"), (3,))

    def test_where_nobody_listens_nothing_is_lost(self):
        with serving(Postmark()) as transport:
            pass
        letter = b"From: a@b.example\r\nTo: c@d.example\r\nSubject: x\r\nMessage-ID: <1@b>\r\n\r\nx\r\n"
        with self.assertRaises(Unreachable):
            transport.hand_over("a@b.example", "c@d.example", letter)


class AnymailTests(SimpleTestCase):
    def test_the_services_without_a_place_for_our_mark_are_those_that_anymail_knows_none_for(self):
        none = set()
        for found in iter_modules(anymail.backends.__path__):
            if found.name in {"base", "base_requests", "console", "test", "sendinblue", "amazon_ses"}:
                continue
            module = import_module(f"anymail.backends.{found.name}")
            payloads = [
                thing
                for thing in vars(module).values()
                if isinstance(thing, type) and issubclass(thing, BasePayload) and thing.__module__ == module.__name__
            ]
            if any(payload.set_metadata is BasePayload.set_metadata for payload in payloads):
                none.add(found.name)
        self.assertEqual(none, services.WITHOUT_METADATA)
