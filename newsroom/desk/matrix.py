"""The declared roles as a table."""

from itertools import groupby
from typing import Any

from django.apps import apps
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from articles.models import Article
from articles.roles import WORKS_IN, reach
from newsroom.roles import ADMIN, GRANTS, ROLES

ALWAYS = "✓"
# What the grants are called: their verbs, and the names of their tests.
WORDS = {
    "view": pgettext_lazy("may", "view"),
    "add": pgettext_lazy("may", "add"),
    "change": pgettext_lazy("may", "change"),
    "delete": pgettext_lazy("may", "delete"),
    "submit": pgettext_lazy("may", "submit"),
    "send_back": pgettext_lazy("may", "send back"),
    "publish": pgettext_lazy("may", "publish"),
    "withdraw": pgettext_lazy("may", "withdraw"),
    "open_preview": pgettext_lazy("may", "make preview links"),
    "send": pgettext_lazy("may", "send"),
    "own": pgettext_lazy("may", "own"),
    "own_upload": pgettext_lazy("may", "own upload"),
    "shown_nowhere": pgettext_lazy("may", "shown nowhere"),
    "unsent": pgettext_lazy("may", "unsent"),
}


def matrix() -> dict[str, Any]:
    """One row per thing that may be done to a model; each cell says to which objects, or nothing."""
    rows = sorted({(row.model, row.verb) for row in GRANTS}, key=lambda row: (row[0], row[1]))
    groups = [by_stand()] + [
        {
            "model": capfirst(str(apps.get_model(model)._meta.verbose_name_plural)),
            "rows": [
                {"verb": word(verb), "cells": [cell(model, verb, role) for role in ROLES]} for _model, verb in found
            ],
        }
        for model, found in groupby(rows, key=lambda row: row[0])
        if model != "articles.article"
    ]
    return {"roles": ROLES, "groups": groups}


def by_stand() -> dict[str, Any]:
    """Of articles it also matters whose they are and where they stand."""
    rows = [
        {
            "verb": f"{word(verb)} · {whose}",
            "cells": [", ".join(stands_of(role, verb, own=own)) for role in ROLES],
        }
        for verb in ("add", *WORKS_IN)
        for own, whose in ((True, _("own")), (False, _("other people’s")))
        if verb != "add" or own
    ]
    return {"model": capfirst(str(Article._meta.verbose_name_plural)), "rows": rows}


def stands_of(role: str, verb: str, *, own: bool) -> list[str]:
    possible = WORKS_IN.get(verb, frozenset(Article.Stand))
    held = reach(role, verb, own=own) & possible
    if held == possible and held == frozenset(Article.Stand):
        return [ALWAYS]
    return [str(stand.label) for stand in Article.Stand if stand in held]


def cell(model: str, verb: str, role: str) -> str:
    if role == ADMIN:
        return ALWAYS
    held = [row for row in GRANTS if (row.model, row.verb) == (model, verb) and role in row.roles]
    if any(row.of is None for row in held):
        return ALWAYS
    return ", ".join(word(row.of.__name__) for row in held if row.of)


def word(name: str) -> str:
    return str(WORDS.get(name) or name.replace("_", " "))
