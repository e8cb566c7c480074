import re
from email.header import decode_header, make_header
from urllib.parse import urlsplit

from django.urls import resolve

from newsletter.letters import slots
from newsletter.letters.content import Block, Kind
from newsletter.letters.press import Press
from newsletter.models import Issue, Subscription
from tests.cast import make_photo
from tests.newsletter.cast import ROSA
from tests.newsletter.letters import MINA, PAUL, SendingTestCase, arranged, frozen, make_issue, parsed

SITE = "http://127.0.0.1:8000"


class LetterTestCase(SendingTestCase):
    def copy_for(self, address: str) -> bytes:
        delivery = self.delivery_to(address)
        return Press(self.issue).copy(delivery=delivery.pk, address=delivery.address, token=delivery.token)


class BytesTests(LetterTestCase):
    def test_a_retry_is_the_same_letter_byte_for_byte(self):
        frozen(self.issue)
        first = self.copy_for(ROSA)
        self.issue.deliveries.update(attempt=3, fence=7)
        self.issue.refresh_from_db()
        self.assertEqual(self.copy_for(ROSA), first)

    def test_copies_differ_only_where_they_are_personal(self):
        frozen(self.issue)
        common = []
        for subscription in (self.rosa, self.paul):
            copy = self.copy_for(subscription.subscriber.email)
            own = re.search(rb"Message-ID: (<[0-9a-f]{32}@)", copy)[1]
            for personal in (subscription.subscriber.email.encode(), subscription.token.encode(), own):
                self.assertIn(personal, copy.replace(b"=\r\n", b""))
                copy = copy.replace(b"=\r\n", b"").replace(personal, b"*")
            common.append(copy)
        self.assertEqual(common[0], common[1])

    def test_every_line_is_seven_bits_and_of_lawful_length(self):
        words = "Ω" * 500 + "\n.\n" + "word " * 80 + "\nFrom the sea\n"
        subject = "Ebbe und Flut, Brücken, Fähren, Dämme – und was das Meer über Nacht liegen ließ 🌊"
        arranged(self.issue, Block(Kind.PROSE, text=words), subject=subject)
        frozen(self.issue)
        for address in (ROSA, MINA):
            copy = self.copy_for(address)
            self.assertTrue(copy.isascii())
            self.assertNotRegex(copy, rb"[^\r]\n|\r[^\n]")
            head, _gap, body = copy.partition(b"\r\n\r\n")
            self.assertLessEqual(max(map(len, body.split(b"\r\n"))), 76)
            self.assertLessEqual(max(len(word) for word in re.findall(rb"=\?[^ ]*\?=", head)), 75)
            message = parsed(copy)
            self.assertEqual(message["Subject"], self.issue.subject)
            self.assertEqual(str(make_header(decode_header(head_of(head, "Subject")))), self.issue.subject)
            self.assertEqual(message.defects, [])
            text = text_of(copy)
            self.assertIn("Ω" * 500 + "\n.\n", text)

    def test_a_long_address_fits_into_the_lines_too(self):
        frozen(self.issue)
        address = f"{'a' * 64}@{'b' * 60}.{'c' * 60}.example"
        copy = Press(self.issue).copy(delivery=1, address=address, token="a" * 32)
        self.assertLessEqual(max(map(len, copy.partition(b"\r\n\r\n")[2].split(b"\r\n"))), 76)
        self.assertIn(address, text_of(copy))


class HeaderTests(LetterTestCase):
    def test_what_mailbox_providers_ask_for_is_there_once_each(self):
        frozen(self.issue)
        message = parsed(self.copy_for(ROSA))
        token = self.rosa.token
        for name in ("From", "To", "Subject", "Date", "Message-ID", "List-Id", "List-Unsubscribe", "MIME-Version"):
            self.assertEqual(len(message.get_all(name)), 1, name)
        self.assertEqual(message["From"], "Longshore <letters@longshore.example>")
        self.assertEqual(message["To"], ROSA)
        self.assertEqual(message["Date"].datetime, self.issue.frozen_at.replace(microsecond=0))
        self.assertEqual(message["List-Id"], '"Weekly" <weekly.127.0.0.1>')
        self.assertEqual(message["List-Unsubscribe"], f"<{SITE}/newsletter/unsubscribe/{token}/>")
        self.assertEqual(message["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click")
        self.assertEqual(message.get_content_type(), "multipart/alternative")
        parts = [part.get_content_type() for part in message.iter_parts()]
        self.assertEqual(parts, ["text/plain", "text/html"])

    def test_the_newsletter_may_have_a_sender_and_an_answer_address_of_its_own(self):
        self.weekly.from_name, self.weekly.reply_to = "Jürgen, Redaktion", "desk@bücher.example"
        self.weekly.save()
        self.issue.refresh_from_db()
        frozen(self.issue)
        message = parsed(self.copy_for(ROSA))
        [sender] = message["From"].addresses
        self.assertEqual((sender.display_name, sender.addr_spec), ("Jürgen, Redaktion", "letters@longshore.example"))
        self.assertEqual(message["Reply-To"], "desk@xn--bcher-kva.example")

    def test_the_domain_goes_out_as_dns_knows_it(self):
        frozen(self.issue)
        self.assertEqual(parsed(self.copy_for(MINA))["To"], "Mina+Letters@xn--bcher-kva.example")
        self.assertIn(MINA, text_of(self.copy_for(MINA)))

    def test_an_address_that_could_smuggle_a_header_is_refused(self):
        frozen(self.issue)
        for address in ("a@x.example\r\nBcc: v@y.example", "a\nb@x.example", "ä@x.example"):
            with self.assertRaises(ValueError):
                Press(self.issue).copy(delivery=1, address=address, token="a" * 32)

    def test_what_the_editor_writes_cannot_become_a_header_or_a_reader_s_own_part(self):
        words = f"{slots.ADDRESS} <script>alert(1)</script> {{{{ settings.SECRET_KEY }}}}"
        arranged(self.issue, Block(Kind.PROSE, text=words))
        Issue.objects.filter(pk=self.issue.pk).update(
            subject="Tides\r\nBcc: v@y.example", blocks=[{"kind": "prose", "text": words}]
        )
        self.issue.refresh_from_db()
        frozen(self.issue)
        message = parsed(self.copy_for(ROSA))
        self.assertIsNone(message["Bcc"])
        html = message.get_body(("html",)).get_content()
        self.assertEqual(html.count(ROSA), 1)
        self.assertNotIn("<script", html)
        self.assertIn("{{ settings.SECRET_KEY }}", html)

    def test_no_sign_that_a_terminal_obeys_is_in_it(self):
        Issue.objects.filter(pk=self.issue.pk).update(blocks=[{"kind": "prose", "text": "A\x1b[31m word.\x07"}])
        self.issue.refresh_from_db()
        letter = self.issue.preview()
        for version in (letter.text, letter.html):
            self.assertIn("A[31m word.", version)
            self.assertNotRegex(version, r"[\x00-\x08\x0b-\x1f\x7f]")


class ContentTests(LetterTestCase):
    def html_for(self, address: str) -> str:
        return parsed(self.copy_for(address)).get_body(("html",)).get_content()

    def test_an_article_is_shown_with_picture_credit_byline_and_link(self):
        frozen(self.issue)
        html = self.html_for(ROSA)
        for expected in (
            f'href="{SITE}/tides/"',
            "What tides does to a town.",
            "by Ida Marsh and Tom Gale",
            "Photo by Mara Lind / Longshore",
            f'src="{SITE}{self.photo.stand_in_url}"',
            'alt="Grey water under a pale sky"',
            'width="552"',
            'height="310"',
        ):
            self.assertIn(expected, html)

    def test_the_text_part_says_the_same(self):
        frozen(self.issue)
        text = text_of(self.copy_for(ROSA))
        for expected in (
            "What the tide left",
            "Good morning.",
            "Tides\n\nWhat tides does to a town.",
            "by Ida Marsh and Tom Gale",
            f"{SITE}/tides/",
            "Photo by Mara Lind / Longshore",
            ROSA,
            f"{SITE}/newsletter/unsubscribe/{self.rosa.token}/",
        ):
            self.assertIn(expected, text)
        self.assertNotIn("<", text)
        self.assertNotIn("&", text)

    def test_articles_stand_in_their_order(self):
        light = self.make_article("Light")
        issue = make_issue(self.weekly, light, self.tides, slug="two")
        html = issue.preview().html
        self.assertLess(html.index(">Light<"), html.index(">Tides<"))

    def test_styles_are_on_the_elements_and_dark_mode_in_the_head(self):
        frozen(self.issue)
        html = self.html_for(ROSA)
        self.assertRegex(html, r'<h1 style="[^"]*font-size: 36px')
        self.assertEqual(html.count("<style>"), 1)
        self.assertIn("@media (prefers-color-scheme: dark)", html)
        self.assertIn('<meta name="color-scheme" content="light dark">', html)
        self.assertIn("<!--[if mso]>", html)

    def test_thirty_articles_stay_under_what_mail_programs_cut_off(self):
        photo = make_photo(alt="A long description of what there is to see. " * 3, maker="Mara " * 10)
        articles = [
            self.make_article(f"{'A headline of some length ' * 4}{n}", slug=f"a{n}", photo=photo.pk) for n in range(30)
        ]
        self.issue = make_issue(self.weekly, *articles, slug="long")
        frozen(self.issue)
        self.assertLess(len(self.copy_for(ROSA)), 100_000)

    def test_every_link_of_a_letter_answers(self):
        frozen(self.issue)
        text = text_of(self.copy_for(ROSA))
        paths = [urlsplit(url).path for url in re.findall(rf"^{SITE}\S+$", text, re.MULTILINE)]
        self.assertEqual(len(paths), 4)
        for path in paths:
            resolve(path)
            self.assertEqual(self.client.get(path).status_code, 200, path)

    def test_the_link_of_the_header_unsubscribes_by_one_post(self):
        frozen(self.issue)
        url = parsed(self.copy_for(PAUL))["List-Unsubscribe"].strip("<>")
        answer = self.client.post(urlsplit(url).path, {"List-Unsubscribe": "One-Click"})
        self.assertEqual(answer.status_code, 200)
        self.paul.refresh_from_db()
        self.assertEqual(self.paul.left_how, Subscription.Left.MAIL_PROGRAM)

    def test_a_preview_carries_nobody_s_links(self):
        for stage in (self.issue, frozen(self.issue)):
            preview = stage.preview()
            self.assertIn("reader@example.org", preview.html)
            self.assertNotRegex(preview.html + preview.text, "[\ue000\ue001]|unsubscribe/|preferences/")


def text_of(copy: bytes) -> str:
    return parsed(copy).get_body(("plain",)).get_content().replace("\r\n", "\n")


def head_of(head: bytes, name: str) -> str:
    return re.search(rf"^{name}: ([^\r\n]*(?:\r\n [^\r\n]*)*)", head.decode(), re.MULTILINE)[1]
