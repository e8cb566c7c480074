"""A contributor means harm, by every door that takes their text; wherever it comes out it is words and nothing else."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import batched
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from articles.body import check_depth, clean, render
from articles.body.syndication import for_elsewhere
from articles.content import Content
from articles.models import Article, Publication, Revision
from articles.tasks import carry_out_due
from newsletter.letters.press import Press
from newsroom.audit.models import Entry
from newsroom.characters import legible
from tests import payloads
from tests.articles.desk import ADD, LIST, change
from tests.browser.house import CHROMIUM, FLAGS
from tests.cast import make_user, picture
from tests.inert import Judge, markup_in_json, markup_in_xml
from tests.newsletter.cast import ROSA, words_of
from tests.newsletter.letters import SendingTestCase, frozen, make_issue, parsed
from tests.payloads import Payload, evenly
from tests.real import needs_real_files

pytestmark = pytest.mark.browser

WORD = "quillfish"  # what the search is asked for
CALM = (
    f"<p>Calm {WORD}, <strong>bold</strong>.<span data-footnote>A note.</span></p><h2>Part</h2>"
    "<aside data-pullquote><p>Said.</p></aside><pre><code>x</code></pre><section data-callout><p>Box.</p></section>"
    '<table><tbody><tr><th>a</th><td>1</td></tr></tbody></table><p><a href="https://a.example/">there</a></p>'
    '<figure data-embed="https://www.youtube.com/watch?v=abcdefghijk" data-title="A film"></figure>'
    '<figure data-photo="1"></figure><figure data-gallery="1"></figure><p><a href="mailto:a@b.example">us</a></p>'
    '<blockquote><p><a href="https://a.example/">quoted</a></p></blockquote><ul><li><a href="/x/">listed</a></li></ul>'
    '<h2><a href="https://a.example/">headed</a></h2><p><strong><a href="https://a.example/">bold</a></strong></p>'
    '<table><tbody><tr><td><a href="https://a.example/">kept</a></td></tr></tbody></table>'
)
SURFACES_OF_XML = ("/rss/", "/section/coast/rss/", "/tag/tides/rss/", "/sitemap-articles.xml", "/sitemap-news.xml")


@pytest.fixture(scope="module")
def judge(playwright):
    assert CHROMIUM, "This needs Chromium: apt-get install chromium."
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    judge = Judge(browser)
    yield judge
    judge.close()
    browser.close()


@dataclass(frozen=True)
class Harm:
    """One text, and what is typed into the fields around it, each field another of them."""

    named: str
    body: str
    words: Sequence[str]
    address: str = ""

    @classmethod
    def of(cls, found: Sequence[Payload], address: str = "") -> "Harm":
        texts = [text.replace("\0", "") for _name, text in found]
        # Every other one without a paragraph around it.
        body = "".join(text if number % 2 else f"<p>{text}</p>" for number, text in enumerate(texts))
        body = f"<p>Calm.</p>{body}"  # of some of them nothing is left, and nothing is not published
        try:
            check_depth(body)
        except ValidationError:  # a pit is refused at the door, and tried by a test of its own
            body = ""
        return cls(", ".join(name for name, _text in found), body, texts or ["Calm"], address)

    def word(self, place: int, most: int) -> str:
        # A NUL is refused by every field and by the database, and so is what shows nothing: that is tried elsewhere.
        word = self.words[place % len(self.words)][:most].replace("\0", "").strip()
        return word if legible(word).strip() else "Calm"


class Surfaces(SendingTestCase):
    judge: Judge
    tours = 0

    @pytest.fixture(autouse=True)
    def _with_a_judge(self, judge):
        self.judge = judge

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.ada = make_user("ada", "admin")
        cls.col = make_user("col", "contributor")
        # So that lists have a second page from the beginning.
        for _entry in range(120):
            Entry.objects.record("save", on=cls.harbour)
        first = cls.harbour.newest_revision
        revisions = Revision.objects.bulk_create(
            Revision(article=cls.harbour, number=number, kept=cls.content("Harbour").as_json())
            for number in range(2, 122)
        )
        Publication.objects.bulk_create(
            Publication(
                article=cls.harbour, revision=one, replaces=first, due_at=timezone.now(), done_at=timezone.now()
            )
            for one in revisions
        )

    # The doors

    def typed(self, harm: Harm, *, on: Article | None = None, **changed: Any) -> dict[str, Any]:
        return {
            "title": harm.word(0, 200),
            "standfirst": harm.word(1, 500),
            "body": harm.body,
            "search_title": harm.word(2, 200),
            "search_description": harm.word(3, 500),
            "canonical_url": "",
            "slug": f"harm-{self.tours}",
            "section": self.coast.pk,
            "tags": [self.tides_tag.pk],
            "bylines": [self.ida.pk],
            "photo": self.photo.pk,
            "based_on": on.newest_revision.number if on else "",
        } | changed

    def upload(self, harm: Harm) -> None:
        """A photo of theirs, with whatever a photo can say; its addresses are refused or made harmless."""
        said = {
            "alt": harm.word(4, 250), "caption": harm.word(5, 500), "kind": "photo", "maker": harm.word(6, 100),
            "source": harm.word(7, 100), "licence": harm.word(8, 60), "keep_both": "on",
        }  # fmt: skip
        addresses = dict.fromkeys(("maker_url", "source_url", "licence_url"), harm.address)
        file = picture()
        file.name = f"{harm.word(9, 80)}.jpg"
        answer = self.client.post("/admin/articles/photo/choose/", said | addresses | {"file": file})
        if answer.status_code == 400 and harm.address:
            file.seek(0)
            answer = self.client.post("/admin/articles/photo/choose/", said | {"file": file})
        assert answer.status_code in {201, 400}, answer.text
        assert answer.headers["Content-Type"] == "application/json"
        if answer.status_code == 201:
            self.photo = type(self.photo).objects.get(pk=answer.json()["photo"]["id"])
            self.photo.render()

    def furnish(self, harm: Harm) -> None:
        """What editors name, as if one of them meant harm or copied it from somewhere."""
        for model, facts in (
            (self.coast, {"name": harm.word(10, 60), "description": harm.word(11, 200)}),
            (self.tides_tag, {"name": harm.word(12, 60)}),
            (self.ida, {"name": harm.word(13, 100), "role": harm.word(14, 80), "bio": harm.word(15, 600)}),
        ):
            type(model).objects.filter(pk=model.pk).update(**facts)

    def begin(self, harm: Harm) -> tuple[Article, dict[str, str]]:
        seen = {}
        answer = self.client.post(ADD, self.typed(harm, canonical_url=harm.address) | {"_save": ""})
        if answer.status_code == 200:
            seen["form that comes back"] = answer.text
            answer = self.client.post(ADD, self.typed(harm) | {"_save": ""})
        if answer.status_code == 200:  # a headline of which nothing is left
            answer = self.client.post(ADD, self.typed(harm, title="Calm") | {"_save": ""})
        assert answer.status_code == 302, harm.named
        return Article.objects.latest("pk"), seen

    def forge(self, article: Article, harm: Harm) -> Revision:
        """What an older sanitizer might have let through, or somebody with the database in hand wrote."""
        content = article.newest_revision.kept | {
            "title": harm.word(1, 200), "standfirst": harm.word(2, 500), "search_title": harm.word(3, 200),
            "search_description": harm.word(0, 500), "body": f"{harm.body}<p>{WORD}</p>", "photo": self.photo.pk,
            "canonical_url": harm.address[:500].replace("\0", ""),
        }  # fmt: skip
        return Revision.objects.create(
            article=article,
            number=article.newest_revision.number + 1,
            kept=content,
            name=harm.word(4, 80),
            made_by=self.col,
        )

    # The surfaces

    def at_the_desk(self, article: Article) -> dict[str, str]:
        of_it = f"{LIST}{article.pk}/"
        newest = article.newest_revision.number
        paths = {
            "form": change(article),
            "preview": f"{of_it}preview/",
            "history": f"{of_it}history/",
            "compare": f"{of_it}compare/?old={newest - 1}&new={newest}",
            "compare backwards": f"{of_it}compare/?old={newest}&new={newest - 1}",
            "list": LIST,
            "dashboard": "/admin/",
        }
        return {name: self.fetch(path) for name, path in paths.items()}

    def for_the_house(self, article: Article) -> dict[str, str]:
        """What an administrator sees of it besides."""
        self.client.force_login(self.ada)
        paths = {
            "form of an editor": change(article),
            "delete": f"{LIST}{self.harbour.pk}/delete/",
            "trail": "/admin/audit/entry/",
            "photos": "/admin/articles/photo/",
            "photo": f"/admin/articles/photo/{self.photo.pk}/change/",
            "author": f"/admin/authors/author/{self.ida.pk}/change/",
            "publications": "/admin/articles/publication/",
            "picks": "/admin/articles/pick/",
            "issue": f"/admin/newsletter/issue/{self.issue.pk}/change/",
        }
        return {name: self.fetch(path) for name, path in paths.items()}

    def before_readers(self, article: Article) -> dict[str, str]:
        self.client.logout()
        address = f"/{article.slug}/"
        page = self.fetch(address)
        seen = {"page": page, "data of the page": data_in(page)}
        paths = ("/", "/section/coast/", "/tag/tides/", "/author/ida-marsh/", "/archive/", f"/search/?q={WORD}")
        seen |= {path: self.fetch(path) for path in paths}
        seen |= {path: markup_in_xml(self.fetch(path)) for path in SURFACES_OF_XML}
        seen["/feed.json"] = markup_in_json(json.loads(self.fetch("/feed.json")))
        return seen | {"markdown": self.markdown(article)}

    def markdown(self, article: Article) -> str:
        """Markdown is read by programs; what of it a renderer would take for HTML is judged as HTML."""
        answer = self.client.get(f"/{article.slug}.md")
        assert answer.headers["Content-Type"].startswith("text/markdown")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        return as_a_renderer_reads(answer.text)

    def in_the_letter(self, article: Article, harm: Harm) -> dict[str, str]:
        issue = make_issue(
            self.weekly, article, subject=harm.word(0, 150), slug=f"harm-{article.pk}", intro=harm.word(1, 500),
            preheader=harm.word(2, 150),
        )  # fmt: skip
        letter = issue.preview()
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", letter.text), harm.named
        self.client.force_login(self.ada)
        form = self.fetch(f"/admin/newsletter/issue/{issue.pk}/change/")
        frozen(issue)
        delivery = issue.deliveries.get(address=ROSA)
        copy = Press(issue).copy(delivery=delivery.pk, address=delivery.address, token=delivery.token)
        mail = parsed(copy)
        assert mail.defects == [], harm.named
        assert set(mail.keys()) <= HEADERS, harm.named
        self.client.logout()
        return {
            "letter": letter.html,
            "mail": words_of(mail, "html"),
            "issue's form": form,
            "archive": self.fetch(issue.get_absolute_url()),
            "archives": self.fetch("/newsletter/weekly/"),
        }

    def publish_past_the_checklist(self, article: Article, forged: Revision) -> None:
        """It was scheduled when the checks were other ones."""
        calm = self.content("Calm", slug=article.slug)
        article.keep(calm, by=self.erna)
        article.publish(by=self.erna, at=timezone.now() - timedelta(hours=2))
        # The database itself takes no other address.
        kept, forged.kept = forged.kept | {"canonical_url": ""}, calm.as_json()
        forged.save()
        article.publish(by=self.erna, revision=forged, at=timezone.now() + timedelta(hours=1))
        Revision.objects.filter(pk=forged.pk).update(kept=kept)
        article.publications.update(due_at=timezone.now())
        carry_out_due()
        article.refresh_from_db()

    def fetch(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        assert answer.headers.get("X-Content-Type-Options") == "nosniff", path
        return answer.text

    # The way through the house

    def tour(self, harm: Harm) -> dict[str, str]:
        """Written, kept while it is written, saved, forged, restored, published, sent."""
        self.tours += 1
        self.client.force_login(self.col)
        self.upload(harm)
        # A photo that is not there is refused at the door; here they name one that is.
        named = re.compile(r"""(data-(?:photo|gallery)=["']?)[\d,]+""")
        harm = replace(harm, body=named.sub(rf"\g<1>{self.photo.pk}", harm.body))
        article, seen = self.begin(harm)
        self.furnish(harm)
        token = str(uuid4())
        kept = self.client.post(
            f"{LIST}{article.pk}/autosave/", self.typed(harm, on=article, body=f"{harm.body} again", sitting=token)
        )
        assert kept.headers["Content-Type"] == "application/json"
        seen["unsaved"] = self.fetch(change(article))
        self.client.post(f"{LIST}{article.pk}/discard/{token}/")
        # Somebody else saved meanwhile: both texts are on one page.
        theirs = {"standfirst": "Theirs.", "body": f"{harm.body}<p>Theirs.</p>"}
        article.keep(Content.from_json(article.newest_revision.kept | theirs), by=self.erna)
        mine = {"standfirst": f"{harm.word(1, 490)} mine", "body": f"{harm.body}<p>Mine.</p>", "based_on": 1}
        answer = self.client.post(change(article), self.typed(harm, on=article) | mine | {"_save": ""})
        assert answer.status_code == 409, harm.named
        seen["conflict"] = answer.text

        forged = self.forge(article, harm)
        seen |= self.at_the_desk(article)
        link, secret = article.open_preview(by=self.erna)
        seen["preview link"] = self.fetch(f"/preview/{secret}/")
        self.client.force_login(self.erna)
        seen["checklist"] = self.client.post(change(article), self.typed(harm, on=article) | {"_publish": ""}).text
        link.revoke(by=self.erna)
        self.publish_past_the_checklist(article, forged)
        seen |= {f"forged {name}": html for name, html in self.before_readers(article).items()}
        seen |= self.for_the_house(article)

        self.client.force_login(self.erna)
        restored = self.client.post(
            f"{LIST}{article.pk}/restore/{forged.number}/", {"based_on": article.newest_revision.number, "partly": "on"}
        )
        assert restored.status_code == 302, harm.named
        back = article.newest_revision
        article.publish(by=self.erna, revision=back, at=timezone.now() - timedelta(hours=1))
        article.refresh_from_db()
        seen |= self.before_readers(article) | self.in_the_letter(article, harm)
        article.withdraw(by=self.erna, because=harm.word(2, 300))
        seen["withdrawn"] = self.client.get(f"/{article.slug}/").text
        return seen

    def learn(self) -> None:
        """Of a text without harm, with everything in it that the house makes."""
        calm = Harm("calm", CALM, ["Calm"], "https://calm.example/")
        self.judge.learn(self.tour(calm))
        # What the letter's own style sheet says of a link that leads nowhere any more.
        self.judge.learn(dict.fromkeys(("letter", "mail"), '<a style="color: #161b24;">x</a>'))
        self.client.force_login(self.col)
        refused = self.client.post(ADD, self.typed(calm, title="", canonical_url="calm") | {"_save": ""})
        self.judge.learn({"form that comes back": refused.text})
        self.harbour.open_preview(by=self.erna)
        self.client.force_login(self.erna)
        refused = self.client.post(
            change(self.harbour), self.typed(calm, standfirst="") | {"_publish": "", "based_on": 1}
        )
        self.judge.learn({"checklist": refused.text})

    def findings(self, harms: Sequence[Harm]) -> tuple[list[str], int]:
        found, surfaces = [], 0
        for harm in harms:
            seen = self.tour(harm)
            surfaces += len(seen)
            found += [f"{harm.named[:80]} in {what}" for what in self.judge.findings(seen)]
        return found, surfaces


HEADERS = {
    "From", "Reply-To", "Subject", "Date", "List-Id", "To", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post",
    "MIME-Version", "Content-Type",
}  # fmt: skip

# Code, escaped signs and links, in the order in which CommonMark gives them their meaning.
MARKDOWN = re.compile(
    r"^(?P<fence>`{3,})[^`\n]*\n.*?^(?P=fence)$|(?<!`)(?P<ticks>`+)(?!`).*?(?<!`)(?P=ticks)(?!`)"
    r"|\\(?P<escaped>[!-/:-@\[-`{-~])|\]\((?P<link><[^>\n]*>|[^\s()]*(?:\([^\s()]*\)[^\s()]*)*)",
    re.MULTILINE | re.DOTALL,
)


def as_a_renderer_reads(markdown: str) -> str:
    def read(piece: re.Match) -> str:
        if piece["escaped"]:
            return f"&#{ord(piece['escaped'])};"
        if piece["link"] is not None:
            return f'<a href="{piece["link"].strip("<>")}">x</a>'
        return "code"

    return MARKDOWN.sub(read, markdown)


def data_in(page: str) -> str:
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert found
    return "\n".join(markup_in_json(json.loads(data)) for data in found)


def bundles(found: Sequence[Payload], size: int, addresses: Sequence[Payload]) -> list[Harm]:
    return [
        Harm.of(some, addresses[number % len(addresses)][1] if addresses else "")
        for number, some in enumerate(batched(found, size, strict=False))
    ]


class InEverySurface(Surfaces):
    def test_nothing_of_ours_acts(self):
        self.learn()
        found, surfaces = self.findings(bundles(list(payloads.ours()), 80, []))
        assert found == []
        assert surfaces > 100

    @needs_real_files
    def test_nothing_of_a_sample_of_others_acts(self):
        self.learn()
        sample = evenly(list(payloads.of_others()), 60)
        found, surfaces = self.findings(bundles(sample, 20, evenly(list(payloads.addresses()), 3)))
        assert found == []
        assert surfaces > 100

    def test_one_that_acts_is_found(self):
        """Each of the judge's own words, put where a page holds a text."""
        self.learn()
        calm = self.tour(Harm("calm", CALM, ["Calm"], "https://calm.example/"))
        assert self.judge.findings(calm) == []
        for acting in ACTING:
            hurt = {name: f"{html}{acting}" for name, html in calm.items()}
            assert {what.partition(": ")[0] for what in self.judge.findings(hurt)} == set(calm), acting


@needs_real_files
@pytest.mark.bench
class OfAnybodyInEverySurface(Surfaces):
    """In six parts, so that cores can share them (`pytest -n 2 --dist load`) and no list of theirs fills a page."""

    def test_the_first_part(self):
        self.nothing_acts(0)

    def test_the_second_part(self):
        self.nothing_acts(1)

    def test_the_third_part(self):
        self.nothing_acts(2)

    def test_the_fourth_part(self):
        self.nothing_acts(3)

    def test_the_fifth_part(self):
        self.nothing_acts(4)

    def test_the_last_part(self):
        self.nothing_acts(5)

    def nothing_acts(self, part: int) -> None:
        self.learn()
        everything = [*payloads.of_others(), *payloads.ours()]
        found, surfaces = self.findings(bundles(everything, 25, list(payloads.addresses()))[part::6])
        print(f"\npart {part + 1} of {len(everything)} payloads: {surfaces} surfaces, {len(found)} findings")
        kinds = Counter(what.partition(" in ")[2] for what in found)
        assert kinds == {}, kinds.most_common(20)


ACTING = (
    "<script>x()</script>", "<img src=/x.jpg onerror=x()>", "<a href='java&#9;script:x()'>x</a>", "<p style=color:red>",
    "<iframe src=https://www.youtube-nocookie.com/embed/x></iframe>", "<object data=x></object>", "<embed src=x>",
    "<svg><circle r=1></circle></svg>", "<math><mi>x</mi></math>", "<base href=/x/>", "<form action=/x/></form>",
    "<meta http-equiv=refresh content='0;url=/x/'>", "<a href='data:text/html,x'>x</a>", "<a href='vbscript:x'>x</a>",
    "<img src=https://evil.example/x.gif>", "<img srcset='/x.jpg 1x, https://evil.example/x.jpg 2x'>",
    "<p x-data='x()'>", "<p @click='x()'>", "<button name=evil formaction=javascript:x()>", "<style>p{}</style>",
    "<link rel=stylesheet href=https://evil.example/>", "<template id=evil><script>x()</script></template>",
    "<noscript id=evil><p></noscript>", "<video src=x></video>", "<input name=evil autofocus onfocus=x()>",
)  # fmt: skip


class InEveryText(Surfaces):
    """The way of a body alone, each payload by itself: none can hide in what another one left open."""

    def judged(self, found: Sequence[Payload]) -> list[str]:
        seen = {}
        for name, text in found:
            for place, body in enumerate((text, f"<p>{text}</p>")):
                try:
                    check_depth(body)
                except ValidationError:
                    continue
                kept = clean(body)
                assert clean(kept) == kept, name
                for where, html in (("kept", kept), ("shown", render(kept, {})), ("forged", render(body, {}))):
                    seen[f"{name} {place} {where}"] = html
                seen[f"{name} {place} elsewhere"] = for_elsewhere(render(body, {}))
        return self.judge.findings(seen)

    def test_nothing_of_ours_acts(self):
        assert self.judged(list(payloads.ours())) == []

    @needs_real_files
    def test_nothing_of_a_sample_of_others_acts(self):
        assert self.judged(evenly(list(payloads.of_others()), 400)) == []

    @needs_real_files
    @pytest.mark.bench
    def test_nothing_of_others_acts(self):
        found = list(payloads.of_others())
        print(f"\n{len(found)} payloads, each by itself")
        assert self.judged(found) == []
