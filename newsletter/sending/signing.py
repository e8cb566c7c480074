"""The mail server's side of Django, for single mails of any kind: what leaves the house carries its signature."""

import email.policy
import logging
from email.message import EmailMessage as Message
from email.utils import parsedate_to_datetime

from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend
from django.utils import timezone

from newsletter.letters import dkim

logger = logging.getLogger(__name__)


class SmtpBackend(EmailBackend):
    def _send(self, email_message: EmailMessage) -> bool:
        if not email_message.recipients():
            return False
        sender = self.prep_address(email_message.from_email)
        recipients = [self.prep_address(address) for address in email_message.recipients()]
        message = signed(email_message.message(policy=email.policy.SMTP))
        self.connection.sendmail(sender, recipients, message)  # type: ignore[union-attr] # opened before
        return True


def signed(message: Message) -> bytes:
    """Its bytes, under the house's signature if it has a key; of the moment that its Date says, so always the same."""
    whole = message.as_bytes()
    try:
        signer = dkim.configured()
    except ImproperlyConfigured as reason:
        # Whoever waits for a link to confirm or a password had better get it unsigned; `doctor` says the same.
        logger.error("A mail leaves unsigned: %s", reason)
        return whole
    if signer is None:
        return whole
    head, _blank, body = whole.partition(b"\r\n\r\n")
    at = parsedate_to_datetime(message["Date"]) if message["Date"] else timezone.now()
    # RFC 6376, 3.4.3: empty lines at the end do not count.
    return signer.signature(head + b"\r\n", [body.rstrip(b"\r\n"), b"\r\n"], at=at) + whole
