import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from newsletter.models import Knock, Newsletter
from newsletter.signup.disposable import is_disposable
from newsletter.signup.moment import is_fresh, is_proven
from newsletter.signup.words import wording
from newsroom.addresses import check_email
from newsroom.audit.origin import current_origin
from newsroom.identity.models import Identity

LOCAL_PATH = re.compile(r"/(?![/\\])[^\s\\\x00-\x1f\x7f]{0,499}")


class AddressField(forms.Field):
    def clean(self, value: Any) -> str:
        if not (value or "").strip():
            raise ValidationError(_("Write your e-mail address here, in the form name@example.org."), code="required")
        email = check_email(value)
        if is_disposable(email):
            domain = email.rpartition("@")[2]
            raise ValidationError(
                _("Mailboxes at %(domain)s are thrown away: write an address that you keep.") % {"domain": domain},
                code="disposable",
            )
        return email


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
    # What a browser adds; whatever else stands there costs one more press, and never a refusal.
    time = forms.Field(required=False)
    proof = forms.Field(required=False)
    # People do not see this field; what fills in forms by itself fills it in.
    homepage = forms.CharField(required=False)

    @property
    def chosen(self) -> list[str]:
        """Slugs, as they were ticked."""
        return self["newsletter"].value() or []

    def is_of_this_day(self) -> bool:
        """Whether a live page showed it. A program knows no page, and is taken at its word for a while."""
        if "time" in self.data:
            return is_fresh(self.cleaned_data["time"] or "")
        return Knock.objects.takes_at_its_word(current_origin())

    def knock(self) -> None:
        """Hand the wish to a worker, so that the answer takes the same time for every address."""
        facts, origin = self.cleaned_data, current_origin()
        if facts["homepage"]:
            return
        turn = Knock.objects.admit(
            facts["email"], origin=origin, proven=is_proven(facts["time"] or "", facts["proof"] or "")
        )
        if turn is None:
            return
        newsletters = facts["newsletter"]
        app.configure_task("newsletter.knock", allow_unknown=False, schedule_at=turn).defer(
            email=facts["email"],
            newsletters=[newsletter.pk for newsletter in newsletters],
            page=facts["page"],
            wording=wording(Identity.objects.present(), newsletters if self.chosen else []),
            origin=origin,
        )


def page_of_origin(request: HttpRequest) -> str:
    """Where the link to the form was followed from, if that was here."""
    here = f"{request.scheme}://{request.get_host()}"
    referrer = request.headers.get("Referer", "")
    path = referrer.removeprefix(here).partition("?")[0] if referrer.startswith(f"{here}/") else ""
    return path if LOCAL_PATH.fullmatch(path) else "/"
