"""Whether mail providers will believe that a letter from this address is ours: SPF, DKIM, DMARC, and the domain."""

import base64
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from newsletter.letters import dkim as signing
from newsroom.addresses import email_key
from newsroom.findings import About, Finding
from newsroom.names import Names, Unanswered

# fmt: off
FREE = frozenset({
    "126.com", "163.com", "aol.com", "att.net", "bluewin.ch", "comcast.net", "fastmail.com", "free.fr",
    "freenet.de", "gmail.com", "gmx.at", "gmx.ch", "gmx.com", "gmx.de", "gmx.net", "googlemail.com", "hey.com",
    "hotmail.co.uk", "hotmail.com", "hotmail.de", "hotmail.fr", "icloud.com", "inbox.ru", "laposte.net",
    "libero.it", "live.com", "live.de", "mac.com", "mail.com", "mail.de", "mail.ru", "me.com", "msn.com",
    "naver.com", "orange.fr", "outlook.com", "outlook.de", "posteo.de", "proton.me", "protonmail.com", "qq.com",
    "rocketmail.com", "sbcglobal.net", "t-online.de", "tutanota.com", "verizon.net", "web.de", "yahoo.co.uk",
    "yahoo.com", "yahoo.de", "yahoo.fr", "yandex.com", "yandex.ru", "ymail.com",
})
# fmt: on
# RFC 7208, 4.6.4.
MOST_LOOKUPS = 10
LEAST_BITS = 2048
# RFC 9989, 4.10: how far up the tree somebody looks.
MOST_STEPS = 8


def look(address: str) -> list[Finding]:
    """What providers will find out about a letter from this address, one finding for each check."""
    domain = domain_of(address)
    names = Names()
    # Each asks for other names, and the DNS is slow where it is silent.
    with ThreadPoolExecutor(max_workers=4) as pool:
        return list(pool.map(lambda check: check(domain, names), (from_domain, spf, dkim, dmarc)))


def domain_of(address: str) -> str:
    return email_key(address).rpartition("@")[2]


def envelope_domain(domain: str) -> str:
    """Whose SPF counts: where bounces go."""
    return (getattr(settings, "RETURN_PATH_DOMAIN", "") or domain).lower()


def signing_domain(domain: str) -> str:
    return (getattr(settings, "DKIM_DOMAIN", "") or domain).lower()


def from_domain(domain: str, names: Names) -> Finding:
    about = About("from", gettext_lazy("The sender’s domain"))
    if not domain:
        return about.wrong(
            _("No sender is set: set DEFAULT_FROM_EMAIL, such as 'Magazine <letters@magazine.example>'.")
        )
    if domain in FREE:
        sentence = _(
            "%(domain)s is a provider of free mailboxes: a letter to many in its name is refused as forged. "
            "Set DEFAULT_FROM_EMAIL to an address at a domain of your own."
        )
        return about.wrong(sentence % {"domain": domain})
    try:
        takes_mail = names.takes_mail(domain)
    except Unanswered as silence:
        return about.not_checked(str(silence))
    if not takes_mail:
        sentence = _(
            "Nothing in the DNS takes mail for %(domain)s, so answers would be lost and providers refuse letters "
            "from there: correct DEFAULT_FROM_EMAIL, or give the domain an MX record."
        )
        return about.wrong(sentence % {"domain": domain})
    return about.ok(_("%(domain)s is a domain that takes mail.") % {"domain": domain})


def spf(domain: str, names: Names) -> Finding:
    about = About("spf", gettext_lazy("SPF"))
    domain = envelope_domain(domain)
    words = {"domain": domain}
    try:
        records = [text for text in names.texts(domain) if _begins(text, "v=spf1")]
        if not records:
            sentence = _(
                "%(domain)s has no SPF record. Publish a TXT record there that names your mail server, such as "
                "“v=spf1 include:spf.provider.example -all”."
            )
            return about.wrong(sentence % words)
        if len(records) > 1:
            sentence = _("%(domain)s has %(number)s SPF records, and so none that counts: make one of them.")
            return about.wrong(sentence % (words | {"number": len(records)}))
        if re.search(r"(?:^|\s)\+?all(?:\s|$)", records[0], re.IGNORECASE):
            sentence = _("The SPF record of %(domain)s lets everybody send in its name: end it with -all or ~all.")
            return about.wrong(sentence % words)
        if _lookups(records[0], names, MOST_LOOKUPS) > MOST_LOOKUPS:
            sentence = _(
                "The SPF record of %(domain)s needs more than 10 look-ups, so that providers ignore it: "
                "take out what no longer sends for you."
            )
            return about.wrong(sentence % words)
    except Unanswered as silence:
        return about.not_checked(str(silence))
    return about.ok(_("%(domain)s has one SPF record: “%(record)s”.") % (words | {"record": records[0][:200]}))


def dkim(domain: str, names: Names) -> Finding:
    about = About("dkim", gettext_lazy("DKIM"))
    try:
        signer = signing.from_settings()
    except ImproperlyConfigured as refusal:
        return about.wrong(str(refusal))
    selector = getattr(settings, "DKIM_SELECTOR", "")
    if not selector:
        sentence = _(
            "Nothing says how letters are signed. Set DKIM_SELECTOR to the selector of your provider, which signs "
            "for you, or DKIM_KEY as well to have them signed here."
        )
        return about.not_checked(sentence)
    place = f"{selector}._domainkey.{signing_domain(domain)}"
    words = {"place": place}
    try:
        records = [_tags(text) for text in names.texts(place) if "p=" in text]
    except Unanswered as silence:
        return about.not_checked(str(silence))
    if len(records) != 1:
        sentence = _(
            "There is no DKIM key at %(place)s: publish the TXT record there, or correct DKIM_SELECTOR and DKIM_DOMAIN."
        )
        return about.wrong(sentence % words)
    key = records[0].get("p", "")
    if not key:
        return about.wrong(_("The DKIM key at %(place)s is revoked: publish the one that signs now.") % words)
    bits = _bits(key) if records[0].get("k", "rsa") == "rsa" else LEAST_BITS
    if bits is None:
        return about.wrong(_("What stands at %(place)s is no DKIM key: copy the record once more, all of it.") % words)
    if bits < LEAST_BITS:
        sentence = _("The DKIM key at %(place)s has %(bits)s bits: make one of 2048.")
        return about.wrong(sentence % (words | {"bits": bits}))
    if signer and not signer.is_known_by(_der(key) or b""):
        sentence = _("The DKIM key at %(place)s is not the one that DKIM_KEY signs with: publish its public half.")
        return about.wrong(sentence % words)
    return about.ok(_("A DKIM key stands at %(place)s.") % words)


def dmarc(domain: str, names: Names) -> Finding:
    about = About("dmarc", gettext_lazy("DMARC and alignment"))
    try:
        found = _policy(domain, names)
        if found is None:
            sentence = _(
                "%(domain)s has no DMARC record, without which providers refuse letters to many. Publish a TXT record "
                "at _dmarc.%(domain)s, such as “v=DMARC1; p=none; rua=mailto:postmaster@%(domain)s”."
            )
            return about.wrong(sentence % {"domain": domain})
        place, record = found
        if record.get("p", "").lower() not in {"none", "quarantine", "reject"}:
            sentence = _("The DMARC record at %(place)s names no policy: add p=none, p=quarantine or p=reject.")
            return about.wrong(sentence % {"place": place})
        aligned = [
            _is_aligned(domain, other, strict=record.get(mode, "r").lower() == "s", names=names)
            for other, mode in ((envelope_domain(domain), "aspf"), (signing_domain(domain), "adkim"))
        ]
    except Unanswered as silence:
        return about.not_checked(str(silence))
    words = {"domain": domain, "policy": record["p"].lower()}
    if not any(aligned):
        sentence = _(
            "Neither the return path (%(envelope)s) nor the signature (%(signing)s) belongs to %(domain)s, as DMARC "
            "wants: set DKIM_DOMAIN or RETURN_PATH_DOMAIN to %(domain)s or a name below it."
        )
        others = {"envelope": envelope_domain(domain), "signing": signing_domain(domain)}
        return about.wrong(sentence % (words | others))
    return about.ok(_("%(domain)s has a DMARC policy (%(policy)s), and letters are aligned with it.") % words)


# How each of them looks


def _begins(text: str, version: str) -> bool:
    return text.strip().lower().partition(" ")[0] == version


def _lookups(record: str, names: Names, most: int) -> int:
    """How many more questions an SPF record costs whoever checks it, as far as anybody counts."""
    cost = 0
    for term in record.split()[1:]:
        mechanism = re.fullmatch(r"[-+?~]?(include|a|mx|ptr|exists|redirect)(?:[:=/](.*))?", term, re.IGNORECASE)
        if mechanism is None:
            continue
        cost += 1
        if mechanism[1].lower() in {"include", "redirect"} and mechanism[2] and "%" not in mechanism[2] and most > cost:
            inner = [text for text in names.texts(mechanism[2]) if _begins(text, "v=spf1")]
            cost += _lookups(inner[0], names, most - cost) if inner else 0
    return cost


def _tags(record: str) -> dict[str, str]:
    """`v=DMARC1; p=none`, with its blanks taken out."""
    pairs = (part.partition("=") for part in record.split(";"))
    return {name.strip().lower(): re.sub(r"\s+", "", value) for name, _equals, value in pairs if value}


def _tree(domain: str) -> Iterator[str]:
    """The domain and those above it, as DMARC climbs."""
    labels = domain.split(".")
    yield domain
    for number in range(max(1, len(labels) - MOST_STEPS + 1), len(labels)):
        yield ".".join(labels[number:])


def _records_above(domain: str, names: Names) -> Iterator[tuple[str, dict[str, str]]]:
    for name in _tree(domain):
        records = [
            text for text in names.texts(f"_dmarc.{name}") if text.lower().replace(" ", "").startswith("v=dmarc1")
        ]
        if len(records) == 1:
            yield name, _tags(records[0])


def _policy(domain: str, names: Names) -> tuple[str, dict[str, str]] | None:
    name, record = next(_records_above(domain, names), ("", {}))
    return (f"_dmarc.{name}", record) if name else None


def _organisation(domain: str, names: Names) -> str:
    """RFC 9989, 4.10.2: the highest domain with a record that is no registry’s."""
    highest = domain
    for name, record in _records_above(domain, names):
        if record.get("psd") == "n":
            return name
        if record.get("psd") != "y":
            highest = name
    return highest


def _is_aligned(domain: str, other: str, *, strict: bool, names: Names) -> bool:
    if domain == other:
        return True
    return not strict and _organisation(domain, names) == _organisation(other, names)


def _der(key: str) -> bytes | None:
    try:
        return base64.b64decode(key, validate=True)
    except ValueError:
        return None


def _bits(key: str) -> int | None:
    """How long an RSA key is, by its DER: SubjectPublicKeyInfo ends in modulus and exponent (RFC 8017, A.1.1)."""
    found = re.search(rb"\x02\x82(..)\x00?|\x02\x81(.)\x00?", _der(key) or b"", re.DOTALL)
    if not found:
        return None
    length = int.from_bytes(found[1] or found[2], "big")
    return (length - found[0].endswith(b"\x00")) * 8
