from typing import IO, Any
from urllib.parse import quote

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ValidationError
from django.core.files.storage import storages
from django.db import models
from django.db.models.functions import JSONObject
from django.utils.translation import gettext_lazy as _

from newsroom import links, pictures
from newsroom.identity.colour import HOUSE, Tones, tones

LOGO_HEIGHT = 192
LEAST_LOGO_HEIGHT = 48


class IdentityManager(models.Manager["Identity"]):
    def present(self) -> "Identity":
        """The magazine and its navigation, in one query. Until somebody names it, it is called Newsroom."""
        links = Link.objects.order_by("position", "pk").values(link=JSONObject(**{f: f for f in Link.SHOWN}))
        found: Any = self.annotate(links=ArraySubquery(links)).first()
        if found is None:
            found = Identity()
            found.links = []
        return found

    def with_hub(self) -> models.QuerySet["Identity"]:
        return self.exclude(hub="")


class Identity(models.Model):
    """What the magazine is called and how it presents itself; one row, which an editor changes."""

    singleton = models.BooleanField(primary_key=True, default=True, editable=False)

    # What it is called
    name = models.CharField(_("name"), max_length=60, default="Newsroom")
    tagline = models.CharField(_("tagline"), max_length=200, blank=True, help_text=_("One line on what you print."))
    description = models.CharField(
        _("description"), max_length=300, blank=True, help_text=_("For search engines and shared links.")
    )

    # How it looks
    wordmark = models.CharField(
        _("wordmark"),
        max_length=40,
        blank=True,
        help_text=_("The name as it stands at the top of every page. Left empty, it is the name."),
    )
    sign = models.CharField(
        _("sign after the wordmark"),
        max_length=2,
        blank=True,
        default=".",
        help_text=_("In the accent colour, such as a full stop. Left empty, there is none."),
    )
    accent = models.CharField(
        _("accent colour"),
        max_length=7,
        blank=True,
        help_text=_(
            "Such as #1f6feb. Where it could not be read on paper or in the dark, a darker or lighter tone of it "
            "stands there. Left empty, it is the house’s vermilion."
        ),
    )
    logo = models.CharField(max_length=80, blank=True, editable=False)
    logo_dark = models.CharField(max_length=80, blank=True, editable=False)
    logo_width = models.PositiveSmallIntegerField(default=0, editable=False)
    logo_height = models.PositiveSmallIntegerField(default=0, editable=False)

    # What the subscribe box says under its heading
    invitation = models.CharField(
        _("invitation"), max_length=200, blank=True, help_text=_("What subscribers get, and when.")
    )

    # Who is told that a feed is new
    hub = models.URLField(
        _("WebSub hub"),
        blank=True,
        help_text=_("It tells feed readers at once what is new. Left empty, they look for themselves."),
    )

    # What stands at the foot of every page
    colophon = models.CharField(_("colophon"), max_length=300, blank=True)

    objects = IdentityManager()

    class Meta:
        verbose_name = _("magazine")
        verbose_name_plural = _("magazine")
        constraints = [
            models.CheckConstraint(
                name="identity_identity_only_one",
                condition=models.Q(singleton=True),
                violation_error_message=_("There is one magazine: change the row that is there."),
            ),
            models.CheckConstraint(
                name="identity_identity_accent",
                condition=models.Q(accent="") | models.Q(accent__regex=r"^#[0-9a-f]{6}$"),
                violation_error_message=_(
                    "Write the colour as # and six digits from 0 to 9 and a to f, such as #1f6feb."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        self.accent = self.accent.strip().lower()

    # What pages print of it

    @property
    def mark(self) -> str:
        return self.wordmark or self.name

    @property
    def tones(self) -> Tones:
        return tones(self.accent) if self.accent else HOUSE

    @property
    def accent_sheet(self) -> str:
        """The address of the style sheet that sets the colour; none for the house's own."""
        return f"/identity/{self.accent[1:]}.css" if self.accent else ""

    @property
    def icon(self) -> str:
        """The address of the icon, without its ending: the wordmark's first letter on a tile."""
        letter = next((sign for sign in self.mark if sign.isalnum()), "N")
        return f"/identity/{(self.accent or HOUSE.dark)[1:]}/{quote(letter)}"

    @property
    def logo_url(self) -> str:
        return storages["default"].url(self.logo) if self.logo else ""

    @property
    def logo_dark_url(self) -> str:
        return storages["default"].url(self.logo_dark) if self.logo_dark else ""

    @property
    def header(self) -> list[dict[str, str]]:
        return self._at(Link.Place.HEADER)

    @property
    def footer(self) -> list[dict[str, str]]:
        return self._at(Link.Place.FOOTER)

    @property
    def elsewhere(self) -> list[dict[str, str]]:
        return self._at(Link.Place.SOCIAL)

    def _at(self, place: str) -> list[dict[str, str]]:
        return [link for link in self.links if link["place"] == place]  # type: ignore[attr-defined]

    # Verbs

    def bear(self, upload: IO[bytes], *, dark: bool = False) -> None:
        """Take a picture as the logo that stands for the wordmark, or as its twin for dark pages.

        Raises ValidationError.
        """
        if dark and not self.logo:
            raise ValidationError(_("Upload the logo for light pages first, or together with this one."))
        logo = pictures.open_safely(upload, transparent=True)
        if (
            dark
            and abs(logo.width * self.logo_height - logo.height * self.logo_width)
            > 0.02 * logo.width * self.logo_height
        ):
            raise ValidationError(_("This one has another shape than the logo for light pages: make both alike."))
        if logo.height < LEAST_LOGO_HEIGHT:
            raise ValidationError(
                _("This logo is %(height)s pixels high. Upload one of %(least)s or more, so that it is sharp.")
                % {"height": logo.height, "least": LEAST_LOGO_HEIGHT}
            )
        if logo.height > LOGO_HEIGHT:
            logo = pictures.fit(logo, max(1, round(logo.width * LOGO_HEIGHT / logo.height)))
        name = pictures.store(storages["default"], pictures.encode(logo, "LOSSLESS"), "webp")
        if dark:
            self.logo_dark = name
        else:
            self.logo, self.logo_dark, (self.logo_width, self.logo_height) = name, "", logo.size

    def put_down_logo(self) -> None:
        """Back to the wordmark."""
        self.logo, self.logo_dark, self.logo_width, self.logo_height = "", "", 0, 0


class Link(models.Model):
    """A line of the navigation."""

    class Place(models.TextChoices):
        HEADER = "header", _("header")
        FOOTER = "footer", _("footer")
        SOCIAL = "social", _("elsewhere, such as Mastodon or Bluesky")

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
                condition=models.Q(place__in=["header", "footer", "social"]),
                violation_error_message=_("Choose one of the places."),
            ),
            models.CheckConstraint(
                name="identity_link_path",
                condition=models.Q(path__regex=r"^(/([^/\\]|$)|https?://)"),
                violation_error_message=_("A path begins with one slash, another site with https://."),
            ),
            models.CheckConstraint(
                name="identity_link_social_is_elsewhere",
                condition=~models.Q(place="social") | models.Q(path__regex=r"^https?://"),
                violation_error_message=_("A profile elsewhere has a whole address, which begins with https://."),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        self.path = links.address(self.path)
