from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def is_out(at: datetime | None = None, *, article: str = "") -> Q:
    """Of an article, or of what has one: its hour has come, or had come before the clock was set back."""
    return Q(**{f"{article}published_at__lte": at or timezone.now()}) | Q(**{f"{article}appeared_at__isnull": False})


class Section(models.Model):
    """The one part of the magazine that an article belongs to."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    slug = models.SlugField(_("address"), max_length=60, unique=True)
    description = models.CharField(_("description"), max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0, help_text=_("Its place on the front page."))

    class Meta:
        verbose_name = _("section")
        verbose_name_plural = _("sections")
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("section", args=[self.slug])

    def clean(self) -> None:
        self.slug = self.slug.lower()  # as readers are looked up


class Tag(models.Model):
    """A subject; an article has any number."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    slug = models.SlugField(_("address"), max_length=60, unique=True)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("tag", args=[self.slug])

    def clean(self) -> None:
        self.slug = self.slug.lower()
        twin = Tag.objects.filter(name__iexact=self.name).exclude(pk=self.pk).first()
        if twin:
            raise ValidationError({"name": _("The tag “%(tag)s” is there already: use that one.") % {"tag": twin}})


class SeriesQuerySet(models.QuerySet["Series"]):
    def begun(self) -> "SeriesQuerySet":
        """Those of which readers have a part."""
        return self.filter(is_out(article="articles__"), articles__withdrawn_at=None).distinct()


class Series(models.Model):
    """Articles that are read one after the other."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    slug = models.SlugField(_("address"), max_length=60, unique=True)
    description = models.CharField(_("description"), max_length=300, blank=True)

    objects = SeriesQuerySet.as_manager()

    class Meta:
        verbose_name = _("series")
        verbose_name_plural = _("series")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("series", args=[self.slug])

    def clean(self) -> None:
        self.slug = self.slug.lower()
