"""A mailbox of returns gone through: each mail read, taken in, and only then marked as done."""

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from newsletter.returns.mailbox import Mailbox
from newsletter.returns.reading import read
from newsletter.returns.reports import Report
from newsletter.returns.taking import owner, take

LONGEST_ROUND = 120.0


@dataclass
class Tally:
    mails: int = 0
    reports: Counter[str] = field(default_factory=Counter)
    news: int = 0
    unknown: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)

    def __str__(self) -> str:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(self.reports.items())) or _("no report")
        return _(
            "%(mails)s mails: %(kinds)s; %(news)s of them news, %(unknown)s about no letter of ours; "
            "%(refused)s refused."
        ) % {
            "mails": self.mails,
            "kinds": kinds,
            "news": self.news,
            "unknown": self.unknown,
            "refused": len(self.refused),
        }


def empty(mailbox: Mailbox, *, dry_run: bool = False, at_most: float = LONGEST_ROUND) -> Tally:
    """Raises MailboxAway. Whatever was taken in before is kept, and is not news again."""
    tally, until = Tally(), time.monotonic() + at_most
    with mailbox:
        for name, content in mailbox.letters():
            tally.mails += 1
            try:
                reports = read(content)
            except ValidationError as refusal:
                tally.refused.append((str(name), " ".join(refusal.messages)))
                reports = []
            for report in reports:
                _count(tally, report, dry_run=dry_run)
            if not dry_run:
                mailbox.done(name, is_report=bool(reports))
            if time.monotonic() > until:
                break
    return tally


def _count(tally: Tally, report: Report, *, dry_run: bool) -> None:
    tally.reports[report.kind.value] += 1
    if dry_run:
        tally.unknown += owner(report) is None
        return
    taken: Any = take(report)
    tally.news += taken.is_news
    tally.unknown += not taken.is_ours
