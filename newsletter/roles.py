"""Who may do what to the letters. Readers' addresses are the admin's alone: nothing is granted on them."""

from typing import Any

from newsletter.models import Issue
from newsroom.roles import EDITOR, grant


def unsent(user: Any, issue: Issue) -> bool:
    return issue.frozen_at is None


grant("newsletter.newsletter", ["view", "add", "change"], [EDITOR])
grant("newsletter.issue", ["view", "add", "send"], [EDITOR])
grant("newsletter.issue", ["change", "delete"], [EDITOR], of=unsent)
grant("newsletter.issuearticle", ["view", "add", "change", "delete"], [EDITOR])
