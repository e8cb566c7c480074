"""Mail services with an API (Mailgun, Postmark and the others that anymail knows), behind the door of all transports.

They sign by keys of their own and take back what bounces, so what they get is the letter's parts. A letter that is
handed over again carries the same key, by which those services that look at it send it once.
"""

import contextlib
import email
import email.policy
from typing import Any, Self

import requests
from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused
from django.core.mail import EmailMultiAlternatives
from django.utils.module_loading import import_string

from newsletter.sending.answers import LONGEST_ANSWER, Answer, Fate, Unreachable

TIMEOUT_SECONDS = 20
# What a service has against the account, it has against every copy.
ABOUT_US = {401, 402, 403}
LATER = {408, 425, 429}
# anymail writes these itself, from the letter's own fields.
WRITTEN_BY_THEM = {
    *("from", "to", "subject", "reply-to", "mime-version", "content-type", "content-transfer-encoding"),
    *("dkim-signature", "date"),
}


class ServiceTransport:
    def __init__(self, backend: str, name: str) -> None:
        self.name = f"{name} by its API"
        self._backend: Any = import_string(backend)()
        self._backend.timeout = TIMEOUT_SECONDS

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._backend.close()

    def cut(self) -> None:
        with contextlib.suppress(Exception):
            self._backend.session.close()

    def hand_over(self, sender: str, recipient: str, message: bytes) -> Answer:
        letter = taken_apart(message)
        try:
            self._backend.open()
            if session := getattr(self._backend, "session", None):
                session.headers["Idempotency-Key"] = letter.extra_headers["Message-ID"].strip("<>")
            self._backend.send_messages([letter])
        except AnymailRecipientsRefused as refusal:
            return Answer(Fate.REFUSED, _text(refusal))
        except AnymailAPIError as error:
            return self._read(error)
        except AnymailError as error:
            return Answer(Fate.REFUSED, _text(error))
        return _said(letter)

    def _read(self, error: AnymailAPIError) -> Answer:
        text, cause = _text(error), error.__cause__
        code = getattr(error, "status_code", None)
        if code is None:
            if isinstance(cause, requests.ConnectTimeout) or (
                isinstance(cause, requests.ConnectionError) and "Connection aborted" not in str(cause)
            ):
                raise Unreachable(f"{self.name}: {text}") from error
            return Answer(Fate.UNCERTAIN, text)
        if code in ABOUT_US:
            return Answer(Fate.HALTED, text, is_about_us=True)
        if code in LATER:
            return Answer(Fate.LATER, text)
        # It had the letter when it failed.
        return Answer(Fate.UNCERTAIN if code >= 500 or code < 400 else Fate.REFUSED, text)


def taken_apart(message: bytes) -> EmailMultiAlternatives:
    parsed = email.message_from_bytes(message, policy=email.policy.default)
    parts = {part.get_content_subtype(): part.get_content() for part in parsed.walk() if not part.is_multipart()}
    letter = EmailMultiAlternatives(
        subject=parsed["Subject"],
        body=parts.get("plain", ""),
        from_email=str(parsed["From"]),
        to=[str(parsed["To"])],
        reply_to=[str(parsed["Reply-To"])] if parsed["Reply-To"] else None,
        headers={name: str(value) for name, value in parsed.items() if name.lower() not in WRITTEN_BY_THEM},
    )
    if "html" in parts:
        letter.attach_alternative(parts["html"], "text/html")
    return letter


def _said(letter: EmailMultiAlternatives) -> Answer:
    status: Any = letter.anymail_status  # type: ignore[attr-defined]
    [(_address, one)] = status.recipients.items()
    text = f"{one.status}: {one.message_id or ''}"[:LONGEST_ANSWER]
    if one.status in {"sent", "queued"}:
        return Answer(Fate.ACCEPTED, text)
    return Answer(Fate.UNCERTAIN if one.status in {None, "unknown"} else Fate.REFUSED, text)


def _text(error: Exception) -> str:
    code = getattr(error, "status_code", None)
    words = " ".join(str(error).replace("\0", "").split())
    return f"{code or ''} {words}".strip()[:LONGEST_ANSWER]
