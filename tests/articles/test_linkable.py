"""What the link dialog finds: what every reader has, and of the rest what is this person's to see."""

from django.urls import reverse

from newsroom.roles import CONTRIBUTOR
from tests.cast import NewsroomTestCase, make_user


class LinkableTests(NewsroomTestCase):
    def found(self, user, words: str) -> list[str]:
        self.client.force_login(user)
        answer = self.client.get(reverse("admin:articles_article_linkable"), {"q": words})
        assert answer.status_code == 200
        return [line["title"] for line in answer.json()["articles"]]

    def test_an_editor_finds_what_is_live_scheduled_and_a_draft_and_nothing_withdrawn(self):
        assert [self.found(self.erna, word) for word in ("Tides", "Storm", "Harbour", "Fog")] == [
            ["Tides"], ["Storm"], ["Harbour"], []
        ]  # fmt: skip

    def test_somebody_else_finds_only_what_readers_have(self):
        stranger = make_user("stranger", CONTRIBUTOR)
        assert [self.found(stranger, word) for word in ("Tides", "Storm", "Harbour", "Fog")] == [["Tides"], [], [], []]
        assert self.found(self.ida_login, "Harbour") == ["Harbour"]

    def test_words_of_the_headline_come_before_words_of_the_text(self):
        self.make_article("Quay", body="<p>Tide tables.</p>")
        self.make_article("A tide of nothing", body="<p>None.</p>", slug="a-tide-of-nothing")
        self.make_article("Mole", body="<p>The tide rises.</p>")
        assert self.found(self.erna, "tide")[:2] == ["A tide of nothing", "Tides"]
        assert {"Quay", "Mole"} <= set(self.found(self.erna, "tide"))
        assert self.found(self.erna, "  ") == []
        assert self.found(self.erna, '"% (') == []

    def test_nobody_without_a_role_finds_anything(self):
        nobody = make_user("nobody", CONTRIBUTOR)
        nobody.groups.clear()
        self.client.force_login(nobody)
        assert self.client.get(reverse("admin:articles_article_linkable"), {"q": "Tides"}).status_code == 403
