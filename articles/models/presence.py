from django.db import models

from newsroom import presence


class Presence(presence.Presence):
    """Somebody has an article open in the form."""

    article = models.ForeignKey("Article", on_delete=models.CASCADE, related_name="presences")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="articles_presence_once",
                fields=["article", "person"],
                violation_error_message="This person is there already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.article}"
