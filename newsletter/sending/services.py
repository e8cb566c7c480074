"""Mail services with an API (Mailgun, Postmark and the others that anymail knows), behind the door of all transports.

They sign by keys of their own and take back what bounces, so what they get is the letter's parts, and our mark of the
copy, which comes back with each of its events. What their own ways of filling in names would do to a letter is not for
us to guess: where several go in one call, each goes whole, with its own headers and words (`TOGETHER`).
"""

import contextlib
import email
import email.policy
import hashlib
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Self

import requests
from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone
from django.utils.module_loading import import_string

from newsletter.returns.paths import metadata
from newsletter.sending.answers import LONGEST_ANSWER, Answer, Fate, Parcel, Unreachable

TIMEOUT_SECONDS = 20
# What a service has against the account, it has against every copy.
ABOUT_US = {401, 402, 403}
# Said of the whole call: nothing of it was taken.
LATER = {408, 425, 429}
# The same key with another letter, or while the first call is still at work: whether that one was taken, nobody says.
CONFLICT = 409
LONGEST_REST = 3_600.0
# anymail writes these itself, from the letter's own fields.
WRITTEN_BY_THEM = {
    *("from", "to", "subject", "reply-to", "mime-version", "content-type", "content-transfer-encoding"),
    *("dkim-signature", "date"),
}
# They have no place for our mark. tests/newsletter/test_services.py asks anymail.
WITHOUT_METADATA = {"mailersend", "postal"}
# How long a service knows the key of a call, and so takes it once however often it comes, less a while for clocks.
# By their own words: 24 hours, 15 minutes.
REMEMBERS = {"resend": timedelta(hours=23), "brevo": timedelta(minutes=14)}


class ServiceTransport:
    def __init__(self, backend: str, name: str) -> None:
        self.name = f"{name} by its API"
        self.service = name
        self._backend: Any = import_string(backend)()
        self._backend.timeout = TIMEOUT_SECONDS
        self._crowd = TOGETHER.get(name)
        self.together = self._crowd.most if self._crowd else 1
        # Without a key, a second call would be a second letter.
        self.repeats_for: timedelta | None = REMEMBERS.get(name, timedelta(0))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._backend.close()

    def cut(self) -> None:
        with contextlib.suppress(Exception):
            self._backend.session.close()

    def hand_over(self, sender: str, recipient: str, message: bytes) -> Answer:
        [answer] = self.hand_over_together([Parcel(sender, recipient, message)])
        return answer

    def hand_over_together(self, parcels: Sequence[Parcel]) -> list[Answer]:
        """One call, and an answer for each. Raises Unreachable while it is certain that nothing of it was taken."""
        letters = [self._letter(parcel) for parcel in parcels]
        key = _key(letters)
        try:
            self._backend.open()
            if session := getattr(self._backend, "session", None):
                session.headers["Idempotency-Key"] = key
            if self._crowd:
                return self._crowd.read(self._call(self._crowd, letters), len(letters))
            [letter] = letters
            if self.service == "brevo":  # which looks for it among the letter's own headers
                letter.extra_headers["idempotencyKey"] = key
            self._backend.send_messages([letter])
        except AnymailRecipientsRefused as refusal:
            return [Answer(Fate.REFUSED, _text(refusal))]
        except AnymailAPIError as error:
            return [self._read(error)] * len(letters)
        except AnymailError as error:
            return [Answer(Fate.REFUSED, _text(error), of_the_call=True)] * len(letters)
        return [_said(letter)]

    def _letter(self, parcel: Parcel) -> EmailMultiAlternatives:
        letter = taken_apart(parcel.message)
        if parcel.delivery is not None and self.service not in WITHOUT_METADATA:
            letter.metadata = metadata(parcel.delivery)  # type: ignore[attr-defined]  # anymail reads it off the letter
        return letter

    def _call(self, crowd: "Crowd", letters: Sequence[EmailMultiAlternatives]) -> Any:
        """As anymail would post each of them by itself, put together."""
        backend = self._backend
        posts = [
            backend.build_message_payload(letter, backend.send_defaults).get_request_params(backend.api_url)
            for letter in letters
        ]
        call = posts[0] | {
            "url": f"{backend.api_url}{crowd.path}",
            "data": json.dumps(crowd.join([json.loads(post["data"]) for post in posts])),
            "headers": posts[0]["headers"] | crowd.headers,
        }
        response = backend.post_to_esp(Together(call), letters[0])
        try:
            return response.json()
        except ValueError as error:
            raise AnymailAPIError(f"{response.status_code}, and no answer that can be read") from error

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
            raise Unreachable(f"{self.name}: {text}", rest=_rest_of(error.response)) from error
        # It had the letter when it failed.
        is_doubtful = code >= 500 or code < 400 or code == CONFLICT
        return Answer(Fate.UNCERTAIN if is_doubtful else Fate.REFUSED, text, of_the_call=True)


# Several in one call


class Together:
    """What anymail wants to know of a call that it did not write."""

    def __init__(self, params: dict[str, Any]) -> None:
        self._params = params

    def get_request_params(self, _api_url: str) -> dict[str, Any]:
        return self._params


@dataclass(frozen=True)
class Crowd:
    """How a service takes several letters in one call, each of them whole, and answers for each."""

    path: str
    most: int
    join: Callable[[list[Any]], Any]
    read: Callable[[Any, int], list[Answer]]
    headers: Mapping[str, str]


def _read_postmark(body: Any, count: int) -> list[Answer]:
    if isinstance(body, Mapping):  # an error of the whole call
        return [_of_postmark(body, of_the_call=True)] * count
    return [_of_postmark(one) for one in _all(body, count)] or _unreadable(count)


# https://postmarkapp.com/developer/api/overview#error-codes
POSTMARK_ABOUT_US = {10, 400, 401, 405, 412, 413}
POSTMARK_LATER = {100, 429}


def _of_postmark(said: Any, *, of_the_call: bool = False) -> Answer:
    code, text = said.get("ErrorCode"), f"{said.get('ErrorCode')} {said.get('Message')}"[:LONGEST_ANSWER]
    if code == 0 and said.get("MessageID"):
        return Answer(Fate.ACCEPTED, f"sent: {said['MessageID']}"[:LONGEST_ANSWER])
    if code in POSTMARK_ABOUT_US:
        return Answer(Fate.HALTED, text, is_about_us=True)
    if code in POSTMARK_LATER:
        return Answer(Fate.LATER, text, is_about_us=True)
    return Answer(Fate.REFUSED if code else Fate.UNCERTAIN, text, of_the_call=of_the_call)


def _read_resend(body: Any, count: int) -> list[Answer]:
    if not isinstance(body, Mapping):
        return _unreadable(count)
    wrong = {one.get("index"): str(one.get("message", "")) for one in body.get("errors") or ()}
    fine = iter(_all(body.get("data"), count - len(wrong)))
    answers = []
    for number in range(count):
        if number in wrong:
            answers.append(Answer(Fate.REFUSED, f"422 {wrong[number]}"[:LONGEST_ANSWER]))
        elif name := (next(fine, None) or {}).get("id"):
            answers.append(Answer(Fate.ACCEPTED, f"queued: {name}"[:LONGEST_ANSWER]))
        else:
            return _unreadable(count)
    return answers


def _read_mailjet(body: Any, count: int) -> list[Answer]:
    if not isinstance(body, Mapping):
        return _unreadable(count)
    if "Messages" not in body:
        text = f"{body.get('StatusCode', '')} {body.get('ErrorCode', '')} {body.get('ErrorMessage', '')}".strip()
        if body.get("StatusCode") in ABOUT_US:
            return [Answer(Fate.HALTED, text[:LONGEST_ANSWER], is_about_us=True)] * count
        return [Answer(Fate.REFUSED, text[:LONGEST_ANSWER], of_the_call=True)] * count
    return [_of_mailjet(one) for one in _all(body["Messages"], count)] or _unreadable(count)


def _of_mailjet(said: Any) -> Answer:
    if said.get("Status") == "success":
        number = next((str(one.get("MessageID", "")) for one in said.get("To") or ()), "")
        return Answer(Fate.ACCEPTED, f"sent: {number}")
    errors = said.get("Errors") or ()
    text = " ".join(f"{one.get('StatusCode', '')} {one.get('ErrorMessage', '')}" for one in errors)
    if any(one.get("StatusCode") in ABOUT_US for one in errors):
        return Answer(Fate.HALTED, text[:LONGEST_ANSWER], is_about_us=True)
    return Answer(Fate.REFUSED if errors else Fate.UNCERTAIN, text[:LONGEST_ANSWER])


def _all(answers: Any, count: int) -> list[Any]:
    """They come in the order of the letters; if not as many as there were letters, nobody can say whose is whose."""
    is_whole = isinstance(answers, list) and len(answers) == count and all(isinstance(one, Mapping) for one in answers)
    return answers if is_whole else []


def _unreadable(count: int) -> list[Answer]:
    return [Answer(Fate.UNCERTAIN, "200, and no answer that can be read")] * count


def _to_mailjet(posts: list[Any]) -> Any:
    return {"Messages": [post["Globals"] | message for post in posts for message in post["Messages"]]}


# The others have one text for all, in which they fill in names by a language of their own; they get one at a time.
TOGETHER = {
    "postmark": Crowd("email/batch", 100, list, _read_postmark, {}),
    "resend": Crowd("emails/batch", 100, list, _read_resend, {"x-batch-validation": "permissive"}),
    "mailjet": Crowd("send", 50, _to_mailjet, _read_mailjet, {}),
}


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


def _key(letters: Sequence[EmailMultiAlternatives]) -> str:
    """The same for the same letters in the same order: a Message-ID follows from the delivery and its edition."""
    names = " ".join(letter.extra_headers["Message-ID"] for letter in letters)
    return str(uuid.UUID(hashlib.sha256(names.encode()).hexdigest()[:32]))


def _rest_of(response: Any) -> float | None:
    """How long they ask us to wait: seconds, or a date (RFC 9110, 10.2.3)."""
    said = str(response.headers.get("Retry-After", "")).strip() if response is not None else ""
    if said.isdigit():
        return min(float(said), LONGEST_REST)
    try:
        wait = (parsedate_to_datetime(said) - timezone.now()).total_seconds()
    except (TypeError, ValueError):
        return None
    return min(max(wait, 0.0), LONGEST_REST)


def _said(letter: EmailMultiAlternatives) -> Answer:
    status: Any = letter.anymail_status  # type: ignore[attr-defined]  # anymail puts it on the letter
    [(_address, one)] = status.recipients.items()
    text = f"{one.status}: {one.message_id or ''}"[:LONGEST_ANSWER]
    if one.status in {"sent", "queued"}:
        return Answer(Fate.ACCEPTED, text)
    return Answer(Fate.UNCERTAIN if one.status in {None, "unknown"} else Fate.REFUSED, text)


def _text(error: Exception) -> str:
    code = getattr(error, "status_code", None)
    words = " ".join(str(error).replace("\0", "").split())
    return f"{code or ''} {words}".strip()[:LONGEST_ANSWER]
