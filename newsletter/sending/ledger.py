"""The only truth about mail: how a Delivery goes from hand to hand. One statement for each mail.

    queued → claimed → handing → accepted | failed | uncertain        (and skipped, for those who left meanwhile)

A sender holds a copy by a lease, and every write names the fence of its claim: whoever lost the lease writes nothing.
Leases run by the database's clock, because senders are on several machines and each has a clock of its own.

A turn does not wait for the disk: a sender keeps in mind what it wrote last, and writes it again if the database fell.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from weakref import WeakSet

from django.db import connection
from django.utils.translation import gettext as _
from psycopg import Cursor

from newsletter.models import Delivery, Issue

LEASE = timedelta(seconds=30)

# Why a reader is not mailed after all; empty for those who are. The same rule as Subscription.mailable(), asked again
# for each copy, so that nobody is mailed who has just left.
BARRED = """
    CASE
    WHEN NOT EXISTS (
        SELECT FROM newsletter_subscription AS s
        WHERE s.newsletter_id = %(newsletter)s AND s.subscriber_id = d.subscriber_id
        AND s.confirmed_at IS NOT NULL AND s.left_at IS NULL
    ) THEN %(has_left)s
    WHEN EXISTS (
        SELECT FROM newsletter_suppression AS x JOIN newsletter_subscriber AS p ON p.key_hash = x.key_hash
        WHERE p.id = d.subscriber_id
    ) THEN %(is_suppressed)s
    ELSE '' END
"""
GOING_OUT = """
    EXISTS (
        SELECT FROM newsletter_issue AS i
        WHERE i.id = %(issue)s AND i.paused_at IS NULL AND i.finished_at IS NULL AND i.frozen_at IS NOT NULL
        AND (i.not_after IS NULL OR i.not_after > clock_timestamp())
    )
"""
CLAIM = f"""
    WITH due AS MATERIALIZED (
        SELECT id FROM newsletter_delivery
        WHERE issue_id = %(issue)s AND state = 'queued' AND id > %(after)s
        AND NOT EXISTS (
            SELECT FROM newsletter_lane AS lane
            WHERE lane.rests_until > clock_timestamp() AND lane.domain = lower(split_part(address, '@', -1))
        )
        AND (not_before IS NULL OR not_before <= clock_timestamp()) AND {GOING_OUT}
        ORDER BY id LIMIT %(size)s FOR UPDATE SKIP LOCKED
    ), seen AS MATERIALIZED (
        SELECT d.id, {BARRED} AS barred FROM newsletter_delivery AS d JOIN due USING (id)
    )
    UPDATE newsletter_delivery AS d SET
        fence = d.fence + 1,
        not_before = NULL,
        state = CASE WHEN barred = '' THEN 'claimed' ELSE 'skipped' END,
        leased_until = CASE WHEN barred = '' THEN clock_timestamp() + %(lease)s END,
        settled_at = CASE WHEN barred <> '' THEN clock_timestamp() END,
        answer = CASE WHEN barred = '' THEN d.answer ELSE barred END
    FROM seen WHERE d.id = seen.id
    RETURNING d.id, d.fence, d.address, d.token, d.attempt, d.answer, d.repeated_at IS NOT NULL,
        d.edition, d.name, d.call, d.state
"""  # noqa: S608 - every text of others is a parameter
# One call that got no answer, whole: its letters were doubted one after the other, and wait for the last of them.
DOUBTED_CALL = f"""
    WITH one AS MATERIALIZED (
        SELECT call FROM newsletter_delivery AS first
        WHERE issue_id = %(issue)s AND state = 'queued' AND call <> '' AND NOT EXISTS (
            SELECT FROM newsletter_delivery AS other
            WHERE other.state = 'uncertain' AND other.not_before IS NOT NULL AND other.call = first.call
        )
        LIMIT 1
    ), due AS MATERIALIZED (
        SELECT id FROM newsletter_delivery
        WHERE issue_id = %(issue)s AND state = 'queued' AND call <> '' AND call = (SELECT call FROM one) AND {GOING_OUT}
        ORDER BY id FOR UPDATE
    ), seen AS"""  # noqa: S608 - every text of others is a parameter
CLAIM_CALL = DOUBTED_CALL + CLAIM.partition("), seen AS")[2]
CLAIM_SINGLES = CLAIM.replace("state = 'queued'", "state = 'queued' AND call = ''")
# What is handed over together is in hand together, and known by who was in it.
BEGIN = f"""
    WITH mine AS MATERIALIZED (
        SELECT d.id FROM newsletter_delivery AS d
        JOIN unnest(%(ids)s::bigint[], %(fences)s::bigint[]) AS held (id, fence) ON d.id = held.id
        WHERE d.fence = held.fence AND d.state = 'claimed' AND d.leased_until > clock_timestamp() AND {GOING_OUT}
        ORDER BY d.id FOR UPDATE OF d
    ), seen AS MATERIALIZED (
        SELECT d.id, d.edition, {BARRED} AS barred FROM newsletter_delivery AS d JOIN mine USING (id)
    ), called AS MATERIALIZED (
        SELECT left(encode(sha256(convert_to(
            string_agg(concat(id, '.', edition), ' ' ORDER BY id), 'UTF8'
        )), 'hex'), 32) AS call FROM seen WHERE barred = ''
    )
    UPDATE newsletter_delivery AS d SET
        state = CASE WHEN barred = '' THEN 'handing' ELSE 'skipped' END,
        attempt = d.attempt + CASE WHEN barred = '' THEN 1 ELSE 0 END,
        leased_until = CASE WHEN barred = '' THEN clock_timestamp() + %(lease)s END,
        handed_at = CASE WHEN barred <> '' THEN NULL WHEN d.call <> '' THEN d.handed_at ELSE clock_timestamp() END,
        settled_at = CASE WHEN barred <> '' THEN clock_timestamp() END,
        answer = CASE WHEN barred = '' THEN d.answer ELSE barred END,
        call = CASE WHEN barred = '' AND %(keeps)s THEN coalesce(called.call, '') ELSE '' END
    FROM seen, called WHERE d.id = seen.id
    RETURNING d.id, d.state, called.call
"""  # noqa: S608 - every text of others is a parameter
TURN = f"""
    WITH last AS (
        UPDATE newsletter_delivery SET
            state = %(state)s::text,
            attempt = %(attempt)s,
            leased_until = NULL,
            not_before = clock_timestamp() + %(delay)s::interval,
            handed_at = coalesce(handed_at, clock_timestamp()),
            settled_at = CASE WHEN %(state)s::text <> 'queued' THEN clock_timestamp() END,
            answer = %(answer)s,
            call = %(call)s
        WHERE id = %(last)s AND fence = %(last_fence)s AND state IN ('claimed', 'handing')
        RETURNING id
    ), seen AS MATERIALIZED (
        SELECT d.id, {BARRED} AS barred FROM newsletter_delivery AS d WHERE d.id = %(next)s
    ), next AS (
        UPDATE newsletter_delivery AS d SET
            state = CASE WHEN barred = '' THEN 'handing' ELSE 'skipped' END,
            attempt = d.attempt + CASE WHEN barred = '' THEN 1 ELSE 0 END,
            leased_until = CASE WHEN barred = '' THEN clock_timestamp() + %(lease)s END,
            handed_at = CASE WHEN barred = '' THEN clock_timestamp() END,
            settled_at = CASE WHEN barred <> '' THEN clock_timestamp() END,
            answer = CASE WHEN barred = '' THEN d.answer ELSE barred END
        FROM seen
        WHERE d.id = seen.id AND d.fence = %(next_fence)s AND d.state = 'claimed'
        AND d.leased_until > clock_timestamp() AND {GOING_OUT}
        RETURNING d.state
    )
    SELECT (SELECT count(*) FROM last), (SELECT state FROM next), set_config('synchronous_commit', 'off', true)
"""  # noqa: S608 - every text of others is a parameter
# A plan that was made while the table was small must do when it is not.
PLANS = "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off"
_readied: WeakSet[Any] = WeakSet()
HELD = """
    FROM unnest(%(ids)s::bigint[], %(fences)s::bigint[]) AS held (id, fence)
    WHERE d.id = held.id AND d.fence = held.fence
"""
RENEW = f"""
    UPDATE newsletter_delivery AS d SET leased_until = clock_timestamp() + %(lease)s
    {HELD} AND d.state IN ('claimed', 'handing')
"""  # noqa: S608 - every text of others is a parameter
RELEASE = f"""
    UPDATE newsletter_delivery AS d SET state = 'queued', leased_until = NULL
    {HELD} AND d.state = 'claimed'
"""  # noqa: S608 - every text of others is a parameter


@dataclass(frozen=True)
class Copy:
    """A delivery that this sender has claimed."""

    id: int
    fence: int
    address: str
    token: str
    attempt: int
    answer: str
    was_repeated: bool
    edition: int
    name: str = ""
    call: str = ""  # with which others it was handed over, where that call got no answer

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2].lower()


@dataclass(frozen=True)
class Outcome:
    """What became of a copy that was being handed over."""

    copy: Copy
    state: Delivery.State
    answer: str
    delay: timedelta | None = None
    counts: bool = True
    call: str = ""

    @property
    def attempt(self) -> int:
        return self.copy.attempt + int(self.counts)


def claim(issue: Issue, *, size: int, after: int = 0, leaving_calls: bool = False) -> tuple[list[Copy], int]:
    """Copies that are now this sender's, oldest first, and how many were skipped because their reader had left.

    `leaving_calls` leaves alone what may only be repeated with those it was handed over with: see `claim_call`.
    """
    statement = CLAIM_SINGLES if leaving_calls else CLAIM
    return _claimed(_rows(statement, _about(issue) | {"size": size, "after": after}))


def claim_call(issue: Issue) -> tuple[list[Copy], int]:
    """All copies of one call that got no answer and is to be repeated."""
    return _claimed(_rows(CLAIM_CALL, _about(issue)))


def call_of(copies: Sequence[Copy]) -> str:
    """The name of a call with these in it, as the database makes it."""
    named = " ".join(f"{copy.id}.{copy.edition}" for copy in sorted(copies, key=lambda copy: copy.id))
    return hashlib.sha256(named.encode()).hexdigest()[:32]


def begin(issue: Issue, copies: Sequence[Copy], *, keeps_call: bool) -> tuple[list[Copy], str]:
    """Take them in hand together: committed before any byte of them leaves. Answers those that are, and their call.

    Without the others: their reader left, it is paused, or no longer ours.
    """
    rows = _rows(BEGIN, _about(issue) | _holding(copies) | {"keeps": keeps_call})
    handing = {row[0]: row[2] for row in rows if row[1] == Delivery.State.HANDING}
    return [copy for copy in copies if copy.id in handing], next(iter(handing.values()), "")


def _claimed(rows: list[tuple[Any, ...]]) -> tuple[list[Copy], int]:
    copies = sorted((Copy(*row[:-1]) for row in rows if row[-1] == Delivery.State.CLAIMED), key=lambda copy: copy.id)
    return copies, len(rows) - len(copies)


def turn(issue: Issue, *, last: Outcome | None, following: Copy | None) -> str | None:
    """Write down what became of one copy, and take the next in hand: committed before any byte of it leaves.

    Answers "handing", "skipped" (its reader left), or None: it is paused, or no longer ours.
    """
    parameters = _about(issue) | {
        "last": last.copy.id if last else None,
        "last_fence": last.copy.fence if last else None,
        "state": last.state if last else "",
        "answer": last.answer if last else "",
        "delay": last.delay if last else None,
        "attempt": last.attempt if last else 0,
        "call": last.call if last else "",
        "next": following.id if following else None,
        "next_fence": following.fence if following else None,
    }
    [(_settled, state, _setting)] = _prepared(TURN, parameters)
    return state


def settle(issue: Issue, outcome: Outcome) -> None:
    turn(issue, last=outcome, following=None)


def renew(copies: Sequence[Copy]) -> None:
    """Their sender is alive."""
    _write(RENEW, _holding(copies) | {"lease": LEASE})


def release(copies: Sequence[Copy]) -> None:
    """Give back what was claimed and not begun."""
    _write(RELEASE, _holding(copies))


def sweep(*, repeats_for: timedelta | None = None) -> int:
    """What dead senders left behind, and doubts whose time has come. The fence moves on: the dead may only sleep.

    `repeats_for` is how long the transport lets a letter be handed over again after a lost answer.
    """
    within = {"within": repeats_for}
    freed = _write(
        "UPDATE newsletter_delivery SET state = 'queued', leased_until = NULL, fence = fence + 1 "
        "WHERE state = 'claimed' AND leased_until < clock_timestamp()"
    )
    doubted = _write(
        "UPDATE newsletter_delivery AS d SET state = 'uncertain', leased_until = NULL, fence = fence + 1, "
        "settled_at = clock_timestamp(), answer = %(answer)s, "
        "not_before = CASE WHEN repeated_at IS NULL AND n.on_doubt = 'repeat' "
        "AND (%(within)s::interval IS NULL OR make_interval(secs => n.repeat_after) < %(within)s::interval) "
        "THEN clock_timestamp() + make_interval(secs => n.repeat_after) END "
        "FROM newsletter_issue AS i JOIN newsletter_newsletter AS n ON n.id = i.newsletter_id "
        "WHERE i.id = d.issue_id AND state = 'handing' AND leased_until < clock_timestamp()",
        within | {"answer": _("The sender ended before the mail server had answered.")},
    )
    if repeats_for is not None:
        _write(
            "UPDATE newsletter_delivery SET not_before = NULL WHERE state = 'uncertain' "
            "AND not_before <= clock_timestamp() AND handed_at <= clock_timestamp() - %(within)s::interval",
            within,
        )
        _write(
            "UPDATE newsletter_delivery SET state = 'uncertain', settled_at = clock_timestamp() WHERE state = 'queued' "
            "AND call <> '' AND handed_at <= clock_timestamp() - %(within)s::interval",
            within,
        )
    repeated = _write(
        "UPDATE newsletter_delivery SET state = 'queued', not_before = NULL, settled_at = NULL, "
        "repeated_at = clock_timestamp() WHERE state = 'uncertain' AND not_before <= clock_timestamp()"
    )
    return freed + doubted + repeated


def _about(issue: Issue) -> dict[str, Any]:
    return {
        "issue": issue.pk,
        "newsletter": issue.newsletter_id,
        "lease": LEASE,
        "has_left": _("The reader left before this copy went out."),
        "is_suppressed": _("The address is suppressed."),
    }


def _holding(copies: Sequence[Copy]) -> dict[str, Any]:
    return {"ids": [copy.id for copy in copies], "fences": [copy.fence for copy in copies]}


def _rows(statement: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def _prepared(statement: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Planned once for each connection: planning takes the database longer than doing it."""
    connection.ensure_connection()
    link = connection.connection
    if link not in _readied:
        link.execute(PLANS)
        _readied.add(link)
    return Cursor(link).execute(statement, parameters, prepare=True).fetchall()


def _write(statement: str, parameters: dict[str, Any] | None = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.rowcount
