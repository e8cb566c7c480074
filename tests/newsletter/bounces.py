"""Mails that come back, as servers write them, about a letter of ours."""

from newsletter.letters.press import Press
from newsletter.models import Delivery, Issue
from newsletter.returns.paths import seal

DSN = """\
From: Mail Delivery System <MAILER-DAEMON@mx.readers.example>
To: {to}
Date: Tue, 24 Nov 2026 10:00:00 +0000
Subject: Undelivered Mail Returned to Sender
Message-ID: <{number}@mx.readers.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="edge"

--edge
Content-Type: text/plain

Sorry.

--edge
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.readers.example

Final-Recipient: rfc822; {address}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {diagnosis}

--edge
Content-Type: text/rfc822-headers

{head}
--edge--
"""
ARF = """\
From: fbl@provider.example
To: abuse@magazine.example
Date: Tue, 24 Nov 2026 11:00:00 +0000
Subject: complaint
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="edge"

--edge
Content-Type: text/plain

A complaint.

--edge
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: Provider/1.0
Version: 1

--edge
Content-Type: message/rfc822

{head}

Hello.
--edge--
"""
GONE = {"action": "failed", "status": "5.1.1", "diagnosis": "550 5.1.1 User unknown"}
FULL = {"action": "failed", "status": "5.2.2", "diagnosis": "552 5.2.2 Mailbox full"}
SPAM = {"action": "failed", "status": "5.7.1", "diagnosis": "550 5.7.1 Message content rejected"}
LATER = {"action": "delayed", "status": "4.4.1", "diagnosis": "connection timed out"}
ELSEWHERE = "From: stranger@elsewhere.example\nMessage-ID: <1@elsewhere.example>\n"


def accepted(issue: Issue) -> None:
    """As if a mail server had taken every copy over."""
    when = issue.frozen_at
    issue.deliveries.update(state=Delivery.State.ACCEPTED, handed_at=when, settled_at=when, attempt=1)


def head_of(delivery: Delivery) -> str:
    letter = Press(delivery.issue).copy(delivery=delivery.pk, address=delivery.address, token=delivery.token)
    return letter.partition(b"\r\n\r\n")[0].decode().replace("\r\n", "\n")


def dsn(delivery: Delivery | None = None, *, sealed: bool = False, number: int = 1, head: str = "", **facts) -> bytes:
    """A delivery report. Sealed: it came to the signed path, and nothing of the letter is in it."""
    facts = GONE | {"address": delivery.address if delivery else "somebody@elsewhere.example"} | facts
    to = f"{seal(delivery.pk)}@returns.magazine.example" if delivery and sealed else "letters@magazine.example"
    returned = head or (head_of(delivery) if delivery and not sealed else ELSEWHERE)
    return DSN.format(to=to, number=number, head=returned, **facts).encode()


def arf(delivery: Delivery, *, kind: str = "abuse") -> bytes:
    return ARF.format(kind=kind, head=head_of(delivery)).encode()
