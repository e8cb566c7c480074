from collections.abc import Iterable
from typing import Self

from django.db import models
from django.db.models import Max, Q
from django.http import Http404
from django.urls import reverse
from django.utils.text import get_text_list
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from newsroom.reserved import NEWSLETTER_SEGMENTS, check_slug


class NewsletterQuerySet(models.QuerySet["Newsletter"]):
    def with_latest(self) -> Self:
        """`latest_at`: when the newest issue of its archive went out, if there is one."""
        return self.annotate(latest_at=Max("issues__frozen_at")).order_by("position", "pk")

    def at_slug(self, slug: str) -> "Newsletter":
        """The one that has this address. Raises Moved if it had it once, and Http404 if none ever had."""
        found = self.filter(slug=slug).first()
        if found is None:
            former = FormerSlug.objects.filter(slug=slug).select_related("newsletter").first()
            if former is None:
                raise Http404
            raise Moved(former.newsletter)
        return found


class Moved(Exception):
    """The newsletter has another address now."""

    def __init__(self, to: "Newsletter") -> None:
        super().__init__(to.slug)
        self.to = to


class Newsletter(models.Model):
    """A letter that people subscribe to."""

    class Doubt(models.TextChoices):
        REPEAT = "repeat", _("Hand them over once more; some readers may get two")
        NEVER = "never", _("Leave it at that; some readers may get none")
        ASK = "ask", _("Pause at the end, and ask")

    # What it is
    name = models.CharField(_("name"), max_length=80, unique=True)
    slug = models.SlugField(
        _("address"), max_length=60, unique=True, help_text=_("Its archive is /newsletter/address/.")
    )
    description = models.CharField(_("description"), max_length=200, help_text=_("What comes, and how often."))
    position = models.PositiveSmallIntegerField(
        _("position"), default=0, help_text=_("The first one is what the subscribe box offers.")
    )

    # Who it comes from
    from_name = models.CharField(
        _("sender’s name"), max_length=80, blank=True, help_text=_("The magazine’s, if empty.")
    )
    reply_to = models.EmailField(_("answers go to"), blank=True)

    # What to do about a copy of which nobody knows whether the mail server took it
    on_doubt = models.CharField(
        _("copies of unknown fate"),
        max_length=6,
        choices=Doubt,
        default=Doubt.REPEAT,
        help_text=_(
            "A connection may break just before the mail server says that it took a letter. A mail service that would "
            "take a repeated one for a second letter is never asked again."
        ),
    )
    repeat_after = models.PositiveIntegerField(
        _("repeat after"), default=30, help_text=_("In seconds, if they are repeated.")
    )

    objects = NewsletterQuerySet.as_manager()

    class Meta:
        verbose_name = _("newsletter")
        verbose_name_plural = _("newsletters")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                name="newsletter_newsletter_doubt",
                condition=Q(on_doubt__in=["repeat", "never", "ask"]),
                violation_error_message=_("Choose what is to be done."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("newsletter:archive", args=[self.slug])

    def clean(self) -> None:
        check_slug(self.slug, NEWSLETTER_SEGMENTS)


class FormerSlug(models.Model):
    """An address that a newsletter once had; a trigger writes it, whoever renames one."""

    slug = models.SlugField(max_length=60, primary_key=True)
    newsletter = models.ForeignKey(Newsletter, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"{self.slug} → {self.newsletter}"


def named(newsletters: Iterable[Newsletter]) -> str:
    """“Weekly”, “Weekly and Breaking”: as a sentence names them."""
    return get_text_list([newsletter.name for newsletter in newsletters], gettext("and"))
