"""What a look at something found: it is as it should be, it is wrong, or nobody could look. One sentence for each."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Verdict(TextChoices):
    OK = "ok", _("ok")
    WRONG = "wrong", _("wrong")
    NOT_CHECKED = "not checked", _("not checked")


@dataclass(frozen=True)
class Finding:
    """`code` is for machines, `about` names what was looked at, `sentence` says what to do."""

    code: str
    about: str
    verdict: Verdict
    sentence: str
    # Wrong at this moment; by itself it may be right in an hour.
    is_passing: bool = False

    @property
    def is_ok(self) -> bool:
        return self.verdict is Verdict.OK

    @property
    def is_wrong(self) -> bool:
        return self.verdict is Verdict.WRONG

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"about": str(self.about), "verdict": self.verdict.value}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Finding":
        return cls(**kept | {"verdict": Verdict(kept["verdict"])})


class About:
    """Says the three answers about one thing."""

    def __init__(self, code: str, about: Any) -> None:
        self.code, self.about = code, str(about)

    def ok(self, sentence: str) -> Finding:
        return Finding(self.code, self.about, Verdict.OK, sentence)

    def wrong(self, sentence: str, *, is_passing: bool = False) -> Finding:
        return Finding(self.code, self.about, Verdict.WRONG, sentence, is_passing)

    def not_checked(self, sentence: str) -> Finding:
        return Finding(self.code, self.about, Verdict.NOT_CHECKED, sentence)


def wrong(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.is_wrong]
