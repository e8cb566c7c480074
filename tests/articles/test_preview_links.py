"""Links that let somebody without a login read a text before it is out."""

from datetime import timedelta

import time_machine
from django.core.exceptions import ValidationError
from django.utils import timezone

from articles.models import Article, PreviewLink
from newsroom.audit.models import Entry
from tests.articles.desk import DeskTestCase, change

LINKS = "/admin/articles/article/{}/preview-links/"


def path_of(token: str) -> str:
    return f"/preview/{token}/"


class PreviewTestCase(DeskTestCase):
    def setUp(self):
        self.link, self.token = self.harbour.open_preview(by=self.ida_login)

    def look(self, token: str | None = None):
        return self.client.get(path_of(token or self.token))

    def assert_dead(self, token: str | None = None):
        answer = self.look(token)
        assert answer.status_code == 404
        assert answer.content == self.look("A" * 22).content
        self.assertNotContains(answer, "Harbour", status_code=404)


class WhatItShows(PreviewTestCase):
    def test_whoever_has_it_reads_the_newest_saved_text_without_a_login(self):
        self.assertContains(self.look(), ">Harbour</h1>")
        self.harbour.keep(self.content("Harbour, again"), by=self.ida_login)
        answer = self.look()
        self.assertContains(answer, "Harbour, again")
        self.assertContains(answer, "Preview: readers do not see this yet.")
        self.assertContains(answer, self.photo.thumb_url.rpartition("/")[2].partition("-")[0].partition(".")[0])

    def test_nothing_keeps_it_tells_it_on_or_finds_it(self):
        answer = self.look()
        assert answer["Cache-Control"] == "no-store"
        assert answer["Referrer-Policy"] == "no-referrer"
        assert "noindex" in answer["X-Robots-Tag"]
        self.assertContains(answer, '<meta name="robots" content="noindex, nofollow">', html=True)
        assert not answer.cookies

    def test_it_opens_one_article_and_nothing_else(self):
        self.salt.open_preview(by=self.erna)
        self.assertNotContains(self.look(), "Salt")
        assert self.client.get(change(self.harbour)).status_code == 302
        assert self.client.get("/harbour/").status_code == 404

    def test_it_is_only_read(self):
        before = list(PreviewLink.objects.values()), Entry.objects.count()
        for method in ("post", "put", "patch", "delete"):
            assert getattr(self.client, method)(path_of(self.token)).status_code == 405
            assert getattr(self.client, method)(path_of("A" * 22)).status_code == 405
        self.look()
        assert (list(PreviewLink.objects.values()), Entry.objects.count()) == before

    def test_the_working_copy_of_a_live_text_can_be_shown_until_it_is_published(self):
        self.tides.keep(self.content("Tides, mended", slug="tides"), by=self.erna)
        _link, token = self.tides.open_preview(by=self.erna)
        self.assertContains(self.look(token), "Tides, mended")
        self.tides.publish(by=self.erna)
        self.assertRedirects(self.look(token), "/tides/", status_code=301)


class WhenItIsDead(PreviewTestCase):
    def test_a_forged_one_never_lived(self):
        for token in ("x", "A" * 22, self.link.token_hash, self.token[:-1], self.token.swapcase(), "a" * 5000, "%00"):
            self.assert_dead(token)

    def test_after_seven_days(self):
        with time_machine.travel(timezone.now() + timedelta(days=7, seconds=-30)):
            assert self.look().status_code == 200
        with time_machine.travel(timezone.now() + timedelta(days=7, seconds=1)):
            self.assert_dead()

    def test_once_it_is_revoked_also_when_the_text_is_live_by_then(self):
        self.link.revoke(by=self.erna)
        self.assert_dead()
        self.harbour.publish(by=self.erna)
        self.assertNotContains(self.look(), "Harbour", status_code=404)
        with self.assertRaisesMessage(ValidationError, "dead already"):
            self.link.revoke(by=self.erna)

    def test_once_its_maker_may_not_log_in_any_more(self):
        self.ida_login.is_active = False
        self.ida_login.save()
        self.assert_dead()

    def test_once_its_maker_is_deleted(self):
        maker = self.col
        _link, token = self.salt.open_preview(by=maker)
        assert self.look(token).status_code == 200
        maker.delete()
        self.assert_dead(token)

    def test_once_the_text_is_out_it_leads_there_and_withdrawn_it_shows_nothing(self):
        self.harbour.publish(by=self.erna)
        answer = self.look()
        self.assertRedirects(answer, "/harbour/", status_code=301)
        assert answer["Cache-Control"] == "no-store"
        self.harbour.withdraw(by=self.erna, because="No.")
        assert self.look().status_code == 404

    def test_a_scheduled_text_is_shown_until_its_hour_with_or_without_a_worker(self):
        hour = timezone.now() + timedelta(hours=1)
        self.harbour.publish(by=self.erna, at=hour)
        assert self.look().status_code == 200
        with time_machine.travel(hour + timedelta(seconds=1)):
            assert self.look().status_code == 301

    def test_with_its_article(self):
        Article.objects.filter(pk=self.harbour.pk).delete()
        self.assert_dead()


class WhatIsKeptOfIt(PreviewTestCase):
    def test_the_database_does_not_hold_the_token(self):
        assert len(self.token) == 22
        assert self.token not in str(list(PreviewLink.objects.values()))
        assert self.token not in str(list(Entry.objects.values()))

    def test_making_and_revoking_are_on_the_trail(self):
        self.link.revoke(by=self.erna)
        assert Entry.objects.newest("open preview", on=self.harbour).person == self.ida_login
        assert Entry.objects.newest("revoke preview", on=self.harbour).person == self.erna


class AtTheDesk(DeskTestCase):
    def make(self, article: Article):
        return self.client.post(LINKS.format(article.pk))

    def test_a_writer_makes_one_sees_it_once_and_revokes_it(self):
        self.client.force_login(self.ida_login)
        page = self.make(self.harbour)
        address = page.context["address"]
        self.assertContains(page, f'value="{address}"')
        self.assertContains(page, 'data-copies="preview-address"')
        assert "no-store" in page["Cache-Control"]
        reader = self.client_class()
        assert reader.get(address).status_code == 200
        form = self.client.get(change(self.harbour))
        self.assertContains(form, "Made by ida")
        self.assertNotContains(form, address.rsplit("/", 2)[1])
        link = PreviewLink.objects.get()
        self.client.post(f"{LINKS.format(self.harbour.pk)}{link.pk}/revoke/")
        assert reader.get(address).status_code == 404
        self.assertNotContains(self.client.get(change(self.harbour)), "Made by ida")

    def test_nobody_makes_or_revokes_those_of_an_article_that_is_not_theirs(self):
        link, _token = self.salt.open_preview(by=self.erna)
        for person in (self.ida_login, self.col, self.noll):
            self.client.force_login(person)
            for path in (LINKS.format(self.salt.pk), f"{LINKS.format(self.salt.pk)}{link.pk}/revoke/"):
                self.assertNotContains(self.client.post(path), "Salt", status_code=403)
        link.refresh_from_db()
        assert link.revoked_at is None
        assert PreviewLink.objects.count() == 1

    def test_a_contributor_makes_none_of_their_own_either(self):
        mine = Article.objects.begin(self.content("Mine", bylines=()), by=self.col)
        self.client.force_login(self.col)
        assert self.make(mine).status_code == 403
        self.assertNotContains(self.client.get(change(mine)), "Make a preview link")

    def test_a_link_is_revoked_at_its_own_article_only_and_by_post(self):
        link, _token = self.salt.open_preview(by=self.erna)
        self.client.force_login(self.ida_login)
        path = f"{LINKS.format(self.harbour.pk)}{link.pk}/revoke/"
        assert self.client.post(path).status_code == 404
        assert self.client.get(path).status_code == 405
        assert self.client.get(LINKS.format(self.harbour.pk)).status_code == 405
