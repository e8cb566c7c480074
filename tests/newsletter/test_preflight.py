"""What the preflight finds, one test for each check; the DNS is a real server on this machine."""

import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from django.test import override_settings

from newsletter.letters import dkim, preflight, senders
from newsletter.models import Issue, Preflight, Subscriber, Subscription
from newsletter.sending.sender import Sender
from newsroom.audit.models import Entry
from newsroom.demo import filling, letters
from newsroom.email_url import mailer_from_url
from newsroom.findings import Verdict
from newsroom.names import Names
from tests.cast import NewsroomTestCase
from tests.newsletter.letters import SendingTestCase, frozen, make_issue, smtp
from tests.newsletter.name_server import GOOD, SECRET, answering, key_pair
from tests.newsletter.sink import Sink, serving

OK, WRONG, NOT_CHECKED = Verdict.OK, Verdict.WRONG, Verdict.NOT_CHECKED
SENDER = "letters@magazine.test"
DMARC = ("_dmarc.magazine.test", "TXT")
SPF = ("magazine.test", "TXT")
OURS = {"DKIM_DOMAIN": "magazine.test"}
DKIM = ("post._domainkey.magazine.test", "TXT")


def sender(table=GOOD, address=SENDER, silent_about="", **options) -> dict[str, tuple[Verdict, str]]:
    options = {"DKIM_SELECTOR": "post"} | options
    with answering(table, silent_about=silent_about) as server, override_settings(DNS_SERVERS=[server], **options):
        return {finding.code: (finding.verdict, finding.sentence) for finding in senders.look(address)}


class TheSender(SendingTestCase):
    def assert_said(self, found, code: str, verdict: Verdict, words: str) -> None:
        self.assertEqual(found[code][0], verdict, found[code][1])
        self.assertIn(words, found[code][1])

    def test_who_published_everything_is_fine(self):
        found = sender()
        self.assertEqual({verdict for verdict, _sentence in found.values()}, {OK}, found)

    def test_a_domain_that_publishes_nothing(self):
        found = sender({("magazine.test", "A"): ["192.0.2.1"]})
        self.assert_said(found, "from", OK, "takes mail")
        self.assert_said(found, "spf", WRONG, "has no SPF record")
        self.assert_said(found, "dkim", WRONG, "no DKIM key at post._domainkey.magazine.test")
        self.assert_said(found, "dmarc", WRONG, "at _dmarc.magazine.test")

    def test_a_domain_that_is_none_or_takes_no_mail(self):
        self.assert_said(sender({}), "from", WRONG, "Nothing in the DNS takes mail")
        self.assert_said(sender(GOOD | {("magazine.test", "MX"): ["0 ."]}), "from", WRONG, "takes mail")

    def test_a_free_mailbox_is_refused(self):
        self.assert_said(sender(address="me@Yahoo.com"), "from", WRONG, "domain of your own")

    def test_spf_that_does_not_count(self):
        for records, words in (
            (['"v=spf1 -all"', '"v=spf1 ~all"'], "has 2 SPF records"),
            (['"v=spf1 +all"'], "lets everybody send"),
            (['"v=spf1 all"'], "lets everybody send"),
            (['"v=spf1 a mx include:a.test include:b.test -all"'], "more than 10"),
        ):
            many = {("a.test", "TXT"): ['"v=spf1 a:1.test a:2.test a:3.test a:4.test -all"']}
            many |= {("b.test", "TXT"): ['"v=spf1 a:1.test exists:2.test mx:3.test redirect=a.test"']}
            with self.subTest(records):
                self.assert_said(sender(GOOD | many | {SPF: records}), "spf", WRONG, words)

    def test_dkim_that_does_not_count(self):
        _secret, short = key_pair(1024)
        for record, words in (
            ('"v=DKIM1; p="', "is revoked"),
            (f'"v=DKIM1; p={short}"', "has 1024 bits"),
            ('"v=DKIM1; p=kaputt"', "is no DKIM key"),
        ):
            with self.subTest(record):
                self.assert_said(sender(GOOD | {DKIM: [record]}), "dkim", WRONG, words)
        self.assert_said(sender(DKIM_KEY=SECRET, **OURS), "dkim", OK, "stands at")
        other, _public = key_pair()
        self.assert_said(sender(DKIM_KEY=other, **OURS), "dkim", WRONG, "is not the one that DKIM_KEY signs with")
        with TemporaryDirectory() as folder:
            file = Path(folder, "dkim.pem")
            self.assert_said(sender(DKIM_KEY=str(file), **OURS), "dkim", WRONG, "No such file")
            self.assert_said(sender(DKIM_KEY=folder, **OURS), "dkim", WRONG, "Is a directory")
            file.write_text(SECRET)
            self.assert_said(sender(DKIM_KEY=str(file), **OURS), "dkim", OK, "stands at")
            file.write_text(other)
            self.assert_said(sender(DKIM_KEY=str(file), **OURS), "dkim", WRONG, "is not the one")
            file.write_text("-----BEGIN PUBLIC KEY-----")
            self.assert_said(sender(DKIM_KEY=str(file), **OURS), "dkim", WRONG, "no private key in PEM")
        self.assert_said(sender(DKIM_KEY=SECRET), "dkim", WRONG, "set DKIM_DOMAIN and DKIM_SELECTOR")
        self.assert_said(sender(DKIM_SELECTOR=""), "dkim", NOT_CHECKED, "DKIM_SELECTOR")

    def test_dmarc_that_does_not_count_and_one_of_the_domain_above(self):
        for records, words in (
            (['"v=DMARC1; rua=mailto:x@magazine.test"'], "names no policy"),
            (['"v=DMARC1; p=none"', '"v=DMARC1; p=reject"'], "has no DMARC record"),
        ):
            with self.subTest(records):
                self.assert_said(sender(GOOD | {DMARC: records}), "dmarc", WRONG, words)
        self.assert_said(sender(address="l@post.magazine.test"), "dmarc", OK, "quarantine")

    def test_alignment(self):
        elsewhere = {"RETURN_PATH_DOMAIN": "bounces.provider.test", "DKIM_DOMAIN": "provider.test"}
        self.assert_said(sender(**elsewhere), "dmarc", WRONG, "Neither the return path")
        below = {"RETURN_PATH_DOMAIN": "bounces.magazine.test", "DKIM_DOMAIN": "provider.test"}
        self.assert_said(sender(**below), "dmarc", OK, "aligned")
        strict = GOOD | {DMARC: ['"v=DMARC1; p=reject; aspf=s"']}
        self.assert_said(sender(strict, **below), "dmarc", WRONG, "Neither")

    def test_a_silent_name_server_is_no_answer(self):
        with mock.patch("newsroom.names.PATIENCE", 0.4):
            found = sender(silent_about="magazine.test")
        self.assert_said(found, "spf", NOT_CHECKED, "no answer in time")
        self.assert_said(found, "dkim", OK, "stands at")

    def test_names_for_examples_are_not_asked_for(self):
        with override_settings(DNS_SERVERS=[], DKIM_SELECTOR="post"):
            found = {finding.verdict for finding in senders.look("letters@longshore.example")}
        self.assertEqual(found, {NOT_CHECKED})
        self.assertEqual(Names(servers=["192.0.2.1"]).servers, ["192.0.2.1"])


class TheIssue(SendingTestCase):
    def found(self, issue: Issue | None = None) -> dict[str, tuple[Verdict, str]]:
        return {finding.code: (finding.verdict, finding.sentence) for finding in preflight.look(issue or self.issue)}

    def assert_said(self, code: str, verdict: Verdict, words: str, issue: Issue | None = None) -> None:
        found = self.found(issue)
        self.assertEqual(found[code][0], verdict, found[code][1])
        self.assertIn(words, found[code][1])

    def test_a_letter_of_the_house_is_fine_in_everything_of_its_own(self):
        found = self.found()
        own = ("installation", "audience", "subject", "preheader", "one-click", "list-id", "text", "size", "links")
        self.assertEqual({code: found[code][0] for code in own}, dict.fromkeys(own, OK))

    def test_a_key_that_cannot_be_read_is_a_finding_and_no_accident(self):
        dkim.configured.cache_clear()
        with override_settings(DKIM_KEY="/nowhere/dkim.pem", DKIM_SELECTOR="post", **OURS):
            self.assert_said("dkim", WRONG, "DKIM_KEY cannot be read: No such file")

    def test_half_as_many_readers_or_twice_as_many_are_asked_about(self):
        frozen(self.issue)
        following = make_issue(self.weekly, self.tides, slug="following")
        for audience, verdict in ((1, WRONG), (2, OK), (3, OK), (5, OK), (6, WRONG), (600, WRONG)):
            Issue.objects.filter(pk=self.issue.pk).update(audience=audience)
            with self.subTest(audience):
                self.assert_said("audience", verdict, "3 readers" if verdict is WRONG else "had", following)

    def test_what_fill_made_up_says_nothing_of_how_a_letter_grew(self):
        frozen(self.issue)
        people = Subscriber.objects.bulk_create(
            Subscriber(email=f"r{n}@fill.example", email_key=f"r{n}@fill.example", key_hash=f"{n:064}")
            for n in range(20)
        )
        now = self.rosa.confirmed_at
        Subscription.objects.bulk_create(
            Subscription(subscriber=person, newsletter=self.weekly, asked_at=now, confirmed_at=now, token=f"{n:032}")
            for n, person in enumerate(people)
        )
        self.assert_said("audience", OK, "23 readers", make_issue(self.weekly, self.tides, slug="following"))

    def test_a_subject_or_preheader_that_nobody_sees_the_end_of(self):
        self.issue.subject, self.issue.preheader = "s" * 91, "p" * 141
        self.assert_said("subject", WRONG, "91 signs")
        self.assert_said("preheader", WRONG, "141 signs")

    def test_a_copy_that_gmail_would_cut_off(self):
        self.issue.blocks = [{"kind": "prose", "text": "Ünd so weiter. " * 3000}]
        self.assert_said("size", WRONG, "Gmail cuts a letter off")

    def test_our_own_links_are_looked_up_and_not_fetched(self):
        site = preflight.settings.SITE_URL
        page = f"{site}{self.tides.get_absolute_url()}"
        for link, is_there in (
            (page, True),
            (f"{site}/", True),
            (f"{site}/newsletter/weekly/tide/", True),
            (f"{site}/section/{self.coast.slug}/", True),
            (f"{site}/section/nowhere/", False),
            (f"{site}/rss/", True),
            (f"{site}/never-was/", False),
            (f"{site}{self.harbour.get_absolute_url()}", False),
        ):
            with self.subTest(link):
                self.assertEqual(preflight.leads_somewhere(link), is_there)
        self.tides.withdraw(by=self.erna)
        self.assertFalse(preflight.leads_somewhere(page))

    def test_links_of_others_are_called(self):
        with web() as port:
            site = f"http://127.0.0.1:{port}"
            with override_settings(LINKS_ALLOWED=[f"127.0.0.1:{port}"]):
                self.assertEqual(preflight.call([f"{site}/there"]), ([], []))
                self.assertEqual(preflight.call([f"{site}/gone"]), ([(f"{site}/gone", "404")], []))
                self.assertEqual(preflight.call([f"{site}/forbidden"]), ([], [f"{site}/forbidden"]))
            self.assertEqual(preflight.call([f"{site}/there"]), ([], [f"{site}/there"]))  # strangers' inner places

    def test_pictures_and_headers_that_are_missing(self):
        message = preflight.email.message_from_bytes(
            b'Content-Type: text/html; charset=utf-8\n\n<img src="a.jpg"><img src="b.jpg" alt="">',
            policy=preflight.email.policy.default,
        )
        for check, words in (
            (preflight.alternative_texts, "1 picture has no alternative text (a.jpg)"),
            (preflight.one_click, "no List-Unsubscribe header"),
            (preflight.list_id, "no List-Id header"),
            (preflight.parts, "no text part"),
        ):
            self.assertEqual(check(message).verdict, WRONG)
            self.assertIn(words, check(message).sentence)

    def test_what_nobody_could_check_passes_only_where_no_letter_leaves(self):
        self.assertTrue(any(found[0] is NOT_CHECKED for found in self.found().values()))
        preflight.send(self.issue, by=self.erna)
        self.assertEqual(self.issue.stand, Issue.Stand.SCHEDULED)
        away = mailer_from_url("smtps://127.0.0.1:1") | {"OPTIONS": {"host": "mail.magazine.invalid", "port": 1}}
        other = make_issue(self.weekly, self.tides, slug="other")
        with override_settings(MAILERS={"default": away}), self.assertRaisesMessage(preflight.Held, "DKIM"):
            preflight.send(other, by=self.erna)


class AtTheHour(SendingTestCase):
    """A preflight is asked once more when the letter is about to be frozen."""

    def round(self, sink: Sink, **options) -> None:
        mailers = {"default": mailer_from_url(f"smtp://127.0.0.1:{sink.port}")}
        with override_settings(MAILERS=mailers, **options):
            Sender(smtp(sink.port), threading.Event()).round()
        self.issue.refresh_from_db()

    def test_what_went_wrong_meanwhile_pauses_it_and_says_so(self):
        self.issue.send(by=self.erna, now=True)
        self.issue.newsletter.issues.filter(pk=self.issue.pk).update(subject="s" * 100)
        with serving(Sink()) as sink:
            self.round(sink)
            self.assertEqual(sink.letters, [])
        self.assertEqual(self.issue.stand, Issue.Stand.PAUSED)
        self.assertIn("Preflight: The subject has 100 signs", self.issue.paused_because)

    def test_what_somebody_accepted_does_not(self):
        Issue.objects.filter(pk=self.issue.pk).update(subject="s" * 100)
        self.issue.refresh_from_db()
        preflight.send(self.issue, by=self.erna, anyway="It is a poem.", now=True)
        with serving(Sink()) as sink:
            self.round(sink)
            self.assertEqual(len(sink.letters), 3)

    def test_a_paused_one_goes_on_when_somebody_says_anyway(self):
        self.issue.send(by=self.erna, now=True)
        Issue.objects.filter(pk=self.issue.pk).update(subject="s" * 100)
        with serving(Sink()) as sink:
            self.round(sink)
            preflight.send(self.issue, by=self.erna, anyway="It is a poem.")
            self.round(sink)
            self.assertEqual(len(sink.letters), 3)

    def test_a_mail_server_that_is_away_is_waited_for(self):
        self.issue.send(by=self.erna, now=True)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        self.round(Sink(port=port))
        self.assertEqual((self.issue.stand, self.issue.books()["open"]), (Issue.Stand.SENDING, 3))


class AtTheDesk(SendingTestCase):
    def setUp(self):
        self.client.force_login(self.erna)
        self.address = f"/admin/newsletter/issue/{self.issue.pk}/preflight/"

    def press(self, **said):
        answer = self.client.post(self.address, said, follow=True)
        self.issue.refresh_from_db()
        return answer

    def test_looking_is_a_press_and_what_was_found_stands_there(self):
        self.assertContains(self.client.get(self.address), "Nobody has looked yet")
        self.assertEqual(Preflight.objects.count(), 0)
        page = self.press(do="look")
        self.assertContains(page, "nothing is against sending it")
        self.assertContains(page, "longshore.example is a name for examples")
        self.press(do="send")
        self.assertEqual(self.issue.stand, Issue.Stand.SCHEDULED)

    def test_sending_what_is_wrong_leads_here_and_needs_a_reason(self):
        Issue.objects.filter(pk=self.issue.pk).update(subject="s" * 100)
        page = self.client.post(f"/admin/newsletter/issue/{self.issue.pk}/do/send-now/", follow=True)
        self.assertRedirects(page, self.address)
        self.assertContains(page, "The subject has 100 signs")
        self.press(do="anyway")
        self.assertEqual(self.issue.stand, Issue.Stand.DRAFT)
        self.press(do="anyway", because="It is a poem.")
        self.assertEqual(self.issue.stand, Issue.Stand.SCHEDULED)
        line = Entry.objects.newest("send anyway", on=self.issue)
        self.assertEqual((line.person, line.details["because"]), (self.erna, "It is a poem."))
        self.assertIn("The subject has 100 signs", line.details["found"]["subject"])
        self.assertContains(self.client.get(self.address), "It is a poem.")

    def test_who_may_not_send_may_not_press(self):
        self.client.force_login(self.ida_login)
        self.assertEqual(self.client.post(self.address, {"do": "look"}).status_code, 403)
        self.assertEqual(self.client.get(self.address).status_code, 403)


@contextmanager
def web():
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response({"/there": 200, "/forbidden": 403}.get(self.path, 404))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_words):
            pass

    server = HTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


class TheDemo(NewsroomTestCase):
    def test_its_ready_issue_passes_also_among_a_thousand_made_up_readers_and_to_a_server_on_this_machine(self):
        list(letters.make(by=self.erna))
        ready = Issue.objects.named("weekly/ready")
        for made_up in (0, 1000):
            list(filling.subscribers(made_up, seed=1))
            with serving(Sink()) as sink:
                for url in (f"file://{preflight.settings.MAILBOX}", f"smtp://127.0.0.1:{sink.port}"):
                    with override_settings(MAILERS={"default": mailer_from_url(url)}):
                        self.assertEqual(preflight.holds(preflight.look(ready)), [], (made_up, url))
                self.assertEqual(sink.letters, [])
