"""Many pictures at once: what is said of all of them is typed once, the rest each file says itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from articles.models import Photo, Right
from articles.photos.metadata import said_by
from articles.photos.upload import ACCEPTED, plain_twin_sentence
from newsroom import pictures
from newsroom.legible import LegibleForm

# In one request; a script sends them one by one, and then there is no end.
MOST_AT_ONCE = 20


class SeveralFiles(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    widget = SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = [super(FilesField, self).clean(one) for one in data or [None]]
        if len(files) > MOST_AT_ONCE:
            raise ValidationError(gettext("Choose at most %(most)s files at once.") % {"most": MOST_AT_ONCE})
        return files


@dataclass(frozen=True)
class Outcome:
    """What became of one file."""

    name: str
    photo: Photo | None = None
    twin: Photo | None = None
    refusal: str = ""


class BulkForm(LegibleForm):
    """What holds for all of them. Caption and alternative text come with a single file, from the script."""

    file = FilesField(
        label=_("Files"),
        widget=SeveralFiles(attrs={"accept": ACCEPTED}),
        error_messages={"required": _("Choose the files of the pictures.")},
    )
    rights = forms.MultipleChoiceField(
        label=_("May be shown"),
        choices=Right,
        required=False,
        initial=list(Right.values),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    keep_both = forms.BooleanField(
        label=_("Keep it even if the library has the same file already"), required=False, widget=UnfoldBooleanWidget
    )
    # Somebody has seen what the file says, and what is empty is meant to be.
    seen = forms.BooleanField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Photo
        fields = ["kind", "maker", "source", "licence", "licensed_until", "rights", "alt", "caption"]
        widgets = {
            "kind": UnfoldAdminSelectWidget,
            "maker": UnfoldAdminTextInputWidget,
            "source": UnfoldAdminTextInputWidget,
            "licence": UnfoldAdminTextInputWidget,
            "licensed_until": UnfoldAdminSingleDateWidget(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    @property
    def of_all(self) -> list[forms.BoundField]:
        names = ("file", "kind", "maker", "source", "licence", "rights", "licensed_until", "keep_both")
        return [self[name] for name in names]

    def photos(self, *, by: Any) -> Iterator[Outcome]:
        """One after the other, not saved yet."""
        for upload in self.cleaned_data["file"]:
            try:
                yield self._outcome(upload, by)
            except ValidationError as refusal:
                yield Outcome(upload.name, refusal=" ".join(refusal.messages))

    def _outcome(self, upload: Any, by: Any) -> Outcome:
        pictures.check_bytes(upload)
        twin = Photo.objects.of_file(pictures.fingerprint(upload)).first()
        if twin and not self.cleaned_data["keep_both"]:
            return Outcome(upload.name, twin=twin, refusal=plain_twin_sentence(twin))
        given = {name: self.cleaned_data[name] for name in self._meta.fields or ()}
        if not self.cleaned_data["seen"]:
            told = said_by(upload)
            given |= {name: value for name, value in told.items() if not given.get(name)}
        photo = Photo(**given)
        photo.take(upload, by=by)
        return Outcome(upload.name, photo=photo)
