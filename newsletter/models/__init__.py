from newsletter.models.consent import Consent
from newsletter.models.delivery import Delivery
from newsletter.models.installation import Installation
from newsletter.models.issue import Issue, IssueArticle
from newsletter.models.knock import Knock
from newsletter.models.newsletter import Newsletter
from newsletter.models.preflight import Preflight
from newsletter.models.returned import Fact, Figures, Return
from newsletter.models.subscriber import Subscriber, Subscription
from newsletter.models.suppression import Suppression

__all__ = [
    "Consent",
    "Delivery",
    "Fact",
    "Figures",
    "Installation",
    "Issue",
    "IssueArticle",
    "Knock",
    "Newsletter",
    "Preflight",
    "Return",
    "Subscriber",
    "Subscription",
    "Suppression",
]
