"""The library of photos: rights, licences, where each is shown, the same file twice, many at once."""

import io
import tempfile
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import SimpleTestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import ExifTags, Image

from articles.models import Article, Photo, Right
from articles.photos.metadata import said_by
from articles.photos.usage import places_of
from articles.readiness import problems_of
from newsletter.letters.content import Block, Kind
from newsroom.audit.models import Entry
from newsroom.pictures import MOST_BYTES
from tests.articles.desk import DeskTestCase, change
from tests.cast import NewsroomTestCase, make_photo, picture
from tests.newsletter.cast import make_newsletters
from tests.newsletter.letters import make_issue

LIBRARY = "/admin/articles/photo/"
CHOOSE, TOLD, BULK = (f"{LIBRARY}{name}/" for name in ("choose", "told", "bulk"))
SCRIPT = {"accept": "application/json"}


def entry(photo: Photo, verb: str = "change") -> str:
    return f"{LIBRARY}{photo.pk}/{verb}/"


def figure(photo: Photo) -> str:
    return f'<p>Look.</p><figure data-photo="{photo.pk}"></figure><p>There.</p>'


def file(content: bytes | None = None, name: str = "a.jpg", colour: str = "navy") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture(600, 400, colour=colour).read() if content is None else content)


def days(number: int):
    return timezone.localdate() + timedelta(days=number)


class Rights(NewsroomTestCase):
    def test_what_may_not_be_on_the_site_is_not_published(self):
        bare = make_photo(rights=["letter", "feed"], caption="Bare water")
        for content in (self.content("Surf", photo=bare.pk), self.content("Surf", body=figure(bare))):
            article = Article.objects.begin(content, by=self.erna)
            with pytest.raises(ValidationError, match="“Bare water” may not be shown on the site"):
                article.publish(by=self.erna)

    def test_a_letter_leaves_out_what_may_not_be_in_letters(self):
        weekly, _breaking = make_newsletters()
        open_to_all, barred = make_photo(), make_photo(rights=["web", "feed"])
        over = make_photo(licensed_until=days(-1))
        articles = [self.make_article(f"A{photo.pk}", photo=photo.pk) for photo in (open_to_all, barred)]
        ended = self.make_article("Ended", photo=open_to_all.pk)
        Article.objects.filter(pk=ended.pk).update(photo=over)
        blocks = [Block(Kind.PHOTO, photo=photo.pk) for photo in (open_to_all, barred, over)]
        html = make_issue(weekly, *articles, ended, blocks=blocks).letter().html
        stem = open_to_all.stand_in.rpartition("/")[2].partition("-")[0]
        assert html.count(stem) == 2
        for photo in (barred, over):
            assert photo.stand_in.rpartition("/")[2].partition("-")[0] not in html

    def test_feeds_leave_out_what_may_not_be_in_feeds_and_the_page_shows_it(self):
        barred = make_photo(rights=["web", "letter"])
        barred_figure = make_photo(rights=["web"], caption="Only here.")
        shown = make_photo(caption="Everywhere.")
        body = figure(barred_figure) + figure(shown)
        article = self.make_article("Surf", photo=barred.pk, body=body)
        page = self.client.get(article.get_absolute_url()).text
        for photo in (barred, barred_figure, shown):
            assert photo.stand_in.rpartition("-")[0] in page
        for feed in ("/rss/", "/feed.json"):
            text = self.client.get(feed).text
            assert shown.stand_in.rpartition("-")[0] in text
            for photo in (barred, barred_figure):
                assert photo.stand_in.rpartition("-")[0] not in text
            assert "Only here." not in text

    def test_the_database_knows_the_rights_that_there_are(self):
        with pytest.raises(ValidationError, match="Choose where it may be shown"):
            Photo(rights=["billboard"]).validate_constraints()


class Licences(NewsroomTestCase):
    def test_nothing_is_published_beyond_the_end_of_a_licence(self):
        ending = make_photo(licensed_until=days(3), caption="Lent water")
        content = self.content("Surf", photo=ending.pk)
        assert problems_of(content) == []
        assert problems_of(content, at=timezone.now() + timedelta(days=2)) == []
        (problem,) = problems_of(content, at=timezone.now() + timedelta(days=4))
        assert "licence of the photo “Lent water” ends on" in problem.messages[0]
        article = Article.objects.begin(content, by=self.erna)
        with pytest.raises(ValidationError, match="Lent water"):
            article.publish(by=self.erna, at=timezone.now() + timedelta(days=4))

    def test_the_last_day_is_a_day_of_the_licence(self):
        assert make_photo(licensed_until=days(0)).allows(Right.WEB)
        assert not make_photo(licensed_until=days(-1)).allows(Right.WEB)

    def test_queryset_and_photo_agree_on_every_day(self):
        made = {day: make_photo(licensed_until=days(day)) for day in (-2, -1, 0, 1, 29, 30, 31, 400)}
        endless = make_photo()
        words = {
            "licence_ending": {0, 1, 29, 30},
            "licence_ended": {-2, -1},
            "expiring": {-2, -1, 0, 1, 29, 30},
        }
        for word, wanted in words.items():
            found = set(getattr(Photo.objects, word)())
            assert found == {made[day] for day in wanted}, word
        for day, photo in made.items():
            assert bool(photo.alarm) == (day in words["expiring"]), day
            assert photo.licence_is_over() == (day in words["licence_ended"]), day
        assert not endless.alarm


class WhereItIsShown(DeskTestCase):
    def setUp(self):
        self.surf = make_photo(caption="Surf.")

    def places(self, photo: Photo, user) -> list[tuple[str, str]]:
        return [(str(place.how), place.name) for place in places_of([photo], seen_by=user)[photo.pk]]

    def test_leads_figures_texts_to_come_and_letters_are_named(self):
        weekly, _breaking = make_newsletters()
        lead = self.make_article("Lead", photo=self.surf.pk)
        self.make_article("Figure", body=figure(self.surf))
        other = make_photo()
        self.make_article("Gallery", body=f'<figure data-gallery="{other.pk},{self.surf.pk}"></figure><p>T.</p>')
        Article.objects.begin(self.content("Draft", body=figure(self.surf)), by=self.erna)
        self.tides.keep(self.content("Tides", body=figure(self.surf)), by=self.erna)
        make_issue(weekly, lead)
        assert self.places(self.surf, self.erna) == [
            ("Lead photo", "Lead"),
            ("In the text", "Draft"),
            ("In the text", "Gallery"),
            ("In the text", "Figure"),
            ("In a text that readers do not have yet", "Tides"),
            ("In a letter", "What the tide left"),
        ]

    def test_a_change_that_is_scheduled_counts_though_a_newer_one_is_saved(self):
        revision = self.tides.keep(self.content("Tides", body=figure(self.surf)), by=self.erna)
        self.tides.publish(by=self.erna, revision=revision, at=timezone.now() + timedelta(days=1))
        self.tides.keep(self.content("Tides", body="<p>Without.</p>"), by=self.erna)
        assert self.places(self.surf, self.erna) == [("In a text that readers do not have yet", "Tides")]
        assert not Photo.objects.unused().filter(pk=self.surf.pk).exists()

    def test_a_number_that_only_looks_alike_is_another_photo(self):
        self.tides.keep(self.content("Tides", body=f'<p>T.</p><figure data-photo="{self.surf.pk}7"></figure>'), by=None)
        assert self.places(self.surf, self.erna) == []

    def test_whoever_may_not_see_a_text_does_not_learn_its_name(self):
        Article.objects.begin(self.content("Secret", photo=self.surf.pk, bylines=(self.tom.pk,)), by=self.erna)
        assert self.places(self.surf, self.ida_login) == [("Lead photo", "")]
        self.client.force_login(self.ida_login)
        page = self.client.get(entry(self.surf))
        self.assertContains(page, "not yours to see")
        self.assertNotContains(page, "Secret")

    def test_it_costs_the_same_for_one_as_for_fifty(self):
        many = [make_photo() for _number in range(12)]
        for number, photo in enumerate(many):
            self.make_article(f"Wave {number}", photo=photo.pk, body=figure(photo))
        places_of(many[:1], seen_by=self.erna)  # what she may do at all is asked once
        with CaptureQueriesContext(connection) as one:
            places_of(many[:1], seen_by=self.erna)
        with self.assertNumQueries(len(one)):
            places_of(many, seen_by=self.erna)
        assert len(one) == 4

    def test_of_very_many_the_list_names_the_newest_and_the_entry_more(self):
        for number in range(7):
            self.make_article(f"Breaker {number}", photo=self.surf.pk)
        self.client.force_login(self.erna)
        page = self.client.get(LIBRARY)
        self.assertContains(page, "Breaker 6")
        self.assertNotContains(page, "Breaker 1")
        self.assertContains(page, "and more", count=1)
        page = self.client.get(entry(self.surf))
        self.assertContains(page, "Breaker 0")
        self.assertNotContains(page, "and more")

    def test_the_list_says_it_too(self):
        self.client.force_login(self.erna)
        page = self.client.get(LIBRARY)
        self.assertContains(page, change(self.tides))
        self.assertContains(page, "Nowhere")


class TakenOut(DeskTestCase):
    def delete(self, photo: Photo):
        with self.captureOnCommitCallbacks(execute=True):
            return self.client.post(entry(photo, "delete"), {"post": "yes"})

    def test_its_files_go_with_it(self):
        photo = make_photo(1600, 900)
        photo.render()
        photo.take(picture(900, 600, colour="maroon"))
        photo.save()
        files = [*photo.public_names, *photo.former]
        assert len(files) > 10
        self.client.force_login(self.erna)
        assert self.delete(photo).status_code == 302
        assert not Photo.objects.filter(pk=photo.pk).exists()
        for name in files:
            assert self.client.get(f"/media/{name}").status_code == 404
        assert not storages["private"].exists(photo.original)
        assert Entry.objects.filter(verb="delete photo", subject_id=photo.pk, person=self.erna).exists()

    def test_what_a_worker_makes_of_it_meanwhile_is_not_left_behind(self):
        slow = make_photo(1600, 900)
        before = self.public_files()
        Photo.objects.filter(pk=slow.pk).delete()
        slow.render()
        assert self.public_files() == before

    def public_files(self) -> set[str]:
        storage = storages["default"]
        return {name for folder in storage.listdir("")[0] for name in storage.listdir(folder)[1]}

    def test_the_original_stays_while_another_photo_is_of_it(self):
        one, other = make_photo(), make_photo()
        self.client.force_login(self.erna)
        self.delete(one)
        assert storages["private"].exists(other.original)

    def test_what_is_shown_anywhere_stays(self):
        lead, shown, to_come = (make_photo() for _number in range(3))
        self.make_article("Lead", photo=lead.pk)
        Article.objects.begin(self.content("Draft", body=figure(shown)), by=self.erna)
        self.tides.keep(self.content("Tides", photo=to_come.pk), by=self.erna)
        self.client.force_login(self.ada)
        for photo in (lead, shown, to_come):
            assert self.delete(photo).status_code == 403
            with pytest.raises(ValidationError, match="take it out of the texts first"):
                photo.discard()
        chosen = {"action": "delete_selected", "_selected_action": [lead.pk, shown.pk, to_come.pk], "post": "yes"}
        self.client.post(LIBRARY, chosen)
        assert Photo.objects.filter(pk__in=[lead.pk, shown.pk, to_come.pk]).count() == 3


class TheSameFileTwice(DeskTestCase):
    facts = {"alt": "Navy", "kind": "photo", "maker": "Mara Lind"}

    def setUp(self):
        self.client.force_login(self.ida_login)
        self.first = make_photo(caption="The first one.")
        self.first.take(file())
        self.first.save()

    def test_the_dialog_offers_the_first(self):
        answer = self.client.post(CHOOSE, self.facts | {"file": file()})
        assert answer.status_code == 409
        assert answer.json()["twin"]["id"] == self.first.pk
        assert "“The first one.”. Use that one, or keep both." in answer.json()["errors"]["file"][0]
        both = self.client.post(CHOOSE, self.facts | {"file": file(), "keep_both": "on"})
        assert both.status_code == 201
        assert Photo.objects.of_file(self.first.sha256).count() == 2

    def test_the_form_of_the_library_leads_to_it(self):
        typed = self.facts | {"file": file(), "focus_x": ".5", "focus_y": ".5", "rights": ["web"]}
        page = self.client.post(f"{LIBRARY}add/", typed)
        self.assertContains(page, f'<a href="{entry(self.first)}">“The first one.”</a>', html=True)
        assert self.client.post(f"{LIBRARY}add/", typed | {"file": file(), "keep_both": "on"}).status_code == 302

    def test_a_caption_is_no_markup_in_that_sentence(self):
        Photo.objects.filter(pk=self.first.pk).update(caption="<b>bold</b>")
        typed = self.facts | {"file": file(), "focus_x": ".5", "focus_y": ".5"}
        self.assertNotContains(self.client.post(f"{LIBRARY}add/", typed), "<b>bold")

    def test_a_photo_may_be_given_its_own_file_again(self):
        self.client.force_login(self.erna)
        typed = self.facts | {"file": file(), "focus_x": ".5", "focus_y": ".5", "rights": ["web"]}
        assert self.client.post(entry(self.first), typed).status_code == 302


class Found(DeskTestCase):
    def found(self, **query) -> set[str]:
        return {photo["caption"] for photo in self.client.get(CHOOSE, query).json()["photos"]}

    def test_by_words_kind_maker_and_what_is_to_be_done(self):
        make_photo(caption="Bare", maker="", source="")
        make_photo(caption="Drawn", kind="illustration", maker="Ole Berg")
        mine = make_photo(caption="Mine", licensed_until=days(-1))
        Photo.objects.filter(pk=mine.pk).update(uploaded_by=self.ida_login)
        make_photo(caption="Ending", licensed_until=days(5))
        self.client.force_login(self.ida_login)
        asked = {
            "wanting": ({"only": "wanting"}, {"Bare"}),
            "kind": ({"kind": "illustration"}, {"Drawn"}),
            "maker": ({"maker": "berg"}, {"Drawn"}),
            "mine": ({"whose": "mine"}, {"Mine"}),
            "ending": ({"only": "licence_ending"}, {"Ending"}),
            "ended": ({"only": "licence_ended"}, {"Mine"}),
            "expiring": ({"only": "expiring"}, {"Mine", "Ending"}),
            "both": ({"only": "expiring", "whose": "mine"}, {"Mine"}),
            "unused": ({"only": "unused"}, {"Bare", "Drawn", "Mine", "Ending"}),
            "nonsense": ({"only": "delete", "kind": "x"}, {"Bare", "Drawn", "Mine", "Ending", "The sound at noon."}),
        }
        for name, (query, wanted) in asked.items():
            assert self.found(**query) == wanted, name

    def test_the_list_has_the_same_filters(self):
        make_photo(caption="Ending", maker="Ole Berg", licensed_until=days(5))
        self.client.force_login(self.erna)
        for query in ({"only": "expiring"}, {"maker": "Ole Berg"}, {"only": "unused"}):
            page = self.client.get(LIBRARY, query)
            assert [photo.caption for photo in page.context["cl"].result_list] == ["Ending"], query
        self.assertContains(self.client.get(LIBRARY, {"only": "expiring"}), "Its licence ends on")


def jpeg_with(content: bytes = b"", **segments: bytes) -> io.BytesIO:
    """A JPEG with application segments: `photoshop`, `xmp`."""
    content = content or picture(60, 40).read()
    added = b""
    if "photoshop" in segments:
        block = segments["photoshop"]
        body = b"Photoshop 3.0\x008BIM\x04\x04\x00\x00" + len(block).to_bytes(4) + block + b"\x00" * (len(block) % 2)
        added += b"\xff\xed" + (len(body) + 2).to_bytes(2) + body
    if "xmp" in segments:
        body = b"http://ns.adobe.com/xap/1.0/\x00" + segments["xmp"]
        added += b"\xff\xe1" + (len(body) + 2).to_bytes(2) + body
    return io.BytesIO(content[:2] + added + content[2:])


def iptc(*rows: tuple[int, int, bytes]) -> bytes:
    return b"".join(bytes([0x1C, record, number]) + len(said).to_bytes(2) + said for record, number, said in rows)


XMP = """<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF>
<rdf:Description photoshop:Credit="Agentur Süd" xmpRights:WebStatement="https://licences.example/by"
 Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia">
<dc:creator><rdf:Seq><rdf:li>Ünal Aydın</rdf:li><rdf:li>Ole Berg</rdf:li></rdf:Seq></dc:creator>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">Rain &amp; wind.</rdf:li>
<rdf:li xml:lang="de">Regen.</rdf:li></rdf:Alt></dc:description>
<xmpRights:UsageTerms><rdf:Alt><rdf:li xml:lang="x-default">CC BY 4.0</rdf:li></rdf:Alt></xmpRights:UsageTerms>
<Iptc4xmpCore:AltTextAccessibility><rdf:Alt><rdf:li>A wet street</rdf:li></rdf:Alt></Iptc4xmpCore:AltTextAccessibility>
</rdf:Description></rdf:RDF></x:xmpmeta>"""


class SaidByTheFile(SimpleTestCase):
    def test_iptc_in_utf_8_and_in_latin_1(self):
        rows = ((2, 80, "Jörg Weiß"), (2, 110, "Küste"), (2, 120, "Flut."), (2, 116, "© Weiß"))
        wanted = {"maker": "Jörg Weiß", "source": "Küste", "caption": "Flut.", "licence": "© Weiß"}
        for encoding, sign in (("utf-8", ((1, 90, b"\x1b%G"),)), ("latin-1", ())):
            block = iptc(*sign, *((record, number, said.encode(encoding)) for record, number, said in rows))
            assert said_by(jpeg_with(photoshop=block)) == wanted, encoding

    def test_exif(self):
        exif = Image.Exif()
        exif[ExifTags.Base.Artist] = "Mara Lind"
        exif[ExifTags.Base.Copyright] = "CC BY 4.0"
        exif[ExifTags.Base.ImageDescription] = "A pier."
        for image_format in ("JPEG", "PNG", "WEBP", "AVIF"):
            out = io.BytesIO()
            Image.new("RGB", (60, 40)).save(out, image_format, exif=exif)
            wanted = {"maker": "Mara Lind", "licence": "CC BY 4.0", "caption": "A pier."}
            assert said_by(out) == wanted, image_format

    def test_xmp(self):
        wanted = {
            "maker": "Ünal Aydın, Ole Berg",
            "source": "Agentur Süd",
            "caption": "Rain & wind.",
            "licence": "CC BY 4.0",
            "licence_url": "https://licences.example/by",
            "alt": "A wet street",
            "kind": "ai",
        }
        assert said_by(jpeg_with(xmp=XMP.encode())) == wanted

    def test_what_a_camera_writes_by_itself_is_no_caption(self):
        for said in ("OLYMPUS DIGITAL CAMERA", "DSC_0042.JPG", "IMG-1234"):
            assert said_by(jpeg_with(photoshop=iptc((2, 120, said.encode())))) == {}

    def test_hostile_values_are_cut_and_made_legible(self):
        told = said_by(jpeg_with(photoshop=iptc((2, 80, b"a\x00b\x1b" + "\u202e".encode()), (2, 120, b"x" * 4000))))
        assert told["maker"] == "ab"
        assert len(told["caption"]) == 500
        bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><dc:creator>&b;</dc:creator>'
        assert said_by(jpeg_with(xmp=bomb)).get("maker") == "&b;"
        assert said_by(jpeg_with(xmp=b'<x xmpRights:WebStatement="javascript:steal()">')) == {}
        assert said_by(jpeg_with(xmp=b"<dc:creator>" + b"<rdf:li>" * 7000)) == {}

    def test_a_file_that_nobody_can_read_says_nothing(self):
        for content in (b"", b"nonsense", b"\xff\xd8\xff\xe1\xff\xff", jpeg_with(photoshop=b"\x1c\x02").read()[:90]):
            assert said_by(io.BytesIO(content)) == {}, content

    def test_the_beginning_of_a_jpeg_says_it_all(self):
        out = io.BytesIO()
        Image.effect_noise((400, 400), 100).save(out, "JPEG")
        whole = jpeg_with(out.getvalue(), photoshop=iptc((2, 80, b"Mara Lind"))).read()
        assert said_by(io.BytesIO(whole[: len(whole) // 4])) == {"maker": "Mara Lind"}


class Suggested(DeskTestCase):
    def test_the_form_is_told_and_nothing_is_kept(self):
        self.client.force_login(self.col)
        before = Photo.objects.count()
        told = self.client.post(TOLD, {"file": file(jpeg_with(photoshop=iptc((2, 80, b"Mara Lind"))).read())})
        assert told.json() == {"told": {"maker": "Mara Lind"}}
        assert self.client.post(TOLD).json() == {"told": {}}
        assert self.client.get(TOLD).status_code == 405
        assert Photo.objects.count() == before
        self.client.force_login(self.noll)
        assert self.client.post(TOLD, {"file": file()}).status_code == 403

    def test_its_page_says_what_the_file_says_otherwise(self):
        photo = make_photo(maker="Somebody Else")
        photo.take(jpeg_with(photoshop=iptc((2, 80, b"Nan Ost"))))
        photo.save()
        self.client.force_login(self.erna)
        self.assertContains(self.client.get(entry(photo)), "Nan Ost")
        storages["private"].delete(photo.original)
        assert self.client.get(entry(photo)).status_code == 200


class ManyAtOnce(DeskTestCase):
    facts = {"kind": "photo", "maker": "", "source": "Archive", "rights": ["web", "letter"]}

    def test_one_form_with_many_files(self):
        self.client.force_login(self.ida_login)
        named = jpeg_with(photoshop=iptc((2, 80, b"Nan Ost"), (2, 120, b"A quay."))).read()
        twin = make_photo(caption="Known.")
        twin.take(file(colour="red"))
        twin.save()
        files = [file(colour="olive"), file(named, "b.jpg"), file(b"nonsense", "c.jpg"), file(colour="red")]
        page = self.client.post(BULK, self.facts | {"file": files}, follow=True)
        assert page.redirect_chain[0][0] == f"{LIBRARY}?whose=mine"
        made = Photo.objects.uploaded_by(self.ida_login)
        assert {(photo.maker, photo.source, photo.caption) for photo in made} == {
            ("", "Archive", ""),
            ("Nan Ost", "Archive", "A quay."),
        }
        assert all(photo.rights == ["web", "letter"] for photo in made)
        said = [str(message) for message in page.context["messages"]]
        assert "2 photos are in the library." in said[0]
        assert said[1].startswith("c.jpg: This file could not be read")
        assert "“Known.”" in said[2]
        assert Entry.objects.filter(verb="upload", person=self.ida_login).count() == 2

    def test_a_script_sends_one_by_one_and_says_what_somebody_has_seen(self):
        self.client.force_login(self.ida_login)
        named = jpeg_with(photoshop=iptc((2, 80, b"Nan Ost"))).read()
        facts = self.facts | {"seen": "on", "alt": "A quay", "caption": "Mine.", "file": file(named)}
        answer = self.client.post(BULK, facts, headers=SCRIPT)
        assert answer.status_code == 201, answer.text
        photo = Photo.objects.get(pk=answer.json()["photo"]["id"])
        assert (photo.maker, photo.alt, photo.caption) == ("", "A quay", "Mine.")
        again = self.client.post(BULK, facts | {"file": file(named)}, headers=SCRIPT)
        assert (again.status_code, again.json()["twin"]["id"]) == (409, photo.pk)
        both = self.client.post(BULK, facts | {"file": file(named), "keep_both": "on"}, headers=SCRIPT)
        assert both.status_code == 201
        assert self.client.post(BULK, self.facts, headers=SCRIPT).json()["errors"]["file"]

    def test_too_many_in_one_form_are_refused_with_a_sentence(self):
        self.client.force_login(self.ida_login)
        page = self.client.post(BULK, self.facts | {"file": [file(b"x") for _number in range(21)]})
        self.assertContains(page, "Choose at most 20 files at once.", status_code=400)

    def test_it_is_closed_to_whoever_may_not_add(self):
        self.client.force_login(self.noll)
        assert self.client.get(BULK).status_code == 403
        assert self.client.post(BULK, self.facts | {"file": [file()]}).status_code == 403
        assert Photo.objects.count() == 1


class TooLarge(DeskTestCase):
    def test_a_file_over_the_limit_is_refused_with_a_sentence_and_kept_nowhere(self):
        self.client.force_login(self.ida_login)
        with tempfile.TemporaryFile() as large:
            large.truncate(MOST_BYTES + 3_000_000)
            for address in (CHOOSE, BULK):
                large.seek(0)
                facts = {"alt": "x", "kind": "photo", "rights": ["web"], "file": large}
                answer = self.client.post(address, facts, headers=SCRIPT)
                assert answer.status_code == 400
                assert "This picture has 43 MB; the most is 40 MB." in answer.json()["errors"]["file"][0]
            large.seek(0)
            assert self.client.post(TOLD, {"file": large}).json() == {"told": {}}

    def test_one_too_large_does_not_hold_up_the_others(self):
        self.client.force_login(self.ida_login)
        with tempfile.NamedTemporaryFile(suffix=".jpg") as large:
            large.truncate(MOST_BYTES + 1)
            large.seek(0)
            page = self.client.post(BULK, ManyAtOnce.facts | {"file": [large, file()]}, follow=True)
        assert [bool(photo.sha256) for photo in Photo.objects.uploaded_by(self.ida_login)] == [True]
        assert any("the most is 40 MB" in str(message) for message in page.context["messages"])
