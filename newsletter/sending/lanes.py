"""What one sender knows of the domains that make trouble; all senders share the rows."""

import time

from newsletter.models import Lane
from newsletter.models.lane import REST_AFTER_AN_OBJECTION
from newsletter.sending.answers import Answer, Fate
from newsletter.sending.verdicts import is_about_the_domain

LOOK_EVERY = 1.0
MANY = 3


class Lanes:
    def __init__(self) -> None:
        self._troubled: dict[str, Lane] = {}
        self._looked_at = float("-inf")

    def lets_through(self, domain: str) -> bool:
        """Whether a copy for it may be tried now. Asked before each: so it costs nothing while all is well."""
        self._look()
        lane = self._troubled.get(domain)
        if lane is None or lane.rests_until is None:
            return True
        if lane.is_resting:
            return False
        if not lane.is_silent:
            return True
        is_mine = Lane.objects.try_one(domain)
        lane.is_resting = True  # for all copies after this one
        return is_mine

    def note(self, domain: str, answer: Answer) -> None:
        if is_about_the_domain(answer):
            Lane.objects.stumble(domain, answer.text, in_silence=answer.by_silence)
        elif domain in self._troubled and answer.fate is not Fate.UNCERTAIN:
            Lane.objects.recover(domain)
        else:
            return
        self._looked_at = float("-inf")

    def object(self, domain: str, answer: Answer) -> None:
        """Its servers want nothing of ours: somebody should look, and meanwhile it is asked again each hour."""
        Lane.objects.stumble(domain, answer.text, rest=REST_AFTER_AN_OBJECTION)
        self._looked_at = float("-inf")

    def object_widely(self) -> bool:
        """Whether, with one more, so many domains object that it must be about us."""
        return Lane.objects.objecting().count() + 1 >= MANY

    def forget_objections(self) -> None:
        Lane.objects.objecting().delete()

    def _look(self) -> None:
        if time.monotonic() - self._looked_at >= LOOK_EVERY:
            self._troubled = {lane.domain: lane for lane in Lane.objects.troubled()}
            self._looked_at = time.monotonic()
