"""The look at an issue before it goes out. What is wrong is found here, and not by its readers."""

import contextlib
import email
import email.policy
import re
import secrets
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db.models import Model
from django.urls import resolve
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from articles.elsewhere import Asked, nowhere
from articles.models import Section, Series, Tag
from authors.models import Author
from newsletter.letters import head, senders
from newsletter.letters.press import Press
from newsletter.models import Installation, Issue
from newsletter.models.installation import unconfirmed
from newsletter.models.preflight import Preflight
from newsletter.sending.probe import probe, stays_here
from newsroom import fetch
from newsroom.addresses import LONGEST as LONGEST_ADDRESS
from newsroom.findings import About, Finding

# Gmail shows no more of a letter than 102 kB.
LARGEST_COPY = 100_000
# What a phone shows of each in one line, and what no list shows.
LONGEST_SUBJECT, SHORTEST_PREHEADER, LONGEST_PREHEADER = 90, 20, 140
MOST_LINKS = 60
LINKS_AT_ONCE = 8
# For all links of others together; what has not answered by then is not checked.
LINKS_SECONDS = 12.0
LINK_PATIENCE = fetch.Patience(connect=4.0, read=6.0, total=10.0)
# A page need not be read to be there.
LINK_BYTES = 3_000_000
AUDIENCES_COMPARED = 3
# Whose pages are there as long as they are, by the first part of the address.
LISTED: dict[str, type[Model]] = {"section": Section, "tag": Tag, "series": Series, "author": Author}
# What `manage.py fill` makes: nobody is behind it, and it says nothing of how a letter's readers grew.
MADE_UP = "@fill.example"


class Held(ValidationError):
    """The preflight does not let it go out; the sentences say why."""


def look(issue: Issue, *, calling: bool = True) -> list[Finding]:
    """Everything that can be known beforehand. Outside of any transaction: others are asked, and may be slow.

    Not `calling`: the links of others are left alone.
    """
    copy = largest_copy(issue)
    message = email.message_from_bytes(copy, policy=email.policy.default)
    with ThreadPoolExecutor(max_workers=2) as pool:
        sender = head.bare(str(message["From"]))
        transport, sender_known = pool.submit(probe, sender), pool.submit(senders.look, sender)
        own = [
            installation(),
            audience(issue),
            subject(issue),
            preheader(issue),
            one_click(message),
            list_id(message),
            parts(message),
            alternative_texts(message),
            size(copy),
            links(message, calling=calling),
        ]
        return [transport.result(), *sender_known.result(), *own]


def holds(findings: Iterable[Finding]) -> list[Finding]:
    """What keeps a letter back: what is wrong; and, where letters leave this machine, what nobody could check."""
    here = stays_here()
    return [finding for finding in findings if finding.is_wrong or not (finding.is_ok or here)]


def send(issue: Issue, *, by: Any, anyway: str = "", **when: Any) -> list[Finding]:
    """Let it go out if nothing is against it, or if somebody says why that does not matter. Raises ValidationError.

    Answers what was found.
    """
    refuse_impossible(issue, **when)
    findings = look(issue)
    kept = Preflight.objects.keep(issue, findings)
    against = holds(findings)
    if against and not anyway:
        raise Held([f"{finding.about}: {finding.sentence}" for finding in against])
    if issue.stand == Issue.Stand.PAUSED and not issue.is_frozen:
        issue.resume(by=by)
    else:
        issue.send(by=by, **when)
    if against:
        kept.overrule(by=by, because=anyway)
    return findings


def refuse_impossible(issue: Issue, *, at: Any = None, now: bool = False, not_after: Any = None) -> None:
    """What no “anyway” helps against, before anybody is asked about the rest."""
    if problems := issue.problems(at=at or timezone.now()):
        raise ValidationError(problems)


def clears(issue: Issue) -> bool:
    """Asked once more at the moment of freezing. What is wrong by now, and was not accepted, pauses the issue.

    A mail server that is away is no reason: the sender waits for it, and nothing is lost.
    """
    if issue.problems(at=timezone.now()):
        return True  # freezing itself says so
    known = Preflight.objects.accepted(issue)
    found = [f for f in look(issue, calling=False) if f.is_wrong and not f.is_passing and f.code not in known]
    if found:
        sentence = _("Preflight: %(found)s") % {"found": " ".join(f.sentence for f in found)}
        with contextlib.suppress(ValidationError):  # somebody, or another sender, was first
            issue.pause(by=None, because=sentence)
    return not found


# One check each


def installation() -> Finding:
    about = About("installation", gettext_lazy("This installation"))
    if Installation.objects.is_confirmed():
        return about.ok(
            _("Somebody confirmed that letters are sent from here, for %(site)s.") % {"site": settings.SITE_URL}
        )
    return about.wrong(unconfirmed())


def audience(issue: Issue) -> Finding:
    about = About("audience", gettext_lazy("How many readers"))
    readers = issue.readers()
    count = readers.count()
    before = Issue.objects.archived().filter(newsletter=issue.newsletter_id).exclude(pk=issue.pk).newest_first()
    sizes = [size for size in before.values_list("audience", flat=True)[:AUDIENCES_COMPARED] if size]
    words = {"count": _grouped(count)}
    if not sizes:
        return about.ok(_("%(count)s readers; it is the first issue, so there is nothing to compare.") % words)
    real = readers.exclude(subscriber__email_key__endswith=MADE_UP).count() if settings.TRIAL else count
    usual = sorted(sizes)[len(sizes) // 2]
    words["usual"] = _grouped(usual)
    if any(usual < 2 * number and number < 2 * usual for number in (count, real)):
        return about.ok(_("%(count)s readers; the last issues had %(usual)s.") % words)
    sentence = _(
        "%(count)s readers, where the last issues had %(usual)s. See whether an import or a clean-up explains it, "
        "and whether it is this newsletter that you mean."
    )
    return about.wrong(sentence % words)


def subject(issue: Issue) -> Finding:
    about = About("subject", gettext_lazy("Subject"))
    words = {"length": len(issue.subject), "most": LONGEST_SUBJECT}
    if len(issue.subject) > LONGEST_SUBJECT:
        sentence = _("The subject has %(length)s signs, and no mail program shows more than %(most)s: shorten it.")
        return about.wrong(sentence % words)
    return about.ok(ngettext("%(length)s sign.", "%(length)s signs.", len(issue.subject)) % words)


def preheader(issue: Issue) -> Finding:
    about = About("preheader", gettext_lazy("Preheader"))
    length = len(issue.preheader)
    words = {"length": length, "most": LONGEST_PREHEADER, "least": SHORTEST_PREHEADER}
    if length > LONGEST_PREHEADER:
        sentence = _("The preheader has %(length)s signs, and no mail program shows more than %(most)s: shorten it.")
        return about.wrong(sentence % words)
    if not length:
        return about.ok(_("There is none: mail programs show how the letter begins."))
    return about.ok(ngettext("%(length)s sign.", "%(length)s signs.", length) % words)


def one_click(message: EmailMessage) -> Finding:
    about = About("one-click", gettext_lazy("Leaving by one press"))
    links = re.findall(r"<([^<>]+)>", "".join(str(message.get("List-Unsubscribe", "")).split()))
    schemes = {"https"} if settings.HTTPS else {"https", "http"}  # http is this machine’s own
    if not any(urlsplit(link).scheme in schemes for link in links):
        return about.wrong(_("There is no List-Unsubscribe header with an https address, which providers insist on."))
    if message.get("List-Unsubscribe-Post", "").strip() != "List-Unsubscribe=One-Click":
        return about.wrong(_("There is no List-Unsubscribe-Post header, without which no mail program offers it."))
    return about.ok(_("Mail programs can offer it (RFC 8058)."))


def list_id(message: EmailMessage) -> Finding:
    about = About("list-id", gettext_lazy("List-Id"))
    found = re.search(r"<([^<>\s]+\.[^<>\s]+)>\s*$", str(message.get("List-Id", "")))
    if not found:
        return about.wrong(_("There is no List-Id header, by which readers sort their mail."))
    return about.ok(_("Readers can sort by %(name)s.") % {"name": found[1]})


def parts(message: EmailMessage) -> Finding:
    about = About("text", gettext_lazy("Text part"))
    plain, html = message.get_body(preferencelist=("plain",)), message.get_body(preferencelist=("html",))
    if plain is None or not plain.get_content().strip():
        return about.wrong(_("The letter has no text part, for those who read without HTML."))
    if html is None or not html.get_content().strip():
        return about.wrong(_("The letter has no HTML part."))
    return about.ok(_("The letter can be read with and without HTML."))


def alternative_texts(message: EmailMessage) -> Finding:
    about = About("alternative texts", gettext_lazy("Alternative texts"))
    pictures = read(message).pictures
    bare = [source for source, alt in pictures if alt is None]
    if bare:
        sentence = ngettext(
            "%(number)s picture has no alternative text (%(picture)s): write one in the library.",
            "%(number)s pictures have no alternative text (such as %(picture)s): write them in the library.",
            len(bare),
        )
        return about.wrong(sentence % {"number": len(bare), "picture": bare[0][:200]})
    if not pictures:
        return about.ok(_("There are no pictures."))
    sentence = ngettext("The picture has one.", "All %(number)s pictures have one.", len(pictures))
    return about.ok(sentence % {"number": len(pictures)})


def size(copy: bytes) -> Finding:
    about = About("size", gettext_lazy("Size"))
    words = {
        "size": number_format(len(copy), force_grouping=True),
        "most": number_format(LARGEST_COPY, force_grouping=True),
    }
    if len(copy) >= LARGEST_COPY:
        sentence = _("The largest copy has %(size)s bytes; from %(most)s on, Gmail cuts a letter off: shorten it.")
        return about.wrong(sentence % words)
    return about.ok(_("The largest copy has %(size)s bytes, of %(most)s.") % words)


def links(message: EmailMessage, *, calling: bool = True) -> Finding:
    """Our own are looked up, those of others are called."""
    about = About("links", gettext_lazy("Links"))
    found = list(dict.fromkeys(read(message).links))
    if nonsense := [link for link in found if not is_address(link)]:
        return about.wrong(_("“%(link)s” is no address: correct it.") % {"link": nonsense[0][:200]})
    own = [link for link in found if f"{link}/".startswith(f"{settings.SITE_URL}/")]
    dead = [link for link in own if not leads_somewhere(link)]
    if dead:
        return about.wrong(_("Nothing is before readers at %(link)s: correct the link.") % {"link": dead[0][:200]})
    others = [link for link in found if link not in own and urlsplit(link).scheme != "mailto"]
    refused, silent = call(others) if calling else ([], [])
    if refused:
        link, why = refused[0]
        return about.wrong(_("%(link)s does not answer (%(why)s): correct it.") % {"link": link[:200], "why": why})
    if silent:
        sentence = _("%(link)s was not heard of in time; the others answer. Open it yourself.")
        return about.not_checked(sentence % {"link": silent[0][:200]})
    sentence = ngettext("%(number)s link, which answers.", "%(number)s links, all of which answer.", len(found))
    return about.ok(sentence % {"number": len(found)})


# How they look


class Read(HTMLParser):
    """The links and the pictures of a letter."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.pictures: list[tuple[str, str | None]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        known = dict(attributes)
        if tag in {"a", "area"} and known.get("href"):
            self.links.append((known["href"] or "").strip())
        elif tag == "img":
            self.pictures.append((known.get("src") or "", known["alt"] or "" if "alt" in known else None))


def is_address(link: str) -> bool:
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme == "mailto" or (parts.scheme in {"http", "https"} and bool(parts.hostname))


def read(message: EmailMessage) -> Read:
    html = message.get_body(preferencelist=("html",))
    return Read(html.get_content() if html else "")


def largest_copy(issue: Issue) -> bytes:
    """The copy of the reader whose address is the longest there may be."""
    letter, moment = issue.letter(), timezone.now()
    specimen = Issue(
        pk=issue.pk or 0,
        newsletter=issue.newsletter,
        frozen_at=moment,
        letter_html=letter.html,
        letter_text=letter.text,
        letter_from=letter.sender,
        letter_head=letter.head,
        letter_site=letter.site,
    )
    address = "r" * (LONGEST_ADDRESS - len("@reader.example")) + "@reader.example"
    try:
        press = Press(specimen)
    except ImproperlyConfigured:  # which is a finding of its own
        press = Press(specimen, is_signed=False)
    return press.copy(delivery=2**62, address=address, token=secrets.token_hex(16))


def leads_somewhere(link: str) -> bool:
    """Whether a reader finds something at this address of ours."""
    path = unquote(urlsplit(link).path) or "/"
    if path.startswith("/newsletter/"):
        return True  # each reader's own, or that of this very letter, which is there once it goes out
    found = Asked.of(path).whereabouts()
    if found is not None:
        return isinstance(found, str) and bool(found)
    route = resolve(path)
    if "slug" in route.kwargs:
        model = LISTED.get(path.split("/")[1])
        return model is not None and model._default_manager.filter(slug=route.kwargs["slug"]).exists()
    return route.func is not nowhere


def call(links: list[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """Those that answer with a refusal, and why; and those of which nothing was heard in time."""
    if not links:
        return [], []
    pool = ThreadPoolExecutor(max_workers=LINKS_AT_ONCE)
    asked = {pool.submit(_refusal, link): link for link in links[:MOST_LINKS]}
    done, _late = wait_for(asked, timeout=LINKS_SECONDS)
    pool.shutdown(wait=False, cancel_futures=True)
    answers = {asked[future]: future.result() for future in done}
    refused = [(link, why) for link, why in answers.items() if why]
    return refused, [link for link in links if link not in answers or answers[link] is None]


def _refusal(link: str) -> str | None:
    """Why it does not answer; empty if it does; None where nobody can say."""
    try:
        answer = fetch.get(link, patience=LINK_PATIENCE, most_bytes=LINK_BYTES, allow=settings.LINKS_ALLOWED)
    except fetch.Unreachable as silence:
        return str(silence)
    except fetch.Refused:
        return None
    # A server that turns robots away, or has too many guests, may well answer a reader.
    if answer.status in {401, 403, 405, 406, 429} or answer.status >= 500:
        return None
    return str(answer.status) if answer.status >= 400 else ""


def _grouped(number: int) -> str:
    return number_format(number, force_grouping=True)
