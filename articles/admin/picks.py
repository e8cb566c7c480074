"""What stands first on the front page: arranged as cards, looked at before it is saved, saved at once."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles import front
from articles.admin.badge import COLOURS, badge
from articles.models import Article, Pick
from articles.models.byline import MOST_PICKS, PicksChanged
from newsroom.guarded import GuardedAdmin, is_key, permit
from newsroom.roles import may


class AddForm(forms.Form):
    """One more article, chosen from the list or, without script, named by its address."""

    article = forms.ModelChoiceField(Article.objects.all(), required=False, label=gettext_lazy("Article"))
    address = forms.CharField(required=False, label=gettext_lazy("Its address, such as /tides/"))

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        chooser = AutocompleteSelect(
            Pick._meta.get_field("article"), admin.site, attrs={"class": "unfold-admin-autocomplete-select"}
        )
        self.fields["article"].widget = chooser
        chooser.choices = self.fields["article"].choices  # type: ignore[attr-defined]  # a choice field

    def found(self) -> Article | None:
        if not self.is_valid():
            return None
        slug = self.cleaned_data["address"].strip().strip("/").rpartition("/")[2].lower()
        return self.cleaned_data["article"] or (Article.objects.at_slug(slug).first() if slug else None)


@admin.register(Pick)
class PickAdmin(GuardedAdmin):
    fields = ["article", "position"]
    autocomplete_fields = ["article"]
    search_fields = ["article__title"]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """By GET the order of today; by POST the order that was sent, moved, looked at or saved."""
        permit(request.user, "view", Pick)
        saved = Pick.objects.order()
        if request.method != "POST":
            return self._page(request, saved, was=saved)
        permit(request.user, "change", Pick)
        proposed, was = _keys(request.POST, "pick"), _keys(request.POST, "was")
        if "_preview" in request.POST:
            return preview(request, proposed)
        if "_save" in request.POST:
            return self._save(request, proposed, was=was)
        try:
            return self._page(request, self._moved(request, proposed), was=was)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
            return self._page(request, proposed, was=was)

    def _moved(self, request: HttpRequest, order: list[int]) -> list[int]:
        """The order after the pressed button."""
        said = request.POST
        if "_add" in said:
            article = AddForm(said).found()
            if article is None or not may(request.user, "view", article):
                raise ValidationError(_("Choose an article of the list first."))
            if article.pk in order:
                return order
            Pick.objects.check_room(len(order) + 1)
            return [*order, article.pk]
        for verb, steps in (("_up", -1), ("_down", 1), ("_off", 0)):
            key = int(said[verb]) if is_key(said.get(verb)) else None
            if key in order:
                return _stepped(order, key, steps)
        return order

    def _save(self, request: HttpRequest, order: list[int], *, was: list[int]) -> HttpResponse:
        known = Article.objects.in_bulk(order)
        order = [key for key in order if key in known]
        try:
            if not all(may(request.user, "view", known[key]) for key in order):
                raise ValidationError(_("Choose an article of the list first."))
            Pick.objects.arrange(order, was=was, by=request.user)
        except PicksChanged as refusal:
            messages.error(request, " ".join(refusal.messages))
            return self._page(request, order, was=refusal.now, status=409)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
            return self._page(request, order, was=was)
        messages.success(request, _("The front page has its new order."))
        return redirect("admin:articles_pick_changelist")

    def _page(
        self, request: HttpRequest, order: Sequence[int], *, was: Sequence[int], status: int = 200
    ) -> HttpResponse:
        form = AddForm()
        context = self.admin_site.each_context(request) | {
            "title": _("Front page"),
            "opts": self.opts,
            "cards": [_card(article) for article in Article.objects.for_picks(order)],
            "was": was,
            "is_changed": list(order) != list(was),
            "is_writable": may(request.user, "change", Pick),
            "form": form,
            "media": self.media + form.media,
            "most": MOST_PICKS,
            "seconds": front.SECONDS,
        }
        return TemplateResponse(request, "desk/picks.html", context, status=status)


def preview(request: HttpRequest, order: Sequence[int]) -> HttpResponse:
    """The front page with these picks, for whoever arranges them. Nothing of it is kept."""
    context = vars(front.compose(picks=order)) | {"is_preview": True}
    answer = TemplateResponse(request, "articles/front.html", context)
    answer["X-Robots-Tag"] = "noindex"
    return answer


def _stepped(order: list[int], key: int, steps: int) -> list[int]:
    place, others = order.index(key), [other for other in order if other != key]
    if steps:
        others.insert(max(0, min(place + steps, len(others))), key)
    return others


def _keys(said: QueryDict, name: str) -> list[int]:
    return list(dict.fromkeys(int(key) for key in said.getlist(name) if is_key(key)))


def _card(article: Article) -> dict[str, Any]:
    kind, words = badge(article)
    return {"article": article, "badge": words, "colour": COLOURS[kind]}
