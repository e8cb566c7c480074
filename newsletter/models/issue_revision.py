from django.db import models
from django.utils.translation import gettext_lazy as _

from newsletter.letters.content import IssueContent
from newsroom import written


class IssueRevision(written.Revision):
    of = "issue"

    issue = models.ForeignKey("Issue", on_delete=models.CASCADE, related_name="revisions")

    class Meta(written.Revision.Meta):
        verbose_name = _("revision of an issue")
        verbose_name_plural = _("revisions of issues")
        constraints = written.Revision.kept_once("newsletter_issuerevision", "issue")

    def __str__(self) -> str:
        return f"{self.number}: {self.content.subject}"

    @property
    def content(self) -> IssueContent:
        return IssueContent.from_json(self.kept)
