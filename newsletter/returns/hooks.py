"""What mail services post: /newsletter/returns/<service>/.

The address of a service exists only while a secret of its own, or ANYMAIL_WEBHOOK_SECRET, is set; then a post that does
not know it is refused. django-anymail checks the signatures and reads the events; here they become reports.
"""

import hashlib
import json
import logging
import re
import warnings
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any
from urllib.parse import urlencode

from anymail.exceptions import AnymailConfigurationError, AnymailError, AnymailWebhookValidationFailure
from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from anymail.webhooks.amazon_ses import AmazonSESTrackingWebhookView
from anymail.webhooks.base import AnymailBaseWebhookView, AnymailCoreWebhookView
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from newsletter.models.returned import Kind
from newsletter.returns.reports import MESSAGE_ID, TOKEN, Report, kind_of, status_in
from newsletter.returns.taking import take
from newsroom import fetch

logger = logging.getLogger(__name__)

# By the name in the address: its module, its view, and the setting that holds its own secret, if it has one.
SERVICES: dict[str, tuple[str, str, str]] = {
    "amazon_ses": ("amazon_ses", "AmazonSESTrackingWebhookView", ""),
    "brevo": ("brevo", "BrevoTrackingWebhookView", ""),
    "mailersend": ("mailersend", "MailerSendTrackingWebhookView", "MAILERSEND_SIGNING_SECRET"),
    "mailgun": ("mailgun", "MailgunTrackingWebhookView", "MAILGUN_WEBHOOK_SIGNING_KEY"),
    "mailjet": ("mailjet", "MailjetTrackingWebhookView", ""),
    "mailtrap": ("mailtrap", "MailtrapTrackingWebhookView", "MAILTRAP_SIGNING_SECRET"),
    "mandrill": ("mandrill", "MandrillCombinedWebhookView", "MANDRILL_WEBHOOK_KEY"),
    "postal": ("postal", "PostalTrackingWebhookView", "POSTAL_WEBHOOK_KEY"),
    "postmark": ("postmark", "PostmarkTrackingWebhookView", ""),
    "resend": ("resend", "ResendTrackingWebhookView", "RESEND_SIGNING_SECRET"),
    "sendgrid": ("sendgrid", "SendGridTrackingWebhookView", "SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY"),
    "sparkpost": ("sparkpost", "SparkPostTrackingWebhookView", ""),
    "unisender_go": ("unisender_go", "UnisenderGoTrackingWebhookView", "UNISENDER_GO_API_KEY"),
}
# Whose signature is not asked for where they have none of their own.
SIGNS_ALWAYS = {"mailersend", "mailgun", "mandrill", "postal", "unisender_go"}
MOST_TEXTS = 2_000
# Amazon asks once whether its topic may post here. ANYMAIL_AMAZON_SES_AUTO_CONFIRM_SNS_SUBSCRIPTIONS=off leaves it be.
CONFIRMS, OFF = "AMAZON_SES_AUTO_CONFIRM_SNS_SUBSCRIPTIONS", {"off", "false", "no", "0"}
TOPIC = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):sns:(?P<region>[a-z]{2}(-[a-z]+)+-[0-9]+):[0-9]{12}:[\w-]{1,256}", re.ASCII
)
AMAZON = "https://sns.{region}.{domain}/"
PATIENCE = fetch.Patience(connect=3.0, read=5.0, total=8.0)


@csrf_exempt
@require_http_methods(["HEAD", "POST"])
def hook(request: HttpRequest, service: str) -> HttpResponse:
    view = opened(service)
    if request.method == "HEAD":  # some look whether it is there
        return HttpResponse()
    view.setup(request)
    try:
        events = read(view, request)
    except AnymailWebhookValidationFailure as refusal:
        logger.warning("A post to the returns of %s was refused: %s", service, type(refusal).__name__)
        return _told(_("This post does not carry our secret or the service’s signature."), status=401)
    except RequestDataTooBig:
        return _told(_("This is more than one post may hold."), status=413)
    except Unreadable as refusal:
        logger.warning("A post to the returns of %s could not be read: %s", service, refusal)
        return _told(str(refusal), status=422)
    reports = [report for event in events if (report := read_event(service, event))]
    taken = [take(report) for report in reports]
    sentence = _("%(events)s events: %(news)s of them news, %(unknown)s about no letter of ours.")
    news, unknown = sum(found.is_news for found in taken), sum(not found.is_ours for found in taken)
    return _told(sentence % {"events": len(events), "news": news, "unknown": unknown})


class AmazonHook(AmazonSESTrackingWebhookView):
    """Without Amazon's library, which anymail wants only to confirm the subscription of its topic."""

    def __init__(self) -> None:
        AnymailBaseWebhookView.__init__(self)

    def auto_confirm_sns_subscription(self, sns_message: Mapping[str, Any]) -> None:
        """Whoever subscribed us knew our secret. The topic says where it is confirmed, and never the post itself."""
        if str(settings.ANYMAIL.get(CONFIRMS, "on")).lower() in OFF:
            return
        topic, token = str(sns_message.get("TopicArn", "")), str(sns_message.get("Token", ""))
        found = TOPIC.fullmatch(topic)
        if found is None or not token:
            raise Unreadable(_not_readable())
        domain = "amazonaws.com.cn" if found["partition"] == "aws-cn" else "amazonaws.com"
        asked = {
            "Action": "ConfirmSubscription",
            "TopicArn": topic,
            "Token": token,
            "AuthenticateOnUnsubscribe": "true",
        }
        url = f"{AMAZON.format(region=found['region'], domain=domain)}?{urlencode(asked)}"
        try:
            answer = fetch.get(url, patience=PATIENCE, most_bytes=100_000, allow=settings.LINKS_ALLOWED)
        except fetch.FetchError as reason:
            raise Unreadable(str(reason)) from reason
        if answer.status != 200:
            raise Unreadable(
                _("Amazon did not confirm the subscription: it answered %(code)s.") % {"code": answer.status}
            )
        logger.info("The subscription of %s is confirmed.", topic)


class Unreadable(Exception):
    """Says why."""


def opened(service: str) -> AnymailCoreWebhookView:
    """The view of a service that is set up. Raises Http404: without a secret, there is no such address."""
    if service not in SERVICES:
        raise Http404
    module, name, own = SERVICES[service]
    view = AmazonHook if service == "amazon_ses" else getattr(import_module(f"anymail.webhooks.{module}"), name)
    anymail: Mapping[str, Any] = settings.ANYMAIL
    if not (anymail.get(own) or (anymail.get("WEBHOOK_SECRET") and service not in SIGNS_ALWAYS)):
        raise Http404
    try:
        with warnings.catch_warnings():
            # It warns of services that it knows without being able to try them.
            warnings.simplefilter("ignore")
            return view()
    except (ImproperlyConfigured, AnymailConfigurationError, ImportError, ValueError) as reason:
        logger.error("The returns of %s are closed: %s", service, reason)
        raise Http404 from reason


def read(view: AnymailCoreWebhookView, request: HttpRequest) -> list[AnymailTrackingEvent]:
    """Checked before it is read. Raises AnymailWebhookValidationFailure and Unreadable."""
    try:
        view.run_validators(request)
    except (AnymailWebhookValidationFailure, RequestDataTooBig):
        raise
    except AnymailError as reason:
        raise Unreadable(_not_readable()) from reason
    except Exception as reason:  # what is not even the shape of it, and so carries no signature
        raise AnymailWebhookValidationFailure(type(reason).__name__) from reason
    try:
        return [event for event in view.parse_events(request) if isinstance(event, AnymailTrackingEvent)]
    except (AnymailWebhookValidationFailure, Unreadable):
        raise
    except (AnymailConfigurationError, ImproperlyConfigured, ImportError) as reason:
        raise Unreadable(_for_another_address()) from reason
    except Exception as reason:  # whatever a library stumbles over in what others made up
        raise Unreadable(_not_readable()) from reason


def read_event(service: str, event: AnymailTrackingEvent) -> Report | None:
    """None for what is no concern of ours: queued, sent, opened, clicked."""
    texts = list(_texts(event.esp_event))
    said = str(event.mta_response or event.description or event.reject_reason or "")
    status = status_in(str(event.mta_response or ""), str(event.description or ""), *_statuses(event.esp_event))
    kind = _kind(event, status, " ".join([said, *_statuses(event.esp_event)]))
    if kind is None:
        return None
    recipient = str(event.recipient or "")[:1000]
    known = f"{event.event_id or ''}|{recipient}"
    if not event.event_id:
        known += f"|{event.message_id}|{event.timestamp}"
    if not event.event_id and not event.timestamp:
        known += hashlib.sha256("|".join(texts).encode()).hexdigest()
    metadata = event.metadata if isinstance(event.metadata, Mapping) else {}
    together = "\n".join([str(event.message_id or ""), *texts])
    return Report(
        source=service,
        kind=kind,
        event=known,
        at=event.timestamp,
        sealed=tuple(str(value) for name, value in metadata.items() if name == "delivery")[:1] or _sealed(texts),
        message_ids=tuple(dict.fromkeys(MESSAGE_ID.findall(together)))[:20],
        recipients=(recipient,) if recipient else (),
        tokens=tuple(dict.fromkeys(TOKEN.findall(together)))[:20],
        status=status[:12],
        said=said,
    )


def _kind(event: AnymailTrackingEvent, status: str, said: str) -> Kind | None:
    match event.event_type:
        case EventType.COMPLAINED:
            return Kind.COMPLAINED
        case EventType.UNSUBSCRIBED:
            return Kind.UNSUBSCRIBED
        case EventType.DELIVERED:
            return Kind.DELIVERED
        case EventType.AUTORESPONDED:
            return Kind.AUTOREPLY
        case EventType.DEFERRED:
            # Some call a letter deferred that has come back for good.
            return kind_of(status, said, permanent=False) if _is_final(event) else Kind.DELAYED
        case EventType.BOUNCED | EventType.REJECTED | EventType.FAILED:
            return _came_back(event, status, said)
    return None


def _came_back(event: AnymailTrackingEvent, status: str, said: str) -> Kind:
    match event.reject_reason:
        case RejectReason.SPAM if event.event_type == EventType.REJECTED:
            return Kind.RETURNED  # the service remembers an older complaint, and did not send
        case RejectReason.SPAM | RejectReason.BLOCKED:
            return Kind.BLOCKED
        case RejectReason.UNSUBSCRIBED:
            return Kind.UNSUBSCRIBED
        case RejectReason.TIMED_OUT:
            return Kind.RETURNED
        case RejectReason.INVALID:
            return Kind.BOUNCED
    if _is_soft(event.esp_event):
        return kind_of(status, said, permanent=False)
    # The service says that it is for good, and no number says why: then its own words count, not its advice.
    if _is_hard(event.esp_event) and (not status or status.endswith(".0")):
        kind = kind_of(status, str(event.mta_response or ""))
        return Kind.BOUNCED if kind == Kind.RETURNED else kind
    return kind_of(status, said)


HARD = {"permanent", "hard_bounce", "hard-bounce", "hardbounce", "hard", "hard_bounced", "activity.hard_bounced",
        "email.bounced", "hard bounce", "messagebounced", "hardfail"}  # fmt: skip
SOFT = {"transient", "soft_bounce", "soft-bounce", "softbounce", "soft", "soft_bounced", "activity.soft_bounced",
        "soft bounce", "temporary", "softfail", "mailbox full", "undetermined"}  # fmt: skip
TYPES = {"bouncetype", "event", "type", "severity", "reason", "recordtype", "status", "hard_bounce"}


def _said_of_itself(raw: Any) -> set[str]:
    """The words by which the service calls what happened."""
    return {
        str(value).lower() if value is not True else "hard_bounce"
        for name, value in _fields(raw)
        if name.lower() in TYPES
    }


def _is_hard(raw: Any) -> bool:
    return bool(_said_of_itself(raw) & HARD)


def _is_soft(raw: Any) -> bool:
    return bool(_said_of_itself(raw) & SOFT) or any(
        name.lower() == "hard_bounce" and value is False for name, value in _fields(raw)
    )


def _is_final(event: AnymailTrackingEvent) -> bool:
    return bool(_said_of_itself(event.esp_event) & SOFT - {"temporary", "soft_bounce"}) and bool(
        status_in(str(event.mta_response or "")).startswith("5.")
    )


def _statuses(raw: Any) -> list[str]:
    """What was said by the server that refused, wherever the service puts it."""
    names = {
        "status",
        "diagnosticcode",
        "reason",
        "response",
        "smtp-response",
        "error",
        "details",
        "destination_response",
    }
    return [str(value)[:2000] for name, value in _fields(raw) if name.lower() in names and isinstance(value, str)]


def _sealed(texts: list[str]) -> tuple[str, ...]:
    return tuple(text[:2000] for text in texts if "r-" in text)[:20]


def _texts(raw: Any) -> Iterator[str]:
    yield from (str(value)[:5000] for _name, value in _fields(raw) if isinstance(value, str | int | float))


def _fields(raw: Any) -> list[tuple[str, Any]]:
    """Every name and plain value in what a service sent, however deep, up to a bound."""
    found: list[tuple[str, Any]] = []
    rest: list[tuple[str, Any]] = [("", raw)]
    while rest and len(found) < MOST_TEXTS:
        name, value = rest.pop()
        if isinstance(value, Mapping):
            rest += [(str(key), inner) for key, inner in list(value.items())[:500]]
        elif isinstance(value, list | tuple):
            rest += [(name, inner) for inner in value[:500]]
        elif isinstance(value, bytes):
            continue
        else:
            found.append((name, value))
            if isinstance(value, str) and value[:1] == "{" and len(value) < 100_000:
                rest += _inner(name, value)
    return found


def _inner(name: str, text: str) -> list[tuple[str, Any]]:
    try:
        return [(name, json.loads(text))]
    except (ValueError, RecursionError):
        return []


def _not_readable() -> str:
    return _("This is not what this service posts: nothing of it was kept.")


def _for_another_address() -> str:
    return _("This post is for another kind of hook: at the service, choose the events of sent messages.")


def _told(sentence: str, *, status: int = 200) -> HttpResponse:
    headers = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
    answer = HttpResponse(sentence, content_type="text/plain; charset=utf-8", status=status, headers=headers)
    if status == 401:  # Amazon sends its password only when asked
        answer.headers["WWW-Authenticate"] = 'Basic realm="returns"'
    return answer
