"""An article that goes out as a letter when it is published: once, whoever presses what, and at its hour."""

import threading
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import connection
from django.test import TransactionTestCase
from django.utils import timezone

from articles.models import Article, Publication
from articles.tasks import carry_out_due
from newsletter.models import Issue, LetterOnPublish, Newsletter
from newsletter.tasks import make_letters
from newsroom.audit.models import Entry
from tests.articles.desk import DeskTestCase, change
from tests.cast import Cast
from tests.newsletter.cast import make_newsletters, make_reader

PRESSES = 50


class OnPublish(DeskTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.weekly, cls.breaking = make_newsletters()
        for newsletter in (cls.weekly, cls.breaking):
            make_reader("rosa@readers.example", newsletter, confirmed_at=timezone.now())

    def setUp(self):
        self.client.force_login(self.erna)
        self.draft = Article.objects.begin(self.content("Flood"), by=self.erna)

    def choose(self, article: Article, *newsletters: Newsletter, by=None) -> None:
        shown = {self.weekly.pk, self.breaking.pk}
        LetterOnPublish.objects.choose(article, {row.pk for row in newsletters}, among=shown, by=by or self.erna)

    def work(self) -> int:
        carry_out_due()
        return make_letters()

    def test_the_letter_is_made_of_the_publication_and_goes_out_at_once(self):
        self.choose(self.draft, self.breaking)
        assert self.work() == 0
        publication = self.draft.publish(by=self.erna)
        assert self.work() == 1
        [issue] = Issue.objects.all()
        assert (issue.newsletter, issue.publication, issue.subject) == (self.breaking, publication, "Flood")
        assert issue.freeze()
        assert "Flood" in issue.letter_text and issue.letter_parts[0]["kind"] == "full"

    def test_nothing_makes_it_twice(self):
        self.choose(self.draft, self.breaking)
        self.draft.publish(by=self.erna)
        assert [self.work(), self.work()] == [1, 0]
        self.draft.keep(self.content("Flood", standfirst="More."), by=self.erna)
        self.draft.publish(by=self.erna, change="silent")
        self.choose(self.draft, self.breaking)
        assert self.work() == 0
        assert Issue.objects.count() == 1

    def test_what_is_scheduled_goes_at_its_hour_and_what_is_withdrawn_before_does_not(self):
        for article, is_withdrawn in ((self.draft, False), (self.storm, True)):
            self.choose(article, self.weekly)
            publication = article.publish(by=self.erna, at=timezone.now() + timedelta(hours=1))
            assert self.work() == 0
            if is_withdrawn:
                article.withdraw(by=self.erna)
            hour = timezone.now()
            Publication.objects.filter(pk=publication.pk).update(due_at=hour)
            Article.objects.filter(pk=article.pk, published_at__isnull=False).update(published_at=hour)
            assert self.work() == (0 if is_withdrawn else 1)

    def test_what_was_live_before_somebody_asked_is_not_mailed(self):
        self.choose(self.tides, self.weekly)
        assert self.work() == 0

    def test_a_letter_that_may_not_go_out_stays_a_draft_and_says_why(self):
        self.weekly.subscriptions.all().delete()
        self.choose(self.draft, self.weekly)
        self.draft.publish(by=self.erna)
        assert self.work() == 1
        [issue] = Issue.objects.all()
        assert issue.stand == Issue.Stand.DRAFT
        assert "Nobody subscribes" in Entry.objects.newest("hold letter", on=issue).details["because"]

    def test_it_is_chosen_in_the_form_of_the_article_by_those_who_may_send(self):
        path = change(self.draft)
        self.assertContains(self.client.get(path), 'name="letters"', count=2)
        shown = [self.weekly.pk, self.breaking.pk]
        self.press("publish", self.draft, letters_shown=shown, letters=[self.breaking.pk])
        self.draft.refresh_from_db()
        assert self.draft.is_live
        assert [row.newsletter for row in LetterOnPublish.objects.all()] == [self.breaking]
        assert self.work() == 1
        self.assertContains(self.client.get(path), "Breaking:")
        self.client.force_login(self.ida_login)
        mine = Article.objects.begin(self.content("Mine", bylines=(self.ida.pk,)), by=self.ida_login)
        self.assertNotContains(self.client.get(change(mine)), 'name="letters"')
        self.press("save", mine, letters_shown=[self.weekly.pk], letters=[self.weekly.pk])
        assert not LetterOnPublish.objects.filter(article=mine).exists()

    def test_a_publication_that_is_refused_keeps_no_choice(self):
        empty = Article.objects.begin(self.content("No words", standfirst=""), by=self.erna)
        chosen = {"letters_shown": [self.weekly.pk], "letters": [self.weekly.pk]}
        page = self.press("publish", empty, standfirst="", **chosen)
        assert page.status_code == 200
        assert not LetterOnPublish.objects.exists()
        self.assertContains(page, f'value="{self.weekly.pk}"\n          checked', count=1)


class FiftyAtOnce(Cast, TransactionTestCase):
    """Fifty presses, two schedulers and four workers on one article: one letter for each newsletter."""

    def setUp(self):
        self.gather()
        self.newsletters = make_newsletters()
        for newsletter in self.newsletters:
            make_reader("rosa@readers.example", newsletter, confirmed_at=timezone.now())

    def test_one_letter_each(self):
        draft = Article.objects.begin(self.content("Flood"), by=self.erna)
        keys = {newsletter.pk for newsletter in self.newsletters}
        start, failures = threading.Event(), []

        def alone(what) -> None:
            start.wait()
            try:
                what()
            except ValidationError:
                pass  # a refusal, in a sentence
            except Exception as failure:
                failures.append(failure)
            finally:
                connection.close()

        def press() -> None:
            article = Article.objects.get(pk=draft.pk)
            LetterOnPublish.objects.choose(article, keys, among=keys, by=self.erna)
            article.publish(by=self.erna)

        def work() -> None:
            for _round in range(10):
                carry_out_due()
                make_letters()

        threads = [threading.Thread(target=alone, args=[what]) for what in [press] * PRESSES + [work] * 6]
        for thread in threads:
            thread.start()
        start.set()
        for thread in threads:
            thread.join()
        work()
        assert failures == []
        assert sorted(Issue.objects.values_list("newsletter__slug", flat=True)) == ["breaking", "weekly"]
        assert Issue.objects.exclude(send_at=None).count() == 2
