"""How each mail service posts its events, with the signature that it would make."""

import base64
import hashlib
import hmac
import json
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from django.test import Client
from django.test.utils import override_settings

SECRET = "hook:a-long-secret"
OWN = "a-secret-of-the-service"
POSTAL_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
SENDGRID_KEY = ec.generate_private_key(ec.SECP256R1())


def public(key: Any) -> str:
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    pem = key.public_key().public_bytes(serialization.Encoding.PEM, spki).decode()
    return "".join(pem.splitlines()[1:-1])


ANYMAIL = {
    "WEBHOOK_SECRET": SECRET,
    "MAILGUN_WEBHOOK_SIGNING_KEY": OWN,
    "MAILERSEND_SIGNING_SECRET": OWN,
    "MAILTRAP_SIGNING_SECRET": OWN,
    "MANDRILL_WEBHOOK_KEY": OWN,
    "UNISENDER_GO_API_KEY": OWN,
    "POSTAL_WEBHOOK_KEY": public(POSTAL_KEY),
    "SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY": public(SENDGRID_KEY),
}
hooks_are_open = override_settings(ANYMAIL=ANYMAIL)


def address(service: str) -> str:
    return f"/newsletter/returns/{service}/"


def post(service: str, event: Any, *, password: str = SECRET, key: str = OWN, client: Client | None = None):
    """One post of this service; with another password or key, one that somebody made up."""
    headers: dict[str, str] = {"Authorization": "Basic " + base64.b64encode(password.encode()).decode()}
    data: Any = event
    if service == "amazon_ses":
        if "Type" not in data:
            data = {"Type": "Notification", "MessageId": "19ba9823", "Message": json.dumps(event)}
        headers["X-Amz-Sns-Message-Type"], headers["X-Amz-Sns-Message-Id"] = data["Type"], data["MessageId"]
    elif service == "mailgun":
        signature = {"timestamp": "1534108637", "token": "651869"}
        signature["signature"] = hmac.new(key.encode(), b"1534108637651869", hashlib.sha256).hexdigest()
        if "event-data" not in data:  # as they posted in earlier years: a form
            return (client or Client()).post(address(service), data | signature, headers=headers)
        data = data | {"signature": signature}
    elif service == "unisender_go":
        data = {"auth": "_auth_", "user_id": 1, **data, "event_name": "transactional_email_status"}
        unsigned = json.dumps(data).replace("_auth_", key)
        data["auth"] = hashlib.md5(unsigned.encode()).hexdigest()  # noqa: S324 - that is how they sign
    elif service == "mandrill":
        form = {"mandrill_events": json.dumps(event)}
        signed = f"http://{password}@testserver{address(service)}mandrill_events{form['mandrill_events']}"
        digest = hmac.new(key.encode(), signed.encode(), hashlib.sha1).digest()
        headers["X-Mandrill-Signature"] = base64.b64encode(digest).decode()
        return (client or Client()).post(address(service), form, headers=headers)
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    if service in {"mailersend", "mailtrap"}:
        name = {"mailersend": "Signature", "mailtrap": "Mailtrap-Signature"}[service]
        headers[name] = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
    elif service == "postal":
        signed_body = body if key == OWN else body + b"x"
        sealed = POSTAL_KEY.sign(signed_body, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303 - that is how they sign
        headers["X-Postal-Signature"] = base64.b64encode(sealed).decode()
    elif service == "sendgrid":
        signed_body = b"1534108637" + (body if key == OWN else body + b"x")
        headers["X-Twilio-Email-Event-Webhook-Timestamp"] = "1534108637"
        headers["X-Twilio-Email-Event-Webhook-Signature"] = base64.b64encode(
            SENDGRID_KEY.sign(signed_body, ec.ECDSA(hashes.SHA256()))
        ).decode()
    return (client or Client()).post(address(service), body, content_type="application/json", headers=headers)


def posted_events(service: str, payload: dict[str, Any]) -> list[Any]:
    """What of a sample is posted: the samples hold the event under one of these names."""
    return [payload[name] for name in ("raw_ses_event", "raw_event", "raw_events", "payload") if name in payload][:1]
