"""Synthetic data: what it makes is what the verbs would have left."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from articles.body import plain_text, render, word_count
from articles.models import Address, Article, Publication, Revision, Tag
from articles.readiness import problems_of
from newsletter.models import Subscriber, Subscription
from newsroom.audit.models import Entry
from tests.cast import NewsroomTestCase
from tests.newsletter.cast import LettersTestCase


def fill(**options) -> str:
    out = StringIO()
    call_command("fill", stdout=out, **options)
    return out.getvalue()


class FilledArticles(NewsroomTestCase):
    def made(self):
        return Article.objects.filter(slug__contains="-n").exclude(begun_by=self.ida_login)

    def test_the_number_asked_for_is_made_and_said(self):
        before = Article.objects.count()
        assert "Added 1,200 articles and 0 subscribers" in fill(articles=1200, seed=11)
        assert Article.objects.count() == before + 1200
        stands = {article.stand for article in self.made()}
        assert stands == set(Article.Stand)

    def test_each_row_is_what_keeping_and_publishing_would_have_made(self):
        fill(articles=150, seed=5)
        for article in self.made().prefetch_related("revisions", "tags", "bylines", "addresses", "publications"):
            revision = article.live_revision or article.newest_revision
            content = revision.content
            assert content.cleaned() == content
            assert (article.title, article.body, article.slug) == (content.title, content.body, content.slug)
            assert article.body_html == render(content.body, {})
            assert article.body_text == plain_text(content.body)
            assert article.word_count == word_count(content.body)
            assert {tag.pk for tag in article.tags.all()} == set(content.tags)
            assert tuple(byline.author_id for byline in article.bylines.all()) == content.bylines
            article.validate_constraints()
            if article.published_at:
                assert problems_of(content) == []
                assert [row.revision_id for row in article.publications.all()] == [article.live_revision_id]
                assert bool(article.publications.all()[0].done_at) == bool(article.addresses.all())
        assert self.made().live().matching("boatyard").exists()

    def test_filled_articles_open_change_and_withdraw_like_any_other(self):
        fill(articles=60, seed=7)
        article = self.made().live().last()
        page = self.client.get(article.get_absolute_url())
        self.assertContains(page, article.title, html=False)
        article.withdraw(by=self.erna)
        assert self.client.get(article.get_absolute_url()).status_code == 410

    def test_a_second_run_adds_without_a_clash(self):
        for _run in range(2):
            fill(articles=40, seed=1)
        assert self.made().count() == 80
        assert self.make_article("Afterwards").pk > max(self.made().values_list("pk", flat=True))
        assert Revision.objects.count() >= 80 and Address.objects.filter(article__in=self.made()).count() > 60
        assert Tag.objects.count() < 420
        assert Entry.objects.filter(verb="publish", subject_type="articles.article").count() > 60
        assert not Publication.objects.due().filter(article__in=self.made()).exists()

    def test_it_is_refused_where_it_could_do_harm_and_without_a_number(self):
        with override_settings(DEMO=False, DEBUG=False), pytest.raises(CommandError, match="DEMO=on"):
            fill(articles=1)
        with pytest.raises(CommandError, match="Say how much"):
            fill()
        with pytest.raises(CommandError, match="need a newsletter"):
            fill(subscribers=1)


class FilledSubscribers(LettersTestCase):
    def test_they_have_their_places_and_the_evidence_of_their_consent(self):
        before = Subscriber.objects.count()
        for _run in range(2):
            fill(subscribers=150)
        made = Subscriber.objects.filter(email__endswith="@fill.example")
        assert made.count() == 300 == Subscriber.objects.count() - before
        places = Subscription.objects.filter(subscriber__in=made)
        confirmed = places.confirmed().count()
        assert confirmed > 200 and places.pending().exists() and places.filter(left_at__isnull=False).exists()
        person = places.confirmed().first().subscriber
        assert Subscriber.objects.known_as(person.email) == person
        for place in places:
            place.validate_constraints()
            assert not place.left_at or place.has_left
