"""When a letter goes out, and after which moment it must not: by the clock on the wall of the house."""

from datetime import datetime
from typing import Any, Self

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from articles.admin.wall_clock import FIRST, SECOND, instant_of
from newsletter.models import Issue


class WallClock(UnfoldAdminTextInputWidget):
    input_type = "datetime-local"


class MomentField(forms.CharField):
    """What a browser sends of a day and a time; `which` beside it settles an hour that comes twice."""

    widget = WallClock

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=40, **kwargs)


class ScheduleForm(forms.Form):
    at = MomentField(
        label=gettext_lazy("Goes out on"),
        error_messages={"required": gettext_lazy("Say on which day and at what time it goes out.")},
    )
    not_after = MomentField(
        label=gettext_lazy("Do not send after"),
        required=False,
        help_text=gettext_lazy(
            "What has not left by then waits for somebody to decide. Empty: it is sent however late a worker comes."
        ),
    )
    which = forms.ChoiceField(
        label=gettext_lazy("If the clocks go back that night and the time comes twice"),
        required=False,
        choices=[
            ("", gettext_lazy("Ask me")),
            (FIRST, gettext_lazy("The first one")),
            (SECOND, gettext_lazy("The second one")),
        ],
        widget=UnfoldAdminSelectWidget,
    )

    @classmethod
    def of(cls, issue: Issue) -> Self:
        """As it stands."""
        return cls(initial={"at": _walled(issue.send_at), "not_after": _walled(issue.not_after)}, auto_id="plan-%s")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for name in ("at", "not_after"):
            if given.get(name):
                self._settle(name, given)
        at, end = given.get("at"), given.get("not_after")
        if isinstance(at, datetime) and at <= timezone.now():
            self.add_error("at", _("This moment has passed. Choose a later one, or send it now."))
        elif isinstance(end, datetime) and end <= (at or timezone.now()):
            self.add_error("not_after", _("It would be too late before it begins: name a later end."))
        return given

    def moments(self) -> tuple[datetime, datetime | None]:
        return self.cleaned_data["at"], self.cleaned_data["not_after"] or None

    def _settle(self, name: str, given: dict[str, Any]) -> None:
        try:
            wall = datetime.fromisoformat(given[name]).replace(tzinfo=None)
            given[name] = instant_of(wall, which=given.get("which", ""))
        except ValidationError as refusal:
            self.add_error(name, refusal.messages)
        except (ValueError, OverflowError):
            self.add_error(name, _("This is no day and time."))


def _walled(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%dT%H:%M}" if moment else ""
