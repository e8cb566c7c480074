"""Who gets a mail about what happened to an article, and who does not."""

from datetime import timedelta

import time_machine
from django.core import mail
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from articles.models import Publication
from articles.tasks import carry_out_due
from authors.models import User
from newsroom import roles
from newsroom.audit.models import Entry
from tests.articles.desk import DeskTestCase
from tests.cast import make_user

TASKS = ("articles.tell_people", "articles.tell_person")


class ToldTestCase(DeskTestCase):
    def setUp(self):
        ProcrastinateJob.objects.all().delete()

    def work(self) -> list:
        """Do what a worker would, and open the mails that came of it."""
        mail.outbox.clear()
        done: set[int] = set()
        while todo := [job for job in ProcrastinateJob.objects.order_by("id") if job.pk not in done]:
            for job in todo:
                done.add(job.pk)
                if job.task_name in TASKS:
                    app.tasks[job.task_name].func(**job.args)
        # The database lets no test take a job off: what was done is not asked for again.
        ProcrastinateJob.objects.all().delete()
        return mail.outbox

    def addressees(self) -> set[str]:
        return {letter.to[0].partition("@")[0] for letter in self.work()}


class WhoIsTold(ToldTestCase):
    def test_a_submission_is_told_to_the_editors(self):
        make_user("emil", roles.EDITOR)
        self.harbour.submit(by=self.ida_login)
        assert self.addressees() == {"erna", "emil"}

    def test_an_editor_who_submits_is_not_told_about_it(self):
        make_user("emil", roles.EDITOR)
        self.harbour.submit(by=self.erna)
        assert self.addressees() == {"emil"}

    def test_in_a_house_without_editors_whoever_runs_it_is_told(self):
        User.objects.filter(pk=self.erna.pk).update(is_active=False)
        self.harbour.submit(by=self.ida_login)
        assert self.addressees() == {"ada"}

    def test_what_is_sent_back_is_told_to_its_writers_with_the_note_and_a_link(self):
        shared = self.salt
        shared.keep(self.content("Salt", bylines=(self.ida.pk,)), by=self.erna)
        type(shared).objects.filter(pk=shared.pk).update(begun_by=self.col)
        shared.submit(by=self.ida_login)
        self.work()
        shared.send_back(by=self.erna, note="Who was the pilot?")
        letters = self.work()
        assert {letter.to[0] for letter in letters} == {"ida@magazine.example", "col@magazine.example"}
        for letter in letters:
            assert letter.subject == "Sent back: “Salt”"
            assert "Who was the pilot?" in letter.body
            assert f"http://127.0.0.1:8000/admin/articles/article/{shared.pk}/change/" in letter.body
            assert "http://127.0.0.1:8000/admin/account/" in letter.body
            assert letter.message().get_content_type() == "text/plain"

    def test_publication_is_told_once_it_is_carried_out_and_only_once(self):
        self.harbour.publish(by=self.erna)
        assert self.addressees() == set()
        carry_out_due()
        [letter] = self.work()
        assert (letter.to, letter.subject) == (["ida@magazine.example"], "Live: “Harbour”")
        assert "http://127.0.0.1:8000/harbour/" in letter.body
        Publication.objects.latest("pk").carry_out()
        assert self.work() == []

    def test_a_change_of_a_live_text_is_called_one(self):
        self.tides.publish(
            by=self.erna, revision=self.tides.keep(self.content("Tides, mended", slug="tides"), by=self.erna)
        )
        carry_out_due()
        assert "A change is live: “Tides, mended”" in {letter.subject for letter in self.work()}

    def test_what_is_scheduled_is_told_with_hour_and_zone_and_again_when_it_is_live(self):
        hour = timezone.now() + timedelta(days=1)
        self.harbour.publish(by=self.erna, at=hour)
        [letter] = self.work()
        assert letter.subject == "Scheduled: “Harbour”"
        assert "(Europe/London)" in letter.body
        assert "http://127.0.0.1:8000/harbour/" not in letter.body
        with time_machine.travel(hour + timedelta(seconds=5)):
            carry_out_due()
            assert "Live: “Harbour”" in {letter.subject for letter in self.work()}

    def test_a_withdrawal_is_told_with_its_reason(self):
        self.tides.withdraw(by=self.erna, because="The wrong ship.")
        [letter] = self.work()
        assert (letter.subject, letter.to) == ("Withdrawn: “Tides”", ["ida@magazine.example"])
        assert "The wrong ship." in letter.body

    def test_what_moves_in_from_elsewhere_is_told_to_nobody(self):
        self.harbour.publish(by=self.erna, at=timezone.now() - timedelta(days=400))
        carry_out_due()
        assert "Live: “Harbour”" not in {letter.subject for letter in self.work()}


class WhoIsNotTold(ToldTestCase):
    def test_whoever_pressed_is_not(self):
        self.harbour.publish(by=self.ida_login)
        carry_out_due()
        assert self.addressees() == set()

    def test_each_mail_has_a_switch_of_its_own(self):
        self.ida_login.choose_mails(["published"], by=self.ida_login)
        self.harbour.submit(by=self.ida_login)
        self.harbour.send_back(by=self.erna, note="No.")
        assert "ida" not in self.addressees()
        self.harbour.publish(by=self.erna)
        carry_out_due()
        assert self.addressees() == {"ida"}

    def test_somebody_who_left_or_has_no_desk_or_no_address_is_not(self):
        for change in ({"is_active": False}, {"is_staff": False}, {"email": ""}):
            article = self.make_draft()
            before = User.objects.filter(pk=self.ida_login.pk).values(*change).get()
            article.submit(by=self.col)
            self.work()
            User.objects.filter(pk=self.ida_login.pk).update(**change)
            article.send_back(by=self.erna)
            assert self.addressees() == set(), change
            User.objects.filter(pk=self.ida_login.pk).update(**before)

    def make_draft(self):
        return type(self.harbour).objects.begin(self.content("Another"), by=self.ida_login)

    def test_somebody_who_changes_their_mind_before_the_worker_comes_is_not(self):
        self.harbour.submit(by=self.ida_login)
        first = ProcrastinateJob.objects.get(task_name=TASKS[0])
        app.tasks[TASKS[0]].func(**first.args)
        User.objects.update(mail_when_submitted=False)
        assert self.addressees() == set()

    def test_a_verb_that_is_undone_tells_nobody(self):
        try:
            self.harbour.send_back(by=self.erna)
        except Exception as refusal:
            assert "submitted" in str(refusal)
        assert self.addressees() == set()


class TheMailItself(ToldTestCase):
    def test_handed_over_twice_it_is_the_same_mail(self):
        self.harbour.submit(by=self.ida_login)
        job = ProcrastinateJob.objects.get(task_name=TASKS[0])
        app.tasks[TASKS[0]].func(**job.args)
        app.tasks[TASKS[0]].func(**job.args)
        names = {letter.extra_headers["Message-ID"] for letter in self.work()}
        assert len(names) == 1

    def test_however_many_are_told_the_queries_are_the_same(self):
        counts = []
        for number in (1, 20):
            for nth in range(number):
                make_user(f"editor{number}-{nth}", roles.EDITOR)
            article = type(self.harbour).objects.begin(self.content(f"Draft {number}"), by=self.ida_login)
            with self.assertNumQueries(self.queries_of_submitting):
                article.submit(by=self.ida_login)
            job = ProcrastinateJob.objects.filter(task_name=TASKS[0]).latest("id")
            with self.assertNumQueries(3) as context:
                app.tasks[TASKS[0]].func(**job.args)
            counts.append(len(context))
        assert counts[0] == counts[1]

    queries_of_submitting = 6

    def test_a_headline_cannot_add_a_header(self):
        self.harbour.keep(self.content("Harbour"), by=self.ida_login)
        type(self.harbour).objects.filter(pk=self.harbour.pk).update(title="A\nBcc: x@evil.example")
        self.harbour.submit(by=self.ida_login)
        [letter] = self.work()
        assert letter.subject == "Submitted: “A Bcc: x@evil.example”"
        assert letter.recipients() == ["erna@magazine.example"]


class OnesOwnAccount(DeskTestCase):
    def test_every_person_of_the_desk_chooses_for_themselves(self):
        for person in (self.ada, self.erna, self.ida_login, self.col, self.noll):
            self.client.force_login(person)
            assert self.client.get("/admin/account/").status_code == 200
            self.client.post("/admin/account/", {"mail_when_withdrawn": "on", "is_superuser": "on"})
            kept = User.objects.get(pk=person.pk)
            assert (kept.mail_when_withdrawn, kept.mail_when_submitted) == (True, False)
            assert kept.is_superuser == person.is_superuser
            assert Entry.objects.newest("choose mails", on=person).person == person

    def test_it_is_in_the_menu_and_by_default_everything_is_on(self):
        self.client.force_login(self.ida_login)
        page = self.client.get("/admin/account/")
        self.assertContains(page, "Your account")
        self.assertContains(page, "checked", count=5)
        self.assertContains(self.client.get("/admin/"), 'href="/admin/account/"')

    def test_somebody_without_a_login_is_sent_to_it(self):
        assert self.client.get("/admin/account/").status_code == 302
        assert self.client.post("/admin/account/", {}).status_code == 302
