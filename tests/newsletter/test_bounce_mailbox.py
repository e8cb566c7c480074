"""A mailbox of returns: each mail is read right or refused with a sentence, and marked only when it was taken in."""

import io
import tarfile
import tempfile
import tracemalloc
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.management import CommandError, call_command
from django.test import override_settings

from newsletter.models import Fact, Return, Suppression
from newsletter.returns.emptying import empty
from newsletter.returns.mailbox import MailboxAway, opened
from newsletter.returns.reading import LONGEST, read
from newsletter.tasks import read_bounces
from tests.newsletter.bounces import FULL, LATER, accepted, arf, dsn
from tests.newsletter.cast import ROSA
from tests.newsletter.letters import PAUL, SendingTestCase, frozen
from tests.newsletter.sink import Line, raw_server
from tests.real import needs_real_files, real

SENTENCE = b"From: rosa@readers.example\nTo: letters@magazine.example\nSubject: Thank you\n\nA fine letter.\n"
# What each of the real ones is, by its name; of those that name two recipients, both.
SAYS = {
    **dict.fromkeys(["arf-01", "arf-02", "arf-11", "arf-14"], "complained"),
    "arf-12": "unsubscribed",
    **dict.fromkeys(["lhost-amazonses-01", "lhost-exim-01", "lhost-exim-03", "lhost-gmail-03", "lhost-office365-03",
                     "lhost-qmail-03", "rfc3464-03", "rfc3464-08"], "blocked"),
    **dict.fromkeys(["lhost-amazonses-02", "lhost-exchange2007-01", "lhost-gmail-01", "lhost-office365-01",
                     "lhost-office365-02", "lhost-outlook-02", "lhost-postfix-01", "lhost-postfix-03",
                     "lhost-qmail-01", "lhost-sendgrid-01", "lhost-sendgrid-02", "lhost-sendmail-01",
                     "lhost-sendmail-03", "rfc3464-01", "rfc3464-06"], "bounced"),
    **dict.fromkeys(["lhost-amazonses-03", "lhost-exchange2007-02", "lhost-exchange2007-03", "lhost-outlook-01",
                     "lhost-outlook-03", "lhost-sendgrid-03", "rfc3464-04", "broken-mime", "delayed"], "returned"),
    **dict.fromkeys(["lhost-exim-02", "lhost-qmail-02", "lhost-postfix-02", "lhost-sendmail-02"],
                    "bounced returned"),
    **dict.fromkeys(["rfc3464-07", "rfc3464-09"], "delayed"),
    **dict.fromkeys(["rfc3834-01", "rfc3834-02", "rfc3834-03"], "autoreply"),
    **dict.fromkeys(["disposition-notification", "false-multipart", "missing-final-boundary", "no-ctype"], ""),
}  # fmt: skip


def real_ones() -> dict[str, bytes]:
    found = {path.stem: path.read_bytes() for path in real("bounces").glob("*.eml")}
    with tarfile.open(real("bounces/sisimai-open.tar.gz")) as archive:
        for member in archive.getmembers():
            if member.isfile():
                found[Path(member.name).stem] = archive.extractfile(member).read()
    return found


def kinds(content: bytes) -> str:
    try:
        return " ".join(sorted(report.kind.value for report in read(content)))
    except ValidationError as refusal:
        assert all(sentence.endswith(".") for sentence in refusal.messages)
        return ""


@needs_real_files
def test_each_real_one_is_read_right_or_refused_with_a_sentence():
    found = real_ones()
    assert len(found) == 50
    assert {name: kinds(content) for name, content in found.items()} == SAYS


@needs_real_files
@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_each_real_one_cut_off_anywhere_never_breaks_the_reader(newline):
    for content in real_ones().values():
        content = content.replace(b"\r\n", b"\n").replace(b"\n", newline)
        for part in range(1, 12):
            kinds(content[: len(content) * part // 12])
            kinds(content[len(content) * part // 12 :])


def deep(levels: int) -> bytes:
    heads = [f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(levels)]
    return b"From: mailer-daemon@x.example\nSubject: Undeliverable\n" + "".join(heads).encode()


FAILURE = b"From: mailer-daemon@x.example\nSubject: undeliverable\n"
NESTED = b"Content-Type: message/rfc822\n\n"


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\n\n", b"\0" * 5000, b"\xff" * 5000, b"x" * 3_000_000, b"A: " + b"b" * 2_000_000, b"A: b\n" * 100_000,
        deep(50), deep(20_000), NESTED * 20_000, b"{}", b"[]", b"From: " + b"<" * 100_000,
        b"Subject: =?x?b?" + b"=" * 9000, FAILURE + b"\n" + b"a@" * 400_000,
        FAILURE + b"\n" + b"user unknown " * 60_000,
        FAILURE + b"Content-Type: text/plain; charset=klingon\n\n<a@b.example>",
        b"Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; \0\nAction: failed\nStatus: 5.1.1\n",
        b'Content-Type: multipart/report; boundary="x"\n\n' + b"--x\nContent-Type: message/delivery-status\n" * 20_000,
        b"Date: Thu, 99 Foo 99999 99:99:99 +9999\nAuto-Submitted: auto-replied\nFrom: a@b.example\n\n",
    ],
)  # fmt: skip
def test_a_huge_or_broken_mail_is_read_in_bounded_memory_or_refused(content):
    tracemalloc.start()
    kinds(content)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 60_000_000


class MailboxTestCase(SendingTestCase):
    def setUp(self):
        frozen(self.issue)
        accepted(self.issue)
        self.to_rosa, self.to_paul = self.delivery_to(ROSA), self.delivery_to(PAUL)
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def command(self, *arguments: str, **options) -> str:
        out = io.StringIO()
        call_command("read_bounces", *map(str, arguments), stdout=out, **options)
        return out.getvalue()

    def written(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path


class TheCommand(MailboxTestCase):
    def test_it_reads_files_and_says_what_they_were(self):
        gone, thanks = self.written("gone.eml", dsn(self.to_rosa)), self.written("thanks.eml", SENTENCE)
        said = self.command(gone, thanks)
        assert f"{thanks}: This is a letter from somebody, and no report." in said
        assert "2 mails: 1 bounced; 1 of them news, 0 about no letter of ours; 1 refused." in said
        assert self.rosa.subscriber.bar.reason == Suppression.Reason.BOUNCED
        assert "0 of them news" in self.command(gone)

    def test_a_dry_run_changes_nothing(self):
        assert "Nothing was changed." in self.command(self.written("a.eml", dsn(self.to_rosa)), dry_run=True)
        assert not Return.objects.exists() and not Fact.objects.exists() and self.rosa.subscriber.bar is None

    def test_it_takes_an_mbox_apart_and_reads_folders(self):
        mails = [dsn(self.to_rosa), arf(self.to_paul), SENTENCE]
        box = b"".join(b"From MAILER-DAEMON Tue Nov 24 10:00:00 2026\n" + mail + b"\n" for mail in mails)
        self.written("returns.mbox", box)
        said = self.command(self.folder)
        assert "returns.mbox, 3: This is a letter" in said
        assert "3 mails: 1 bounced, 1 complained; 2 of them news" in said

    def test_what_is_no_mail_gets_a_sentence(self):
        archive, hook = (
            self.written("all.tar.gz", b"\x1f\x8b\x08" + b"x" * 99),
            self.written("hook.json", b'[{"a": 1}]'),
        )
        with self.assertRaisesMessage(CommandError, "is an archive: unpack it first."):
            self.command(archive)
        with self.assertRaisesMessage(CommandError, "No such file"):
            self.command(self.folder / "nowhere.eml")
        with self.assertRaisesMessage(CommandError, "set BOUNCE_MAILBOX_URL"):
            self.command()
        assert "This is what a mail service posts to /newsletter/returns/" in self.command(hook)

    def test_of_a_mail_larger_than_memory_only_the_beginning_is_read(self):
        path = self.folder / "huge.eml"
        with path.open("wb") as file:
            file.write(dsn(self.to_rosa).replace(b"--edge--\n", b"--edge\n\n"))
            file.truncate(400 * LONGEST)
        tracemalloc.start()
        assert "1 bounced" in self.command(path)
        assert tracemalloc.get_traced_memory()[1] < 60_000_000
        tracemalloc.stop()

    def test_delayed_full_and_away_are_told_apart_from_gone(self):
        away = b"From: rosa@readers.example\nAuto-Submitted: auto-replied\nSubject: On holiday\n\nBack in May.\n"
        for name, content in (("1", dsn(self.to_rosa, **LATER)), ("2", dsn(self.to_rosa, **FULL)), ("3", away)):
            self.written(f"{name}.eml", content)
        assert "3 mails: 1 autoreply, 1 delayed, 1 returned;" in self.command(self.folder)
        assert self.rosa.subscriber.bar is None


class TheMaildir(MailboxTestCase):
    def test_what_was_read_is_seen_and_what_is_for_people_is_flagged(self):
        self.written("new/1.host", dsn(self.to_rosa))
        self.written("new/2.host", SENTENCE)
        with override_settings(BOUNCE_MAILBOX_URL=f"maildir://{self.folder}"):
            assert "1 bounced" in read_bounces(timestamp=0)
            assert "0 mails" in read_bounces(timestamp=0)
        assert sorted(path.name for path in (self.folder / "cur").iterdir()) == ["1.host:2,S", "2.host:2,FS"]

    def test_the_worker_s_job_outlives_a_mailbox_that_is_away(self):
        with override_settings(BOUNCE_MAILBOX_URL="imap://rosa:secret@127.0.0.1:9/"):
            assert "secret" not in read_bounces(timestamp=0)
        assert read_bounces(timestamp=0) == ""


class TheServers(MailboxTestCase):
    """A server that plays its part for one connection."""

    def test_imap_marks_what_it_took_and_fetches_no_more_than_the_beginning(self):
        mail, asked = dsn(self.to_rosa), []

        def script(line: Line) -> None:
            line.say("* OK ready")
            while True:
                tag, _space, rest = line.hear().decode().strip().partition(" ")
                asked.append(rest)
                match rest.split()[:2]:
                    case ["CAPABILITY", *_]:
                        line.say("* CAPABILITY IMAP4rev1")
                    case ["SELECT", *_]:
                        line.say("* 2 EXISTS")
                    case ["UID", "SEARCH"]:
                        line.say("* SEARCH 7 8")
                    case ["UID", "FETCH"]:
                        content = mail if " 7 " in rest else SENTENCE
                        line.connection.sendall(b"* 1 FETCH (UID 7 BODY[]<0> {%d}\r\n%s)\r\n" % (len(content), content))
                line.say(f"{tag} OK done")
                if rest == "LOGOUT":
                    return

        with raw_server(script) as port:
            tally = empty(opened(f"imap://letters:a%20word@127.0.0.1:{port}/Returns"))
        assert (tally.news, len(tally.refused)) == (1, 1)
        assert 'LOGIN letters "a word"' in asked and 'SELECT "Returns"' in asked
        assert f"UID FETCH 7 (BODY.PEEK[]<0.{LONGEST}>)" in asked
        assert [line for line in asked if "STORE" in line] == [
            r"UID STORE 7 +FLAGS (\Seen)", r"UID STORE 8 +FLAGS (\Seen \Flagged)"
        ]  # fmt: skip

    def test_pop3_deletes_what_it_took_and_nothing_else(self):
        asked = []

        def script(line: Line) -> None:
            line.say("+OK ready")
            while True:
                command = line.hear().decode().strip()
                asked.append(command)
                line.say("+OK 2 999" if command == "STAT" else "+OK")
                if command.startswith("TOP"):
                    content = dsn(self.to_rosa) if command.startswith("TOP 1 ") else SENTENCE
                    line.connection.sendall(content.replace(b"\n", b"\r\n") + b".\r\n")
                if command == "QUIT":
                    return

        with raw_server(script) as port:
            tally = empty(opened(f"pop3://letters:word@127.0.0.1:{port}/"))
        assert (tally.news, len(tally.refused)) == (1, 1)
        assert [command for command in asked if command.startswith("DELE")] == ["DELE 1"]

    def test_a_server_that_refuses_or_breaks_off_is_said_without_the_password(self):
        def refuses(line: Line) -> None:
            line.say("-ERR go away")

        def breaks_off(line: Line) -> None:
            line.say("* OK ready")

        for script, scheme in ((refuses, "pop3"), (breaks_off, "imap"), (breaks_off, "imap+tls")):
            with raw_server(script) as port, pytest.raises(MailboxAway) as reason:
                empty(opened(f"{scheme}://letters:hush@127.0.0.1:{port}/"))
            assert "hush" not in str(reason.value)


@pytest.mark.parametrize("url", ["", "imaps://", "ftp://x/y", "https://mail.example/", "maildir:", "nonsense"])
def test_a_url_that_is_none_is_refused_with_an_example(url):
    with pytest.raises(ImproperlyConfigured, match="must look like imaps://"):
        opened(url)


def test_no_password_crosses_the_open_network_in_the_clear():
    for scheme in ("imap", "pop3"):
        with pytest.raises(ImproperlyConfigured, match="in the clear") as refusal:
            opened(f"{scheme}://letters:hush@192.0.2.1/")
        assert "hush" not in str(refusal.value)
