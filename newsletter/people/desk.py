"""The desk's doors to people: one page for each, what the house may do to them, lists in and out."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget

from newsletter.models import Newsletter, Subscriber
from newsletter.people import person as people
from newsletter.people.exporting import export_subscribers
from newsletter.people.intake import Intake
from newsroom.guarded import permit, said, tell_refusal
from newsroom.roles import may
from newsroom.uploads import OversizedFile

# What each button does to a person, by which permission, and what is said afterwards.
PERMISSIONS = {"take-off": "unsubscribe", "suppress": "suppress", "lift": "suppress", "erase": "erase"}


class ListForm(forms.Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("What it is"),
        choices=[
            ("subscribers", gettext_lazy("Subscribers")),
            ("suppressions", gettext_lazy("Whom a mail service does not mail, with reasons")),
            ("bounces", gettext_lazy("Bounces of a mail service")),
            ("complaints", gettext_lazy("Complaints of a mail service")),
            ("unsubscribes", gettext_lazy("Unsubscribes of a mail service")),
        ],
        widget=UnfoldAdminSelectWidget,
    )
    newsletter = forms.ModelChoiceField(
        Newsletter.objects.all(),
        label=gettext_lazy("Newsletter"),
        required=False,
        empty_label=gettext_lazy("As the list says, or all"),
        widget=UnfoldAdminSelectWidget,
    )
    file = forms.FileField(label=gettext_lazy("CSV file"), widget=UnfoldAdminFileFieldWidget)

    def clean_file(self) -> UploadedFile:
        file = self.cleaned_data["file"]
        if isinstance(file, OversizedFile):
            raise ValidationError(_("This file is too large for a browser: use manage.py import_subscribers."))
        return file


class PeopleDoors:
    """What the subscribers' admin has beside its list and form."""

    admin_site: Any
    model: Any

    def get_urls(self) -> list[Any]:
        guarded = self.admin_site.admin_view
        ours = [
            path("import/", guarded(self.bring), name="newsletter_subscriber_import"),
            path("import/<slug:token>/", guarded(self.decide), name="newsletter_subscriber_intake"),
            path("import/<slug:token>/refused/", guarded(self.refused), name="newsletter_subscriber_refused"),
            path("export/", guarded(require_POST(self.export)), name="newsletter_subscriber_export"),
            path("<int:pk>/do/<slug:verb>/", guarded(require_POST(self.carry_out)), name="newsletter_subscriber_do"),
        ]
        return ours + super().get_urls()  # type: ignore[misc]  # mixed into an admin class

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """By any part of the address, as the key spells it: that is what has an index."""
        term = search_term.strip().casefold()
        return (queryset.filter(email_key__contains=term) if term else queryset), False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        ways = {
            "may_import": may(request.user, "import", Subscriber),
            "may_export": may(request.user, "export", Subscriber),
            "newsletters": Newsletter.objects.all(),
        }
        return super().changelist_view(request, ways | (extra_context or {}))  # type: ignore[misc]  # mixed into an admin class

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        person = self.get_object(request, object_id)  # type: ignore[attr-defined]  # mixed into an admin class
        told: dict[str, Any] = {}
        if person and self.has_view_permission(request, person):  # type: ignore[attr-defined]  # mixed into an admin class
            told = {
                "story": people.story(person),
                "answer": people.answer_to(person),
                "bar": person.bar,
                "staying": person.subscriptions.staying().for_reading(),
                "may_do": {
                    verb.replace("-", "_"): may(request.user, named, person) for verb, named in PERMISSIONS.items()
                },
            }
        return super().change_view(request, object_id, form_url, told | (extra_context or {}))  # type: ignore[misc]  # mixed into an admin class

    def carry_out(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        if verb not in PERMISSIONS:
            raise Http404
        permit(request.user, PERMISSIONS[verb], Subscriber)
        person, because, by = get_object_or_404(Subscriber, pk=pk), said(request, "because")[:300], request.user
        permit(by, PERMISSIONS[verb], person)
        if verb == "erase":
            people.erase(person, by=by)
            messages.success(request, _("Erased: what is left is a hash, and times."))
            return redirect("admin:newsletter_subscriber_changelist")
        if verb == "take-off":
            place = said(request, "place")
            places = (
                [found for found in person.subscriptions.for_reading() if str(found.pk) == place] if place else None
            )
            if people.take_off(person, by=by, places=places, because=because):
                messages.success(request, _("They get no letter of these any more."))
            else:
                messages.error(request, _("There was nothing to take them off."))
        elif verb == "suppress":
            people.suppress(person, by=by, because=because)
            messages.success(request, _("No letter goes to this address any more."))
        else:
            try:
                if people.lift_suppression(person, by=by, because=because):
                    messages.success(request, _("Lifted: letters go to this address again, where it is subscribed."))
            except ValidationError as refusal:
                tell_refusal(request, refusal)
        return redirect("admin:newsletter_subscriber_change", pk)

    def export(self, request: HttpRequest) -> StreamingHttpResponse:
        permit(request.user, "export", Subscriber)
        slug = said(request, "newsletter")
        newsletter = get_object_or_404(Newsletter, slug=slug) if slug else None
        name = f"subscribers-{slug + '-' if slug else ''}{timezone.localdate()}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        blocks = export_subscribers(by=request.user, newsletter=newsletter)
        return StreamingHttpResponse(blocks, content_type="text/csv; charset=utf-8", headers=headers)

    def bring(self, request: HttpRequest) -> HttpResponse:
        permit(request.user, "import", Subscriber)
        form = ListForm(request.POST or None, request.FILES or None)
        if form.is_valid():
            facts = form.cleaned_data
            intake = Intake.begin(facts["file"], kind=facts["kind"], newsletter=facts["newsletter"], by=request.user)
            return redirect("admin:newsletter_subscriber_intake", intake.token)
        return self._page(request, "desk/list_import.html", _("Import a list"), form=form)

    def decide(self, request: HttpRequest, token: str) -> HttpResponse:
        intake = self._intake(request, token)
        if request.method != "POST":
            return self._page(request, "desk/list_report.html", intake.name, intake=intake)
        if said(request, "press") == "import":
            intake.take()
            return redirect("admin:newsletter_subscriber_intake", token)
        intake.throw_away()
        messages.success(request, _("The list was thrown away; nothing was changed."))
        return redirect("admin:newsletter_subscriber_changelist")

    def refused(self, request: HttpRequest, token: str) -> HttpResponse:
        headers = {"Content-Disposition": 'attachment; filename="refused.csv"', "Cache-Control": "no-store"}
        words = self._intake(request, token).refused_rows()
        return HttpResponse(words, content_type="text/csv; charset=utf-8", headers=headers)

    def _intake(self, request: HttpRequest, token: str) -> Intake:
        permit(request.user, "import", Subscriber)
        intake = Intake.known_as(token)
        if intake is None:
            raise Http404
        return intake

    def _page(self, request: HttpRequest, template: str, title: str, **more: Any) -> TemplateResponse:
        context = self.admin_site.each_context(request) | {"title": title, "opts": Subscriber._meta} | more
        return TemplateResponse(request, template, context)
