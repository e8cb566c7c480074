"""What editors type into any form of the desk can be shown on a page and followed by a browser."""

from django.test import SimpleTestCase

from articles.models import Section
from newsroom.characters import is_blank, legible
from newsroom.identity.models import Link
from tests.cast import NewsroomTestCase


class Characters(SimpleTestCase):
    def test_what_no_page_may_hold_is_dropped(self):
        assert legible("a\x08b\x9fc\ufffed\U0001ffffe\u202ef\ue123g") == "abcdefg"

    def test_what_people_write_stays(self):
        for text in (
            "Łódź",
            "שלום",
            "日本\n語",
            "👩‍🚀",
            "a\tb",
            "e\u0301gal".replace("e\u0301", "é"),
            "soft\u00adhyphen",
        ):
            assert legible(text) == text

    def test_spaces_and_signs_of_no_width_are_nothing(self):
        assert is_blank(" \u00a0\u200b\u200d\n\ufeff")
        assert not is_blank("·")


class TheForms(NewsroomTestCase):
    def setUp(self) -> None:
        self.client.force_login(self.erna)

    def test_a_name_is_kept_without_controls(self):
        said = {"name": "Sea\x08 \x9fside", "slug": "seaside", "description": "", "position": 1}
        self.client.post("/admin/articles/section/add/", said)
        assert Section.objects.get(slug="seaside").name == "Sea side"

    def test_a_photographers_address_is_written_as_the_standard_wants_it(self):
        said = {"alt": "Sea", "kind": "photo", "maker": "Mara", "focus_x": 0.5}
        address = f"/admin/articles/photo/{self.photo.pk}/change/"
        self.client.post(address, said | {"focus_y": 0.5, "maker_url": "https://mara.example/a|b"})
        self.photo.refresh_from_db()
        assert self.photo.maker_url == "https://mara.example/a%7Cb"

    def test_a_link_of_the_navigation_too(self):
        self.client.post("/admin/identity/link/add/", {"place": "footer", "label": "x", "path": "/a b/", "position": 0})
        assert Link.objects.get(label="x").path == "/a%20b/"
        answer = self.client.post(
            "/admin/identity/link/add/", {"place": "footer", "label": "y", "path": "javascript:alert(1)", "position": 0}
        )
        self.assertContains(answer, "A path begins with one slash")
