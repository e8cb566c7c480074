"""An issue is put together at the desk: begun, arranged part by part, kept, met by two, and taken back."""

import re
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from newsletter.letters.content import Block, IssueContent, Kind
from newsletter.models import Issue, IssueRevision
from newsletter.tasks import send_trial
from newsroom.audit.models import Entry
from newsroom.written import EditConflict
from tests.articles.desk import DeskTestCase
from tests.cast import make_photo, make_user
from tests.newsletter.cast import make_newsletters
from tests.newsletter.letters import make_issue

WORDS = {"kind": "prose", "text": "Good morning."}


class IssueTestCase(DeskTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.weekly, cls.breaking = make_newsletters()
        cls.issue = make_issue(cls.weekly, cls.tides)

    def setUp(self):
        self.client.force_login(self.erna)
        self.issue.refresh_from_db()

    def path(self, rest: str = "change/") -> str:
        return f"/admin/newsletter/issue/{self.issue.pk}/{rest}"

    def sent(self, *rows: dict, **said) -> dict:
        facts = {"subject": "What the tide left", "slug": "tide", "based_on": 1}
        parts = {f"block-{number}-{name}": value for number, row in enumerate(rows) for name, value in row.items()}
        return facts | parts | said

    def kinds(self, page) -> list[str]:
        return re.findall(r'name="block-\d+-kind" value="(\w+)"', page.content.decode())

    def kept(self) -> tuple[Block, ...]:
        self.issue.refresh_from_db()
        return self.issue.content.blocks


class Beginning(IssueTestCase):
    def test_a_copy_of_the_last_one_keeps_its_words_and_leaves_its_articles_out(self):
        said = {"newsletter": self.weekly.pk, "subject": "The next one", "start": "last"}
        answer = self.client.post("/admin/newsletter/issue/add/", said)
        begun = Issue.objects.get(slug="the-next-one")
        assert answer["Location"] == f"/admin/newsletter/issue/{begun.pk}/change/"
        assert begun.content.blocks == (Block("prose", text="Good morning."),)
        assert begun.newest_revision.made_by == self.erna
        assert Entry.objects.newest("begin", on=begun)

    def test_an_empty_one_is_empty_and_takes_nobody_s_address(self):
        for _time in range(2):
            said = {"newsletter": self.weekly.pk, "subject": "Tide", "start": "empty"}
            self.client.post("/admin/newsletter/issue/add/", said)
        slugs = Issue.objects.exclude(pk=self.issue.pk).order_by("pk").values_list("slug", "blocks")
        assert list(slugs) == [("tide-2", []), ("tide-3", [])]

    def test_an_address_of_the_house_is_never_taken(self):
        assert Issue.objects.free_slug(self.weekly, "Unsubscribe") == "unsubscribe-2"


class Arranging(IssueTestCase):
    def press(self, button: str, value, *rows: dict, **said):
        page = self.client.post(self.path(), self.sent(*rows, **said) | {button: value})
        assert page.status_code == 200
        return page

    def test_parts_go_up_and_down_and_out_and_what_was_typed_stays(self):
        rows = ({"kind": "prose", "text": "One"}, {"kind": "quote", "text": "Two", "who": "Mara"}, {"kind": "small"})
        for button, value, order in (
            ("_up", 1, ["quote", "prose", "small"]),
            ("_down", 1, ["prose", "small", "quote"]),
            ("_up", 0, ["prose", "quote", "small"]),
            ("_off", 0, ["quote", "small"]),
        ):
            page = self.press(button, value, *rows, subject="Changed, not saved")
            assert self.kinds(page) == order, (button, value)
            self.assertContains(page, "Changed, not saved")
            self.assertContains(page, "Two")
        self.issue.refresh_from_db()
        assert self.issue.subject == "What the tide left"
        assert self.issue.revisions.count() == 1

    def test_every_kind_of_part_can_be_added_and_articles_are_found_by_their_headline(self):
        for kind in ("prose", "photo", "quote", "small"):
            assert self.kinds(self.press("_add", kind, WORDS)) == ["prose", kind]
        assert self.kinds(self.press("_card", self.tides.pk, WORDS)) == ["prose", "card"]
        assert self.kinds(self.press("_full", self.storm.pk, WORDS)) == ["prose", "full"]
        page = self.press("_find", "1", WORDS, q="tid")
        assert [card["article"] for card in page.context["found"]] == [self.tides]

    def test_a_draft_is_neither_found_nor_added(self):
        page = self.press("_find", "1", WORDS, q=self.harbour.title)
        assert page.context["found"] == []
        assert self.kinds(self.press("_card", self.harbour.pk, WORDS)) == ["prose"]

    def test_numbers_in_the_form_may_have_holes_and_nonsense_does_no_harm(self):
        said = self.sent() | {"block-7-kind": "prose", "block-7-text": "Seven", "block-3-kind": "small", "_up": "99"}
        assert self.kinds(self.client.post(self.path(), said)) == ["prose", "small"]
        for nonsense in ({"_up": "x"}, {"_card": "9" * 30}, {"_add": "script"}, {"block-0-kind": "evil", "_find": "1"}):
            assert self.client.post(self.path(), self.sent() | nonsense).status_code == 200

    def test_what_is_sent_is_kept_in_its_order_with_the_articles_beside_it(self):
        photo = make_photo()
        rows = (
            {"kind": "card", "article": self.salt.pk},
            {"kind": "prose", "text": " \n"},
            {"kind": "photo", "photo": photo.pk, "text": "Low water."},
            {"kind": "full", "article": self.tides.pk},
            {"kind": "quote", "text": "Never again.", "who": "A harbour master"},
        )
        answer = self.client.post(self.path(), self.sent(*rows, from_name="Erna", reply_to="desk@x.example"))
        assert answer.status_code == 302
        assert self.kept() == (
            Block("card", article=self.salt.pk),
            Block("photo", photo=photo.pk, text="Low water."),
            Block("full", article=self.tides.pk),
            Block("quote", text="Never again.", who="A harbour master"),
        )
        assert (self.issue.from_name, self.issue.reply_to) == ("Erna", "desk@x.example")
        assert [row.article for row in self.issue.contents.all()] == [self.salt, self.tides]

    def test_what_is_wrong_is_said_beside_it_and_nothing_is_lost(self):
        rows = ({"kind": "quote", "text": "", "who": "Nobody"}, WORDS)
        page = self.client.post(self.path(), self.sent(*rows, subject="Dear {name|reader}", slug="unsubscribe"))
        for sentence in ("Something is missing here", "take {name|reader} out of it", "an address of the house itself"):
            self.assertContains(page, sentence)
        self.assertContains(page, "Good morning.")
        assert self.issue.revisions.count() == 1

    def test_an_address_that_another_issue_has_is_refused_with_a_sentence(self):
        make_issue(self.weekly, slug="taken")
        page = self.client.post(self.path(), self.sent(WORDS, slug="taken"))
        self.assertContains(page, "This newsletter has an issue at that address")
        assert self.issue.revisions.count() == 1

    def test_a_frozen_one_is_changed_by_nobody(self):
        Issue.objects.filter(pk=self.issue.pk).update(
            frozen_at="2026-01-01T00:00Z",
            letter_html="x",
            letter_text="x",
            letter_from="x",
            letter_head="x",
            audience=0,
        )
        self.issue.refresh_from_db()
        for user in (self.erna, self.ada):
            self.client.force_login(user)
            for rest in ("change/", "restore/1/", "attend/"):
                assert self.client.post(self.path(rest), self.sent(WORDS)).status_code == 403
            # Whoever is writing is told why, and is not asked to log in.
            late = self.client.post(self.path("autosave/"), self.sent(WORDS))
            assert (late.status_code, list(late.json())) == (422, ["refused"])
        for press in (
            lambda: self.issue.keep(IssueContent(subject="Other"), by=self.erna),
            lambda: self.issue.sit(IssueContent(subject="Other"), by=self.erna, sitting=uuid4()),
            lambda: self.issue.restore(self.issue.newest_revision, by=self.erna),
        ):
            with pytest.raises(ValidationError, match="nothing in it is changed any more"):
                press()


class TwoAtOnce(IssueTestCase):
    def both(self, theirs: dict, mine: dict):
        base = IssueContent(subject="S", slug="tide", blocks=(Block("prose", text="One"), Block("small", text="Two")))
        self.issue.keep(base, by=self.erna)
        self.issue.keep(replace(base, **theirs), by=self.ada, based_on=2)
        return self.issue.keep(replace(base, **mine), by=self.erna, based_on=2, sitting=uuid4())

    def test_different_parts_are_put_together(self):
        one, other = Block("prose", text="One, changed"), Block("small", text="Two, changed")
        kept = self.both(
            {"blocks": (one, Block("small", text="Two"))},
            {"blocks": (Block("prose", text="One"), other), "preheader": "P"},
        )
        assert kept.content.blocks == (one, other)
        assert kept.content.preheader == "P"
        assert kept.merged_with.made_by == self.ada

    def test_the_same_part_is_a_conflict_and_what_was_typed_is_kept(self):
        with pytest.raises(EditConflict):
            self.both({"subject": "Theirs"}, {"subject": "Mine"})
        assert self.issue.subject == "Theirs"
        assert self.issue.unsaved_of(self.erna).content.subject == "Mine"

    def test_the_conflict_page_holds_both_letters_whole_and_saving_again_wins(self):
        said = self.sent({"kind": "prose", "text": "Mine, all of it."}, sitting=uuid4())
        self.issue.keep(replace(self.issue.content, blocks=(Block("prose", text="Theirs, all of it."),)), by=self.ada)
        page = self.client.post(self.path(), said)
        assert page.status_code == 409
        self.assertContains(page, "Theirs, all of it.", status_code=409)
        self.assertContains(page, "Mine, all of it.", count=2, status_code=409)
        self.assertContains(page, 'name="based_on" value="2"', status_code=409)
        assert self.client.post(self.path(), said | {"based_on": 2}).status_code == 302
        assert [row.content.words for row in self.issue.revisions.all()] == [
            "Mine, all of it.", "Theirs, all of it.", "Good morning.",
        ]  # fmt: skip

    def test_a_double_click_is_one_revision(self):
        said = self.sent(WORDS, sitting=uuid4())
        for _press in range(2):
            assert self.client.post(self.path(), said).status_code == 302
        assert self.issue.revisions.count() == 2


class Sitting(IssueTestCase):
    def autosave(self, **said):
        return self.client.post(self.path("autosave/"), self.sent({"kind": "prose", "text": "Half a sen"}, **said))

    def test_what_is_typed_is_kept_for_whoever_types_and_shown_to_them_alone(self):
        answer = self.autosave(sitting=uuid4(), slug="un finished").json()
        assert answer["saved"]
        assert self.kept()[0].text == "Good morning."
        self.assertContains(self.client.get(self.path()), "Half a sen")
        self.client.force_login(self.ada)
        self.assertNotContains(self.client.get(self.path()), "Half a sen")

    def test_saving_ends_the_sitting_and_discarding_forgets_it(self):
        token = uuid4()
        self.autosave(sitting=token)
        self.client.post(self.path(), self.sent(WORDS, sitting=token))
        assert not IssueRevision.sittings.exists()
        self.autosave(sitting=token)
        self.client.post(self.path(f"discard/{IssueRevision.sittings.get().sitting}/"))
        assert not IssueRevision.sittings.exists()

    def test_what_a_network_held_up_is_not_kept_over_what_was_typed_later(self):
        token = uuid4()
        self.autosave(sitting=token, turn=2)
        late = self.autosave(sitting=token, turn=1, subject="Older")
        assert late.json() == {"late": 2}
        assert IssueRevision.sittings.get().content.subject != "Older"

    def test_it_is_said_when_somebody_else_has_saved(self):
        self.issue.keep(replace(self.issue.content, subject="Theirs"), by=self.ada)
        said = self.autosave().json()
        assert (said["newest"], said["newestBy"]) == (2, str(self.ada))
        self.issue.keep(replace(self.issue.content, subject="Mine"), by=self.erna)
        assert self.autosave().json()["newestBy"] == ""

    def test_after_a_save_the_browser_may_forget_what_it_kept_of_the_sitting(self):
        token = uuid4()
        answer = self.client.post(self.path(), self.sent(WORDS, sitting=token))
        self.assertRedirects(answer, f"{self.path()}?kept={token}", fetch_redirect_response=False)


class WhoIsThere(IssueTestCase):
    def attend(self, who, **said):
        self.client.force_login(who)
        return self.client.post(self.path("attend/"), said)

    def test_those_who_have_it_open_see_each_other(self):
        assert self.attend(self.erna).json()["others"] == []
        assert self.attend(self.ada).json()["others"] == [str(self.erna)]
        page = self.client.get(self.path())
        self.assertContains(page, f"{self.erna} has this issue open")
        self.client.force_login(self.erna)
        assert self.client.post(self.path("autosave/"), self.sent(WORDS)).json()["others"] == [str(self.ada)]

    def test_whoever_closed_it_or_fell_silent_is_there_no_more(self):
        self.attend(self.erna)
        assert self.attend(self.erna, leave="").status_code == 204
        assert self.attend(self.ada).json()["others"] == []
        with time_machine.travel(timezone.now() + timedelta(seconds=46)):
            assert self.attend(self.erna).json()["others"] == []

    def test_it_is_another_one_that_is_open(self):
        other = Issue.objects.begin(self.weekly, IssueContent(subject="Another"), by=None)
        other.attend(by=self.erna)
        assert self.attend(self.ada).json()["others"] == []

    def test_an_earlier_revision_comes_back_as_a_new_one_unless_somebody_saved_meanwhile(self):
        self.issue.keep(replace(self.issue.content, subject="Second"), by=self.erna)
        self.assertContains(self.client.get(self.path("history/")), "Second")
        self.client.post(self.path("restore/1/"), {"based_on": 1})
        assert self.issue.revisions.count() == 2
        self.client.post(self.path("restore/1/"), {"based_on": 2})
        self.issue.refresh_from_db()
        assert (self.issue.subject, self.issue.revisions.count()) == ("What the tide left", 3)
        assert Entry.objects.newest("restore", on=self.issue).details == {"of": 1, "revision": 3}


class Comparing(IssueTestCase):
    def compared(self, **asked):
        return self.client.get(self.path("compare/"), asked)

    def test_it_is_told_word_by_word_what_became_of_each_part(self):
        before = self.issue.content
        blocks = (
            replace(before.blocks[0], text="Good <evening>.\n\nAnd more."),
            Block(Kind.QUOTE, "Low water.", who="Ida"),
            Block(Kind.PHOTO, "Mud.", photo=self.photo.pk),
        )
        after = replace(before, subject="What the tide brought", blocks=blocks)
        self.issue.keep(after, by=self.erna)
        page = self.compared()
        self.assertContains(page, "Revisions 1 and 2")
        self.assertContains(page, "<dt>Subject</dt>", html=True)
        gone, new = (
            re.sub(r"<[^>]+>", "", " ".join(re.findall(rf"<{tag}>(.*?)</{tag}>", page.text))) for tag in ("del", "ins")
        )
        for words in ("left", "morning", "Article: Tides"):
            assert words in gone
        for words in ("brought", "&lt;evening&gt;", "And more.", "Low water.", "Ida", "Mud."):
            assert words in new
        self.assertContains(self.client.get(self.path("history/")), "compare/?new=2")

    def test_what_is_the_same_says_so_and_what_is_not_there_is_not_found(self):
        self.assertContains(self.compared(new=1, old=1), "These two are the same")
        self.assertRedirects(self.compared(), self.path("history/"))
        for nonsense in ("9", "x", "-1", "9" * 40):
            assert self.compared(new=nonsense).status_code == 404


class Looking(IssueTestCase):
    def test_it_is_seen_narrow_wide_dark_without_pictures_and_as_text(self):
        page = self.client.get(self.path("preview/"))
        self.assertContains(page, "issue__frame--390")
        self.assertContains(page, "issue__frame--700")
        self.assertContains(page, "A copy weighs")
        light, dark, bare = (
            self.client.get(self.path("preview/"), asked).context["views"][0][2]
            for asked in ({}, {"look": "dark"}, {"pictures": "off"})
        )
        assert "@media not all" in light and "@media all" in dark
        assert 'src="' in light and 'src="' not in bare and 'alt="Grey water' in bare

    def test_what_is_not_saved_yet_is_shown_and_said(self):
        self.issue.sit(replace(self.issue.content, subject="Not yet"), by=self.erna, sitting=uuid4())
        page = self.client.get(self.path("preview/"))
        self.assertContains(page, "what you wrote and have not saved")
        assert "Not yet" in page.context["text"]

    def test_a_scheduled_article_is_shown_as_it_will_be_and_keeps_the_letter_from_going_before(self):
        self.issue.keep(replace(self.issue.content, blocks=(Block(Kind.FULL, article=self.storm.pk),)), by=None)
        assert "Storm" in self.issue.preview().text
        assert "Storm" not in self.issue.letter().text
        assert [code.code for code in self.issue.problems(at=self.issue.created_at)][:1] == ["articles"]

    def test_a_letter_that_gmail_would_cut_off_is_told_so(self):
        self.issue.keep(replace(self.issue.content, blocks=(Block("prose", text="Ω " * 9_000),) * 3), by=None)
        self.assertContains(self.client.get(self.path("preview/")), "Gmail cuts off")


class Trying(IssueTestCase):
    def try_out(self, *people):
        return self.client.post(self.path("try/"), {"to": [person.pk for person in people]}, follow=True)

    def jobs(self):
        return ProcrastinateJob.objects.filter(task_name="newsletter.try_out")

    def test_a_trial_is_marked_has_the_letter_s_layout_and_nobody_s_links(self):
        self.assertContains(self.try_out(self.erna), "on its way to 1 person")
        [job] = self.jobs()
        send_trial(**job.args)
        from django.core import mail

        [sent] = mail.outbox
        assert sent.to == [self.erna.email]
        message = sent.message()
        assert message["Subject"] == "[Test] What the tide left"
        assert message["List-Unsubscribe"] is None
        whole = sent.body + sent.alternatives[0].content
        assert "reader@example.org" in whole
        assert not re.search("[\ue000\ue001]|unsubscribe/|preferences/", whole)
        assert Entry.objects.newest("try out", on=self.issue).details == {"copies": 1, "to": [self.erna.pk]}

    def test_it_goes_to_people_of_the_house_alone_and_not_for_ever(self):
        stranger = make_user("stranger", "contributor")
        self.assertContains(self.try_out(stranger), "Choose who is to get the trial.")
        for _time in range(10):
            self.try_out(self.erna, self.ada)
        self.assertContains(self.try_out(self.erna), "too many: wait a little")
        assert self.jobs().count() == 20
