"""The picks of the front page: arranged, looked at, saved at once."""

from functools import partial

from django.test import Client

from articles.models import Pick
from articles.models.byline import MOST_PICKS
from newsroom.audit.models import Entry
from newsroom.identity.models import Identity
from tests.articles.desk import DeskTestCase
from tests.cast import AtOnceTestCase

PICKS = "/admin/articles/pick/"


class ThePicks(DeskTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.surf, cls.kelp = cls.make_article("Surf"), cls.make_article("Kelp")
        cls.order = [cls.tides.pk, cls.surf.pk]
        for place, key in enumerate(cls.order, start=1):
            Pick.objects.create(article_id=key, position=place)

    def setUp(self):
        self.client.force_login(self.erna)

    def send(self, order: list[int], button: str = "_save", value: object = "", *, was=None, **more):
        facts = {"pick": order, "was": self.order if was is None else was, button: value}
        return self.client.post(PICKS, facts | more)

    def shown(self, page) -> list[str]:
        return [card["article"].title for card in page.context["cards"]]

    def test_they_are_shown_in_their_order_with_where_they_stand(self):
        Pick.objects.create(article=self.storm, position=3)
        page = self.client.get(PICKS)
        assert self.shown(page) == ["Tides", "Surf", "Storm"]
        self.assertContains(page, "Scheduled for")

    def test_buttons_move_and_take_off_without_script_and_save_nothing(self):
        for button, key, expected in (
            ("_up", self.surf.pk, ["Surf", "Tides"]),
            ("_down", self.tides.pk, ["Surf", "Tides"]),
            ("_up", self.tides.pk, ["Tides", "Surf"]),
            ("_down", self.surf.pk, ["Tides", "Surf"]),
            ("_off", self.tides.pk, ["Surf"]),
        ):
            page = self.send(self.order, button, key)
            assert self.shown(page) == expected, (button, key)
        assert Pick.objects.order() == self.order

    def test_an_article_is_added_from_the_chooser_or_by_its_address(self):
        for more in ({"article": self.kelp.pk}, {"address": "https://longshore.example/kelp/"}, {"address": "kelp"}):
            page = self.send(self.order, "_add", **more)
            assert self.shown(page) == ["Tides", "Surf", "Kelp"], more
            self.assertContains(page, "This order is not saved yet.")
        for more in ({"article": "9" * 30}, {"address": "nowhere"}, {}):
            page = self.send(self.order, "_add", **more)
            assert self.shown(page) == ["Tides", "Surf"]
            self.assertContains(page, "Choose an article of the list first.")

    def test_one_post_saves_the_order_with_one_line_of_the_trail(self):
        wanted = [self.kelp.pk, self.tides.pk]
        self.assertRedirects(self.send(wanted), PICKS)
        assert Pick.objects.order() == wanted
        (entry,) = Entry.objects.filter(verb="arrange front page")
        assert (entry.person, entry.details) == (self.erna, {"before": self.order, "after": wanted})
        front = self.client.get("/").context
        assert [front["lead"].title, front["seconds"][0].title] == ["Kelp", "Tides"]

    def test_whoever_arranged_meanwhile_is_not_overwritten_unawares(self):
        theirs = [self.surf.pk]
        self.send(theirs)
        page = self.send([self.kelp.pk])
        assert page.status_code == 409
        self.assertContains(page, "Somebody changed the picks", status_code=409)
        assert self.shown(page) == ["Kelp"] and Pick.objects.order() == theirs
        assert page.context["was"] == theirs
        self.send([self.kelp.pk], was=theirs)
        assert Pick.objects.order() == [self.kelp.pk]

    def test_the_preview_is_the_front_page_as_it_would_be_and_changes_nothing(self):
        before = self.client.get("/").text
        page = self.send([self.kelp.pk, self.surf.pk], "_preview")
        assert [page.context["lead"].title, page.context["seconds"][0].title] == ["Kelp", "Surf"]
        self.assertContains(page, "Preview: the front page with these picks.")
        self.assertContains(page, "noindex")
        assert "no-store" in page["Cache-Control"]
        none = self.send([], "_preview")
        assert none.context["lead"].title == "Kelp"  # the newest
        assert self.client.get("/").text == before and Pick.objects.order() == self.order

    def test_what_readers_do_not_have_stays_out_of_the_preview(self):
        page = self.send([self.storm.pk, self.harbour.pk, self.tides.pk], "_preview")
        assert page.context["lead"].title == "Tides"
        self.assertNotContains(page, "Storm")

    def test_more_than_the_page_has_room_for_is_refused(self):
        many = [self.make_article(f"Wave {number}").pk for number in range(MOST_PICKS + 1)]
        self.assertContains(self.send(many), f"room for {MOST_PICKS} picks")
        assert Pick.objects.order() == self.order

    def test_what_is_withdrawn_is_picked_no_longer(self):
        self.send([self.tides.pk, self.harbour.pk])
        self.tides.withdraw(by=self.erna)
        assert Pick.objects.order() == [self.harbour.pk]
        newest = Entry.objects.newest("arrange front page", on=Identity.objects.present())
        assert newest.details["before"] == [self.tides.pk, self.harbour.pk]

    def test_nonsense_is_no_error(self):
        for order, button, value in (
            (["x", "²", "9" * 40, self.tides.pk, self.tides.pk], "_up", "x"),
            (["999999999"], "_save", ""),
            ([], "_off", "9" * 40),
        ):
            answer = self.send(order, button, value)
            assert answer.status_code in {200, 302, 409}, (order, button)
            assert Pick.objects.order() in (self.order, [])
            Pick.objects.arrange(self.order, was=Pick.objects.order(), by=None)

    def test_it_is_the_editors_alone_and_needs_a_token(self):
        for user in (self.ida_login, self.col, self.noll):
            self.client.force_login(user)
            assert self.client.get(PICKS).status_code == 403
            for button in ("_save", "_preview", "_add"):
                assert self.send([self.kelp.pk], button).status_code == 403
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(self.erna)
        assert strict.post(PICKS, {"pick": [self.kelp.pk], "was": self.order, "_save": ""}).status_code == 403
        assert Pick.objects.order() == self.order


class TwoEditors(AtOnceTestCase):
    def test_of_two_orders_saved_at_once_one_wins_whole(self):
        surf = self.make_article("Surf")
        first, second = [self.tides.pk, surf.pk], [surf.pk, self.tides.pk]
        for _round in range(5):
            was = Pick.objects.order()
            answers = self.at_once(
                *(partial(Pick.objects.arrange, order, was=was, by=None) for order in (first, second))
            )
            assert None in answers
            assert Pick.objects.order() in (first, second)
        assert Entry.objects.filter(verb="arrange front page").count() >= 5
