"""The way of a text: what is kept, what readers get, and when."""

import time
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from articles.models import Address, Article, Photo, Publication
from newsroom.audit.models import Entry
from newsroom.written import EditConflict
from tests.cast import AtOnceTestCase, NewsroomTestCase, make_photo

Stand = Article.Stand


def titles(articles) -> set[str]:
    return {article.title for article in articles}


class WhereAnArticleStands(NewsroomTestCase):
    def test_live_is_what_readers_may_see(self):
        assert titles(Article.objects.live()) == {"Tides"}

    def test_object_and_queryset_agree_on_every_row(self):
        self.harbour.submit(by=self.ida_login)
        Article.objects.begin(self.content("Salt"), by=self.ida_login)
        for stand in Stand:
            of_rows = {article.pk for article in Article.objects.all() if article.stand == stand}
            assert of_rows == set(Article.objects.standing(stand).values_list("pk", flat=True)), stand
            assert of_rows, stand

    def test_a_scheduled_article_appears_at_its_hour_without_anybody_doing_anything(self):
        with time_machine.travel(self.storm.published_at - timedelta(seconds=1)):
            assert "Storm" not in titles(Article.objects.live())
        with time_machine.travel(self.storm.published_at + timedelta(seconds=1)):
            assert "Storm" in titles(Article.objects.live())

    def test_withdrawing_keeps_when_it_was_published(self):
        published_at = self.tides.published_at
        self.tides.withdraw(by=self.erna, because="Wrong ship.")
        assert self.tides.stand == Stand.WITHDRAWN
        assert self.tides.published_at == published_at

    def test_publishing_again_clears_the_withdrawal_and_keeps_the_first_date(self):
        first = self.fog.first_published_at
        self.fog.publish(by=self.erna)
        assert self.fog.stand == Stand.LIVE
        assert self.fog.first_published_at == first
        assert self.fog.withdrawn_because == ""

    def test_withdrawing_what_was_only_scheduled_makes_it_a_draft(self):
        self.storm.withdraw(by=self.erna)
        assert self.storm.stand == Stand.DRAFT
        assert self.storm.first_published_at is None
        assert not Publication.objects.waiting().filter(article=self.storm).exists()

    def test_a_draft_cannot_be_withdrawn(self):
        with pytest.raises(ValidationError, match="live or scheduled"):
            self.harbour.withdraw(by=self.erna)

    def test_submitting_and_sending_back(self):
        self.harbour.submit(by=self.ida_login)
        assert self.harbour.stand == Stand.SUBMITTED
        with pytest.raises(ValidationError, match="with the editors already"):
            self.harbour.submit(by=self.ida_login)
        self.harbour.send_back(by=self.erna, note="More about the crane.")
        assert self.harbour.stand == Stand.DRAFT
        assert self.harbour.sent_back_at


class Revisions(NewsroomTestCase):
    def test_a_draft_follows_its_newest_revision(self):
        self.harbour.keep(self.content("Harbour at night"), by=self.ida_login, based_on=1)
        assert Article.objects.get(pk=self.harbour.pk).title == "Harbour at night"

    def test_a_live_article_does_not_until_somebody_publishes(self):
        revision = self.tides.keep(self.content("Tides, again", slug="tides"), by=self.ida_login, based_on=1)
        assert Article.objects.get(pk=self.tides.pk).title == "Tides"
        assert self.tides.working_copy == revision
        self.tides.publish(by=self.erna)
        assert Article.objects.get(pk=self.tides.pk).title == "Tides, again"
        assert self.tides.working_copy is None
        assert self.tides.updated_at

    def test_a_scheduled_article_shows_the_revision_that_was_scheduled(self):
        self.storm.keep(self.content("Storm warning", slug="storm"), by=self.ida_login, based_on=1)
        with time_machine.travel(self.storm.published_at + timedelta(seconds=1)):
            assert "Storm" in titles(Article.objects.live())
            assert "Storm warning" not in titles(Article.objects.live())

    def test_saving_over_somebody_elses_revision_is_a_conflict_that_names_it(self):
        theirs = self.harbour.keep(self.content("Harbour, theirs"), by=self.erna, based_on=1)
        with pytest.raises(EditConflict, match="erna saved revision 2") as conflict:
            self.harbour.keep(self.content("Harbour, mine"), by=self.ida_login, based_on=1)
        assert conflict.value.newest == theirs
        assert self.harbour.newest_revision == theirs

    def test_the_same_content_twice_is_one_revision(self):
        first = self.harbour.keep(self.content("Harbour two"), by=self.ida_login, based_on=1)
        second = self.harbour.keep(self.content("Harbour two"), by=self.ida_login, based_on=1)
        assert first == second
        assert self.harbour.revisions.count() == 2

    def test_what_is_kept_is_clean_whoever_sends_it(self):
        hostile = '<p onclick="x()">Hi<script>x()</script> <a href="javascript:x()">there</a></p><iframe></iframe>'
        kept = self.harbour.keep(self.content("Harbour", body=hostile), by=self.ida_login).content.body
        assert kept == "<p>Hi there</p>"

    def test_bylines_keep_their_order(self):
        self.harbour.keep(self.content("Harbour", bylines=(self.tom.pk, self.ida.pk)), by=self.ida_login)
        assert [author.name for author in self.harbour.people] == ["Tom Gale", "Ida Marsh"]

    def test_a_preview_shows_the_content_and_writes_nothing(self):
        shown = self.tides.showing(self.content("Tides to come", bylines=(self.tom.pk,)))
        assert (shown.title, [author.name for author in shown.people]) == ("Tides to come", ["Tom Gale"])
        assert shown.subjects[0].name == "Tides"
        assert Article.objects.get(pk=self.tides.pk).title == "Tides"


class BeforePublishing(NewsroomTestCase):
    def refusals(self, **changed) -> list[str]:
        content = replace(self.content("Gulls"), **changed)
        article = Article.objects.begin(content, by=self.ida_login)
        with pytest.raises(ValidationError) as refused:
            article.publish(by=self.erna)
        assert article.stand == Stand.DRAFT
        return refused.value.messages

    def test_everything_that_is_missing_is_said_at_once(self):
        said = self.refusals(title="", standfirst="", body="<p></p>", section=None, bylines=())
        assert said == [
            "Write a headline.",
            "Write a standfirst.",
            "Write the text.",
            "Choose a section.",
            "Name at least one author.",
        ]

    def test_a_lead_photo_without_credit_is_refused(self):
        photo = make_photo(maker="", source="")
        assert self.refusals(photo=photo.pk) == [
            "The photo “The sound at noon.” has no credit: say in the photo library who made it."
        ]

    def test_a_figure_without_alternative_text_is_refused(self):
        photo = make_photo(alt="")
        body = f'<p>Look.</p><figure data-photo="{photo.pk}" data-width="wide"></figure>'
        assert self.refusals(body=body) == [
            "The photo “The sound at noon.” has no alternative text: write it in the photo library."
        ]

    def test_an_address_of_the_house_is_refused(self):
        assert "address of the house" in self.refusals(slug="rss")[0]

    def test_an_address_that_another_article_has_is_refused_by_name(self):
        assert self.refusals(slug="tides") == ["The address “tides” belongs to “Tides”: choose another one."]

    def test_the_database_refuses_two_live_articles_at_one_address(self):
        with pytest.raises(IntegrityError, match="articles_article_address_once"), transaction.atomic():
            Article.objects.filter(pk=self.storm.pk).update(slug="tides")

    def test_the_database_refuses_a_published_article_without_standfirst(self):
        with pytest.raises(IntegrityError, match="articles_article_published_is_whole"), transaction.atomic():
            Article.objects.filter(pk=self.tides.pk).update(standfirst="")


class TheOutbox(NewsroomTestCase):
    def test_a_change_of_a_live_text_waits_for_its_hour(self):
        self.tides.keep(self.content("Tides II", slug="tides"), by=self.ida_login)
        publication = self.tides.publish(by=self.erna, at=timezone.now() + timedelta(hours=1))
        assert not publication.carry_out()
        assert Article.objects.get(pk=self.tides.pk).title == "Tides"
        with time_machine.travel(timezone.now() + timedelta(hours=2)):
            assert publication.carry_out()
            assert not publication.carry_out()
        assert Article.objects.get(pk=self.tides.pk).title == "Tides II"

    def test_what_goes_live_is_what_was_scheduled_not_what_was_saved_since(self):
        self.tides.keep(self.content("Tides II", slug="tides"), by=self.ida_login)
        publication = self.tides.publish(by=self.erna, at=timezone.now() + timedelta(hours=1))
        self.tides.keep(self.content("Tides III", slug="tides"), by=self.ida_login)
        with time_machine.travel(timezone.now() + timedelta(hours=2)):
            publication.carry_out()
        assert Article.objects.get(pk=self.tides.pk).title == "Tides II"

    def test_publishing_now_supersedes_what_was_scheduled(self):
        self.tides.keep(self.content("Tides II", slug="tides"), by=self.ida_login)
        self.tides.publish(by=self.erna, at=timezone.now() + timedelta(hours=1))
        self.tides.keep(self.content("Tides III", slug="tides"), by=self.ida_login)
        self.tides.publish(by=self.erna)
        waiting = Publication.objects.waiting().filter(article=self.tides)
        assert [publication.revision.number for publication in waiting] == [3]

    def test_every_verb_leaves_one_line_in_the_trail(self):
        self.tides.withdraw(by=self.erna, because="Wrong ship.")
        entries = Entry.objects.filter(subject_type="articles.article", subject_id=self.tides.pk)
        assert [entry.verb for entry in entries] == ["withdraw", "publish", "begin"]
        assert entries[0].person_name == "erna"
        assert entries[0].details == {"because": "Wrong ship."}

    def test_the_trail_cannot_be_changed_or_shortened(self):
        for attempt in (lambda: Entry.objects.update(verb="dance"), lambda: Entry.objects.all().delete()):
            with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
                attempt()


class Addresses(NewsroomTestCase):
    def test_a_new_slug_leaves_the_old_one_leading_there(self):
        self.tides.keep(self.content("Tides", slug="high-tides"), by=self.ida_login)
        self.tides.publish(by=self.erna)
        assert Address.objects.leading("/tides/").leads_to == "/high-tides/"
        assert Address.objects.leading("/high-tides/").leads_to == "/high-tides/"

    def test_a_reused_slug_wins_over_the_redirect(self):
        self.tides.keep(self.content("Tides", slug="high-tides"), by=self.ida_login)
        self.tides.publish(by=self.erna)
        newcomer = self.make_article("Tides of spring", slug="tides")
        assert Address.objects.leading("/tides/").article == newcomer

    def test_a_scheduled_article_takes_no_address_before_its_hour(self):
        self.tides.keep(self.content("Tides", slug="high-tides"), by=self.ida_login)
        self.tides.publish(by=self.erna)
        self.make_article("Tides of May", slug="tides", at=timezone.now() + timedelta(days=1))
        assert Address.objects.leading("/tides/").leads_to == "/high-tides/"


class PhotosInText(NewsroomTestCase):
    def test_a_photo_that_changes_is_new_in_every_text_that_shows_it(self):
        body = f'<p>Look.</p><figure data-photo="{self.photo.pk}" data-width="wide"></figure>'
        article = self.make_article("Piers", body=body)
        assert "The sound at noon." in article.body_html
        Photo.objects.filter(pk=self.photo.pk).update(caption="The sound at one.")
        for shown in Article.objects.showing_photo(self.photo):
            shown.rerender()
        assert "The sound at one." in Article.objects.get(pk=article.pk).body_html


class AtOnce(AtOnceTestCase):
    def test_two_articles_for_one_address_end_as_one_live_and_one_sentence(self):
        twins = [
            Article.objects.begin(replace(self.content("Gulls"), title=title), by=self.erna) for title in ("One", "Two")
        ]
        answers = self.at_once(*(partial(twin.publish, by=self.erna) for twin in twins))
        assert sorted(type(answer).__name__ for answer in answers) == ["Publication", "list"]
        assert Article.objects.live().filter(slug="gulls").count() == 1

    def test_ten_savers_make_ten_revisions_in_a_row(self):
        calls = [
            partial(self.harbour.keep, self.content(f"Harbour {n}", slug="harbour"), by=self.erna) for n in range(10)
        ]
        self.at_once(*calls)
        numbers = list(self.harbour.revisions.order_by("number").values_list("number", flat=True))
        assert numbers == list(range(1, 12))

    def test_a_due_publication_is_carried_out_once(self):
        self.tides.keep(self.content("Tides II", slug="tides"), by=self.erna)
        publication = self.tides.publish(by=self.erna, at=timezone.now() + timedelta(seconds=0.2))
        time.sleep(0.3)
        copies = [Publication.objects.get(pk=publication.pk) for _number in range(6)]
        assert sum(self.at_once(*(copy.carry_out for copy in copies))) == 1
