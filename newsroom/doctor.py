"""Is this installation fit for production? One finding for each thing that an operator can set right."""

import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.db import DatabaseError, connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from newsletter.letters import head, preflight, senders
from newsletter.models import Installation, Newsletter, OptOut
from newsletter.sending.probe import probe
from newsroom import health
from newsroom.environment import is_loopback
from newsroom.findings import About, Finding
from newsroom.names import Names

OLDEST_POSTGRESQL = 16
EXTENSIONS = {"unaccent"}
# A worker says each ten seconds that it lives.
LONGEST_SILENCE = 45
# Names that mean nothing outside of one network (RFC 6761, RFC 6762).
NOWHERE = (".local", ".localhost", ".invalid")
LONGEST_WAIT_MINUTES = 10
MOST_SKEW_SECONDS = 2.0
OPT_OUTS_MAY_WAIT = timedelta(minutes=10)
ALIVE_AND_LATE = """
    SELECT
        (SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => %s)),
        (SELECT count(*) FROM procrastinate_jobs AS j WHERE j.status = 'todo' AND coalesce(
            j.scheduled_at, (SELECT max(e.at) FROM procrastinate_events AS e WHERE e.job_id = j.id)
        ) < now() - make_interval(mins => %s))
"""


def examine() -> Iterator[Finding]:
    """One after the other, as they are found: some take seconds."""
    answers = database()
    yield answers
    for code, about, check in OF_THE_DATABASE:
        try:
            yield check() if answers.is_ok else About(code, about).not_checked(_("The database does not answer."))
        except DatabaseError:
            yield About(code, about).not_checked(_("The tables are not there yet: run “manage.py migrate”."))
    yield from (storage(), private_originals(), site(), security(), probe(sender_address()))
    yield from senders.look(sender_address())
    if answers.is_ok and health.CHECKS["migrations"]():
        yield from answers_arrive()


def sender_address() -> str:
    return head.bare(settings.DEFAULT_FROM_EMAIL)


def database() -> Finding:
    about = About("database", gettext_lazy("Database"))
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version_num")
            version = int(cursor.fetchone()[0]) // 10_000
    except DatabaseError as fault:
        said = " ".join(str(fault).split())[:200]
        return about.wrong(
            _("It does not answer: start it, or correct DATABASE_URL. It said: %(said)s") % {"said": said}
        )
    words = {"version": version, "least": OLDEST_POSTGRESQL}
    if version < OLDEST_POSTGRESQL:
        return about.wrong(_("PostgreSQL %(version)s is too old: use %(least)s or newer.") % words)
    return about.ok(_("PostgreSQL %(version)s answers.") % words)


def migrations() -> Finding:
    about = About("migrations", gettext_lazy("Tables"))
    if not health.CHECKS["migrations"]():
        return about.wrong(_("They are not those of this release: run “manage.py migrate”."))
    return about.ok(_("They are those of this release."))


def extensions() -> Finding:
    about = About("extensions", gettext_lazy("Extensions"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT extname FROM pg_extension")
        missing = EXTENSIONS - {name for (name,) in cursor.fetchall()}
    if missing:
        sentence = _("%(names)s is missing: have the database’s owner run “CREATE EXTENSION %(names)s”.")
        return about.wrong(sentence % {"names": ", ".join(sorted(missing))})
    return about.ok(_("Those of PostgreSQL that are needed are there."))


def suppression_key() -> Finding:
    about = About("suppression key", gettext_lazy("SUPPRESSION_KEY"))
    try:
        Installation.objects.check_key()
    except ImproperlyConfigured as another:
        return about.wrong(str(another))
    return about.ok(_("It is the one that this database was made with."))


def worker() -> Finding:
    about = About("worker", gettext_lazy("Worker"))
    with connection.cursor() as cursor:
        cursor.execute(
            ALIVE_AND_LATE,
            [LONGEST_SILENCE, LONGEST_WAIT_MINUTES],
        )
        alive, late = cursor.fetchone()
    if not alive:
        return about.wrong(_("None is at work, so no letter goes out: start “manage.py worker”, best as a service."))
    if late:
        sentence = _("%(late)s jobs wait for more than %(minutes)s minutes: start another worker, or read its log.")
        return about.wrong(sentence % {"late": late, "minutes": LONGEST_WAIT_MINUTES})
    return about.ok(_("At work, and nothing waits for long."))


def clock() -> Finding:
    about = About("clock", gettext_lazy("Clock"))
    with connection.cursor() as cursor:
        before = timezone.now()
        cursor.execute("SELECT clock_timestamp()")
        theirs, after = cursor.fetchone()[0], timezone.now()
    # Asked and answered takes time; only what lies outside of it is a difference.
    skew = max((before - theirs).total_seconds(), (theirs - after).total_seconds(), 0.0)
    if skew > MOST_SKEW_SECONDS:
        sentence = _(
            "This machine and the database differ by %(seconds)s s, so things happen at the wrong moment: "
            "set both by NTP (timedatectl set-ntp true)."
        )
        return about.wrong(sentence % {"seconds": f"{skew:.1f}"})
    return about.ok(_("This machine and the database agree on the time."))


def storage() -> Finding:
    about = About("storage", gettext_lazy("Files"))
    for name, setting in (("default", "MEDIA_ROOT"), ("private", "PRIVATE_ROOT")):
        try:
            _write_and_delete(storages[name])
        except OSError as refusal:
            sentence = _("%(setting)s cannot be written (%(reason)s): give the folder to the user who runs Newsroom.")
            return about.wrong(sentence % {"setting": setting, "reason": refusal.strerror or refusal})
    return about.ok(_("Public pictures and private originals can be written."))


def private_originals() -> Finding:
    about = About("originals", gettext_lazy("Private originals"))
    private, public = Path(settings.PRIVATE_ROOT).resolve(), Path(settings.MEDIA_ROOT).resolve()
    open_folders = [public, Path(settings.STATIC_ROOT).resolve()]
    if any(private == folder or folder in private.parents for folder in open_folders):
        return about.wrong(_("PRIVATE_ROOT lies in a folder that everybody can read: move it out of there."))
    if private in public.parents:
        return about.wrong(_("MEDIA_ROOT lies within PRIVATE_ROOT: keep them apart."))
    return about.ok(_("Nobody reaches them from outside."))


def site() -> Finding:
    about = About("site", gettext_lazy("SITE_URL"))
    words = {"site": settings.SITE_URL}
    if settings.TRIAL:
        return about.not_checked(
            _("DEMO or DEBUG is on: this is a trial at %(site)s. Switch both off for readers.") % words
        )
    if not settings.HTTPS:
        return about.wrong(_("%(site)s is plain HTTP: SITE_URL must begin with https://.") % words)
    host = str(settings.SITE.hostname)
    if is_loopback(host) or "." not in host or host.endswith(NOWHERE):
        return about.wrong(_("No reader reaches %(site)s: set SITE_URL to the magazine’s own address.") % words)
    return about.ok(_("Readers use %(site)s.") % words)


def security() -> Finding:
    about = About("security", gettext_lazy("Security settings"))
    if settings.TRIAL:
        return about.not_checked(_("A trial is for this machine only."))
    found = checks.run_checks(tags=[checks.Tags.security], include_deployment_checks=True)
    serious = [message for message in found if message.level >= checks.WARNING and not message.is_silenced()]
    if serious:
        return about.wrong(" ".join(f"{message.id}: {message.msg}" for message in serious))
    return about.ok(_("Django’s checks for production find nothing."))


def answers_arrive() -> Iterator[Finding]:
    """Whoever answers a letter reaches somebody."""
    names = Names()
    for newsletter in Newsletter.objects.exclude(reply_to="").order_by("position", "pk"):
        found = senders.from_domain(senders.domain_of(newsletter.reply_to), names)
        if not found.is_ok:
            about = About(f"answers: {newsletter.slug}", _("Answers to “%(name)s”") % {"name": newsletter})
            yield about.not_checked(found.sentence) if not found.is_wrong else about.wrong(found.sentence)


def opt_outs() -> Finding:
    """Each is put away at once, or within a minute."""
    about = About("opt-outs", gettext_lazy("Opt-outs"))
    waiting = OptOut.objects.waiting_since(timezone.now() - OPT_OUTS_MAY_WAIT).count()
    if waiting:
        sentence = ngettext(
            "%(count)s opt-out is not in the private storage yet, and a restored database would not know of it: see "
            "that PRIVATE_ROOT can be written and a worker runs.",
            "%(count)s opt-outs are not in the private storage yet, and a restored database would not know of them: "
            "see that PRIVATE_ROOT can be written and a worker runs.",
            waiting,
        )
        return about.wrong(sentence % {"count": waiting})
    return about.ok(_("All of them lie in the private storage, for a database that is restored."))


OF_THE_DATABASE: tuple[tuple[str, Any, Callable[[], Finding]], ...] = (
    ("migrations", gettext_lazy("Tables"), migrations),
    ("extensions", gettext_lazy("Extensions"), extensions),
    ("suppression key", gettext_lazy("SUPPRESSION_KEY"), suppression_key),
    ("installation", gettext_lazy("This installation"), preflight.installation),
    ("opt-outs", gettext_lazy("Opt-outs"), opt_outs),
    ("worker", gettext_lazy("Worker"), worker),
    ("clock", gettext_lazy("Clock"), clock),
)


def _write_and_delete(place: Storage) -> None:
    name = place.save(f"doctor-{uuid.uuid4().hex}", ContentFile(b"trial"))
    place.delete(name)
