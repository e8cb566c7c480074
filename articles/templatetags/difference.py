from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from articles.comparing import ADDED, SAME, Run

register = template.Library()


@register.simple_tag
def runs(told: Sequence[Run], between: str = "") -> SafeString:
    """Words with what became of them, also for whoever hears them; no space more than they have."""
    marks = {True: ("ins", _("[added:"), "]"), False: ("del", _("[removed:"), "]")}
    pieces: list[Any] = []
    for run in told:
        piece = _piece(run)
        if run.change != SAME:
            tag, before, after = marks[run.change == ADDED]
            piece = format_html(
                '<{0}><span class="sr-only">{1} </span>{2}<span class="sr-only">{3}</span></{0}>',
                tag,
                before,
                piece,
                after,
            )
        pieces.append(piece)
    return mark_safe(format_html("{}", between).join(pieces))  # noqa: S308 - each piece is escaped


def _piece(run: Run) -> SafeString:
    said = format_html('<span class="{}">{}</span>', run.style, run.text) if run.style else format_html("{}", run.text)
    if run.link and run.change != SAME:
        # To be read, not to be followed: whatever was pasted stands here.
        said += format_html(' <small class="diff__link">→ {}</small>', run.link)
    return said
