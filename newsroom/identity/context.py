from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from newsroom.identity.models import Identity


def furniture(request: HttpRequest) -> dict[str, Any]:
    """`magazine` in every template; asked of the database only by those that print it."""
    return {"magazine": SimpleLazyObject(Identity.objects.present)}
