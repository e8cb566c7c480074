from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminFileFieldWidget, UnfoldBooleanWidget

from articles.models import Photo, Right
from newsroom import pictures
from newsroom.legible import LegibleForm

ACCEPTED = "image/jpeg,image/png,image/webp,image/avif"
# Where static/desk/told.js asks what a chosen file says of itself.
READ = {
    "accept": ACCEPTED,
    "data-told": reverse_lazy("admin:articles_photo_told"),
    "data-told-words": _("What the file says of itself is filled in below: look through it."),
}


class PhotoForm(LegibleForm):
    file = forms.FileField(
        label=_("File"),
        required=False,
        widget=UnfoldAdminFileFieldWidget(attrs=READ),
        help_text=_("JPEG, PNG, WebP or AVIF, up to 40 MB."),
    )
    keep_both = forms.BooleanField(
        label=_("Keep it even if the library has the same file already"), required=False, widget=UnfoldBooleanWidget
    )
    rights = forms.MultipleChoiceField(
        label=_("May be shown"),
        choices=Right,
        required=False,
        initial=list(Right.values),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("Without the site, no article that shows it can be published; letters and feeds leave it out."),
    )
    # The photo that the library has of the same file
    twin: Photo | None = None

    class Meta:
        model = Photo
        fields = [
            "alt", "caption", "kind", "maker", "maker_url", "source", "source_url", "licence", "licence_url",
            "rights", "licensed_until", "focus_x", "focus_y",
        ]  # fmt: skip

    def clean(self) -> None:
        super().clean()
        upload = self.cleaned_data.get("file")
        if not upload and not self.instance.original and "file" not in self.errors:
            self.add_error("file", _("Choose the file of the picture."))
        if upload and not self.errors:
            try:
                self.take(upload)
            except ValidationError as refusal:
                self.add_error("file", refusal)

    def take(self, upload: Any) -> None:
        pictures.check_bytes(upload)
        others = Photo.objects.of_file(pictures.fingerprint(upload)).exclude(pk=self.instance.pk)
        if not self.cleaned_data.get("keep_both"):
            self.twin = others.first()
        if self.twin:
            raise ValidationError(self.twin_sentence(self.twin), code="twin")
        self.instance.take(upload, by=self.instance.uploaded_by)

    def twin_sentence(self, twin: Photo) -> Any:
        return format_html(
            gettext("The library has this file already: <a href='{}'>“{}”</a>. Use that one, or keep both."),
            reverse_lazy("admin:articles_photo_change", args=[twin.pk]),
            twin,
        )


class UploadForm(PhotoForm):
    """What the chooser asks of a new picture; the rest can be added in the library."""

    class Meta(PhotoForm.Meta):
        fields = ["alt", "caption", "kind", "maker", "source", "licence"]
        help_texts = {
            "alt": _("Needed before publishing: what the picture shows, for those who do not see it."),
            "maker": _("Needed before publishing: who made it."),
        }

    field_order = ["file", "alt", "caption", "kind", "maker", "source", "licence"]
    file = forms.FileField(label=_("File"), required=False, widget=forms.FileInput(attrs=READ))
    keep_both = forms.BooleanField(required=False, widget=forms.HiddenInput)
    rights = None  # type: ignore[assignment]  # none of these is a field here

    def twin_sentence(self, twin: Photo) -> Any:
        return plain_twin_sentence(twin)


def plain_twin_sentence(twin: Photo) -> str:
    return gettext("The library has this file already: “%(photo)s”. Use that one, or keep both.") % {"photo": twin}
