import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from newsletter.models import Newsletter, Subscriber
from newsletter.signup.words import wording
from newsroom.addresses import check_email
from newsroom.identity.models import Identity

LOCAL_PATH = re.compile(r"/(?![/\\])[^\s\\\x00-\x1f\x7f]{0,499}")


class AddressField(forms.Field):
    def clean(self, value: Any) -> str:
        if not (value or "").strip():
            raise ValidationError(_("Write your e-mail address here, in the form name@example.org."), code="required")
        return check_email(value)


class NewslettersField(forms.Field):
    """Newsletters by their slugs; none named means the first one."""

    widget = forms.SelectMultiple

    def clean(self, value: Sequence[str] | None) -> list[Newsletter]:
        known = {newsletter.slug: newsletter for newsletter in Newsletter.objects.all()}
        if not known:
            raise ValidationError(_("There is no newsletter to subscribe to yet."), code="none")
        if not value:
            return list(known.values())[:1]
        if not known.keys() >= set(value):
            raise ValidationError(_("There is no such newsletter: choose one of those named here."), code="unknown")
        return [newsletter for slug, newsletter in known.items() if slug in value]


class LocalPathField(forms.Field):
    """A path of this site; anything else counts as nothing."""

    def clean(self, value: str | None) -> str:
        return value if value and LOCAL_PATH.fullmatch(value) else ""


class SignupForm(forms.Form):
    email = AddressField()
    newsletter = NewslettersField(required=False)
    page = LocalPathField(required=False)
    # People do not see this field; what fills in forms by itself fills it in.
    homepage = forms.CharField(required=False)

    @property
    def chosen(self) -> list[str]:
        """Slugs, as they were ticked."""
        return self["newsletter"].value() or []

    def ask(self) -> None:
        if self.cleaned_data["homepage"]:
            return
        newsletters = self.cleaned_data["newsletter"]
        Subscriber.objects.known_as(self.cleaned_data["email"]).ask(
            newsletters,
            page=self.cleaned_data["page"],
            wording=wording(Identity.objects.present(), newsletters if self.chosen else []),
        )


def page_of_origin(request: HttpRequest) -> str:
    """Where the link to the form was followed from, if that was here."""
    here = f"{request.scheme}://{request.get_host()}"
    referrer = request.headers.get("Referer", "")
    path = referrer.removeprefix(here).partition("?")[0] if referrer.startswith(f"{here}/") else ""
    return path if LOCAL_PATH.fullmatch(path) else "/"
