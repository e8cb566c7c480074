"""What an app above has to say in the form of an article: a part of its own, taken in with whatever is pressed."""

from typing import Any, Protocol

from articles.models import Article


class Beside(Protocol):
    def shown(self, article: Article, request: Any) -> str:
        """Its fields as HTML, as they stand or as they were just sent; nothing for whoever may not use them."""

    def take(self, article: Article, request: Any) -> None:
        """Keep what was sent, in the transaction of the pressed verb. Raises ValidationError."""


BESIDE: list[Beside] = []
