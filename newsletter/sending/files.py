"""Mail as files: one `.eml` per message, in a folder. For the demo and for development."""

import itertools
import os
import time
from collections.abc import Sequence
from email.policy import SMTP
from pathlib import Path
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

# Django folds at 78, and would spell out a long List-Unsubscribe as encoded words.
POLICY = SMTP.clone(max_line_length=998)
_numbers = itertools.count()


def write_eml(folder: Path, message: bytes) -> Path:
    """Whole or not at all. Names sort by time, also among processes."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{time.time_ns():020d}-{os.getpid()}-{next(_numbers):06d}"
    draft = folder / f".{name}.tmp"
    draft.write_bytes(message)
    return draft.replace(folder / f"{name}.eml")


class EmlBackend(BaseEmailBackend):
    """Django's side of it, for single mails."""

    def __init__(self, *, folder: str, **options: Any) -> None:
        super().__init__(**options)
        self.folder = Path(folder)

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        for message in messages:
            write_eml(self.folder, message.message(policy=POLICY).as_bytes())
        return len(messages)
