"""Internet addresses of people, in the one form in which they are compared."""

import re
import unicodedata
from contextlib import suppress

import idna
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext as _

LONGEST = 254  # RFC 5321, 4.5.3.1.3, less the angle brackets
# A letter to this machine, or to one named by its number, would reach the house's own network.
validate_email = EmailValidator(allowlist=[])
# A name with a comma or a colon in it stands in quotation marks, or it would be another mailbox.
MAILBOX = re.compile(r"""((?:"[^"]*"|[^"<>@,;:]*)\s*<)?(?P<local>[^<>@\s"]+)@(?P<domain>[^<>@\s"]+)(?(1)>)""")


def email_key(email: str) -> str:
    """Trimmed, NFC, casefolded, the domain in IDNA 2008 (UTS 46). Dots and +tags mean what the person means by them."""
    local, _at, domain = unicodedata.normalize("NFC", email.strip()).rpartition("@")
    with suppress(idna.IDNAError):  # what is no domain, check_email refuses
        domain = idna.encode(domain, uts46=True).decode()
    return f"{local.casefold()}@{domain.casefold()}"


def check_email(email: str) -> str:
    """The address as typed, trimmed. Raises ValidationError with a sentence."""
    email = unicodedata.normalize("NFC", email.strip())
    refusal = ValidationError(
        _("This does not look like an e-mail address. It needs the form name@example.org."), code="invalid"
    )
    # Looked at before any pattern sees it: a pattern must not be made to work on ten thousand characters.
    if not email or len(email) > LONGEST or any(ord(sign) < 32 or ord(sign) == 127 for sign in email):
        raise refusal
    # Folding its case, the key makes plain letters of some that no mail server takes.
    if not email.rpartition("@")[0].isascii():
        raise refusal
    # What is left must be a name that DNS can be asked for.
    wire = on_the_wire(email)
    if not wire.isascii() or len(wire) > LONGEST or "[" in wire:
        raise refusal
    try:
        validate_email(email_key(email))
    except ValidationError:
        raise refusal from None
    return email


def mailbox(text: str) -> str:
    """An address with a name before it or none (RFC 5322, 3.4), as settings name one. Raises ValueError."""
    found = MAILBOX.fullmatch(text.strip())
    if not found or not found["local"].isascii():
        raise ValueError
    try:
        validate_email(email_key(f"{found['local']}@{found['domain']}"))
    except ValidationError:
        raise ValueError from None
    return text


def on_the_wire(email: str) -> str:
    """The address as mail servers take it: the local part as typed, the domain in the one spelling that DNS knows."""
    return f"{email.rpartition('@')[0]}@{email_key(email).rpartition('@')[2]}"


def masked(email: str) -> str:
    """Enough for its owner to know it again, too little for anybody else."""
    local, _at, domain = email.rpartition("@")
    return f"{local[:1]}•••@{domain}"
