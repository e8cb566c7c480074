"""The history of a text: what the list says, what differs, what comes back and what is let go."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import Article, Revision, Tag
from articles.models.article import Incomplete
from articles.tasks import thin_revisions
from newsroom.audit.models import Entry
from newsroom.written import EditConflict
from tests.articles.desk import DeskTestCase
from tests.cast import NewsroomTestCase, make_author, make_photo


def page_of(article: Article, name: str) -> str:
    return f"/admin/articles/article/{article.pk}/{name}/"


class TheList(DeskTestCase):
    def setUp(self):
        self.client.force_login(self.erna)

    def written(self, times: int) -> None:
        for number in range(times):
            self.harbour.keep(self.content(f"Harbour {number}", slug="harbour"), by=self.ida_login)

    def test_it_says_who_kept_which_and_where_each_stands(self):
        self.tides.keep(self.content("Tides two", slug="tides"), by=self.ida_login)
        self.tides.publish(by=self.erna, at=timezone.now() + timedelta(days=1))
        self.tides.keep(self.content("Tides three", slug="tides"), by=self.erna)
        newest, scheduled, live = self.client.get(page_of(self.tides, "history")).text.split('<th scope="row">')[1:]
        for row, words in (
            (newest, ("Newest", "Tides three", "erna")),
            (scheduled, ("Goes live on", "Tides two", "ida")),
            (live, ("Readers’",)),
        ):
            for piece in words:
                assert piece in row, (piece, words)
        assert "Readers’" not in newest + scheduled
        assert "Goes live on" not in newest + live

    def test_a_long_history_is_cut_and_costs_what_a_short_one_costs(self):
        self.written(3)
        with CaptureQueriesContext(
            connection,
        ) as few:
            self.client.get(page_of(self.harbour, "history"))
        self.written(70)
        with self.assertNumQueries(len(few)):
            page = self.client.get(page_of(self.harbour, "history"))
        numbers = [revision.number for revision in page.context["revisions"]]
        while page.context["older"]:
            page = self.client.get(page_of(self.harbour, "history"), {"before": page.context["older"]})
            numbers += [revision.number for revision in page.context["revisions"]]
        assert numbers == list(range(74, 0, -1))

    def test_the_texts_themselves_are_not_read_for_it(self):
        with CaptureQueriesContext(connection) as asked:
            self.client.get(page_of(self.tides, "history"))
        (listing,) = [query["sql"] for query in asked if "->> 'title'" in query["sql"]]
        assert '"articles_revision"."kept",' not in listing

    def test_nonsense_in_the_address_is_the_newest_page_or_not_found(self):
        for text in ("²", "-1", "9" * 30, "x", "\0"):
            assert self.client.get(page_of(self.harbour, "history"), {"before": text}).status_code in {200, 400}
            assert self.client.get(page_of(self.harbour, "compare"), {"new": text}).status_code in {404, 400}


class Naming(DeskTestCase):
    def test_a_name_is_kept_shown_and_on_the_trail(self):
        self.client.force_login(self.ida_login)
        answer = self.client.post(page_of(self.harbour, "name/1"), {"name": "As  the lawyers saw it"}, follow=True)
        self.assertContains(answer, "As the lawyers saw it")
        assert self.harbour.revisions.get().name == "As the lawyers saw it"
        assert Entry.objects.newest("name revision", on=self.harbour).details["name"] == "As the lawyers saw it"
        self.client.post(page_of(self.harbour, "name/1"), {"name": ""})
        assert self.harbour.revisions.get().name == ""

    def test_one_that_is_too_long_is_refused_with_a_sentence(self):
        self.client.force_login(self.ida_login)
        answer = self.client.post(page_of(self.harbour, "name/1"), {"name": "x" * 81}, follow=True)
        self.assertContains(answer, "A name has 80 characters at most.")
        assert self.harbour.revisions.get().name == ""

    def test_only_who_may_change_the_text_names_and_restores(self):
        self.client.force_login(self.col)
        draft = Article.objects.begin(self.content("Col’s", bylines=()), by=self.col)
        draft.submit(by=self.erna)
        for name in ("name/1", "restore/1"):
            assert self.client.post(page_of(draft, name), {"name": "Mine"}).status_code == 403
            assert self.client.get(page_of(draft, name)).status_code == 405
        assert self.client.get(page_of(draft, "history")).status_code == 200
        assert self.client.get(page_of(self.salt, "compare")).status_code == 403
        assert draft.revisions.get().name == ""


class Comparing(DeskTestCase):
    def setUp(self):
        self.client.force_login(self.erna)

    def between(self, **changed):
        self.harbour.keep(replace(self.harbour.newest_revision.content, **changed), by=self.ida_login)
        return self.client.get(page_of(self.harbour, "compare"), {"old": 1, "new": 2})

    def test_the_text_is_told_by_word(self):
        answer = self.between(body=self.harbour.body.replace("patient", "restless"))
        told = '<del><span class="sr-only">[removed: </span> patient<span class="sr-only">]</span></del>'
        self.assertContains(answer, told)
        self.assertContains(answer, "restless")
        assert not answer.context["difference"].facts

    def test_everything_else_is_told_with_names_and_pictures(self):
        other, calm = make_photo(caption="Another water"), Tag.objects.create(name="Calm", slug="calm")
        answer = self.between(
            title="Harbour, later",
            standfirst="Another one.",
            slug="harbour-later",
            section=None,
            tags=(self.tides_tag.pk, calm.pk),
            bylines=(self.tom.pk, self.ida.pk),
            photo=other.pk,
            part=None,
        )
        facts = {str(fact.label): fact for fact in answer.context["difference"].facts}
        told = {
            label: [(run.change, run.text.strip()) for run in fact.runs if run.change != "same"]
            for label, fact in facts.items()
        }
        assert told["Section"] == [("removed", "Coast")]
        assert told["Tags"] == [("added", "Calm")]
        assert told["Authors"] == [("added", "Tom Gale"), ("removed", "Tom Gale")]
        assert told["Address"] == [("removed", "harbour"), ("added", "harbour-later")]
        assert told["Headline"] == [("added", ", later")]
        assert [picture.photo for picture in facts["Lead photo"].pictures] == [self.photo, other]
        self.assertContains(answer, other.thumb_url)
        assert not answer.context["difference"].text_differs

    def test_a_photo_in_the_text_is_shown_and_one_that_is_gone_is_named_as_gone(self):
        body = f'<p>A.</p><figure data-photo="{self.photo.pk}"></figure><figure data-photo="999999"></figure>'
        answer = self.between(body=body)
        self.assertContains(answer, self.photo.thumb_url)
        self.assertContains(answer, "A photo that is no longer in the library")

    def test_without_the_older_one_it_is_the_one_before(self):
        self.between(title="Harbour two")
        answer = self.client.get(page_of(self.harbour, "compare"), {"new": 2})
        assert [revision.number for revision in answer.context["sides"]] == [1, 2]
        first = self.client.get(page_of(self.harbour, "compare"), {"new": 1}, follow=True)
        self.assertContains(first, "there is nothing to compare it with")

    def test_two_that_are_the_same_say_so(self):
        answer = self.client.get(page_of(self.harbour, "compare"), {"old": 1, "new": 1})
        self.assertContains(answer, "These two are the same, word for word.")

    def test_what_did_not_change_is_folded_and_still_there(self):
        body = "".join(f"<p>Paragraph {number}.</p>" for number in range(9))
        self.harbour.keep(replace(self.harbour.newest_revision.content, body=body), by=self.erna)
        self.harbour.keep(
            replace(self.harbour.newest_revision.content, body=body.replace("graph 4", "graph four")), by=self.erna
        )
        answer = self.client.get(page_of(self.harbour, "compare"), {"new": 3})
        stretches = answer.context["difference"].stretches
        assert [(stretch.folded, len(stretch.blocks)) for stretch in stretches] == [(True, 3), (False, 3), (True, 3)]
        self.assertContains(answer, "3 paragraphs as they were", count=2)
        self.assertContains(answer, "Paragraph 0.")

    def test_it_asks_the_database_as_often_for_a_long_text_as_for_a_short_one(self):
        figure = f'<figure data-photo="{self.photo.pk}"></figure>'
        with CaptureQueriesContext(connection) as few:
            self.between(body=f"<p>A.</p>{figure}")
        self.harbour.keep(self.content("Harbour", body=f"<p>B.</p>{figure}" * 200), by=self.erna)
        with CaptureQueriesContext(connection) as many:
            self.client.get(page_of(self.harbour, "compare"), {"old": 1, "new": 3})
        assert len(many) <= len(few)

    def test_a_hostile_text_is_inert_in_it_though_it_got_past_the_cleaning(self):
        hostile = (
            "<p onclick='steal()'>Calm <script>steal()</script><a href='javascript:steal()'>link</a></p>"
            "<img src=x onerror=steal()><iframe srcdoc='<p>x</p>'></iframe><svg><script>steal()</script></svg>"
            "<p>&lt;script&gt;steal()&lt;/script&gt;</p>"
            """<figure data-embed="javascript:steal()" data-title="<b onclick='steal()'>"></figure>"""
        )
        words = """</ins><img src=x onerror="steal()">"""
        kept = self.harbour.newest_revision.kept | {"body": hostile, "title": words, "standfirst": words, "slug": words}
        Revision.objects.create(article=self.harbour, number=2, kept=kept, name=words)
        for numbers in ({"old": 1, "new": 2}, {"old": 2, "new": 1}):
            answer = self.client.get(page_of(self.harbour, "compare"), numbers)
            shown = answer.text.partition('class="diff__sides"')[2]
            assert "steal()" in shown
            for mark in ("<img src=x", "<iframe", "<svg", "<b onclick", "<script>", 'onclick="', 'href="javascript'):
                assert mark not in shown, mark
        listed = self.client.get(page_of(self.harbour, "history")).text
        assert "<img src=x" not in listed
        assert "&lt;img src=x" in listed


class ComingBack(NewsroomTestCase):
    def test_it_is_a_new_revision_on_the_trail_and_readers_keep_what_they_have(self):
        first = self.tides.newest_revision
        self.tides.keep(self.content("Tides, worse", slug="tides"), by=self.ida_login)
        restored = self.tides.restore(first, by=self.erna, based_on=2)
        assert (restored.number, restored.content) == (3, first.content)
        assert Entry.objects.newest("restore", on=self.tides).details == {"revision": 3, "of": 1}
        assert self.tides.live_revision == first

    def test_when_somebody_saved_in_between_nothing_is_written(self):
        self.harbour.keep(self.content("Theirs"), by=self.erna)
        with pytest.raises(EditConflict):
            self.harbour.restore(self.harbour.revisions.get(number=1), by=self.ida_login, based_on=1)
        assert self.harbour.revisions.count() == 2
        assert Entry.objects.newest("restore", on=self.harbour) is None

    def test_what_is_gone_is_named_and_the_rest_comes_back_if_wanted(self):
        gone_author, gone_tag, gone_photo = (
            make_author("Uma Gone"),
            Tag.objects.create(name="Gone", slug="gone"),
            make_photo(),
        )
        body = f'<p>Before.</p><figure data-photo="{gone_photo.pk}"></figure><p>After.</p>'
        self.harbour.keep(
            self.content(
                "Harbour", bylines=(gone_author.pk, self.ida.pk), tags=(gone_tag.pk, self.tides_tag.pk), body=body
            ),
            by=self.ida_login,
        )
        self.harbour.keep(self.content("Harbour now"), by=self.ida_login)
        for gone in (gone_author, gone_tag, gone_photo):
            gone.delete()
        old = self.harbour.revisions.get(number=2)
        with pytest.raises(Incomplete) as refusal:
            self.harbour.restore(old, by=self.erna, based_on=3)
        assert refusal.value.messages == [
            "An author is no longer there.",
            "A tag is no longer there.",
            "A photo in the text is no longer in the library.",
        ]
        content = self.harbour.restore(old, by=self.erna, based_on=3, partly=True).content
        assert content.bylines == (self.ida.pk,)
        assert content.tags == (self.tides_tag.pk,)
        assert content.body == "<p>Before.</p><p>After.</p>"


class ComingBackAtTheDesk(DeskTestCase):
    def test_it_says_who_saved_in_between(self):
        self.client.force_login(self.ida_login)
        self.harbour.keep(self.content("Theirs"), by=self.erna)
        answer = self.client.post(page_of(self.harbour, "restore/1"), {"based_on": 1}, follow=True)
        self.assertContains(answer, "erna saved revision 2 in the meantime")
        assert self.harbour.newest_revision.content.title == "Theirs"

    def test_it_asks_before_it_leaves_out_what_is_gone(self):
        self.client.force_login(self.ida_login)
        gone = Tag.objects.create(name="Gone", slug="gone")
        self.harbour.keep(self.content("Harbour two", tags=(gone.pk,)), by=self.ida_login)
        self.harbour.keep(self.content("Harbour three"), by=self.ida_login)
        gone.delete()
        answer = self.client.post(page_of(self.harbour, "restore/2"), {"based_on": 3})
        self.assertContains(answer, "A tag is no longer there.", status_code=409)
        assert self.harbour.newest_revision.number == 3
        self.client.post(page_of(self.harbour, "restore/2"), {"based_on": 3, "partly": ""})
        assert self.harbour.newest_revision.content.title == "Harbour two"


class Thinning(NewsroomTestCase):
    """Ten days ago Harbour was worked on from nine to three, each hour once, on each of three days."""

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.noon = timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=10)
        cls.harbour.revisions.update(made_at=cls.noon - timedelta(days=1))
        for day in range(3):
            for hour in range(-3, 4):
                revision = cls.harbour.keep(cls.content(f"Harbour {day} {hour}", slug="harbour"), by=cls.ida_login)
                moment = cls.noon + timedelta(days=day, hours=hour)
                Revision.objects.filter(pk=revision.pk).update(made_at=moment)

    def left(self, article: Article | None = None) -> list[int]:
        return sorted((article or self.harbour).revisions.values_list("number", flat=True))

    def test_the_first_and_the_last_of_each_day_stay(self):
        assert Revision.objects.thin() == 18
        assert self.left() == [1, 8, 15, 22]
        assert Revision.objects.thin() == 0

    def test_days_are_those_of_the_house(self):
        # In Auckland, noon here is another day than nine in the morning.
        with self.settings(TIME_ZONE="Pacific/Auckland"):
            Revision.objects.thin()
        assert len(self.left()) > 4

    def test_a_named_one_stays(self):
        self.harbour.revisions.get(number=4).call("As the lawyers saw it", by=self.erna)
        Revision.objects.thin()
        assert self.left() == [1, 4, 8, 15, 22]

    def test_what_was_ever_published_or_replaced_or_is_scheduled_stays(self):
        self.harbour.publish(by=self.erna, revision=self.harbour.revisions.get(number=3))
        self.harbour.publish(by=self.erna, revision=self.harbour.revisions.get(number=10))
        later = timezone.now() + timedelta(days=1)
        self.harbour.publish(by=self.erna, revision=self.harbour.revisions.get(number=12), at=later)
        Revision.objects.thin()
        assert {3, 10, 12} <= set(self.left())
        with time_machine.travel(later + timedelta(seconds=1)):
            for publication in self.harbour.publications.waiting():
                assert publication.carry_out()
        assert self.harbour.revisions.get(number=12).pk == Article.objects.get(pk=self.harbour.pk).live_revision_id

    def test_a_live_one_stays_though_no_publication_speaks_of_it_any_more(self):
        self.harbour.publish(by=self.erna, revision=self.harbour.revisions.get(number=3))
        self.harbour.publications.all().delete()
        Revision.objects.thin()
        assert 3 in self.left()

    def test_for_two_days_everything_stays(self):
        with time_machine.travel(self.noon + timedelta(days=2, hours=44)):
            Revision.objects.thin()
            assert set(range(15, 23)) <= set(self.left())
        with time_machine.travel(self.noon + timedelta(days=2, hours=52)):
            Revision.objects.thin()
            assert self.left() == [1, 8, 15, 22]

    def test_other_texts_of_the_same_day_do_not_count(self):
        before = self.left(self.tides), self.left(self.storm)
        for article in (self.tides, self.storm):
            article.revisions.update(made_at=self.noon)
        Revision.objects.thin()
        assert (self.left(self.tides), self.left(self.storm)) == before

    def test_the_worker_does_it_without_reading_a_text(self):
        with CaptureQueriesContext(connection) as asked:
            assert thin_revisions(timestamp=0) == 18
        assert [query["sql"][:6] for query in asked] == ["DELETE"]

    def test_a_refused_name_changes_nothing(self):
        with pytest.raises(ValidationError, match="80"):
            self.harbour.revisions.first().call("x" * 81, by=self.erna)
