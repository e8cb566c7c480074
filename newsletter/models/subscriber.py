import secrets
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from newsletter.models.newsletter import Newsletter
from newsletter.models.suppression import Suppression, key_hash
from newsroom.addresses import check_email, email_key, masked


def new_token() -> str:
    """128 random bits: footers live for years, so it neither expires nor hangs on SECRET_KEY."""
    return secrets.token_hex(16)


class SubscriberManager(models.Manager["Subscriber"]):
    def known_as(self, email: str) -> "Subscriber":
        """The one row of this address, made if it is new. Raises ValidationError for what is no address."""
        email = check_email(email)
        key = email_key(email)
        return self.get_or_create(email_key=key, defaults={"email": email, "key_hash": key_hash(key)})[0]


class Subscriber(models.Model):
    """One address and its consent."""

    email = models.EmailField(_("address"), help_text=_("As the person typed it."))
    email_key = models.CharField(max_length=254, unique=True, editable=False)
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("since"), default=timezone.now, editable=False)

    objects = SubscriberManager()

    class Meta:
        verbose_name = _("subscriber")
        verbose_name_plural = _("subscribers")

    def __str__(self) -> str:
        return self.email

    @property
    def masked(self) -> str:
        return masked(self.email)


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def confirmed(self) -> Self:
        return self.filter(confirmed_at__isnull=False, left_at=None)

    def pending(self) -> Self:
        return self.filter(confirmed_at=None, left_at=None)

    def mailable(self) -> Self:
        """Confirmed, and the address is not suppressed: whom a letter may reach."""
        barred = Suppression.objects.filter(key_hash=OuterRef("subscriber__key_hash"))
        return self.confirmed().exclude(Exists(barred))


class Subscription(models.Model):
    """A subscriber's place on one newsletter."""

    class Left(models.TextChoices):
        BUTTON = "button", _("by the button on the page")
        MAIL_PROGRAM = "mail program", _("by their mail program")
        IMPORT = "import", _("as an import said")
        STAFF = "staff", _("through somebody of the house")

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="subscriptions")
    newsletter = models.ForeignKey(Newsletter, on_delete=models.CASCADE, related_name="subscriptions")

    # Where it stands: asked, confirmed, left. A new opt-in after leaving is a new round.
    round = models.PositiveIntegerField(default=1)
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    left_at = models.DateTimeField(_("left"), null=True)
    left_how = models.CharField(_("how they left"), max_length=12, choices=Left, blank=True)

    # What the footers of its letters carry
    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        constraints = [
            models.UniqueConstraint(
                name="newsletter_subscription_once",
                fields=["subscriber", "newsletter"],
                violation_error_message=_("This address has its place on that newsletter already."),
            ),
            models.CheckConstraint(
                name="newsletter_subscription_says_how_it_ended",
                condition=Q(left_at=None, left_how="") | (Q(left_at__isnull=False) & ~Q(left_how="")),
                violation_error_message=_("Say how this person left."),
            ),
        ]
        indexes = [
            models.Index(
                fields=["newsletter", "subscriber"],
                name="newsletter_subscription_mailed",
                condition=Q(confirmed_at__isnull=False, left_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.subscriber}: {self.newsletter}"

    @property
    def is_confirmed(self) -> bool:
        return self.confirmed_at is not None and self.left_at is None
