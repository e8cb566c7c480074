"""Who may do what to what: the mechanism. Each app declares its rows in its own `roles.py`.

A grant reads as a sentence: "a writer may change an article of their own". Django's permissions say whether somebody
may do a thing at all; whether to *this* object is asked of `may`, which every view, action and chooser uses.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import AppConfig
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db import DEFAULT_DB_ALIAS, models, transaction
from django.utils.translation import gettext_lazy as _

ADMIN, EDITOR, WRITER, CONTRIBUTOR = "admin", "editor", "writer", "contributor"
ROLES = {
    ADMIN: _("runs the house: people, settings, everything"),
    EDITOR: _("publishes and sends"),
    WRITER: _("writes own articles and submits them"),
    CONTRIBUTOR: _("writes own drafts"),
}

type Test = Callable[[Any, Any], bool]


@dataclass(frozen=True)
class Grant:
    """`roles` may do `verb` to a `model`, where `of` (user, object) agrees; without `of`, to every one."""

    model: str
    verb: str
    roles: tuple[str, ...]
    of: Test | None = None

    @property
    def permission(self) -> str:
        app, _dot, model = self.model.partition(".")
        return f"{app}.{self.verb}_{model}"


GRANTS: list[Grant] = []


def grant(model: str, verbs: Iterable[str], roles: Iterable[str], *, of: Test | None = None) -> None:
    """Declare rows; called by the apps' `roles.py` when Django is ready. `model` is "app.model"."""
    GRANTS.extend(Grant(model.lower(), verb, tuple(roles), of) for verb in verbs)


def may(user: Any, verb: str, target: models.Model | type[models.Model]) -> bool:
    """Whether the user may do this to this object, or to objects of this model in general."""
    model = target._meta.label_lower
    app, _dot, name = model.partition(".")
    if not user.has_perm(f"{app}.{verb}_{name}"):
        return False
    if user.is_superuser or isinstance(target, type):
        return True
    mine = roles_of(user)
    rows = [row for row in GRANTS if (row.model, row.verb) == (model, verb)]
    # A permission given by hand, outside the declared rows, is taken at its word.
    return not rows or any(mine & set(row.roles) and (row.of is None or row.of(user, target)) for row in rows)


def may_every(user: Any, verb: str, model: type[models.Model]) -> bool:
    """Whether the user may do this to each object of the model, whoever's it is."""
    if user.is_superuser or not may(user, verb, model):
        return bool(user.is_superuser and user.is_active)
    rows = [row for row in GRANTS if (row.model, row.verb) == (model._meta.label_lower, verb)]
    return not rows or any(row.of is None and roles_of(user) & set(row.roles) for row in rows)


def roles_of(user: Any) -> set[str]:
    if not hasattr(user, "_role_names"):
        user._role_names = set(user.groups.values_list("name", flat=True)) & set(ROLES)
    return user._role_names


class RoleBackend(ModelBackend):
    """`user.has_perm(permission, obj)` answers for the object, too."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        if not super().has_perm(user_obj, perm):
            return False
        verb = perm.partition(".")[2].rpartition("_")[0]
        return obj is None or may(user_obj, verb, obj)


def make_groups(*, app_config: AppConfig, using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    """After each migrate: the groups exist, and hold exactly what the rows say of this app's models."""
    rows = [row for row in GRANTS if row.model.partition(".")[0] == app_config.label]
    create_permissions(app_config, verbosity=0, using=using)
    known = {
        f"{app_config.label}.{permission.codename}": permission
        for permission in Permission.objects.using(using).filter(content_type__app_label=app_config.label)
    }
    with transaction.atomic(using=using):
        for role in ROLES:
            group, _created = Group.objects.using(using).get_or_create(name=role)
            wanted = {known[row.permission] for row in rows if role in row.roles}
            held = set(group.permissions.filter(content_type__app_label=app_config.label))
            group.permissions.remove(*held - wanted)
            group.permissions.add(*wanted - held)


def appoint(user: Any, role: str) -> None:
    """Give somebody a desk. An admin needs no rows: everything is theirs."""
    user.is_staff = True
    user.is_superuser = role == ADMIN
    user.save(update_fields=["is_staff", "is_superuser"])
    user.groups.set([Group.objects.get(name=role)])
