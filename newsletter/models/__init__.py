from newsletter.models.consent import Consent
from newsletter.models.delivery import Delivery
from newsletter.models.issue import Issue, IssueArticle
from newsletter.models.knock import Knock
from newsletter.models.newsletter import Newsletter
from newsletter.models.subscriber import Subscriber, Subscription
from newsletter.models.suppression import Suppression

__all__ = [
    "Consent",
    "Delivery",
    "Issue",
    "IssueArticle",
    "Knock",
    "Newsletter",
    "Subscriber",
    "Subscription",
    "Suppression",
]
