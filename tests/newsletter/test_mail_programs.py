"""What the letter is made of, and what Outlook, Gmail and Apple Mail make of it, as caniemail.com tells.

Whoever uses something new in the template says here what becomes of it where it is not known.
"""

import email.policy
import re
from email.parser import BytesParser
from html.parser import HTMLParser

import pytest

from newsletter.letters.content import Block, Kind
from newsletter.letters.press import Press
from tests.cast import make_photo
from tests.newsletter.letters import SendingTestCase, arranged, frozen

EVERYWHERE = "known to all three"
# In Outlook for Windows, in Gmail, or in both, these do less or nothing; reading does not hang on them.
STYLES = {
    **dict.fromkeys(
        (
            *("background-color", "border-collapse", "border", "border-bottom", "border-top", "border-color", "color"),
            *("font", "font-size", "font-weight", "font-family", "font-style", "height", "line-height", "text-align"),
            *("text-decoration", "vertical-align", "width", "letter-spacing", "border-left", "border-right"),
        ),
        EVERYWHERE,
    ),
    "margin": "Outlook knows no negative one and no auto: neither is used",
    "padding": "Outlook knows it on cells only; elsewhere it is the bar beside a quotation and the indent of a list",
    "padding-right": "between columns, which Outlook gets as cells of their own width",
    "padding-left": "between columns, which Outlook gets as cells of their own width",
    "padding-top": "of a cell",
    "display": "Outlook puts inline blocks one below the other: it gets a table in a conditional comment",
    "max-width": "Outlook takes the width of the table in the conditional comment, and of the picture's attribute",
    "max-height": "hides the preheader, which Outlook hides by mso-hide",
    "overflow": "hides the preheader, which Outlook hides by mso-hide",
    "mso-hide": "for Outlook alone",
    "white-space": "Outlook breaks the lines of code as it likes",
    "word-break": "a long word of code is wider than the letter",
}
RULES = {
    "prefers-color-scheme: dark": "Gmail and Outlook turn the colours round by themselves, or leave it light",
    "max-width: 520px": "columns stack by their own widths where it is not known",
}
TAGS = frozenset(
    [
        *("html", "head", "meta", "title", "style", "body", "div", "table", "tbody", "thead", "tr", "td", "th"),
        *("a", "img", "h1", "h2", "h3", "h4", "p", "br", "strong", "em", "s", "sub", "sup", "code", "pre", "span"),
        *("ul", "ol", "li", "blockquote", "figure", "figcaption", "hr", "section", "aside", "small"),
    ]
)
BODY = (
    "<h2>Part</h2><p>A <strong>b</strong> <em>c</em> <a href='https://x.example/'>d</a></p><ul><li>e</li></ul>"
    "<blockquote><p>f</p></blockquote><pre><code>g</code></pre><table><tbody><tr><th>h</th></tr><tr><td>1</td></tr>"
    "</tbody></table><p>i<span data-footnote>j</span></p><section data-callout><p>k</p></section>"
)


class Reader(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.comments: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, {name: value or "" for name, value in attributes}))

    def handle_comment(self, data):
        self.comments.append(data)


class MailPrograms(SendingTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        whole = cls.make_article("Whole", body=BODY, photo=cls.photo.pk)
        arranged(
            cls.issue,
            Block(Kind.PROSE, text="Dear {name|friend & all},\n\n## Part\n\n- **a** *b*\n\n[c](https://x.example/)"),
            Block(Kind.CARD, article=cls.tides.pk),
            Block(Kind.CARD, article=cls.make_article("Second", photo=cls.photo.pk).pk),
            Block(Kind.FULL, article=whole.pk),
            Block(Kind.PHOTO, photo=make_photo().pk, text="Low water."),
            Block(Kind.QUOTE, text="Never.", who="Mara"),
            Block(Kind.SMALL, text="{unsubscribe|Leave} {nonsense|x} {{ settings.SECRET_KEY }}"),
        )

    def setUp(self):
        self.letter = self.issue.letter()
        self.page = Reader(self.letter.html)

    def test_every_style_is_known_to_all_or_can_be_missed(self):
        used = {
            line.partition(":")[0].strip()
            for _tag, attributes in self.page.tags
            for line in attributes.get("style", "").split(";")
        } - {""}
        assert used - STYLES.keys() == set()
        sheet = self.letter.html.partition("<style>")[2].partition("</style>")[0]
        assert {found.strip("() ") for found in re.findall(r"@media ([^{]*)", sheet)} == set(RULES)
        assert set(re.findall(r"([a-z-]+):[^;{}]*!important", sheet)) - STYLES.keys() == set()

    def test_nothing_that_a_mail_program_throws_away_holds_words(self):
        assert {tag for tag, _attributes in self.page.tags} - TAGS == set()
        assert not re.search(
            r"position:|float:|flex|grid|var\(|calc\(|url\(|margin: ?-|margin:[^;]*auto", self.letter.html
        )

    def test_tables_of_the_layout_are_none_to_a_screen_reader_and_language_and_direction_are_said(self):
        tables = [attributes for tag, attributes in self.page.tags if tag == "table"]
        data = [attributes for attributes in tables if attributes.get("role") != "presentation"]
        assert len(data) == 1  # the article's own
        sheet = next(attributes for attributes in tables if "lang" in attributes)
        assert (sheet["lang"], sheet["dir"]) == ("en-gb", "ltr")

    def test_pictures_have_words_and_a_width_that_outlook_takes_at_its_word(self):
        pictures = [attributes for tag, attributes in self.page.tags if tag == "img"]
        assert len(pictures) == 4
        for picture in pictures:
            assert picture["alt"] and int(picture["width"]) <= 552 and picture["src"].startswith("http")

    def test_outlook_gets_columns_as_cells_and_every_conditional_is_closed(self):
        ghosts = [comment for comment in self.page.comments if comment.startswith("[if mso]")]
        assert len(ghosts) == len(re.findall(r"<!\[endif\]-->", self.letter.html))
        joined = "".join(ghosts)
        assert joined.count("<table") == joined.count("</table>") == 2
        assert joined.count("<td") == joined.count("</td>")

    def test_addresses_are_whole_and_no_tag_is_run(self):
        for tag, attributes in self.page.tags:
            if tag == "a":
                assert re.match(r"https?://|mailto:|\ue000", attributes["href"]), attributes
        assert "{nonsense|x} {{ settings.SECRET_KEY }}" in self.letter.text
        assert "{{ settings.SECRET_KEY }}" in self.letter.html

    def test_a_name_stands_where_it_is_known_and_what_stands_for_it_elsewhere(self):
        self.rosa.subscriber.name = "Rosa <b> & Co"
        self.rosa.subscriber.save()
        frozen(self.issue)
        for reader, text, html in (
            (self.rosa, "Dear Rosa <b> & Co,", "Dear Rosa &lt;b&gt; &amp; Co,"),
            (self.paul, "Dear friend & all,", "Dear friend &amp; all,"),
        ):
            message = parse(self.copy_for(reader.subscriber.email))
            assert text in message.get_body(("plain",)).get_content()
            assert html in message.get_body(("html",)).get_content()

    def copy_for(self, address: str) -> bytes:
        found = self.delivery_to(address)
        return Press(self.issue).copy(delivery=found.pk, address=found.address, token=found.token, name=found.name)

    def test_copies_are_mails_as_the_standards_want_them(self):
        self.many(30)

    @pytest.mark.bench
    def test_a_thousand_copies_are_mails_as_the_standards_want_them(self):
        self.many(1_000)

    def many(self, count: int) -> None:
        frozen(self.issue)
        press, largest = Press(self.issue), 0
        for number in range(count):
            copy = press.copy(delivery=number, address=f"r{number}@x.example", token=f"{number:032x}", name="Zoë" * 9)
            largest = max(largest, len(copy))
            message = parse(copy)
            assert message.defects == [] and [part.defects for part in message.walk()] == [[]] * 3
            for name in ("From", "To", "Subject", "Date", "Message-ID", "List-Id", "List-Unsubscribe", "MIME-Version"):
                assert len(message.get_all(name)) == 1, name
            assert re.fullmatch(r"<https?://[^>]+/newsletter/unsubscribe/[0-9a-f]{32}/>", message["List-Unsubscribe"])
            assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
            assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
            assert max(map(len, copy.split(b"\r\n"))) <= 998 and copy.isascii()
        assert largest < 100_000
        print(f"{count} copies, the largest {largest:,} bytes")


def parse(copy: bytes):
    return BytesParser(policy=email.policy.default).parsebytes(copy)
