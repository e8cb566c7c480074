"""A change of what readers have: silent or with a note, one form, one publication, and a trail."""

from datetime import timedelta
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from articles.admin.verbs import VERBS
from articles.content import Content
from articles.models import Article, Correction, Publication
from articles.models.publication import Unexplained
from newsroom.audit.models import Entry
from newsroom.written import EditConflict
from tests.articles.desk import ADD, LIST, DeskTestCase, change
from tests.cast import BODY, AtOnceTestCase, NewsroomTestCase

Change = Publication.Change
RIGHT = BODY.replace("$5 million", "$6 million")
NOTE = {"note-kind": "correction", "note-wrong": "We said $5 million.", "note-right": "It costs $6 million."}


def note(**changed) -> Correction:
    return Correction(
        **{"kind": "correction", "wrong": "We said $5 million.", "right": "It costs $6 million."} | changed
    )


class TheVerb(NewsroomTestCase):
    def corrected(self, **facts):
        return self.content("Tides", body=RIGHT, **facts)

    def test_text_and_note_appear_together(self):
        filed = self.tides.correct(self.corrected(), note(), by=self.erna, based_on=1)
        page = self.client.get("/tides/")
        for words in ("It costs $6 million.</p>", "We said $5 million."):
            self.assertContains(page, words)
        publication = self.tides.publications.get(revision=self.tides.newest_revision)
        assert (publication.change, publication.words_changed, publication.made_by) == (Change.CORRECTION, 1, self.erna)
        assert publication.replaces.number == 1
        assert filed.published_at >= publication.due_at
        entry = Entry.objects.newest("correct", on=self.tides)
        assert (entry.person, entry.details["wrong"], entry.details["revision"]) == (self.erna, filed.wrong, 2)

    def assert_nothing_happened(self):
        assert self.tides.revisions.count() == 1
        assert not Correction.objects.exists()
        assert Entry.objects.newest("correct", on=self.tides) is None
        self.assertContains(self.client.get("/tides/"), "It costs $5 million.")

    def test_a_text_that_is_not_ready_takes_its_note_with_it(self):
        with pytest.raises(ValidationError, match="Write a standfirst"):
            self.tides.correct(self.corrected(standfirst=""), note(), by=self.erna, based_on=1)
        self.assert_nothing_happened()

    def test_a_note_that_says_too_little_takes_the_text_with_it(self):
        with pytest.raises(ValidationError):
            self.tides.correct(self.corrected(), note(right=""), by=self.erna, based_on=1)
        self.assert_nothing_happened()

    def test_somebody_elses_newer_text_is_not_published_by_it(self):
        self.tides.keep(self.content("Tides, theirs", slug="tides"), by=self.ida_login)
        with pytest.raises(EditConflict):
            self.tides.correct(self.corrected(), note(), by=self.erna, based_on=1)
        assert not Correction.objects.exists()
        self.assertContains(self.client.get("/tides/"), "It costs $5 million.")

    def test_only_what_is_live_can_be_corrected(self):
        for article in (self.harbour, self.storm, self.fog):
            with pytest.raises(ValidationError, match="Only a live article"):
                article.correct(self.content(article.title), note(), by=self.erna)

    def test_a_note_about_what_was_put_right_before_leaves_the_text_alone(self):
        self.tides.correct(self.content("Tides"), note(), by=self.erna, based_on=1)
        assert self.tides.revisions.count() == self.tides.publications.count() == 1
        assert self.tides.corrections.count() == 1

    def test_a_double_click_files_one_note(self):
        for _click in range(2):
            self.tides.correct(self.corrected(), note(), by=self.erna, based_on=1)
        assert self.tides.corrections.count() == 1
        assert self.tides.publications.count() == 2


class SilentOrNot(NewsroomTestCase):
    def change(self, body: str = RIGHT, article: Article | None = None, **said):
        article = article or self.tides
        revision = article.keep(self.content(article.title, body=body), by=self.erna)
        return article.publish(by=self.erna, revision=revision, asking=True, **said)

    def test_other_words_in_a_live_text_have_to_be_explained(self):
        with pytest.raises(Unexplained) as question:
            self.change()
        assert question.value.words == 1
        self.assertContains(self.client.get("/tides/"), "$5 million")

    def test_at_a_set_time_too(self):
        with pytest.raises(Unexplained):
            self.change(at=timezone.now() + timedelta(days=1))

    def test_the_answer_is_kept_with_who_gave_it(self):
        publication = self.change(change=Change.SILENT)
        assert (publication.change, publication.words_changed, publication.made_by) == (Change.SILENT, 1, self.erna)
        details = Entry.objects.newest("publish", on=self.tides).details
        assert (details["change"], details["words_changed"]) == ("silent", 1)
        self.assertContains(self.client.get("/tides/"), "$6 million")
        assert not self.tides.corrections.exists()

    def test_nothing_is_asked_where_readers_words_stay(self):
        figure = f'<figure data-photo="{self.photo.pk}"></figure>'
        assert self.change(BODY + figure).words_changed == 0
        assert self.change(article=self.harbour).replaces is None
        assert self.change(article=self.storm).replaces is None
        assert self.change(article=self.fog).replaces is None

    def test_what_was_said_is_one_of_three_things_whoever_writes_it(self):
        publication = self.tides.publications.get()
        publication.change = "perhaps"
        with pytest.raises(ValidationError, match="silent fix or comes with a note"):
            publication.validate_constraints()

    def test_those_without_a_note_can_be_listed(self):
        silent = self.change(change=Change.SILENT)
        unasked = self.tides.publish(by=self.erna, revision=self.tides.keep(self.content("Tides"), by=self.erna))
        self.tides.correct(self.content("Tides", body=RIGHT), note(), by=self.erna)
        assert set(Publication.objects.of_live_texts().without_a_note()) == {silent, unasked}


class TheForm(DeskTestCase):
    def setUp(self):
        self.client.force_login(self.erna)

    def test_publishing_other_words_asks_and_shows_both_answers(self):
        answer = self.press("publish", self.tides, body=RIGHT)
        assert answer.status_code == 200
        for piece in (
            "Silent fix or correction?",
            "differs by 1 word",
            'name="_publish" value="silent"',
            'name="_correct"',
            "saved as revision 2",
        ):
            self.assertContains(answer, piece)
        self.assertContains(answer, '<dialog id="correct" class="ask" aria-labelledby="correct-heading" open>')
        self.assertContains(self.client.get("/tides/"), "$5 million")

    def test_the_silent_answer_publishes(self):
        form = self.press("publish", self.tides, body=RIGHT).context["form"]
        said = self.typed("Tides", on=self.tides, body=RIGHT) | {"_publish": "silent"}
        assert form["based_on"].value() == "2"
        self.assertRedirects(self.client.post(change(self.tides), said), change(self.tides))
        self.assertContains(self.client.get("/tides/"), "$6 million")
        assert self.tides.publications.get(revision__number=2).change == Change.SILENT

    def test_scheduling_asks_as_well_and_keeps_the_moment(self):
        at = (timezone.localtime() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
        answer = self.press("schedule", self.tides, body=RIGHT, at=at)
        self.assertContains(answer, 'name="_schedule" value="silent"')
        self.assertContains(answer, f'value="{at}"')
        said = self.typed("Tides", on=self.tides, body=RIGHT, at=at) | {"_schedule": "silent"}
        self.client.post(change(self.tides), said)
        assert self.tides.publications.waiting().get().change == Change.SILENT

    def test_a_correction_is_one_form_and_one_publication(self):
        said = self.typed("Tides", on=self.tides, body=RIGHT) | NOTE | {"note-is_serious": "on", "_correct": ""}
        answer = self.client.post(change(self.tides), said, follow=True)
        self.assertContains(answer, "is corrected, and its readers are told")
        self.assertContains(self.client.get("/tides/"), "$6 million")
        filed = self.tides.corrections.get()
        assert (filed.wrong, filed.is_serious) == ("We said $5 million.", True)
        assert self.tides.publications.count() == 2

    def test_after_the_question_it_goes_on_top_of_what_was_saved(self):
        self.press("publish", self.tides, body=RIGHT)
        said = self.typed("Tides", on=self.tides, body=RIGHT) | NOTE | {"_correct": ""}
        self.client.post(change(self.tides), said)
        assert self.tides.publications.get(revision__number=2).change == Change.CORRECTION
        assert self.tides.corrections.count() == 1

    def test_a_refusal_keeps_everything_that_was_typed_and_writes_nothing(self):
        facts = {"body": RIGHT, "standfirst": "Typed with care."}
        for wrong, sentence in (
            ({"note-right": ""}, "Say what is right."),
            ({"section": ""}, "Choose a section."),
            ({"title": ""}, "Write a headline, even a working one."),
        ):
            said = self.typed("Tides", on=self.tides, **facts) | NOTE | {"_correct": ""} | wrong
            answer = self.client.post(change(self.tides), said)
            for piece in (sentence, "Not saved yet.", "Typed with care.", "$6 million", "We said $5 million."):
                self.assertContains(answer, piece)
            self.assertContains(answer, 'name="_correct"')
            assert self.tides.revisions.count() == 1
            assert not Correction.objects.exists()

    def test_a_conflict_keeps_the_note_too(self):
        said = self.typed("Tides", on=self.tides, body=RIGHT) | NOTE | {"_correct": ""}
        self.tides.keep(self.content("Tides, theirs", slug="tides"), by=self.ida_login)
        answer = self.client.post(change(self.tides), said)
        for piece in ("ida saved revision 2", "$6 million", "We said $5 million."):
            self.assertContains(answer, piece, status_code=409)
        assert not Correction.objects.exists()

    def test_who_may_not_publish_may_not_correct_and_is_not_offered_it(self):
        self.client.force_login(self.ida_login)
        self.assertNotContains(self.client.get(change(self.tides)), 'name="_correct"')
        said = self.typed("Tides", on=self.tides, body=RIGHT) | NOTE | {"_correct": ""}
        assert self.client.post(change(self.tides), said).status_code == 403
        assert self.client.post(change(self.salt), said).status_code == 403
        assert not Correction.objects.exists()

    def test_what_is_not_live_is_not_offered_it(self):
        for article in (self.harbour, self.storm, self.fog):
            self.assertNotContains(self.client.get(change(article)), 'name="_correct"')
        self.assertNotContains(self.client.get(ADD), 'name="_correct"')
        said = self.typed("Harbour", on=self.harbour) | NOTE | {"_correct": ""}
        self.assertContains(self.client.post(change(self.harbour), said), "Only a live article can be corrected.")

    def test_from_the_list_it_is_refused_with_the_sentence(self):
        self.press("save", self.tides, body=RIGHT)
        answer = self.client.post(LIST, {"action": "publish_now", "_selected_action": [self.tides.pk]}, follow=True)
        self.assertContains(answer, "say whether this is a silent fix or a correction")
        self.assertContains(self.client.get("/tides/"), "$5 million")

    def test_no_verb_of_the_form_gets_around_the_question(self):
        for verb in VERBS:
            self.press(verb.name, self.tides, body=RIGHT, at="2040-01-01T10:00")
        assert self.tides.publications.count() == 1


class TheReport(DeskTestCase):
    ADDRESS = "/admin/articles/publication/"

    def setUp(self):
        self.client.force_login(self.erna)
        revision = self.tides.keep(self.content("Tides", body=RIGHT), by=self.erna)
        self.silent = self.tides.publish(by=self.erna, revision=revision, change=Change.SILENT)

    def test_an_editor_reads_what_was_changed_silently_and_how_much(self):
        page = self.client.get(self.ADDRESS, {"said": "without"})
        self.assertContains(page, "Silent fix")
        self.assertContains(page, f"/admin/articles/article/{self.tides.pk}/compare/?old=1&amp;new=2")
        assert [row.words_changed for row in page.context["cl"].result_list] == [1]
        assert not self.client.get(self.ADDRESS, {"said": "correction"}).context["cl"].result_list

    def test_it_costs_the_same_for_many(self):
        self.client.get(self.ADDRESS)
        with self.assertNumQueries(8) as few:
            self.client.get(self.ADDRESS)
        for number in range(10):
            body = RIGHT.replace("6 million", f"{number + 10} million")
            revision = self.tides.keep(self.content("Tides", body=body), by=self.erna)
            self.tides.publish(by=self.erna, revision=revision, change=Change.SILENT)
        with self.assertNumQueries(len(few)):
            self.client.get(self.ADDRESS)

    def test_nobody_changes_it_and_a_writer_does_not_see_it(self):
        address = f"{self.ADDRESS}{self.silent.pk}/"
        assert self.client.post(f"{address}change/", {"change": "correction"}).status_code == 403
        assert self.client.post(f"{address}delete/", {"post": "yes"}).status_code == 403
        self.client.force_login(self.ida_login)
        self.assertNotContains(self.client.get(self.ADDRESS), "Tides", status_code=403)
        self.silent.refresh_from_db()
        assert self.silent.change == Change.SILENT


class FiledNotes(DeskTestCase):
    def setUp(self):
        self.client.force_login(self.erna)
        self.note = self.tides.correct(self.content("Tides", body=RIGHT), note(), by=self.erna)
        self.address = f"/admin/articles/correction/{self.note.pk}/"

    def facts(self, **changed) -> dict:
        moment = timezone.localtime(self.note.published_at)
        return {
            "article": self.tides.pk,
            "kind": "correction",
            "wrong": self.note.wrong,
            "right": self.note.right,
            "published_at_0": moment.strftime("%Y-%m-%d"),
            "published_at_1": moment.strftime("%H:%M:%S"),
        } | changed

    def test_one_can_be_reworded_and_the_trail_keeps_how_it_read(self):
        self.client.post(f"{self.address}change/", self.facts(right="It costs $6.1 million."))
        self.note.refresh_from_db()
        assert self.note.right == "It costs $6.1 million."
        details = Entry.objects.newest("change correction", on=self.tides).details
        assert (details["before"]["right"], details["right"]) == ("It costs $6 million.", "It costs $6.1 million.")

    def test_one_that_is_taken_back_is_on_the_trail(self):
        self.client.post(f"{self.address}delete/", {"post": "yes"})
        assert not Correction.objects.exists()
        assert Entry.objects.newest("delete correction", on=self.tides).details["wrong"] == "We said $5 million."


class Together(AtOnceTestCase):
    def test_two_corrections_at_once_are_one_and_one_refusal(self):
        for number in range(5):
            newest = self.tides.newest_revision.number
            contents = [self.content("Tides", body=RIGHT.replace("6", f"{number}{side}")) for side in (1, 2)]
            answers = self.at_once(*(partial(self.correct, content, newest) for content in contents))
            (filed,) = [answer for answer in answers if isinstance(answer, Correction)]
            live = Article.objects.get(pk=self.tides.pk)
            assert live.body == contents[answers.index(filed)].body
            assert live.corrections.count() == number + 1

    def correct(self, content: Content, based_on: int) -> Correction:
        article = Article.objects.get(pk=self.tides.pk)
        return article.correct(content, note(right=content.body[-20:]), by=self.erna, based_on=based_on)
