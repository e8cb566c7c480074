"""How the desk looks and what its sidebar offers; settings hand this to the theme."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _


def _sees(permission: str) -> Callable[[HttpRequest], bool]:
    return lambda request: request.user.has_perm(permission)


def _entry(title: Any, icon: str, model: str) -> dict[str, Any]:
    app, _dot, name = model.partition(".")
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{app}_{name}_changelist"),
        "permission": _sees(f"{app}.view_{name}"),
    }


NAVIGATION = [
    {"items": [{"title": _("The desk"), "icon": "desk", "link": reverse_lazy("admin:index")}]},
    {
        "title": _("Magazine"),
        "items": [
            _entry(_("Articles"), "article", "articles.article"),
            _entry(_("Photos"), "photo_library", "articles.photo"),
            _entry(_("Sections"), "view_column", "articles.section"),
            _entry(_("Series"), "low_priority", "articles.series"),
            _entry(_("Tags"), "sell", "articles.tag"),
            _entry(_("Pages"), "description", "articles.page"),
            _entry(_("Front page"), "push_pin", "articles.pick"),
            _entry(_("Corrections"), "rule", "articles.correction"),
            _entry(_("Changes of live texts"), "published_with_changes", "articles.publication"),
        ],
    },
    {
        "title": _("People"),
        "items": [
            _entry(_("Authors"), "history_edu", "authors.author"),
            _entry(_("Logins"), "key", "authors.user"),
        ],
    },
    {
        "title": _("Letters"),
        "items": [
            _entry(_("Newsletters"), "mail", "newsletter.newsletter"),
            _entry(_("Issues"), "outgoing_mail", "newsletter.issue"),
            {
                "title": _("Figures"),
                "icon": "bar_chart",
                "link": reverse_lazy("admin:figures"),
                "permission": _sees("newsletter.view_issue"),
            },
            _entry(_("Subscribers"), "group", "newsletter.subscriber"),
            _entry(_("Suppressions"), "block", "newsletter.suppression"),
            _entry(_("Copies"), "forward_to_inbox", "newsletter.delivery"),
            _entry(_("Troubled domains"), "traffic", "newsletter.lane"),
            _entry(_("Pace of sending"), "speed", "newsletter.pace"),
        ],
    },
    {
        "title": _("House"),
        "items": [
            _entry(_("The magazine"), "newspaper", "identity.identity"),
            _entry(_("Navigation"), "menu", "identity.link"),
            _entry(_("Audit trail"), "receipt_long", "audit.entry"),
            {"title": _("Roles"), "icon": "badge", "link": reverse_lazy("admin:roles")},
            {
                "title": _("This installation"),
                "icon": "verified",
                "link": reverse_lazy("admin:installation"),
                "permission": lambda request: request.user.is_superuser,
            },
        ],
    },
]

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "newsroom.desk.dashboard.magazine_name",
    "SITE_HEADER": "newsroom.desk.dashboard.magazine_name",
    "SITE_SYMBOL": "newspaper",
    "SHOW_HISTORY": True,
    "SHOW_BACK_BUTTON": True,
    "BORDER_RADIUS": "4px",
    "STYLES": [lambda request: static("css/fonts.css"), lambda request: static("desk/desk.css")],
    "SCRIPTS": [lambda request: static("desk/logout.js")],
    "DASHBOARD_CALLBACK": "newsroom.desk.dashboard.fill",
    "ACCOUNT": {"navigation": [{"title": _("Your account"), "link": reverse_lazy("admin:account")}]},
    "SIDEBAR": {"show_search": False, "navigation": NAVIGATION},
    # The vermilion of the readers' pages, and greys with the warmth of its paper.
    "COLORS": {
        "base": {
            "50": "oklch(98.4% .005 90)",
            "100": "oklch(96.4% .006 90)",
            "200": "oklch(91.5% .008 88)",
            "300": "oklch(86% .010 85)",
            "400": "oklch(70% .014 80)",
            "500": "oklch(54% .016 270)",
            "600": "oklch(44% .018 268)",
            "700": "oklch(36% .018 266)",
            "800": "oklch(27% .018 265)",
            "900": "oklch(20.5% .016 262)",
            "950": "oklch(14.5% .014 260)",
        },
        "primary": {
            "50": "oklch(97% .015 35)",
            "100": "oklch(93.5% .035 34)",
            "200": "oklch(87.5% .07 33)",
            "300": "oklch(80% .11 34)",
            "400": "oklch(72% .155 34)",
            "500": "oklch(63% .19 32)",
            "600": "oklch(53% .19 30)",
            "700": "oklch(46% .165 29)",
            "800": "oklch(40% .14 28)",
            "900": "oklch(34% .11 28)",
            "950": "oklch(25% .08 28)",
        },
    },
}
