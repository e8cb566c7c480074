import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Self

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app
from procrastinate.types import JSONValue

from newsletter.mail import new_message_id
from newsletter.models.consent import Consent
from newsletter.models.newsletter import Newsletter
from newsletter.models.opt_out import OptOut
from newsletter.models.suppression import Suppression, key_hash
from newsroom.addresses import check_email, email_key, masked

# Anybody may type anybody's address into a form: this is all that can come of it.
MAILS_A_DAY = 3
MAILS_A_DAY_TO_SUPPRESSED = 1
DOUBLE_CLICK = timedelta(seconds=30)
UNDO_WITHIN = timedelta(minutes=10)
TOKEN = re.compile(r"[0-9a-f]{32}")


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
    email_key = models.CharField(max_length=254, editable=False)
    name = models.CharField(
        _("name"), max_length=100, blank=True, default="", db_default="", help_text=_("What a letter may call them.")
    )
    key_hash = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(_("since"), default=timezone.now, editable=False)

    objects = SubscriberManager()

    class Meta:
        verbose_name = _("subscriber")
        verbose_name_plural = _("subscribers")
        permissions = [
            ("import_subscriber", "Can import lists of subscribers"),
            ("export_subscriber", "Can take lists of subscribers out of the house"),
            ("unsubscribe_subscriber", "Can take subscribers off newsletters"),
            ("suppress_subscriber", "Can suppress addresses, and lift that"),
            ("erase_subscriber", "Can erase what is known of a person"),
        ]
        # As constraints and not as `unique=True`, which makes a second index of each for LIKE: nobody asks that.
        constraints = [
            models.UniqueConstraint(fields=["email_key"], name="newsletter_subscriber_key"),
            models.UniqueConstraint(fields=["key_hash"], name="newsletter_subscriber_hash"),
        ]
        indexes = [
            GinIndex(OpClass("email_key", "gin_trgm_ops"), name="newsletter_subscriber_found"),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def masked(self) -> str:
        return masked(self.email)

    @property
    def bar(self) -> Suppression | None:
        return Suppression.objects.filter(key_hash=self.key_hash).first()

    def awaiting(self, rounds: Mapping[int, int], *, asked_at: datetime) -> list["Subscription"]:
        """Those of these places, by their rounds, that a confirmation asked for at that moment still settles."""
        bar = self.bar
        if bar and not bar.yields_to(asked_at):
            return []
        places = self.subscriptions.among(rounds).for_reading()
        return [p for p in places if p.round == rounds[p.pk] and not p.has_left and (bar or not p.is_confirmed)]

    # Verbs

    def ask(self, newsletters: Iterable[Newsletter], *, page: str = "", wording: str = "") -> bool:
        """Ask by one mail whether the person wants these letters. Where no mail may go now, nothing changes.

        Returns whether a mail is under way because of it.
        """
        with self.locked():
            bar, chosen = self.bar, list(newsletters)
            if not self._may_be_asked(chosen, bar):
                return False
            places = [self.subscriptions.get_or_create(newsletter=n)[0] for n in chosen]
            wanted = [place for place in places if bar or not place.is_confirmed]
            at, message_id = timezone.now(), new_message_id()
            for place in wanted:
                place.begin_round(at)
            for place in places:
                Consent.objects.record(Consent.Act.ASKED, place, page=page, wording=wording, message_id=message_id)
            self._mail(wanted or places, "ask" if wanted else "tell", at=at, message_id=message_id)
        return True

    def confirm(self, rounds: Mapping[int, int], *, asked_at: datetime, wording: str = "") -> list["Subscription"]:
        """The person's own press: what was asked for is theirs, and a suppression that may be lifted is."""
        with self.locked():
            bar, places = self.bar, self.awaiting(rounds, asked_at=asked_at)
            once_left = Consent.objects.of(self.key_hash).places_left()
            for place in places:
                if place.newsletter.name in once_left:
                    place.note(OptOut.Act.RETURNED, how="confirmed", at=timezone.now())
                place.confirmed_at, place.left_at, place.left_how = timezone.now(), None, ""
                place.save(update_fields=["confirmed_at", "left_at", "left_how"])
                Consent.objects.record(Consent.Act.CONFIRMED, place, wording=wording)
            # By its reason too: a complaint that comes in at this moment stays.
            if bar and places and Suppression.objects.filter(pk=bar.pk, reason=bar.reason).delete()[0]:
                OptOut.objects.note(OptOut.Act.LIFTED, self.key_hash, how="confirmed", at=timezone.now())
        return places

    def leave_all(self, *, how: str) -> list["Subscription"]:
        with self.locked():
            return [place for place in self.subscriptions.staying().for_reading() if place.leave(how=how)]

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One thing at a time happens to one address. Letters that are being made out to it go on meanwhile."""
        with transaction.atomic():
            Subscriber.objects.select_for_update(no_key=True).get(pk=self.pk)
            yield

    def _may_be_asked(self, newsletters: list[Newsletter], bar: Suppression | None) -> bool:
        if bar and not bar.yields_to(timezone.now()):
            return False
        asked = Consent.objects.of(self.key_hash)
        just_asked = asked.mailed_within(DOUBLE_CLICK).values_list("newsletter", flat=True)
        if {newsletter.name for newsletter in newsletters} <= set(just_asked):
            return False
        mails = asked.mailed_within(timedelta(days=1)).order_by().values("message_id").distinct().count()
        return mails < (MAILS_A_DAY_TO_SUPPRESSED if bar else MAILS_A_DAY)

    def _mail(self, places: list["Subscription"], task: str, *, at: datetime, message_id: str) -> None:
        # By its name, because the tasks import the models.
        rounds: dict[str, JSONValue] = {str(place.pk): place.round for place in places}
        app.configure_task(f"newsletter.{task}", allow_unknown=False).defer(
            subscriber=self.pk, rounds=rounds, at=at.isoformat(), message_id=message_id
        )


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def confirmed(self) -> Self:
        return self.filter(confirmed_at__isnull=False, left_at=None)

    def pending(self) -> Self:
        return self.filter(confirmed_at=None, left_at=None)

    def staying(self) -> Self:
        """All but those that have left and did not ask again since."""
        return self.filter(Q(left_at=None) | Q(confirmed_at=None, left_at__lt=F("asked_at")))

    def joined_since(self, moment: datetime) -> Self:
        """Confirmed since then, whether or not they stayed."""
        return self.filter(confirmed_at__gte=moment)

    def lost_since(self, moment: datetime) -> Self:
        return self.filter(left_at__gte=moment, confirmed_at__isnull=False)

    def mailable(self) -> Self:
        """Confirmed, and the address is not suppressed: whom a letter may reach."""
        barred = Suppression.objects.filter(key_hash=OuterRef("subscriber__key_hash"))
        return self.confirmed().exclude(Exists(barred))

    def among(self, keys: Iterable[int]) -> Self:
        return self.filter(pk__in=keys)

    def to(self, newsletters: Iterable[Newsletter]) -> Self:
        return self.filter(newsletter__in=newsletters)

    def for_reading(self) -> Self:
        return self.select_related("subscriber", "newsletter").order_by("newsletter__position", "newsletter")

    def carrying(self, token: str) -> "Subscription":
        """The one whose letters carry this token. Raises DoesNotExist."""
        if not TOKEN.fullmatch(token):
            raise Subscription.DoesNotExist
        return self.for_reading().get(token=token)


class Subscription(models.Model):
    """A subscriber's place on one newsletter."""

    class Left(models.TextChoices):
        BUTTON = "button", _("by the button on the page")
        MAIL_PROGRAM = "mail program", _("by their mail program")
        IMPORT = "import", _("as an import said")
        STAFF = "staff", _("through somebody of the house")

    # Found by the unique pair and by what is mailed: an index of their own would only cost every list that comes in.
    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="subscriptions", db_index=False)
    newsletter = models.ForeignKey(Newsletter, on_delete=models.CASCADE, related_name="subscriptions", db_index=False)

    # Where it stands: asked, confirmed, left. A new opt-in after leaving is a new round, and unconfirmed;
    # the leaving holds until it is confirmed.
    round = models.PositiveIntegerField(default=1)
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    left_at = models.DateTimeField(_("left"), null=True)
    left_how = models.CharField(_("how they left"), max_length=12, choices=Left, blank=True)

    # What the footers of its letters carry
    token = models.CharField(max_length=32, default=new_token, editable=False)

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
            models.UniqueConstraint(name="newsletter_subscription_token", fields=["token"]),
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
            ),
            models.Index(
                fields=["confirmed_at"],
                name="newsletter_subscription_joined",
                condition=Q(confirmed_at__isnull=False),
            ),
            models.Index(
                fields=["left_at"],
                name="newsletter_subscription_lost",
                condition=Q(left_at__isnull=False, confirmed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subscriber}: {self.newsletter}"

    @property
    def is_confirmed(self) -> bool:
        return self.confirmed_at is not None and self.left_at is None

    @property
    def has_left(self) -> bool:
        """They left, and nobody asked for this address since."""
        return self.left_at is not None and (self.confirmed_at is not None or self.left_at >= self.asked_at)

    @property
    def can_undo(self) -> bool:
        """Whether a reader's own leaving may still be taken back by the button that follows it."""
        return bool(
            self.left_at
            and self.confirmed_at
            and self.left_how == self.Left.BUTTON
            and timezone.now() - self.left_at <= UNDO_WITHIN
        )

    # Verbs; those that a reader's link calls hold the subscriber's lock and look at the row afresh

    def begin_round(self, at: datetime) -> None:
        """Somebody asks for this letter: after a leaving, links of earlier rounds are spent."""
        if self.left_at and self.has_left:
            self.round, self.confirmed_at = self.round + 1, None
            # A clock that was put back must not make the new asking older than the leaving.
            at = max(at, self.left_at + timedelta(microseconds=1))
        self.asked_at = at
        self.save(update_fields=["round", "asked_at", "confirmed_at"])

    def leave(self, *, how: str) -> bool:
        """No letter is begun for this reader from now on. Leaving twice is leaving once."""
        with self.subscriber.locked():
            self.refresh_from_db(fields=["round", "asked_at", "confirmed_at", "left_at", "left_how"])
            if self.has_left:
                return False
            self.left_at, self.left_how = max(timezone.now(), self.asked_at), how
            self.save(update_fields=["left_at", "left_how"])
            Consent.objects.record(Consent.Act.LEFT, self)
            self.note(OptOut.Act.LEFT, how=how, at=self.left_at)
        return True

    def come_back(self, *, left_at: datetime) -> bool:
        """Undo that one leaving, once and soon."""
        with self.subscriber.locked():
            self.refresh_from_db(fields=["confirmed_at", "left_at", "left_how"])
            if self.left_at != left_at or not self.can_undo:
                return False
            self.left_at, self.left_how = None, ""
            self.save(update_fields=["left_at", "left_how"])
            Consent.objects.record(Consent.Act.RETURNED, self)
            self.note(OptOut.Act.RETURNED, how="undone", at=timezone.now())
        return True

    def note(self, act: str, *, how: str, at: datetime) -> None:
        """For a database that is restored to before this moment."""
        OptOut.objects.note(act, self.subscriber.key_hash, newsletter=self.newsletter, how=how, at=at)
