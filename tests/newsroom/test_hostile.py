"""What strangers and careless colleagues send: an answer with a sentence, never an error of ours, no side effect."""

import io
import json
import re
from datetime import timedelta
from html import unescape
from html.parser import HTMLParser

import pytest
from django.core.exceptions import ValidationError
from django.test import SimpleTestCase
from django.utils import timezone
from PIL import Image

from articles.body import check_depth, clean, headings_in, render
from articles.models import Article, Page, Revision, Section, Tag
from articles.tasks import carry_out_due
from authors.models import Author
from newsroom import pictures
from newsroom.addresses import check_email
from newsroom.audit.models import Entry
from tests.articles.desk import ADD, LIST, DeskTestCase, change
from tests.cast import AtOnceTestCase, NewsroomTestCase, make_author, picture
from tests.newsletter.cast import VERA, LettersTestCase, rows
from tests.real import needs_real_files, real

MARKUP = '"><img src=x onerror=alert(1)><script>alert(1)</script>'
INERT = {
    "a", "aside", "blockquote", "br", "code", "div", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "s",
    "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip


class Alarm(HTMLParser):
    """Notes every element, attribute and address that might act."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in INERT:
            self.heard.append(tag)
        for name, value in attrs:
            # As browsers read it: tabs and line ends fall out, what stands before the scheme is trimmed.
            scheme = re.sub(r"[\t\r\n]|^[\0- ]+", "", value or "").partition(":")[0].lower()
            if name.startswith("on") or name in {"style", "srcdoc"} or scheme in {"javascript", "data", "vbscript"}:
                self.heard.append(f"{name}={value}")


class StrangersAtThePages(NewsroomTestCase):
    def test_a_nul_in_a_path_is_an_address_that_nobody_has(self):
        for path in ("/%00/", "/tides%00/", "/section/%00/", "/tag/%00/rss/", "/newsletter/%00/", "/mail/%00.eml/"):
            assert self.client.get(path).status_code == 404, path

    def test_nonsense_in_a_path_is_not_found(self):
        for path in (
            "/%ff%fe/",
            "/%ed%a0%80/",
            "/archive/0000/",
            "/archive/99999/",
            "/page/-1/",
            "/page/²/",
            "/a\r\nb/",
        ):
            assert self.client.get(path).status_code == 404, path

    def test_a_moment_that_no_database_knows_is_not_found(self):
        for moment in ("2026-01-01T00:00:00+23:59", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"):
            assert self.client.get("/", {"before": moment}).status_code in {200, 404}, moment
        assert self.client.get("/", {"before": "0001-01-01T00:00:00+14:00"}).status_code == 404

    def test_no_path_leads_off_the_site(self):
        for path in ("//evil.example", "//evil.example/%2e%2e", "/%5cevil.example", "/%09/evil.example"):
            target = self.client.get(path).headers.get("Location", "/")
            assert target.startswith("/"), path
            assert not target.startswith(("//", "/\\")), path

    def test_another_host_is_refused_and_never_repeated(self):
        for host in ("evil.example", "testserver@evil.example", "[::1"):
            for path in ("/", "/newsletter/", "/admin/login/", "/rss/"):
                answer = self.client.get(path, headers={"Host": host})
                assert answer.status_code == 400
                assert "evil" not in answer.text

    def test_headers_of_proxies_change_nothing(self):
        plain = self.client.get("/archive/").text
        for name in ("X-Forwarded-Host", "X-Original-URL", "X-Rewrite-URL", "X-HTTP-Method-Override"):
            assert self.client.get("/archive/", headers={name: "/admin/evil.example"}).text == plain

    def test_what_is_hidden_is_found_by_no_door(self):
        for hidden in (self.harbour, self.storm, self.fog):
            for path in ("/", "/rss/", "/feed.json", "/section/coast/", "/tag/tides/", "/author/ida-marsh/rss/",
                         "/archive/", "/sitemap-articles.xml", "/sitemap-news.xml", f"/search/?q={hidden.slug}",
                         "/corrections/", "/tides/"):  # fmt: skip
                assert f"/{hidden.slug}/" not in self.client.get(path).text, path
            assert self.client.get(f"/{hidden.slug}/").status_code in {404, 410}


class StrangersAtTheForm(LettersTestCase):
    def test_an_origin_that_is_no_address_is_foreign(self):
        before = rows()
        for origin in ("http://[", "//", "http://testserver@evil.example", "http://testserver/", "null"):
            answer = self.client.post("/newsletter/subscribe/", {"email": VERA}, headers={"Origin": origin})
            assert answer.status_code == 403, origin
        assert rows() == before

    def test_an_address_in_the_house_s_own_network_is_refused(self):
        before = rows()
        for address in ("root@localhost", "root@[127.0.0.1]", "root@[10.0.0.1]", "a@[IPv6:::1]", "a@127.0.0.1"):
            assert self.subscribe(address).status_code == 400, address
        assert rows() == before

    def test_an_address_that_no_server_could_be_given_is_refused(self):
        before = rows()
        for address in ("a@x.io\u2028Bcc", f"a@{'ü' * 70}.io", f"{'a' * 40}@{'.'.join(['ü' * 50] * 4)}.io"):
            assert self.subscribe(address).status_code == 400, address
        assert rows() == before


@needs_real_files
class AddressesOfOthers(SimpleTestCase):
    def accepted(self, address: str) -> bool:
        try:
            check_email(address)
        except ValidationError:
            return False
        return True

    def test_good_and_bad_ones_are_told_apart(self):
        groups = json.loads(real("hostile/emails/email.json").read_text())
        # No mail provider gives these away; they are refused on purpose.
        unusual = {'"joe bloggs"@example.com', "joe.bloggs@[127.0.0.1]", "joe.bloggs@[IPv6:::1]"}
        for case in (case for group in groups for case in group["tests"]):
            if isinstance(case["data"], str):
                assert self.accepted(case["data"]) == (case["valid"] and case["data"] not in unusual), case

    def test_whatever_is_typed_is_answered(self):
        typed = re.findall(r"<address>(.*?)</address>", real("hostile/emails/tests.xml").read_text(), re.DOTALL)
        assert sum(self.accepted(unescape(address)) for address in typed) > 10
        for name in ("localpart_valid", "localpart_invalid"):
            for line in real(f"hostile/emails/abridged_{name}.txt").read_text().splitlines():
                self.accepted(f"{line}@magazine.example")


class WhatAuthorsPaste(DeskTestCase):
    def setUp(self) -> None:
        self.client.force_login(self.ida_login)

    def save(self, **changed):
        facts = self.typed("Harbour", on=self.harbour) | changed | {"_save": ""}
        return self.client.post(change(self.harbour), facts)

    def test_a_link_that_is_no_address_is_kept_as_text(self):
        assert self.save(body='<p>Read <a href="//[x">this</a>.</p>').status_code == 302
        assert "this" in Article.objects.get(pk=self.harbour.pk).body_html

    def test_a_photo_s_number_of_any_length_is_no_photo(self):
        for number in ("9" * 5000, "9" * 30, "²", "٣"):
            self.harbour.refresh_from_db()
            assert self.save(body=f'<p>A.</p><figure data-photo="{number}"></figure>').status_code == 302
            self.harbour.refresh_from_db()
            assert self.save(photo=number).status_code == 200

    def test_a_choice_that_is_no_row_comes_back_with_the_rest_of_the_text(self):
        for field in ("bylines", "tags"):
            for key in ("abc", "9" * 30, "9" * 5000, "\0"):
                answer = self.save(**{field: [key]}, standfirst="What I wrote.")
                assert answer.status_code == 200
                assert "What I wrote." in answer.text

    def test_a_pit_of_boxes_is_refused_with_a_sentence(self):
        pits = ("<div>", "<ul><li>", "<blockquote>", "<table><tr><td>", "<div><table></div></table>", "<div></x>")
        for pit in pits:
            with pytest.raises(ValidationError, match="Paste it as plain text"):
                check_depth(pit * 10_000)
        answer = self.save(body="<ul><li>" * 10_000)
        assert "Paste it as plain text." in answer.text
        check_depth("<p>Long.<br>" * 10_000 + "<ul><li>a<li>b</ul>" * 10_000)

    def test_a_thousand_equal_headings_have_a_thousand_anchors_soon(self):
        html = render("<h2>Part</h2><h2>Part 2</h2>" * 5000, {})
        assert len(headings_in(html)) == 10_000
        assert len(set(html.split('id="')[1:])) == 10_000

    def test_control_characters_leave_a_headline(self):
        assert self.save(title="Har\x01bour\x0b!").status_code == 302
        assert Article.objects.get(pk=self.harbour.pk).title == "Harbour!"

    def test_an_address_that_grows_beyond_its_field_when_it_is_written_out_is_refused(self):
        answer = self.save(canonical_url="https://a.example/" + "|" * 400)
        self.assertContains(answer, "at most 500 characters")
        assert Article.objects.get(pk=self.harbour.pk).canonical_url == ""

    def test_what_is_kept_while_somebody_writes_fits_whatever_was_sent(self):
        """The browser holds fields to their length; whoever goes past it breaks nothing."""
        for text in ("G" * 5000, "G\0" * 3000, "<img src=x onerror=x()>" * 300):
            fields = dict.fromkeys(("standfirst", "slug", "search_title", "search_description"), text)
            facts = self.typed(text, **fields, body=f"<p>{text}</p>", canonical_url=f"https://a.example/{text}")
            for path in (f"{LIST}autosave/", f"{LIST}{self.harbour.pk}/autosave/"):
                assert self.client.post(path, facts).status_code == 200, path
            begun = Article.objects.latest("pk")
            for path in (change(begun), f"{LIST}{begun.pk}/preview/", f"{LIST}{begun.pk}/history/", LIST, "/admin/"):
                assert self.client.get(path).status_code == 200, path

    def test_an_address_that_is_none_is_no_way_out_of_the_house(self):
        for slug in ("../x", "x y", "<img src=x onerror=x()>", "a/b", "\0"):
            self.client.post(f"{LIST}autosave/", self.typed("Gulls", slug=slug))
            begun = Article.objects.latest("pk")
            for path in (change(begun), f"{LIST}{begun.pk}/preview/", f"{LIST}{begun.pk}/history/", LIST, "/admin/"):
                answer = self.client.get(path)
                assert answer.status_code == 200, (slug, path)
                assert "<img src=x" not in answer.text, path

    def test_a_revision_from_before_the_fields_had_a_length_can_be_restored(self):
        kept = self.harbour.newest_revision.kept | {
            "title": "t" * 300, "slug": "../" * 90, "standfirst": MARKUP * 40, "canonical_url": "javascript:alert(1)",
        }  # fmt: skip
        Revision.objects.create(article=self.harbour, number=2, kept=kept, made_by=self.ida_login)
        assert self.client.post(f"{LIST}{self.harbour.pk}/restore/2/", {"based_on": 2}).status_code == 302
        self.harbour.refresh_from_db()
        assert self.harbour.newest_revision.number == 3
        assert (len(self.harbour.title), self.harbour.canonical_url) == (200, "")

    def test_names_that_are_markup_are_shown_as_text(self):
        author = make_author("Mark Up")
        Author.objects.filter(pk=author.pk).update(name=MARKUP)
        Tag.objects.filter(pk=self.tides_tag.pk).update(name=MARKUP[:60])
        Section.objects.filter(pk=self.coast.pk).update(name=MARKUP[:60])
        article = self.make_article(MARKUP, slug="markup", bylines=(author.pk,))
        self.photo.caption = self.photo.alt = self.photo.maker = MARKUP
        self.photo.save()
        self.client.force_login(self.ada)
        self.client.post(f"/admin/articles/article/{article.pk}/withdraw/", {"because": MARKUP})
        self.make_article(MARKUP, slug="again", bylines=(author.pk,))
        pages = [
            "/", "/again/", "/markup/", "/section/coast/", "/tag/tides/", "/search/?q=img", LIST, ADD, change(article),
            change(article).replace("change", "history"), change(article).replace("change", "preview"),
            change(self.harbour).replace("change", "delete"), "/admin/audit/entry/", "/admin/articles/photo/",
            "/admin/articles/tag/", "/admin/authors/author/", f"/admin/authors/author/{author.pk}/history/", "/admin/",
        ]  # fmt: skip
        silent = {ADD, change(self.harbour).replace("change", "delete")}
        for path in pages:
            answer = self.client.get(path)
            assert "onerror=alert" in answer.text or path in silent, path
            assert "<img src=x" not in answer.text, path
            assert "<script>alert" not in answer.text, path

    def test_templates_and_formats_are_printed_literally(self):
        typed = "{{ settings.SECRET_KEY }} {% include 'base.html' %} {0.__class__} %(x)s"
        self.make_article(typed, body=f"<p>{typed}</p>", slug="braces")
        text = self.client.get("/braces/").text
        assert text.count("{{ settings.SECRET_KEY }}") >= 2
        assert "{0.__class__} %(x)s" in text


@needs_real_files
class PayloadsOfOthers(SimpleTestCase):
    def test_nothing_of_a_payload_acts_in_a_text(self):
        payloads: list[str] = []
        for name in ("xss_payloads_quick.txt", "xss-payload-list-even.txt", "XSSDetection.txt", "blns.txt"):
            payloads += real(f"hostile/{name}").read_text(errors="replace").splitlines()
        payloads += [case["payload"] for case in json.loads(real("hostile/dompurify-expect-even.json").read_text())]
        assert len(payloads) > 500
        for payload in payloads:
            kept = clean(f"<p>{payload}</p>")
            alarm = Alarm()
            alarm.feed(render(kept, {}))
            alarm.feed(render(clean(kept), {}))
            assert not alarm.heard, (payload, alarm.heard)


class StaffAtTheDesk(DeskTestCase):
    def setUp(self) -> None:
        self.client.force_login(self.ada)

    def test_nonsense_in_an_address_of_the_desk_is_the_sender_s_mistake(self):
        asked = (
            f"{LIST}?q=%00",
            "/admin/articles/photo/?kind__exact=%00",
            "/admin/autocomplete/?app_label=articles&model_name=article&field_name=tags&term=%00",
            f"{LIST}?begun_by__password__startswith=a",
            f"{LIST}?authors__user__password__startswith=a",
            "/admin/articles/tag/?_to_field=name&_popup=1",
        )
        for path in asked:
            assert self.client.get(path).status_code == 400, path
        for year in ("0", "99999"):
            answer = self.client.get(f"/admin/newsletter/suppression/?at__year={year}")
            assert answer.headers["Location"] == "/admin/newsletter/suppression/?e=1"

    def test_an_action_on_what_is_no_row_is_refused(self):
        for chosen in ("abc", "\0", "-1"):
            facts = {"action": "publish_now", "_selected_action": [chosen]}
            assert self.client.post(LIST, facts).status_code == 400, chosen

    def test_a_nul_in_a_note_is_left_out(self):
        address = f"/admin/articles/article/{self.tides.pk}/withdraw/"
        assert self.client.post(address, {"because": "A\0 mistake."}).status_code == 302
        assert Article.objects.get(pk=self.tides.pk).withdrawn_because == "A mistake."
        self.salt.submit(by=self.erna)
        assert self.press("send_back", self.salt, note="Sho\0rter.").status_code == 302
        assert Entry.objects.newest("send back", on=self.salt).details["note"] == "Shorter."

    def test_login_leads_nowhere_else(self):
        self.client.logout()
        for target in (
            "//evil.example",
            "/\\evil.example",
            "https:evil.example",
            "https://evil.example",
            "/\t/evil.example",
        ):
            answer = self.client.post(f"/admin/login/?next={target}", {"username": "ada", "password": "newsroom"})
            assert answer.headers["Location"] == "/admin/"

    def test_an_old_revision_whose_section_and_photo_are_gone_can_be_restored(self):
        gone, photo = Section.objects.create(name="Gone", slug="gone"), self.photo
        article = Article.objects.begin(self.content("Old", section=gone.pk, photo=photo.pk), by=self.erna)
        article.keep(self.content("New", photo=None), by=self.erna)
        gone.delete()
        address = f"/admin/articles/article/{article.pk}/restore/1/"
        self.assertContains(self.client.post(address), "no longer there", status_code=409)
        answer = self.client.post(address, {"partly": "on", "based_on": 2}, follow=True)
        assert answer.status_code == 200
        article.refresh_from_db()
        assert (article.title, article.section, article.photo) == ("Old", None, photo)
        with pytest.raises(ValidationError, match="Choose a section"):
            article.publish(by=self.erna)


class PagesAndPromises(NewsroomTestCase):
    def test_a_page_s_address_is_small_and_answers(self):
        page = Page(title="About", slug="About", body="<p>Us.</p>", published_at=timezone.now())
        page.full_clean(exclude=["body_html"])
        page.keep()
        assert self.client.get("/about/").status_code == 200
        assert self.client.get("/About/").headers["Location"] == "/about/"

    def test_a_page_takes_no_address_that_a_scheduled_article_was_promised(self):
        with pytest.raises(ValidationError, match="An article has or had this address"):
            Page(title="Storm", slug="storm").full_clean(exclude=["body_html"])

    def test_a_change_that_cannot_be_carried_out_holds_up_no_other(self):
        later = timezone.now() + timedelta(hours=1)
        ebb, flow = self.make_article("Ebb"), self.make_article("Flow")
        for article, content in (
            (ebb, self.content("Ebb", slug="taken")),
            (flow, self.content("Flow, again", slug="flow")),
        ):
            article.keep(content, by=self.erna)
            article.publish(by=self.erna, at=later)
        # Past the verb, which would refuse it.
        Article.objects.filter(pk=self.make_article("Thief").pk).update(slug="taken")
        Article.objects.get(pk=ebb.pk).publications.update(due_at=timezone.now())
        Article.objects.get(pk=flow.pk).publications.update(due_at=timezone.now())
        with pytest.raises(ExceptionGroup):
            carry_out_due()
        assert Article.objects.get(pk=flow.pk).title == "Flow, again"
        assert Article.objects.get(pk=ebb.pk).slug == "ebb"


class AtOnce(AtOnceTestCase):
    def test_a_photo_s_change_never_brings_back_an_older_text(self):
        """Whoever renders anew begins with the text as it is then, not as it was when it was looked up."""
        stale = Article.objects.get(pk=self.tides.pk)
        self.tides.keep(self.content("Tides", body="<p>The new text.</p>"), by=self.erna)
        self.tides.publish(by=self.erna)
        stale.rerender()
        assert "The new text." in Article.objects.get(pk=self.tides.pk).body_html


class DamagedPictures(SimpleTestCase):
    def test_every_damage_is_a_sentence(self):
        for image_format in pictures.FORMATS:
            whole = picture(image_format=image_format).getvalue()
            for place in range(8, len(whole), 7):
                damaged = bytearray(whole)
                damaged[place] ^= 0xFF
                for file in (damaged, whole[:place]):
                    try:
                        pictures.open_safely(io.BytesIO(file))
                    except ValidationError as refusal:
                        assert "Save it" in refusal.message or "Make its" in refusal.message

    def test_a_broken_colour_profile_says_nothing(self):
        out = io.BytesIO()
        Image.new("RGB", (40, 30), "red").save(out, "JPEG", icc_profile=b"garbage" * 50)
        assert pictures.open_safely(out).size == (40, 30)


@needs_real_files
class DrawingsOfOthers(SimpleTestCase):
    def test_a_drawing_that_may_act_is_no_picture(self):
        for path in sorted(real("hostile/svg").glob("*.svg")):
            with path.open("rb") as file, pytest.raises(ValidationError, match="Save it"):
                pictures.open_safely(file)
