import secrets
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.models.publication import Publication
from newsroom.audit.models import Entry

if TYPE_CHECKING:
    from articles.models.article import Article

LIVES = timedelta(days=7)
TOKEN_BYTES = 16


class PreviewLinkQuerySet(models.QuerySet["PreviewLink"]):
    def open(self) -> Self:
        """Neither revoked nor expired, and made by somebody who may still log in."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now(), made_by__is_active=True)

    def unpublished(self) -> Self:
        """Those whose text has not gone out, nor been taken back, since they were made."""
        since = Publication.objects.gone_out().filter(article=OuterRef("article"), due_at__gt=OuterRef("made_at"))
        return self.filter(~Exists(since)).exclude(article__withdrawn_at__gt=F("made_at"))

    def made_by_user(self, user: Any) -> Self:
        return self.filter(made_by=user)

    def with_token(self, token: str) -> Self:
        return self.filter(token_hash=hash_of(token))

    def for_desk(self) -> Self:
        """Those that show something, newest first, with who made them."""
        return self.open().unpublished().select_related("made_by").order_by("-made_at", "-pk")

    # Verbs

    def make(self, article: "Article", *, by: Any) -> "tuple[PreviewLink, str]":
        """A link, and its token, which nobody can read again."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        now = timezone.now()
        with transaction.atomic():
            link = self.create(
                article=article, token_hash=hash_of(token), made_by=by, made_at=now, expires_at=now + LIVES
            )
            Entry.objects.record("open preview", on=article, by=by, link=link.pk, expires_at=link.expires_at)
        return link, token

    def end(self) -> int:
        """Those that are open show nothing from now on. Says how many."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now()).update(revoked_at=timezone.now())


class PreviewLink(models.Model):
    """Lets whoever has its token read one text without a login, until it goes out. Only the token's hash is kept."""

    article = models.ForeignKey("Article", on_delete=models.CASCADE, related_name="preview_links")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(gettext_lazy("made"), default=timezone.now)
    expires_at = models.DateTimeField(gettext_lazy("expires"))
    revoked_at = models.DateTimeField(gettext_lazy("revoked"), null=True)

    objects = PreviewLinkQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("preview link")
        verbose_name_plural = gettext_lazy("preview links")
        constraints = [
            models.CheckConstraint(
                name="articles_previewlink_expires",
                condition=models.Q(expires_at__gt=F("made_at")),
                violation_error_message=gettext_lazy("A preview link expires after it was made."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.article} ({self.made_at:%Y-%m-%d %H:%M} UTC)"

    @property
    def has_done_its_work(self) -> bool:
        return not PreviewLink.objects.unpublished().contains(self)

    def revoke(self, *, by: Any) -> None:
        """It shows nothing from now on."""
        with transaction.atomic():
            if not PreviewLink.objects.filter(pk=self.pk).end():
                raise ValidationError(_("This preview link is dead already."))
            self.refresh_from_db(fields=["revoked_at"])
            Entry.objects.record("revoke preview", on=self.article, by=by, link=self.pk)


def hash_of(token: str) -> str:
    return sha256(token.encode()).hexdigest()
