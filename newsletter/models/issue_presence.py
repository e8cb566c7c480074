from django.db import models

from newsroom import presence


class IssuePresence(presence.Presence):
    """Somebody has an issue open in the form."""

    issue = models.ForeignKey("Issue", on_delete=models.CASCADE, related_name="presences")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="newsletter_issuepresence_once",
                fields=["issue", "person"],
                violation_error_message="This person is there already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.issue}"
