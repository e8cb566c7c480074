"""The declared roles as a table."""

from itertools import groupby
from typing import Any

from django.apps import apps
from django.utils.text import capfirst
from django.utils.translation import pgettext_lazy

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
    "own_draft": pgettext_lazy("may", "own draft"),
    "own_upload": pgettext_lazy("may", "own upload"),
    "never_published": pgettext_lazy("may", "never published"),
    "shown_nowhere": pgettext_lazy("may", "shown nowhere"),
    "unsent": pgettext_lazy("may", "unsent"),
}


def matrix() -> dict[str, Any]:
    """One row per thing that may be done to a model; each cell says to which objects, or nothing."""
    rows = sorted({(row.model, row.verb) for row in GRANTS}, key=lambda row: (row[0], row[1]))
    groups = [
        {
            "model": capfirst(str(apps.get_model(model)._meta.verbose_name_plural)),
            "rows": [{"verb": word(verb), "cells": [cell(model, verb, role) for role in ROLES]} for _m, verb in found],
        }
        for model, found in groupby(rows, key=lambda row: row[0])
    ]
    return {"roles": ROLES, "groups": groups}


def cell(model: str, verb: str, role: str) -> str:
    if role == ADMIN:
        return ALWAYS
    held = [row for row in GRANTS if (row.model, row.verb) == (model, verb) and role in row.roles]
    if any(row.of is None for row in held):
        return ALWAYS
    return ", ".join(word(row.of.__name__) for row in held if row.of)


def word(name: str) -> str:
    return str(WORDS.get(name) or name.replace("_", " "))
