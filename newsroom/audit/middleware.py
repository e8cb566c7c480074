from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from newsroom.audit.origin import client_address, coming_from


class OriginMiddleware:
    """Lets verbs write down from where they were called, without passing it through every signature."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with coming_from(client_address(request)):
            return self.get_response(request)
