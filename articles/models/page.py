from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.body import clean, render
from articles.models.address import Address
from articles.models.article import Article
from newsroom.reserved import check_slug


class PageQuerySet(models.QuerySet["Page"]):
    def live(self) -> "PageQuerySet":
        return self.filter(published_at__lte=timezone.now())

    def at_slug(self, slug: str) -> "PageQuerySet":
        return self.filter(slug=slug)


class Page(models.Model):
    """A standing text, such as About or the imprint: no byline, in no feed."""

    # What it says
    title = models.CharField(_("headline"), max_length=120)
    slug = models.SlugField(_("address"), max_length=80, unique=True, help_text=_("Readers reach it at /address/."))
    standfirst = models.CharField(_("standfirst"), max_length=300, blank=True)
    body = models.TextField(_("text"), blank=True)
    body_html = models.TextField(editable=False, blank=True)

    # Where it stands: null is a draft
    published_at = models.DateTimeField(_("published"), null=True, blank=True)

    objects = PageQuerySet.as_manager()

    class Meta:
        verbose_name = _("page")
        verbose_name_plural = _("pages")
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/{self.slug}/"

    @property
    def is_live(self) -> bool:
        return self.published_at is not None and self.published_at <= timezone.now()

    def clean(self) -> None:
        self.slug = self.slug.lower()  # as readers are looked up
        check_slug(self.slug)
        taken = Address.objects.filter(path=self.get_absolute_url(), article__isnull=False).exists()
        if taken or Article.objects.claiming(self.slug).exists():
            raise ValidationError({"slug": _("An article has or had this address: choose another one.")})

    @transaction.atomic
    def keep(self) -> None:
        """Save it, cleaned and rendered. Where readers had it and where they have it now is its own from then on."""
        before = Page.objects.select_for_update().filter(pk=self.pk).first()
        self.body = clean(self.body)
        self.body_html = render(self.body, {})
        self.save()
        for held in (before, self):
            if held and held.is_live:
                Address.objects.hold(held.get_absolute_url(), page=self)
