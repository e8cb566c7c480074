"""Lists from elsewhere: each is read right or refused with a sentence, and nobody who left comes back."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from newsletter.models import Consent, Subscriber, Subscription, Suppression
from newsletter.people.exporting import export_subscribers
from newsletter.people.importing import Report, import_subscribers
from newsletter.people.keys import PLAIN, Keys
from newsletter.people.sources import moment
from newsletter.people.suppressions import import_suppressions
from newsletter.people.tables import FORMULAS, harmless, plain
from newsroom.addresses import check_email, email_key
from newsroom.audit.models import Entry
from tests.newsletter.cast import NILS, OTTO, ROSA, LettersTestCase, rows
from tests.real import needs_real_files, real


class ListsTestCase(LettersTestCase):
    def file(self, text: str | bytes, name: str = "list.csv") -> Path:
        path = settings.SCRATCH / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def bring(self, text: str | bytes, name: str = "list.csv", **named) -> Report:
        return import_subscribers(self.file(text, name), **{"newsletter": self.weekly, "by": None} | named)

    def keep_away(self, text: str, name: str = "list.csv", **named) -> Report:
        everywhere = [self.weekly, self.breaking]
        return import_suppressions(self.file(text, name), **{"newsletters": everywhere, "by": None} | named)

    def stand(self, email: str, newsletter=None) -> Subscription:
        return Subscription.objects.get(subscriber__email_key=email_key(email), newsletter=newsletter or self.weekly)

    def outcomes(self, report: Report) -> dict[str, int]:
        return {name: count for name, count in report.outcomes.items() if count}

    def mailable(self, newsletter=None) -> set[str]:
        found = Subscription.objects.to([newsletter or self.weekly]).mailable()
        return set(found.values_list("subscriber__email", flat=True))


class WhoComesIn(ListsTestCase):
    def test_new_people_are_subscribed_with_the_sources_own_moments(self):
        report = self.bring("email,created_at,labels\nAnna@Readers.example,2023-07-26T11:50:00.000Z,x\n")
        assert self.outcomes(report) == {"joined": 1}
        place = self.stand("anna@readers.example")
        assert place.subscriber.email == "Anna@Readers.example"
        assert place.asked_at == place.confirmed_at == datetime(2023, 7, 26, 11, 50, tzinfo=UTC)
        [evidence] = Consent.objects.of(place.subscriber.key_hash)
        assert (evidence.act, evidence.source, evidence.newsletter) == ("imported", "Ghost: list.csv", "Weekly")
        assert evidence.told == {"asked": "2023-07-26T11:50:00+00:00", "line": "2"}
        assert evidence.at > timezone.now() - timedelta(minutes=1)

    def test_who_left_here_stays_away(self):
        left_at = self.otto.left_at
        assert self.outcomes(self.bring(f"email\n{OTTO.upper()}\n")) == {"left_here": 1}
        self.otto.refresh_from_db()
        assert self.otto.left_at == left_at
        assert self.mailable() == {ROSA}

    def test_who_left_and_asked_again_but_did_not_confirm_stays_away(self):
        self.otto.subscriber.ask([self.weekly])
        assert self.outcomes(self.bring(f"email\n{OTTO}\n")) == {"left_here": 1}
        assert self.mailable() == {ROSA}

    def test_suppressed_ones_are_told_and_stay_so(self):
        for reason in Suppression.Reason:
            Suppression.objects.bar(f"{reason}@readers.example", reason)
        report = self.bring("email\n" + "".join(f"{reason}@readers.example\n" for reason in Suppression.Reason))
        assert self.outcomes(report) == {"suppressed": 4}
        assert self.mailable() == {ROSA}
        assert Subscriber.objects.filter(email__startswith="erased").count() == 0

    def test_who_never_confirmed_here_is_confirmed_by_a_list_that_says_so(self):
        assert self.outcomes(self.bring(f"email\n{NILS}\n")) == {"joined": 1}
        assert NILS in self.mailable()

    def test_a_second_time_changes_nothing(self):
        text = "email,subscribed\na@r.example,true\nb@r.example,false\nb2@r.example,true\n" + f"{ROSA},false\n"
        self.bring(text)
        known = rows()
        known.pop("Entry", None)
        report = self.bring(text)
        assert self.outcomes(report) == {"already": 2, "left_here": 2}
        assert rows() == known

    def test_a_dry_run_says_the_same_and_changes_nothing(self):
        text = f"email,subscribed\na@r.example,true\nb@r.example,false\n{OTTO},true\n{ROSA},false\nx,true\n"
        known, lines = rows(), Entry.objects.count()
        dry = self.bring(text, dry_run=True)
        assert rows() == known and Entry.objects.count() == lines
        assert dry.outcomes == self.bring(text).outcomes
        [line] = Entry.objects.filter(verb="import subscribers")
        assert (line.subject, line.details["joined"], line.details["file"]) == ("Weekly", 1, "list.csv")

    def test_one_address_in_many_spellings_is_one_and_its_leaving_counts(self):
        report = self.bring(
            "email,subscribed\nA@r.example,true\n a@R.EXAMPLE ,false\na@r.example,true\n"
            "z@münchen.example,true\nZ@xn--mnchen-3ya.example,true\n"
        )
        assert self.outcomes(report) == {"left_there": 1, "joined": 1, "repeated": 3}
        assert self.stand("a@r.example").has_left


class WhoStaysOut(ListsTestCase):
    def test_the_leavings_of_the_source_are_leavings_here(self):
        text = (
            f"email,status,unsubscribed_at,tier\n{ROSA},inactive,,x\nnew@r.example,active,2024-03-13 11:33:53 UTC,x\n"
        )
        assert self.outcomes(self.bring(text)) == {"left_there": 2}
        self.rosa.refresh_from_db()
        assert (self.rosa.left_how, self.rosa.has_left) == ("import", True)
        new = self.stand("new@r.example")
        assert (new.left_at, new.left_how) == (datetime(2024, 3, 13, 11, 33, 53, tzinfo=UTC), "import")
        assert self.mailable() == set()
        assert Consent.objects.of(new.subscriber.key_hash).get().act == "left"

    def test_an_older_leaving_does_not_undo_a_newer_confirmation(self):
        text = f"email,unsubscribed_at,tier,status\n{ROSA},2020-01-01 00:00:00 UTC,x,active\n"
        Consent.objects.record(Consent.Act.CONFIRMED, self.rosa)
        assert self.outcomes(self.bring(text)) == {"came_back": 1}
        assert self.mailable() == {ROSA}

    def test_what_is_known_by_hearsay_only_does_not_outdo_an_older_leaving(self):
        self.bring("email\nnew@r.example\n")
        text = "email,unsubscribed_at,tier,status\nnew@r.example,2020-01-01 00:00:00 UTC,x,active\n"
        assert self.outcomes(self.bring(text)) == {"left_there": 1}
        assert self.mailable() == {ROSA}

    def test_bounced_and_blocked_ones_are_suppressed_and_make_no_subscriber(self):
        text = "uuid,email,attributes,status\n1,a@r.example,{},blocklisted\n2,b@r.example,{},enabled\n3,c@r.example,{},disabled\n"
        assert self.outcomes(self.bring(text)) == {"barred": 1, "joined": 1, "left_there": 1}
        assert Suppression.objects.get().reason == "operator"
        assert not Subscriber.objects.filter(email_key="a@r.example").exists()
        cleaned = "Email Address,MEMBER_RATING,CLEAN_TIME\nb@r.example,2,2024-01-01 00:00:00\n"
        assert self.outcomes(self.bring(cleaned)) == {"barred": 1}
        assert "b@r.example" not in self.mailable()

    def test_mailchimps_files_are_known_by_their_names_too(self):
        text = "Email Address,MEMBER_RATING,OPTIN_TIME\na@r.example,2,2024-01-01 00:00:00\n"
        for name in ("unsubscribed_members_export_1.csv", "nonsubscribed_members_export_1.csv"):
            self.bring(text, name=name)
            assert self.stand("a@r.example").has_left
        assert self.outcomes(self.bring(text, name="subscribed.csv")) == {"left_here": 1}

    def test_those_who_never_confirmed_there_are_not_taken_in(self):
        text = "email,type,metadata\na@r.example,unactivated,{}\nb@r.example,regular,{}\n"
        assert self.outcomes(self.bring(text)) == {"unconfirmed": 1, "joined": 1}
        assert self.mailable() == {ROSA, "b@r.example"}

    def test_a_state_that_nobody_knows_is_refused(self):
        report = self.bring("email,status\na@r.example,perhaps\nb@r.example,\n")
        assert self.outcomes(report) == {"refused": 2}
        assert report.refusals[0] == {"line": 2, "why": "“perhaps” in the column “status” is no state that we know."}


class WhatLiesInFiles(ListsTestCase):
    def test_every_encoding_that_a_spreadsheet_writes(self):
        text = "email;Straße\r\nä@r.example;x\r\na@r.example;Ä\r\n"
        for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"):
            report = self.bring(text.encode(encoding), dry_run=True)
            assert self.outcomes(report) == {"joined": 1, "refused": 1}, encoding

    def test_nul_and_cells_without_end_cost_their_row_alone(self):
        text = "email,note\na\0@r.example,x\n" + f"b@r.example,{'x' * 200_000}\n" + "c@r.example,ok\n"
        report = self.bring(text)
        assert self.outcomes(report) == {"refused": 2, "joined": 1}
        assert [refusal["line"] for refusal in report.refusals] == [2, 3]

    def test_a_quotation_mark_that_nobody_closes_costs_its_row_alone(self):
        text = 'email,note\na@r.example,"open\nb@r.example,x\nc@r.example,"y\nz"\n'
        report = self.bring(text)
        assert [refusal["line"] for refusal in report.refusals] == [2]
        assert self.mailable() == {ROSA, "b@r.example", "c@r.example"}

    def test_a_line_without_end(self):
        text = "email,note\n" + "x" * 3_000_000 + "\nb@r.example,x\n"
        assert self.outcomes(self.bring(text)) == {"refused": 1, "joined": 1}

    def test_more_cells_than_columns_are_refused_unless_they_are_empty(self):
        report = self.bring("name,email\nAlice,alice@r.example,extra\nBob,bob@r.example,,\nCleo\n")
        assert self.outcomes(report) == {"refused": 2, "joined": 1}

    def test_formulas_are_addresses_or_refused_and_the_refused_rows_are_harmless(self):
        refused = io.StringIO()
        report = self.bring("email,name\n\"=cmd|' /C calc'!A0\",@SUM(1)\n'+a@r.example,x\n", refused=refused)
        assert self.outcomes(report) == {"refused": 1, "joined": 1}
        assert self.stand("+a@r.example")
        [_header, row] = csv.reader(io.StringIO(refused.getvalue()))
        assert row[0] == "2" and row[2:] == ["'=cmd|' /C calc'!A0", "'@SUM(1)"]

    def test_what_is_no_table_is_refused_with_a_sentence(self):
        for content, said in (
            (b"", "empty"),
            (b"\n\n", "empty"),
            (b"PK\x03\x04xx", "ZIP archive or an Excel file"),
            (b"a@r.example\nb@r.example\n", "not the names of the columns"),
            (b"title,html\nx,y\n", "there are: title, html"),
            (b"\xff\xfe", "empty"),
        ):
            with self.assertRaisesMessage(ValidationError, said):
                self.bring(content)

    def test_a_column_of_any_name_can_be_said(self):
        report = self.bring("correo,nombre\na@r.example,x\n", email_column="Correo")
        assert self.outcomes(report) == {"joined": 1}

    @needs_real_files
    def test_every_real_file(self):
        expected = {
            "MailPoetImportList.csv": ("MailPoet", {"joined": 10, "refused": 1}),
            "fixtures_subscriber_emails.csv": ("Substack", None),
            "ghost-comped-member-import-tier.csv": ("Ghost", {"joined": 1}),
            "ghost-member-csv-export.csv": ("Ghost", {"joined": 1, "left_there": 1}),
            "ghost-members-duplicate-emails.csv": ("CSV", {"joined": 1, "repeated": 1}),
            "ghost-members-newsletters-step1.csv": ("Ghost", {"joined": 2, "left_there": 1}),
            "ghost-members-ragged-row.csv": ("CSV", {"joined": 2}),
            "ghost-valid-members-import-large.csv": ("Ghost", {"joined": 1, "left_there": 9}),
            "malformed.csv": ("CSV", {"refused": 1}),
            "members.csv": ("beehiiv", {"joined": 5, "left_there": 3, "unconfirmed": 1}),
            "subs-domain-blocklist.csv": ("listmonk", {"joined": 4}),
            "subscribed.csv": ("Mailchimp", {"joined": 5}),
            "subscribers.csv": ("Curated", None),
        }
        refused = {"ghost-valid-posts-import.csv", "ghost-members-with-mappings.csv"}
        for path in sorted(real("subscribers").iterdir()):
            if path.name in refused:
                with pytest.raises(ValidationError):
                    import_subscribers(path, newsletter=self.weekly, by=None)
                continue
            report = import_subscribers(path, newsletter=self.weekly, by=None, dry_run=True)
            source, outcomes = expected.get(path.name, (None, None))
            with self.subTest(path.name):
                assert report.rows == report.outcomes.total() > 0
                assert source in {None, report.source}
                assert outcomes is None or self.outcomes(report) == outcomes
        with self.assertRaisesMessage(ValidationError, "there are: id, secondary_id"):
            import_subscribers(real("buttondown/emails.csv"), newsletter=self.weekly, by=None)


class Suppressing(ListsTestCase):
    def test_the_lists_of_the_services_are_known_by_their_headers(self):
        for name, text, reason in (
            ("a.csv", "status,reason,email,created\n5.1.1,550 no such user,ROSA@readers.example,1609459200\n", "bounced"),
            ("a.csv", "ip,email,created\n192.0.2.1,rosa@readers.example,1609459200\n", "complaint"),
            ("a.csv", "address,code,error,created_at\nrosa@readers.example,550,no,\"Fri, 01 Jan 2021 00:00:00 UTC\"\n", "bounced"),
            ("complaints.csv", "address,created_at\nrosa@readers.example,x\n", "complaint"),
            ("a.csv", "EmailAddress,SuppressionReason,Origin,CreatedAt\nrosa@readers.example,HardBounce,Recipient,2021-01-01T00:00:00Z\n", "bounced"),
            ("a.csv", "EmailAddress,SuppressionReason,Origin,CreatedAt\nrosa@readers.example,SpamComplaint,Recipient,\n", "complaint"),
            ("a.csv", "Email address,Reason,Last update time\nrosa@readers.example,COMPLAINT,2021-01-01T00:00:00Z\n", "complaint"),
            ("a.csv", "Email Address,CLEAN_TIME\nrosa@readers.example,2099-01-01 00:00:00\n", "bounced"),
        ):  # fmt: skip
            Suppression.objects.all().delete()
            Subscription.objects.filter(pk=self.rosa.pk).update(confirmed_at=datetime(2020, 1, 1, tzinfo=UTC))
            report = self.keep_away(text, name)
            assert self.outcomes(report) == {"barred": 1}, text
            assert Suppression.objects.get().reason == reason, text
            assert self.mailable() == set()

    def test_unsubscribes_hold_for_every_newsletter_and_for_people_who_are_not_here_yet(self):
        report = self.keep_away("address,tags,created_at\nnew@r.example,*,x\nrosa@readers.example,*,x\n")
        assert self.outcomes(report) == {"left_there": 4}
        assert self.outcomes(self.bring(f"email\nnew@r.example\n{ROSA}\n")) == {"left_here": 2}
        assert self.mailable() == set()

    def test_what_was_a_refusal_of_the_moment_suppresses_nobody(self):
        report = self.keep_away("status,reason,email,created\n4.2.2,452 full,rosa@readers.example,1609459200\n")
        assert self.outcomes(report) == {"refused": 1}
        with self.assertRaisesMessage(ValidationError, "refusals of the moment"):
            self.keep_away("status,reason,email,created\n", "suppression_blocks.csv")

    def test_a_list_that_does_not_say_what_it_is_of_is_refused_until_somebody_does(self):
        with self.assertRaisesMessage(ValidationError, "choose bounces, complaints or unsubscribes"):
            self.keep_away(f"email\n{ROSA}\n")
        assert self.outcomes(self.keep_away(f"email\n{ROSA}\n", kind="complaints")) == {"barred": 1}

    def test_a_complaint_outlives_a_bounce_and_not_the_reverse(self):
        self.keep_away(f"email\n{ROSA}\n", kind="bounces")
        self.keep_away(f"email\n{ROSA}\n", kind="complaints")
        self.keep_away(f"email\n{ROSA}\n", kind="bounces")
        assert Suppression.objects.get().reason == "complaint"


class ThereAndBack(ListsTestCase):
    def state(self) -> list:
        people = Subscriber.objects.order_by("email_key").values_list("email", "email_key", "created_at")
        places = Subscription.objects.order_by("subscriber__email_key", "newsletter").values_list(
            "subscriber__email", "newsletter", "asked_at", "confirmed_at", "left_at", "left_how"
        )
        return [*people, *places, *Suppression.objects.order_by("key_hash").values_list("key_hash", "reason", "at")]

    def test_what_goes_out_comes_back_the_same(self):
        Subscriber.objects.known_as("nobody@r.example")
        for odd in (
            "=1+1@r.example",
            "'=x@r.example",
            "+a@r.example",
            "o'neil@r.example",
            '"a,b"@r.example',
            "-@r.example",
        ):
            self.bring(f'email\n"{odd.replace(chr(34), chr(34) * 2)}"\n')
        self.bring(f"email\n{ROSA}\n", newsletter=self.breaking)
        self.otto.subscriber.ask([self.weekly])
        Suppression.objects.bar(NILS, Suppression.Reason.COMPLAINT)
        before = self.state()
        written = b"".join(export_subscribers(by=None))
        Subscriber.objects.all().delete()
        Suppression.objects.all().delete()
        report = self.bring(written, newsletter=None)
        assert not report.outcomes["refused"], report.refusals
        assert self.state() == before
        assert self.bring(written, newsletter=None).outcomes["joined"] == 0
        assert self.state() == before

    def test_no_cell_of_it_is_a_formula(self):
        self.bring("email\n=1+1@r.example\n-a@r.example\n")
        cells = [
            cell for row in csv.reader(io.StringIO(b"".join(export_subscribers(by=None)).decode())) for cell in row
        ]
        assert "'=1+1@r.example" in cells
        assert not [cell for cell in cells if cell[:1] in set(FORMULAS)]

    def test_one_newsletter_of_it(self):
        self.bring("email\nonly@r.example\n", newsletter=self.breaking)
        written = b"".join(export_subscribers(by=None, newsletter=self.breaking)).decode()
        assert "only@r.example" in written and ROSA not in written
        assert Entry.objects.filter(verb="export subscribers", subject="Breaking").exists()


class Commands(ListsTestCase):
    def test_they_say_what_became_of_the_rows(self):
        path, out = self.file(f"email\na@r.example\n{OTTO}\nx\n"), io.StringIO()
        call_command("import_subscribers", path, newsletter="weekly", stdout=out, json=True)
        told = json.loads(out.getvalue())
        assert told["outcomes"] == {"joined": 1, "left_here": 1, "refused": 1}
        call_command("import_subscribers", path, newsletter="weekly", dry_run=True, stdout=out)
        assert "Nothing was changed." in out.getvalue() and "line 4: This does not look like" in out.getvalue()

    def test_refusals_are_one_sentence(self):
        for facts, said in (({"newsletter": "none"}, "There are: weekly, breaking"), ({}, "Say for which newsletter")):
            with self.assertRaisesMessage(CommandError, said):
                call_command("import_subscribers", self.file("email\na@r.example\n"), **facts)
        with self.assertRaisesMessage(CommandError, "cannot be read"):
            call_command("import_subscribers", "/nowhere.csv", newsletter="weekly")
        with self.assertRaisesMessage(CommandError, "--newsletter SLUG, or --all"):
            call_command("import_suppressions", self.file("email\na@r.example\n"), kind="bounces")


LOCAL = st.text(st.sampled_from("abcXYZ019._+-'\"= ä@"), min_size=0, max_size=12)
DOMAIN = st.text(st.sampled_from("abX09.-_ßä"), min_size=0, max_size=20)


@given(LOCAL, DOMAIN, st.sampled_from(["", ".example", ".org", ".xn--p1ai", ".c", ".123"]))
def test_the_fast_look_at_an_address_answers_as_the_slow_one(local, domain, end):
    typed = f"{local}@{domain}{end}"
    if PLAIN.fullmatch(typed):
        assert Keys().of(typed)[:2] == (check_email(typed), email_key(typed))


@given(st.text())
def test_what_was_made_harmless_is_made_plain_again(text):
    assert plain(harmless(text), ours=True) == text
    assert harmless(text)[:1] not in set(FORMULAS)


def test_a_moment_is_taken_only_where_there_is_no_doubt():
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert moment("2021-02-04 07:55:20 +0000", now) == datetime(2021, 2, 4, 7, 55, 20, tzinfo=UTC)
    assert moment("2023-03-24 10:23:10 UTC", now) == datetime(2023, 3, 24, 10, 23, 10, tzinfo=UTC)
    for doubtful in ("", "01/02/2023", "1970-01-01", "2099-01-01", "yesterday at noon"):
        assert moment(doubtful, now) is None
