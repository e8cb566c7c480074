"""Somebody leaves: what ends, what stays, and what goes to whom. And what a new name changes."""

from django.core.exceptions import ValidationError

from articles.leaving import leave
from articles.models import Article
from authors.models import User
from newsroom.audit.models import Entry
from tests.articles.desk import DeskTestCase, change


def page_of(user: User) -> str:
    return f"/admin/authors/user/{user.pk}/leave/"


class Leaving(DeskTestCase):
    def leave(self, **changed):
        return leave(self.ida_login, **{"to": self.erna, "by": self.ada} | changed)

    def owner(self, article: Article) -> User | None:
        article.refresh_from_db()
        return article.begun_by

    def test_they_are_logged_out_everywhere_and_cannot_come_back(self):
        other = self.client_class()
        for client in (self.client, other):
            client.force_login(self.ida_login)
            assert client.get("/admin/").status_code == 200
        self.leave()
        for client in (self.client, other):
            assert client.get("/admin/").status_code == 302
        assert not self.client.login(username="ida", password="newsroom")
        # Somebody opens the account again: the old sessions and the old password are still worth nothing.
        User.objects.filter(pk=self.ida_login.pk).update(is_active=True)
        assert other.get("/admin/").status_code == 302
        assert not self.client.login(username="ida", password="newsroom")

    def test_drafts_submitted_and_scheduled_texts_go_to_the_colleague_and_the_rest_stays(self):
        waiting = Article.objects.begin(self.content("Waiting"), by=self.ida_login)
        waiting.submit(by=self.ida_login)
        Article.objects.filter(pk=waiting.pk).update(begun_by=None)  # hers by its byline alone
        legacy = self.leave()
        assert legacy.articles == 3
        for article in (self.harbour, waiting, self.storm):
            assert self.owner(article) == self.erna, article
        for article in (self.tides, self.fog):
            assert self.owner(article) == self.ida_login, article
        assert self.owner(self.salt) == self.erna

    def test_a_shared_draft_that_somebody_else_began_stays_theirs(self):
        shared = Article.objects.begin(self.content("Shared"), by=self.col)
        self.leave()
        assert self.owner(shared) == self.col

    def test_what_is_scheduled_still_goes_out(self):
        hour = self.storm.published_at
        self.leave()
        self.storm.refresh_from_db()
        assert self.storm.published_at == hour
        assert self.storm.publications.waiting().count() == 1

    def test_byline_and_public_page_stay(self):
        self.leave()
        self.assertContains(self.client.get("/tides/"), "Ida Marsh")
        self.assertContains(self.client.get("/author/ida-marsh/"), "Ida writes about water.")
        assert [str(byline) for byline in self.harbour.bylines.all()] == ["Ida Marsh", "Tom Gale"]

    def test_preview_links_die_and_stay_dead(self):
        _link, token = self.harbour.open_preview(by=self.ida_login)
        assert self.client.get(f"/preview/{token}/").status_code == 200
        assert self.leave().previews == 1
        User.objects.filter(pk=self.ida_login.pk).update(is_active=True)
        assert self.client.get(f"/preview/{token}/").status_code == 404

    def test_it_is_one_line_of_the_trail_with_counts(self):
        before = Entry.objects.count()
        self.leave()
        assert Entry.objects.count() == before + 1
        line = Entry.objects.newest("leave", on=self.ida_login)
        assert line.person == self.ada
        assert line.details == {"to": "erna", "articles": 2, "previews": 0}

    def test_the_colleague_finds_them_among_their_own(self):
        self.leave(to=self.col)
        self.client.force_login(self.col)
        self.assertContains(self.client.get(change(self.harbour)), "Harbour")

    def test_what_makes_no_sense_is_refused_and_changes_nothing(self):
        User.objects.filter(pk=self.noll.pk).update(is_staff=True)
        for words, changed in (
            ("Choose a colleague", {"to": self.ida_login}),
            ("Choose a colleague", {"to": self.noll}),
            ("Somebody else has to do this", {"by": self.ida_login}),
        ):
            with self.assertRaisesMessage(ValidationError, words):
                self.leave(**changed)
        self.ida_login.refresh_from_db()
        assert self.ida_login.is_active
        self.leave()
        with self.assertRaisesMessage(ValidationError, "has left already"):
            self.leave()

    def test_however_much_they_had_the_queries_are_the_same(self):
        with self.assertNumQueries(9):
            self.leave()
        for number in range(15):
            Article.objects.begin(self.content(f"Draft {number}"), by=self.col)
        with self.assertNumQueries(9):
            leave(self.col, to=self.erna, by=self.ada)


class ThePageForIt(DeskTestCase):
    def test_an_admin_chooses_a_colleague_and_is_told_what_went_where(self):
        self.client.force_login(self.ada)
        form = self.client.get(f"/admin/authors/user/{self.ida_login.pk}/change/")
        self.assertContains(form, page_of(self.ida_login))
        page = self.client.get(page_of(self.ida_login))
        self.assertContains(page, "2 drafts and scheduled texts are in their hands.")
        chosen = set(page.context["form"].fields["to"].queryset)
        assert chosen == {self.ada, self.erna, self.col}
        answer = self.client.post(page_of(self.ida_login), {"to": self.erna.pk}, follow=True)
        self.assertContains(answer, "ida has left; 2 texts went to erna.")
        assert not User.objects.get(pk=self.ida_login.pk).is_active
        self.assertNotContains(answer, page_of(self.ida_login))

    def test_without_a_colleague_nothing_happens(self):
        self.client.force_login(self.ada)
        for chosen in ("", self.ida_login.pk, "x", 10**9):
            assert self.client.post(page_of(self.ida_login), {"to": chosen}).status_code == 200
        assert User.objects.get(pk=self.ida_login.pk).is_active

    def test_it_is_the_admins_alone(self):
        for person in (self.erna, self.ida_login, self.col, self.noll):
            self.client.force_login(person)
            for answer in (self.client.get(page_of(self.col)), self.client.post(page_of(self.col), {"to": 1})):
                self.assertNotContains(answer, "They leave", status_code=403)


class ANewName(DeskTestCase):
    def test_every_page_says_the_new_name_and_the_old_address_leads_to_the_new_one(self):
        for _round in range(2):  # whatever is made once and kept has been made
            self.client.get("/tides/")
        self.ida.name, self.ida.slug = "Ida Sands", "ida-sands"
        self.ida.full_clean()
        self.ida.save()
        pages = ("/", "/tides/", "/section/coast/", "/tag/tides/", "/author/ida-sands/", "/rss/", "/feed.json")
        for path in (*pages, "/tides.md", "/search/?q=tides", "/author/ida-sands/rss/", "/llms.txt", "/sitemap.xml"):
            answer = self.client.get(path)
            assert answer.status_code == 200, path
            self.assertNotContains(answer, "Ida Marsh")
            self.assertNotContains(answer, "ida-marsh")
        self.assertContains(self.client.get("/tides/"), "Ida Sands")
        for path in ("/author/ida-marsh/", "/author/ida-marsh/rss/"):
            answer = self.client.get(path)
            assert (answer.status_code, answer["Location"]) == (301, path.replace("ida-marsh", "ida-sands"))

    def test_a_preview_says_it_too(self):
        _link, token = self.harbour.open_preview(by=self.erna)
        self.ida.name = "Ida Sands"
        self.ida.full_clean()
        self.ida.save()
        self.assertContains(self.client.get(f"/preview/{token}/"), "Ida Sands")
