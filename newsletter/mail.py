"""The one door for single mails. A mail that is handed over twice is the same mail, byte for byte."""

import email.policy
import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime
from email.message import EmailMessage
from email.utils import parseaddr
from smtplib import SMTPRecipientsRefused
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from newsroom.addresses import on_the_wire
from newsroom.email_url import dated

LONGEST_LINE = 998  # RFC 5322, 2.1.1


class LetterPolicy(email.policy.EmailPolicy):
    """Leaves list headers and identifiers whole, as RFC 5322 allows: folded, they would be encoded and ruined."""

    def fold(self, name: str, value: Any) -> str:
        return super(LetterPolicy, self._for(name)).fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        return super(LetterPolicy, self._for(name)).fold_binary(name, value)

    def _for(self, name: str) -> "LetterPolicy":
        whole = name.lower().startswith("list-") or name.lower() == "message-id"
        return self.clone(max_line_length=LONGEST_LINE) if whole else self


# Seven bits: no mail server on the way has a reason to encode it anew.
POLICY = LetterPolicy(cte_type="7bit")


class Mail(EmailMultiAlternatives):
    def message(self, *, policy: email.policy.Policy | None = None) -> EmailMessage:
        folding = POLICY.clone(linesep=policy.linesep if policy else "\n")
        # Plain text is left as it is, long links too; what has to be encoded is broken into short lines.
        message = super().message(policy=folding.clone(max_line_length=LONGEST_LINE) if self.is_plain else folding)
        message.policy = folding
        seed = self.extra_headers["Message-ID"].encode()
        message.set_boundary(f"=={hashlib.sha256(seed).hexdigest()[:32]}==")
        return message

    @property
    def is_plain(self) -> bool:
        return self.body.isascii() and all(str(content).isascii() for content, _kind in self.alternatives)


def new_message_id() -> str:
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or settings.SITE.hostname
    return f"<{secrets.token_hex(16)}@{domain}>"


def post(
    *,
    to: str,
    subject: str,
    text: str,
    html: str,
    at: datetime,
    message_id: str,
    sender: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Hand one mail to the mail server. Raises what the server or the network raises."""
    own = dated(at) | {"Message-ID": message_id, "Auto-Submitted": "auto-generated"} | dict(headers or {})
    mail = Mail(" ".join(subject.split()), text, from_email=sender, to=[on_the_wire(to)], headers=own)
    mail.attach_alternative(html, "text/html")
    mail.send(using="default")


def is_final(refusal: BaseException) -> bool:
    """The server knows the address and will never take a mail for it."""
    return isinstance(refusal, SMTPRecipientsRefused) and all(
        code >= 500 for code, _answer in refusal.recipients.values()
    )
