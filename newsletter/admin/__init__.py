"""The desk of the letters, a file for each of its rooms."""

from newsletter.admin.issue import IssueAdmin
from newsletter.admin.newsletter import NewsletterAdmin
from newsletter.admin.people import SubscriberAdmin
from newsletter.returns.admin import ReturnAdmin, SuppressionAdmin

__all__ = ["IssueAdmin", "NewsletterAdmin", "ReturnAdmin", "SubscriberAdmin", "SuppressionAdmin"]
