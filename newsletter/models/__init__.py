from newsletter.models.attempt import Attempt
from newsletter.models.consent import Consent
from newsletter.models.delivery import Delivery
from newsletter.models.issue import Issue, IssueArticle
from newsletter.models.lane import Lane
from newsletter.models.newsletter import Newsletter
from newsletter.models.pace import Minute, Pace
from newsletter.models.subscriber import Subscriber, Subscription
from newsletter.models.suppression import Suppression

__all__ = [
    "Attempt",
    "Consent",
    "Delivery",
    "Issue",
    "IssueArticle",
    "Lane",
    "Minute",
    "Newsletter",
    "Pace",
    "Subscriber",
    "Subscription",
    "Suppression",
]
