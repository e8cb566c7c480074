"""The one door for mails to people of the house: plain text, in the language of the house."""

import hashlib
from datetime import datetime
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage

from newsroom.addresses import on_the_wire
from newsroom.email_url import dated


def post(*, to: str, subject: str, text: str, at: datetime, named: str) -> None:
    """Hand one mail to the mail server. What has the same name is the same mail, however often it is handed over."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or settings.SITE.hostname
    message_id = f"<{hashlib.sha256(named.encode()).hexdigest()[:32]}@{domain}>"
    headers: dict[str, Any] = dated(at) | {"Message-ID": message_id, "Auto-Submitted": "auto-generated"}
    EmailMessage(" ".join(subject.split()), text, to=[on_the_wire(to)], headers=headers).send(using="default")
