"""The desk of the letters, a file for each of its rooms."""

from newsletter.admin.issue import IssueAdmin
from newsletter.admin.newsletter import NewsletterAdmin
from newsletter.admin.people import SubscriberAdmin
from newsletter.returns.admin import ReturnAdmin, SuppressionAdmin
from newsletter.sending.admin import DeliveryAdmin, LaneAdmin, PaceAdmin

__all__ = [
    "DeliveryAdmin",
    "IssueAdmin",
    "LaneAdmin",
    "NewsletterAdmin",
    "PaceAdmin",
    "ReturnAdmin",
    "SubscriberAdmin",
    "SuppressionAdmin",
]
