import unicodedata
from collections.abc import Collection
from typing import IO, Any

from django.contrib.auth.models import AbstractUser, UserManager
from django.core.files.storage import storages
from django.db import models, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from newsroom import pictures
from newsroom.addresses import email_key
from newsroom.audit.models import Entry

# Their widths, and the most bytes of each: a small one for bylines, the larger for the author's own page.
PORTRAITS = {96: 4_000, 160: 8_000, 320: 20_000}

# What happens to an article that somebody may want a mail about.
MAILS = ("submitted", "sent_back", "scheduled", "published", "withdrawn")


class StaffManager(UserManager["User"]):
    def create_user(self, username: str, email: str | None = None, password: str | None = None, **rest: Any) -> "User":
        return super().create_user(username, email, password, email_key=_key_of(email), **rest)

    def create_superuser(
        self, username: str, email: str | None = None, password: str | None = None, **rest: Any
    ) -> "User":
        return super().create_superuser(username, email, password, email_key=_key_of(email), **rest)

    def colleagues_of(self, user: "User") -> models.QuerySet["User"]:
        """Everybody else who may log in to the desk and has a role."""
        at_work = self.filter(is_active=True, is_staff=True).exclude(pk=user.pk)
        return at_work.filter(models.Q(is_superuser=True) | models.Q(groups__isnull=False)).distinct()


class User(AbstractUser):
    """Somebody with a login to the desk."""

    email_key = models.CharField(max_length=254, null=True, unique=True, editable=False)

    # Of what they want a mail; the person chooses it at their own account
    mail_when_submitted = models.BooleanField(_("when somebody submits an article"), default=True)
    mail_when_sent_back = models.BooleanField(_("when an article of mine is sent back"), default=True)
    mail_when_scheduled = models.BooleanField(_("when an article of mine is scheduled"), default=True)
    mail_when_published = models.BooleanField(_("when an article of mine is published"), default=True)
    mail_when_withdrawn = models.BooleanField(_("when an article of mine is withdrawn"), default=True)

    objects = StaffManager()  # type: ignore[misc]

    def clean(self) -> None:
        super().clean()
        self.email_key = _key_of(self.email)

    # Verbs

    def choose_mails(self, wanted: Collection[str], *, by: Any) -> None:
        """From now on they get these mails and no others; each is one of MAILS."""
        for name in MAILS:
            setattr(self, f"mail_when_{name}", name in wanted)
        with transaction.atomic():
            self.save(update_fields=[f"mail_when_{name}" for name in MAILS])
            Entry.objects.record("choose mails", on=self, by=by, wanted=[name for name in MAILS if name in wanted])


class Author(models.Model):
    """A public profile. It need not have a login, and outlives one."""

    # What readers see
    name = models.CharField(_("name"), max_length=100)
    slug = models.SlugField(_("address"), max_length=80, unique=True, help_text=_("Their page is /author/address/."))
    role = models.CharField(_("role"), max_length=80, blank=True, help_text=_("Such as “ideas editor”."))
    bio = models.TextField(_("biography"), max_length=600, blank=True, help_text=_("Two sentences, in their words."))
    website = models.URLField(_("website"), blank=True)
    portrait = models.CharField(max_length=80, blank=True, editable=False)
    portrait_original = models.CharField(max_length=80, blank=True, editable=False)

    # Who writes under it
    user = models.OneToOneField(
        User, verbose_name=_("login"), null=True, blank=True, on_delete=models.SET_NULL, related_name="author"
    )

    # Made in Python, because the database sorts by bytes
    sort_name = models.CharField(max_length=120, editable=False, db_index=True)

    class Meta:
        verbose_name = _("author")
        verbose_name_plural = _("authors")
        ordering = ["sort_name"]
        constraints = [
            models.CheckConstraint(
                name="authors_author_has_a_name",
                condition=~models.Q(name=""),
                violation_error_message=_("Write the author’s name."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("author", args=[self.slug])

    def clean(self) -> None:
        self.slug = self.slug.lower()  # as readers are looked up
        self.sort_name = sort_name(self.name)

    @property
    def portrait_url(self) -> str:
        return storages["default"].url(self.portrait) if self.portrait else ""

    @property
    def portrait_srcset(self) -> str:
        return portrait_srcset(self.portrait)

    def wear(self, upload: IO[bytes]) -> None:
        """Take a picture as the portrait: kept whole in private, shown as a square. Raises ValidationError."""
        picture = pictures.open_safely(upload)
        upload.seek(0)
        self.portrait_original = pictures.store(storages["private"], upload.read(), "bin")
        squares = {
            width: pictures.encode(pictures.crop(picture, width, width, focus=(0.5, 0.4)), "WEBP", most=most)
            for width, most in PORTRAITS.items()
        }
        self.portrait = pictures.store_siblings(storages["default"], squares, "webp")[max(PORTRAITS)]


def portrait_srcset(portrait: str) -> str:
    url = storages["default"].url
    return ", ".join(f"{url(pictures.sibling(portrait, width))} {width}w" for width in PORTRAITS)


def sort_name(name: str) -> str:
    """Surname first, without accents or case: "Élodie van Dam" sorts under "dam elodie van"."""
    decomposed = unicodedata.normalize("NFKD", name)
    words = "".join(sign for sign in decomposed if not unicodedata.combining(sign)).casefold().split()
    return " ".join(words[-1:] + words[:-1])


def _key_of(email: str | None) -> str | None:
    return email_key(email) if email else None
