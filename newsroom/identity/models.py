from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models.functions import JSONObject
from django.utils.translation import gettext_lazy as _


class IdentityManager(models.Manager["Identity"]):
    def present(self) -> "Identity":
        """The magazine and its navigation, in one query. Until somebody names it, it is called Newsroom."""
        links = Link.objects.order_by("position", "pk").values(link=JSONObject(**{f: f for f in Link.SHOWN}))
        found: Any = self.annotate(links=ArraySubquery(links)).first()
        if found is None:
            found = Identity()
            found.links = []
        return found


class Identity(models.Model):
    """What the magazine is called and how it presents itself; one row, which an editor changes."""

    singleton = models.BooleanField(primary_key=True, default=True, editable=False)

    # What it is called
    name = models.CharField(_("name"), max_length=60, default="Newsroom")
    tagline = models.CharField(_("tagline"), max_length=200, blank=True, help_text=_("One line on what you print."))
    description = models.CharField(
        _("description"), max_length=300, blank=True, help_text=_("For search engines and shared links.")
    )

    # What the subscribe box says under its heading
    invitation = models.CharField(
        _("invitation"), max_length=200, blank=True, help_text=_("What subscribers get, and when.")
    )

    # What stands at the foot of every page
    colophon = models.CharField(_("colophon"), max_length=300, blank=True)

    objects = IdentityManager()

    class Meta:
        verbose_name = _("the magazine")
        verbose_name_plural = _("the magazine")
        constraints = [
            models.CheckConstraint(
                name="identity_identity_only_one",
                condition=models.Q(singleton=True),
                violation_error_message=_("There is one magazine: change the row that is there."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def header(self) -> list[dict[str, str]]:
        return [
            link
            for link in self.links  # type: ignore[attr-defined]
            if link["place"] == Link.Place.HEADER
        ]

    @property
    def footer(self) -> list[dict[str, str]]:
        return [
            link
            for link in self.links  # type: ignore[attr-defined]
            if link["place"] == Link.Place.FOOTER
        ]


class Link(models.Model):
    """A line of the navigation."""

    class Place(models.TextChoices):
        HEADER = "header", _("header")
        FOOTER = "footer", _("footer")

    SHOWN = ("place", "label", "path")

    place = models.CharField(_("place"), max_length=10, choices=Place)
    label = models.CharField(_("label"), max_length=40)
    path = models.CharField(_("path"), max_length=200, help_text=_("Such as /section/coast/ or https://…"))
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("navigation link")
        verbose_name_plural = _("navigation")
        ordering = ["place", "position", "pk"]
        constraints = [
            models.CheckConstraint(
                name="identity_link_place",
                condition=models.Q(place__in=["header", "footer"]),
                violation_error_message=_("Choose header or footer."),
            ),
            models.CheckConstraint(
                name="identity_link_path",
                condition=models.Q(path__regex=r"^(/([^/\\]|$)|https?://)"),
                violation_error_message=_("A path begins with one slash, another site with https://."),
            ),
        ]

    def __str__(self) -> str:
        return self.label
