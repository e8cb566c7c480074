from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from newsletter.models import Newsletter, Subscription
from newsletter.signup.confirmation import Confirmation
from newsletter.signup.doors import from_our_own_pages, page_of_a_link, reader_page
from newsletter.signup.forms import SignupForm, page_of_origin
from newsletter.signup.leaving import Departure
from newsletter.signup.moment import Live
from newsletter.signup.own_data import OwnData, ask_for_link
from newsletter.signup.preferences import Preferences


@reader_page
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    context = {
        "newsletters": Newsletter.objects.with_latest(),
        "came_from": page_of_origin(request),
        "live": Live(),
    }
    return render(request, "newsletter/index.html", context)


@reader_page
@from_our_own_pages
def subscribe(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return redirect("newsletter:index")
    form = SignupForm(request.POST)
    if not form.is_valid():
        context = {
            "newsletters": Newsletter.objects.with_latest(),
            "signup": form,
            "came_from": form["page"].value(),
            "live": Live(),
        }
        return render(request, "newsletter/index.html", context, status=400)
    context = {
        "signup": form,
        "sent_to": form.cleaned_data["email"],
        "came_from": form.cleaned_data["page"] or "/",
    }
    if not form.is_of_this_day():
        return render(request, "newsletter/once_more.html", context | {"live": Live()})
    form.knock()
    return render(request, "newsletter/answer.html", context)


@page_of_a_link
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    confirmation = Confirmation(token)
    if request.method == "POST":
        confirmation.answer(again="again" in request.POST)
    context = {"link": confirmation, "sent_to": confirmation.subscriber.masked, "came_from": "/"}
    return render(request, f"newsletter/{confirmation.stand}.html", context)


@page_of_a_link
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    place = Subscription.objects.carrying(token)
    if request.POST.get("List-Unsubscribe") == "One-Click":  # RFC 8058: a program asks, and nobody reads the answer
        place.leave(how=Subscription.Left.MAIL_PROGRAM)
        return HttpResponse(_("You are unsubscribed."), content_type="text/plain; charset=utf-8")
    departure = Departure(place)
    if "undo" in request.POST:
        departure.take_back(request.POST["undo"])
    elif request.method == "POST":
        departure.stop(request.POST.get("stop", ""))
    context = {"link": departure, "place": place, "sent_to": place.subscriber.masked}
    return render(request, f"newsletter/{departure.page}.html", context)


@page_of_a_link
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    place = Subscription.objects.carrying(token)
    choice = Preferences(place.subscriber)
    if "data" in request.POST:
        context = {"sent_to": place.subscriber.masked, "is_mailed": ask_for_link(place.subscriber)}
        return render(request, "newsletter/data_asked.html", context)
    if request.method == "POST":
        choice.choose(request.POST.getlist("newsletter"))
    context = {"choice": choice, "place": place, "sent_to": place.subscriber.masked}
    return render(request, "newsletter/preferences.html", context)


@page_of_a_link
def own_data(request: HttpRequest, token: str) -> HttpResponse:
    data = OwnData(token)
    pressed = request.POST.get("do", "")
    if pressed == "download" and (copy := data.copy()):
        answer = JsonResponse(copy, json_dumps_params={"indent": 2, "ensure_ascii": False})
        answer.headers["Content-Disposition"] = 'attachment; filename="newsletter-data.json"'
        return answer
    if request.method == "POST":
        data.press(pressed)
    context = {"sent_to": data.sent_to, "is_mailed": data.is_mailed}
    return render(request, f"newsletter/{data.page}.html", context)
