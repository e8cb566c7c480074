"""What every form of something that is written says about itself, in fields that nobody sees."""

from typing import Any
from uuid import uuid4

from django import forms

from newsroom.written import Revision

# What PostgreSQL holds in a PositiveIntegerField.
MOST = 2**31 - 1


class WritingForm(forms.Form):
    based_on = forms.IntegerField(min_value=0, max_value=MOST, required=False, widget=forms.HiddenInput)
    sitting = forms.UUIDField(required=False, widget=forms.HiddenInput)
    # static/desk/keeping.js counts it.
    turn = forms.IntegerField(min_value=0, max_value=MOST, required=False, widget=forms.HiddenInput)

    ABOUT_ITSELF = frozenset({"based_on", "sitting", "turn"})

    @staticmethod
    def about(revision: Revision | None) -> dict[str, Any]:
        """What was left unsaved goes on in its sitting, on top of what it was written on."""
        if revision is None:
            return {"based_on": 0, "sitting": uuid4(), "turn": 0}
        if revision.number:
            return {"based_on": revision.number, "sitting": uuid4(), "turn": 0}
        return {"based_on": revision.based_on, "sitting": revision.sitting, "turn": revision.turn}

    def itself(self) -> dict[str, Any]:
        """As `Written` wants it. A form that does not say what it was based on was based on nothing."""
        said = getattr(self, "cleaned_data", {})
        return {
            "based_on": said.get("based_on") or 0,
            "sitting": said.get("sitting") or uuid4(),
            "turn": said.get("turn"),
        }
