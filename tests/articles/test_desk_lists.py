"""The lists, choosers and the first page: who finds what, at what cost."""

import json

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from articles.models import Article, Photo, Pick
from authors.models import User
from tests.articles.desk import LIST, DeskTestCase
from tests.cast import make_photo, picture

CHOOSE = "/admin/articles/photo/choose/"


def upload(**changed):
    file = SimpleUploadedFile("a.jpg", picture(1200, 800).read(), "image/jpeg")
    return {
        "file": file,
        "alt": "A lamp",
        "caption": "The lamp.",
        "kind": "photo",
        "maker": "Mara Lind",
        "source": "",
    } | changed


class WhatIsFound(DeskTestCase):
    def titles(self, address: str = LIST, **query) -> set[str]:
        page = self.client.get(address, query)
        return {str(article) for article in page.context["cl"].result_list}

    def test_an_editor_finds_all_and_a_writer_their_own(self):
        self.client.force_login(self.erna)
        assert self.titles() == {"Tides", "Harbour", "Storm", "Fog", "Salt"}
        self.client.force_login(self.ida_login)
        assert self.titles() == {"Tides", "Harbour", "Storm", "Fog"}

    def test_the_list_says_where_each_stands(self):
        self.client.force_login(self.erna)
        page = self.client.get(LIST)
        for words in ("Draft", "Live", "Scheduled for", "Withdrawn"):
            self.assertContains(page, words)
        assert self.titles(stand="withdrawn") == {"Fog"}
        assert self.titles(whose="mine") == {"Salt"}
        assert self.titles(stand="nonsense") == {"Tides", "Harbour", "Storm", "Fog", "Salt"}

    def test_secrets_of_accounts_cannot_be_asked_through_a_list(self):
        self.client.force_login(self.erna)
        for lookup in (
            "begun_by__password__startswith",
            "authors__user__password__startswith",
            "author__password__startswith",
        ):
            answer = self.client.get(LIST, {lookup: "md5"})
            assert answer.status_code == 400 or answer.headers.get("Location", "").endswith("?e=1"), lookup
        assert self.client.get("/admin/authors/author/", {"user__password__startswith": "md5"}).status_code == 400
        assert self.client.get("/admin/articles/photo/", {"uploaded_by__password__startswith": "m"}).status_code == 400

    def test_choosers_answer_only_with_what_a_person_may_see(self):
        query = {"app_label": "articles", "model_name": "correction", "field_name": "article", "term": ""}
        self.client.force_login(self.ida_login)
        assert "Salt" not in self.client.get("/admin/autocomplete/", query).text
        self.client.force_login(self.noll)
        assert self.client.get("/admin/autocomplete/", query).status_code == 403
        query = {"app_label": "authors", "model_name": "author", "field_name": "user", "term": ""}
        self.client.force_login(self.erna)
        assert self.client.get("/admin/autocomplete/", query).status_code == 403

    def test_lists_and_the_first_page_cost_the_same_however_many_there_are(self):
        self.client.force_login(self.erna)
        Pick.objects.create(article=self.tides)
        pages = (LIST, "/admin/", "/admin/articles/photo/", "/admin/articles/pick/", "/admin/authors/author/")
        before = [self.cost_of(page) for page in pages]
        for number in range(8):
            made = self.make_article(f"Wave {number}")
            made.keep(self.content(f"Wave {number}!", slug=made.slug), by=self.erna)
            Pick.objects.create(article=made)
            Article.objects.begin(self.content(f"Draft {number}"), by=self.erna)
            make_photo()
        assert [self.cost_of(page) for page in pages] == before

    def cost_of(self, page: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert self.client.get(page).status_code == 200
        return len(queries)


class TheFirstPage(DeskTestCase):
    def test_the_desk_is_named_after_the_magazine(self):
        self.assertContains(self.client.get("/admin/login/"), "Longshore")


class ThePhotoChooser(DeskTestCase):
    def test_it_finds_by_words_of_caption_text_and_credit(self):
        make_photo(caption="A red buoy", alt="A buoy", maker="Ole Berg")
        self.client.force_login(self.ida_login)
        found = self.client.get(CHOOSE, {"q": "berg red"}).json()
        assert [photo["caption"] for photo in found["photos"]] == ["A red buoy"]
        assert found["photos"][0]["credit"] == "Photo by Ole Berg / Longshore"
        assert self.client.get(CHOOSE, {"q": "zeppelin"}).json() == {"photos": [], "more": False}

    def test_it_gives_24_at_a_time(self):
        Photo.objects.bulk_create(Photo(width=9, height=9, stand_in="aa/x.jpg", colour="#000000") for _n in range(30))
        self.client.force_login(self.col)
        first, second = (self.client.get(CHOOSE, {"page": page}).json() for page in (1, 2))
        assert (len(first["photos"]), first["more"], len(second["photos"]), second["more"]) == (24, True, 7, False)

    def test_nonsense_in_its_questions_is_no_error(self):
        self.client.force_login(self.ida_login)
        for query in ({"page": "²"}, {"page": "-1"}, {"page": "1e18"}, {"q": "%_'"}, {"id": ["x", "9" * 40]}):
            assert self.client.get(CHOOSE, query).status_code == 200, query

    def test_an_upload_becomes_a_photo_of_its_person(self):
        self.client.force_login(self.ida_login)
        answer = self.client.post(CHOOSE, upload())
        assert answer.status_code == 201, answer.text
        photo = Photo.objects.get(pk=answer.json()["photo"]["id"])
        assert (photo.uploaded_by, photo.caption, photo.width) == (self.ida_login, "The lamp.", 1200)

    def test_what_is_no_picture_gets_a_sentence(self):
        self.client.force_login(self.ida_login)
        fake = SimpleUploadedFile("a.jpg", b"<script>steal()</script>", "image/jpeg")
        answer = self.client.post(CHOOSE, upload(file=fake))
        assert answer.status_code == 400
        assert "could not be read as a picture" in answer.json()["errors"]["file"][0]
        assert "file" in self.client.post(CHOOSE, {"alt": "x", "kind": "photo"}).json()["errors"]

    def test_without_a_role_it_is_closed(self):
        for user in (None, self.noll):
            self.client.logout()
            if user:
                self.client.force_login(user)
            assert self.client.get(CHOOSE).status_code in {302, 403}
            assert self.client.post(CHOOSE, upload()).status_code in {302, 403}
        assert Photo.objects.count() == 1

    def test_a_changed_credit_reaches_the_texts_that_show_the_photo(self):
        text = f'<p>Look.</p><figure data-photo="{self.photo.pk}"></figure><p>There.</p>'
        look = self.make_article("Look", body=text)
        self.client.force_login(self.erna)
        facts = {
            "alt": "Grey water",
            "caption": "Noon.",
            "kind": "photo",
            "maker": "Nan Ost",
            "focus_x": ".5",
            "focus_y": ".5",
        }
        assert self.client.post(f"/admin/articles/photo/{self.photo.pk}/change/", facts).status_code == 302
        look.refresh_from_db()
        assert "Nan Ost" in look.body_html

    def test_a_writer_reads_anothers_photo_and_changes_only_their_own(self):
        self.client.force_login(self.ida_login)
        theirs = f"/admin/articles/photo/{self.photo.pk}/change/"
        facts = {"alt": "Mine now", "kind": "photo", "focus_x": ".5", "focus_y": ".5"}
        assert self.client.get(theirs).status_code == 200
        assert self.client.post(theirs, facts).status_code == 403
        own = Photo.objects.get(pk=self.client.post(CHOOSE, upload()).json()["photo"]["id"])
        assert self.client.post(f"/admin/articles/photo/{own.pk}/change/", facts).status_code == 302
        own.refresh_from_db()
        assert own.alt == "Mine now"

    def test_a_photo_that_is_shown_cannot_be_deleted(self):
        self.client.force_login(self.ada)
        assert self.client.post(f"/admin/articles/photo/{self.photo.pk}/delete/", {"post": "yes"}).status_code == 403


class Accounts(DeskTestCase):
    def test_an_admin_makes_a_login_with_a_role(self):
        self.client.force_login(self.ada)
        facts = {
            "username": "zoe", "email": "Zoe@Magazine.example", "password1": "ferry-lamp-9",
            "password2": "ferry-lamp-9", "usable_password": "true", "role": "writer", "first_name": "", "last_name": "",
        }  # fmt: skip
        answer = self.client.post("/admin/authors/user/add/", facts)
        assert answer.status_code == 302, json.dumps(answer.context["errors"])
        zoe = User.objects.get(username="zoe")
        assert zoe.is_staff and [group.name for group in zoe.groups.all()] == ["writer"]
        assert zoe.email_key == "zoe@magazine.example"

    def test_an_address_that_somebody_has_is_refused_with_a_sentence(self):
        self.client.force_login(self.ada)
        facts = {
            "username": "zoe",
            "email": "IDA@magazine.example",
            "password1": "ferry-lamp-9",
            "password2": "ferry-lamp-9",
        }
        self.assertContains(
            self.client.post("/admin/authors/user/add/", facts), "Somebody else has this e-mail address"
        )
