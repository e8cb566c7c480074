"""What a browser keeps of the desk for when there is no network: an empty shell. Texts are in its database alone."""

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from articles.admin.widgets import BodyWidget
from articles.models import Article
from newsroom.guarded import permit


class ShellForm(forms.Form):
    title = forms.CharField(label=gettext_lazy("Headline"), max_length=200, widget=UnfoldAdminTextInputWidget)
    standfirst = forms.CharField(
        label=gettext_lazy("Standfirst"), max_length=500, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3})
    )
    body = forms.CharField(label=gettext_lazy("Text"), widget=BodyWidget)


def shell(request: HttpRequest) -> HttpResponse:
    """Nothing of anybody's stands on it."""
    permit(request.user, "add", Article)
    form = ShellForm()
    return render(request, "admin/articles/article/offline.html", {"form": form, "media": form.media})


def worker(request: HttpRequest) -> HttpResponse:
    """From the folder whose pages it serves, because a browser gives it no others."""
    permit(request.user, "add", Article)
    script = (settings.BASE_DIR / "static" / "desk" / "offline-worker.js").read_text()
    return HttpResponse(script, content_type="text/javascript", headers={"Cache-Control": "no-cache"})
