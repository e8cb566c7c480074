from newsletter.models.attempt import Attempt
from newsletter.models.consent import Consent
from newsletter.models.delivery import Delivery
from newsletter.models.installation import Installation
from newsletter.models.issue import Issue, IssueArticle
from newsletter.models.issue_presence import IssuePresence
from newsletter.models.issue_revision import IssueRevision
from newsletter.models.knock import Knock
from newsletter.models.lane import Lane
from newsletter.models.letter_on_publish import LetterOnPublish
from newsletter.models.newsletter import FormerSlug, Newsletter
from newsletter.models.opt_out import OptOut
from newsletter.models.pace import Minute, Pace
from newsletter.models.preflight import Preflight
from newsletter.models.returned import Fact, Figures, Return
from newsletter.models.service import Service
from newsletter.models.subscriber import Subscriber, Subscription
from newsletter.models.suppression import Suppression

__all__ = [
    "Attempt",
    "Consent",
    "Delivery",
    "Fact",
    "Figures",
    "FormerSlug",
    "Installation",
    "Issue",
    "IssueArticle",
    "IssuePresence",
    "IssueRevision",
    "Knock",
    "Lane",
    "LetterOnPublish",
    "Minute",
    "Newsletter",
    "OptOut",
    "Pace",
    "Preflight",
    "Return",
    "Service",
    "Subscriber",
    "Subscription",
    "Suppression",
]
