from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget

from articles.models import Photo
from newsroom.legible import LegibleForm

ACCEPTED = "image/jpeg,image/png,image/webp,image/avif"


class PhotoForm(LegibleForm):
    file = forms.FileField(
        label=_("File"),
        required=False,
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ACCEPTED}),
        help_text=_("JPEG, PNG, WebP or AVIF, up to 40 MB."),
    )

    class Meta:
        model = Photo
        fields = [
            "alt", "caption", "kind", "maker", "maker_url", "source", "source_url", "licence", "licence_url",
            "focus_x", "focus_y",
        ]  # fmt: skip

    def clean(self) -> None:
        super().clean()
        upload = self.cleaned_data.get("file")
        if not upload and not self.instance.original and "file" not in self.errors:
            self.add_error("file", _("Choose the file of the picture."))
        if upload and not self.errors:
            try:
                self.instance.take(upload, by=self.instance.uploaded_by)
            except ValidationError as refusal:
                self.add_error("file", refusal)


class UploadForm(PhotoForm):
    """What the chooser asks of a new picture; the rest can be added in the library."""

    class Meta(PhotoForm.Meta):
        fields = ["alt", "caption", "kind", "maker", "source"]

    field_order = ["file", "alt", "caption", "kind", "maker", "source"]
    file = forms.FileField(label=_("File"), required=False, widget=forms.FileInput(attrs={"accept": ACCEPTED}))
