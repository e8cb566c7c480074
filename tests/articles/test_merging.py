"""Two people, one article: what each changed is put together where it can be, and nothing that was typed is lost."""

import random
from uuid import uuid4

import pytest
from django.test import SimpleTestCase

from articles.content import Content
from articles.merging import merge, merge_bodies
from articles.models import Article, Revision
from newsroom.written import EditConflict
from tests.articles.desk import change
from tests.cast import AtOnceTestCase, NewsroomTestCase


def body(*paragraphs: str) -> str:
    return "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)


OLD = body("one", "two", "three", "four")
TOGETHER = [
    # theirs, mine, both
    (body("ONE", "two", "three", "four"), body("one", "two", "three", "FOUR"), body("ONE", "two", "three", "FOUR")),
    (body("ONE", "two", "three", "four"), body("one", "TWO", "three", "four"), body("ONE", "TWO", "three", "four")),
    (body("two", "three", "four"), body("one", "two", "three", "four", "five"), body("two", "three", "four", "five")),
    (body("zero", "one", "two", "three", "four"), body("one", "three", "four"), body("zero", "one", "three", "four")),
    (body("ONE", "two", "three", "four"), body("ONE", "two", "three", "four"), body("ONE", "two", "three", "four")),
    (body("ONE", "TWO", "three", "four"), body("one", "two", "THREE", "FOUR"), body("ONE", "TWO", "THREE", "FOUR")),
]
APART = [
    (body("ONE", "two", "three", "four"), body("Won", "two", "three", "four")),
    (body("two", "three", "four"), body("ONE!", "two", "three", "four")),
    (OLD + body("five"), OLD + body("FIVE")),
    (body("one", "a", "two", "three", "four"), body("one", "b", "two", "three", "four")),
]


class Bodies(SimpleTestCase):
    def test_different_paragraphs_come_together(self):
        for theirs, mine, both in TOGETHER:
            with self.subTest(both):
                assert merge_bodies(OLD, theirs, mine) == both
                assert merge_bodies(OLD, mine, theirs) == both

    def test_the_same_paragraph_does_not(self):
        for theirs, mine in APART:
            with self.subTest(mine):
                assert merge_bodies(OLD, theirs, mine) is None
                assert merge_bodies(OLD, mine, theirs) is None

    def test_every_paragraph_that_somebody_typed_is_in_what_comes_out(self):
        lot = random.Random(20261124)
        for _round in range(300):
            old = [f"p{number}" for number in range(lot.randrange(1, 9))]
            theirs, mine = (edited(old, who, lot) for who in "ab")
            merged = merge_bodies(body(*old), body(*theirs), body(*mine))
            for typed in {*theirs, *mine} - {*old}:
                assert merged is None or f"<p>{typed}</p>" in merged


def edited(old: list[str], who: str, lot: random.Random) -> list[str]:
    new = list(old)
    for step in range(lot.randrange(3)):
        place = lot.randrange(len(new) + 1)
        deed = lot.choice(["insert", "change", "drop"])
        if deed == "insert" or place == len(new):
            new.insert(place, f"{who}{step}+")
        elif deed == "change":
            new[place] = f"{who}{step}!"
        else:
            del new[place]
    return new


class Fields(SimpleTestCase):
    BASE = Content(title="Tides", standfirst="Old.", body=OLD, tags=(1, 2), bylines=(5, 6))

    def merged(self, theirs: dict, mine: dict) -> Content | None:
        return merge(self.BASE, Content(**vars(self.BASE) | theirs), Content(**vars(self.BASE) | mine))

    def test_different_fields_come_together(self):
        both = self.merged({"title": "Ebb"}, {"standfirst": "New.", "photo": 9})
        assert both is not None
        assert (both.title, both.standfirst, both.photo) == ("Ebb", "New.", 9)

    def test_tags_that_each_put_and_took_are_counted_up(self):
        both = self.merged({"tags": (1, 2, 3)}, {"tags": (2, 4)})
        assert both is not None
        assert both.tags == (2, 3, 4)

    def test_a_field_that_both_changed_is_for_people_to_decide(self):
        assert self.merged({"title": "Ebb"}, {"title": "Flood"}) is None
        assert self.merged({"bylines": (6, 5)}, {"bylines": (5,)}) is None
        assert self.merged({"title": "Ebb"}, {"title": "Ebb"}) is not None


class Saving(NewsroomTestCase):
    def keep(self, *paragraphs: str, by, based_on: int = 1, **facts) -> Revision:
        content = self.content("Harbour", body=body(*paragraphs), **facts)
        return self.harbour.keep(content, by=by, based_on=based_on, sitting=uuid4())

    def setUp(self) -> None:
        self.harbour.keep(self.content("Harbour", body=OLD), by=self.ida_login)

    def test_two_who_wrote_in_different_paragraphs_both_have_theirs(self):
        self.keep("ONE", "two", "three", "four", by=self.erna, based_on=2)
        mine = self.keep("one", "two", "three", "FOUR", by=self.ida_login, based_on=2)
        assert mine.content.body == body("ONE", "two", "three", "FOUR")
        assert mine.merged_with.made_by == self.erna
        self.harbour.refresh_from_db()
        assert self.harbour.body == mine.content.body

    def test_two_who_wrote_in_the_same_one_are_told_and_the_text_is_kept(self):
        self.keep("ONE", "two", "three", "four", by=self.erna, based_on=2)
        with pytest.raises(EditConflict) as conflict:
            self.keep("Won", "two", "three", "four", by=self.ida_login, based_on=2)
        assert conflict.value.newest.number == 3
        assert self.harbour.unsaved_of(self.ida_login).content.body == body("Won", "two", "three", "four")

    def test_ones_own_second_tab_without_changes_is_no_conflict(self):
        self.keep("ONE", "two", "three", "four", by=self.ida_login, based_on=2)
        again = self.keep("one", "two", "three", "four", by=self.ida_login, based_on=2)
        assert again.number == 3
        assert again.content.body == body("ONE", "two", "three", "four")

    def test_ones_own_other_window_is_not_called_somebody(self):
        self.keep("ONE", "two", "three", "four", by=self.ida_login, based_on=2)
        self.client.force_login(self.ida_login)
        mine = {"title": "Harbour", "body": body("one", "two", "three", "FOUR"), "based_on": 2, "_save": ""}
        page = self.client.post(change(self.harbour), mine, follow=True)
        self.assertContains(page, "You had saved other paragraphs in another window meanwhile: revision 4 holds both.")

    def test_ones_own_scheduled_publication_is_no_conflict(self):
        based_on = self.tides.newest_revision.number
        self.tides.publications.get().carry_out()
        self.tides.publish(by=self.erna).carry_out()  # the same text again: a revision of its own in the outbox
        again = self.tides.newest_revision
        assert again.content == self.content("Tides")
        new = self.content("Tides", body=body("new"))
        kept = self.tides.keep(new, by=self.erna, based_on=based_on, sitting=uuid4())
        assert kept.content.body == body("new")


class RacingSaves(AtOnceTestCase):
    """1,000 rounds of this are run by `make bench`."""

    ROUNDS = 12

    def test_every_round_is_one_success_and_one_merge_or_conflict_with_both_texts_whole(self):
        self.harbour.keep(self.content("Harbour", body=OLD), by=self.ida_login)
        lot = random.Random(7)
        for number in range(self.ROUNDS):
            base = self.harbour.newest_revision
            same = lot.random() < 0.5
            mine, theirs = f"mine {number}", f"theirs {number}"
            old = ["one", "two", "three", "four"]
            texts = {"ida": body(mine, *old[1:]), "erna": body(theirs, *old[1:]) if same else body(*old[:3], theirs)}
            outcomes = self.at_once(
                *(self.saving(who, texts[who], base.number) for who in ("ida", "erna")),
            )
            assert [outcome for outcome in outcomes if isinstance(outcome, Revision)]
            everything = " ".join(r.kept["body"] for r in Revision.every.filter(article=self.harbour))
            assert mine in everything
            assert theirs in everything
            if not same:
                assert all(isinstance(outcome, Revision) for outcome in outcomes)
                assert {mine, theirs} <= set(self.harbour.newest_revision.content.body.replace("<", ">").split(">"))
            # The next round begins with the old paragraphs.
            self.harbour.keep(self.content("Harbour", body=OLD), by=self.erna)

    def saving(self, who: str, text: str, based_on: int):
        user = {"ida": self.ida_login, "erna": self.erna}[who]

        def save():
            article = Article.objects.get(pk=self.harbour.pk)
            return article.keep(self.content("Harbour", body=text), by=user, based_on=based_on, sitting=uuid4())

        return save

    def test_a_double_submit_alone_is_one_revision(self):
        before, token = self.harbour.newest_revision.number, uuid4()
        content = self.content("Harbour", body=body(str(token)))

        def save():
            article = Article.objects.get(pk=self.harbour.pk)
            return article.keep(content, by=self.ida_login, based_on=before, sitting=token)

        first, second = self.at_once(save, save)
        assert first.number == second.number == before + 1


@pytest.mark.bench
class AThousandRacingSaves(RacingSaves):
    ROUNDS = 1000

    def test_a_thousand_double_submits_alone_are_never_in_conflict(self):
        for _round in range(1000):
            self.test_a_double_submit_alone_is_one_revision()
