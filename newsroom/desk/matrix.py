"""The declared roles as a table."""

from itertools import groupby
from typing import Any

from django.apps import apps
from django.utils.text import capfirst

from newsroom.roles import ADMIN, GRANTS, ROLES

ALWAYS = "✓"


def matrix() -> dict[str, Any]:
    """One row per thing that may be done to a model; each cell says to which objects, or nothing."""
    rows = sorted({(row.model, row.verb) for row in GRANTS}, key=lambda row: (row[0], row[1]))
    groups = [
        {
            "model": capfirst(str(apps.get_model(model)._meta.verbose_name_plural)),
            "rows": [
                {"verb": verb.replace("_", " "), "cells": [cell(model, verb, role) for role in ROLES]}
                for _m, verb in found
            ],
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
    return ", ".join(row.of.__name__.replace("_", " ") for row in held if row.of)
