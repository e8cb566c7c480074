from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import IO, Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.files.storage import storages
from django.db import models, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from articles.models.library import NOTICE, PhotoQuerySet, Right, every_right
from articles.photos.renditions import (
    BUDGETS,
    CARD,
    Rendition,
    Source,
    make_renditions,
    make_stand_in,
    nearest_tint,
    stand_in_widths,
)
from newsroom import pictures

THUMB_WIDTH = 360
BROAD = 2.2  # times as wide as high


class Photo(models.Model):
    """An image of the library, with what it shows and whose it is."""

    class Kind(models.TextChoices):
        PHOTO = "photo", _("Photo")
        ILLUSTRATION = "illustration", _("Illustration")
        GRAPHIC = "graphic", _("Graphic")
        AI_MADE = "ai", _("AI-made image")
        HANDOUT = "handout", _("Handout")

        @property
        def wording(self) -> Any:
            """How the credit line begins."""
            return {
                "photo": pgettext_lazy("credit", "Photo by"),
                "illustration": pgettext_lazy("credit", "Illustration by"),
                "graphic": pgettext_lazy("credit", "Graphic by"),
                "ai": pgettext_lazy("credit", "AI-made image, directed by"),
                "handout": pgettext_lazy("credit", "Handout by"),
            }[self.value]

    # What it shows
    alt = models.CharField(
        _("alternative text"),
        max_length=300,
        blank=True,
        help_text=_("What a reader who cannot see it needs to know. Needed before publishing."),
    )
    caption = models.CharField(_("caption"), max_length=500, blank=True)

    # Whose it is
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.PHOTO)
    maker = models.CharField(_("made by"), max_length=120, blank=True, help_text=_("Needed before publishing."))
    maker_url = models.URLField(_("maker’s address"), blank=True)
    source = models.CharField(_("source"), max_length=120, blank=True, help_text=_("An agency, archive or magazine."))
    source_url = models.URLField(_("source’s address"), blank=True)
    licence = models.CharField(_("licence"), max_length=120, blank=True, help_text=_("Such as CC BY 4.0."))
    licence_url = models.URLField(_("licence’s address"), blank=True)

    # Where and how long it may be shown
    rights = ArrayField(
        models.CharField(max_length=8, choices=Right),
        verbose_name=_("may be shown"),
        default=every_right,
        blank=True,
    )
    licensed_until = models.DateField(
        _("licensed until"),
        null=True,
        blank=True,
        help_text=_("The last day on which it may be shown. Left empty, there is no end."),
    )

    # The file; the original is never public
    original = models.CharField(max_length=100, editable=False)
    sha256 = models.CharField(max_length=64, editable=False, db_index=True)
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    colour = models.CharField(max_length=7, editable=False)
    focus_x = models.FloatField(_("focus from the left"), default=0.5, help_text=_("0 is the left edge, 1 the right."))
    focus_y = models.FloatField(_("focus from the top"), default=0.5, help_text=_("0 is the upper edge, 1 the lower."))

    # What readers get: one JPEG at once, the rest when a worker has made it
    stand_in = models.CharField(max_length=80, editable=False)
    renditions = models.JSONField(default=list, editable=False)
    # Names of what it showed before; they answer until it is withdrawn, because letters and other houses have them
    former = models.JSONField(default=list, editable=False)

    uploaded_at = models.DateTimeField(_("uploaded"), default=timezone.now, editable=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )

    objects = PhotoQuerySet.as_manager()

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        constraints = [
            models.CheckConstraint(
                name="articles_photo_focus_inside",
                condition=models.Q(focus_x__range=(0, 1), focus_y__range=(0, 1)),
                violation_error_message=_("The focus lies between 0 and 1, from the left and from the top."),
            ),
            models.CheckConstraint(
                name="articles_photo_kind",
                condition=models.Q(kind__in=["photo", "illustration", "graphic", "ai", "handout"]),
                violation_error_message=_("Choose one of the kinds."),
            ),
            models.CheckConstraint(
                name="articles_photo_rights",
                condition=models.Q(rights__contained_by=["web", "letter", "feed"]),
                violation_error_message=_("Choose where it may be shown: on the site, in letters, in feeds."),
            ),
        ]
        indexes = [
            models.Index(fields=["uploaded_at"], name="articles_photo_unrendered", condition=models.Q(renditions=[])),
            models.Index(
                fields=["licensed_until"],
                name="articles_photo_licence",
                condition=models.Q(licensed_until__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.caption or self.alt or str(_("Photo without caption"))

    @property
    def credit_wording(self) -> str:
        return str(self.Kind(self.kind).wording)

    @property
    def credit(self) -> str:
        """The whole line as plain text: "Photo by Mara Lind / Longshore"."""
        named = " / ".join(part for part in (self.maker, self.source) if part)
        return f"{self.credit_wording} {named}" if named else ""

    @property
    def stand_in_url(self) -> str:
        return storages["default"].url(self.stand_in)

    @property
    def stand_in_size(self) -> tuple[int, int]:
        return self._size_at(stand_in_widths(self.width)[-1])

    def stand_in_within(self, most: int) -> tuple[str, tuple[int, int]]:
        """Address and size of the widest stand-in that is no wider, or of the least."""
        widths = stand_in_widths(self.width)
        width = max((width for width in widths if width <= most), default=widths[0])
        return storages["default"].url(pictures.sibling(self.stand_in, width)), self._size_at(width)

    @property
    def thumb_url(self) -> str:
        """Small, for lists and choosers; a stand-in until a worker has made the renditions."""
        cards = [row for row in self.renditions if row["shape"] == CARD and row["width"] >= THUMB_WIDTH]
        if not cards:
            return self.stand_in_within(THUMB_WIDTH)[0]
        return storages["default"].url(min(cards, key=lambda row: row["width"])["name"])

    @property
    def missing(self) -> list[str]:
        """What has to be written before an article may show it, in the words of the form."""
        wanted = [(_("alternative text"), self.alt), (_("made by"), self.credit)]
        return [str(words) for words, there in wanted if not there]

    def allows(self, right: str, *, at: datetime | None = None) -> bool:
        """Whether it may be shown there, now or at the given moment."""
        return right in self.rights and not self.licence_is_over(at=at)

    def licence_is_over(self, *, at: datetime | None = None) -> bool:
        return self.licensed_until is not None and self.licensed_until < timezone.localdate(at)

    @property
    def is_for_feeds(self) -> bool:
        return self.allows(Right.FEED)

    @property
    def alarm(self) -> str:
        """What has to be said about its licence; empty while there is time."""
        if self.licensed_until is None or self.licensed_until > timezone.localdate() + NOTICE:
            return ""
        day = {"day": date_format(self.licensed_until)}
        if self.licence_is_over():
            return gettext("Its licence ended on %(day)s.") % day
        return gettext("Its licence ends on %(day)s.") % day

    @property
    def warnings(self) -> list[str]:
        """What speaks against showing it, for whoever is about to choose it."""
        off = [] if Right.WEB in self.rights else [gettext("It may not be shown on the site.")]
        return [*off, *([self.alarm] if self.alarm else [])]

    @property
    def tint(self) -> int:
        """The number of the placeholder colour; readers' pages may not carry styles of their own."""
        return nearest_tint(self.colour)

    @property
    def focus(self) -> tuple[float, float]:
        return self.focus_x, self.focus_y

    @property
    def is_broad(self) -> bool:
        """So much wider than high that it would be a strip in a column."""
        return self.width > BROAD * self.height

    @property
    def is_unused(self) -> bool:
        return Photo.objects.unused().filter(pk=self.pk).exists()

    @property
    def public_names(self) -> list[str]:
        """Every file that a reader may have the address of."""
        stand_ins = [pictures.sibling(self.stand_in, width) for width in stand_in_widths(self.width)]
        return [*stand_ins, *(row["name"] for row in self.renditions)]

    def sources(self, shape: str) -> list[Source]:
        """Best first; empty until the renditions are there."""
        return Rendition.sources(self.renditions, shape)

    def take(self, upload: IO[bytes], *, by: Any = None) -> None:
        """Take in a file: sniffed, decoded, kept whole in private, a public JPEG made. Raises ValidationError."""
        picture = pictures.open_safely(upload)
        if self.stand_in:
            self.former = self.former + self.public_names
        self.sha256 = pictures.fingerprint(upload)
        self.original = f"originals/{self.sha256[:2]}/{self.sha256}"
        if not storages["private"].exists(self.original):
            storages["private"].save(self.original, upload)
        self.width, self.height = picture.size
        self.colour = pictures.mean_colour(picture)
        self.stand_in = make_stand_in(picture, storages["default"])
        self.renditions = []
        self.uploaded_by = by

    def rename(self) -> None:
        """Give its public files new names: whoever kept an old address, of now or of before, gets nothing there."""
        storage = storages["default"]
        with transaction.atomic():
            self._read_and_hold()
            old = self.public_names
            stems = {_stem(name): pictures.new_stem() for name in old}
            new = {name: name.replace(_stem(name), stems[_stem(name)]) for name in old}
            for name in old:
                with storage.open(name) as file:
                    storage.save(new[name], file)
            for name in [*old, *self.former]:
                transaction.on_commit(partial(storage.delete, name))
            self.stand_in = new[self.stand_in]
            self.renditions = [row | {"name": new[row["name"]]} for row in self.renditions]
            self.former = []
            self.save(update_fields=["stand_in", "renditions", "former"])

    def discard(self) -> None:
        """Out of the library, with every file of it. Raises ValidationError while a text shows it."""
        with transaction.atomic():
            self._read_and_hold()
            if not self.is_unused:
                raise ValidationError(
                    gettext("The photo “%(photo)s” is shown: take it out of the texts first.") % {"photo": self}
                )
            public = [*self.public_names, *self.former]
            self.delete()
            for name in public:
                transaction.on_commit(partial(storages["default"].delete, name))
            transaction.on_commit(partial(_forget, self.original))

    def render(self) -> None:
        """Make the renditions that are missing: all of a new file, the cards when the focus moved. A worker's work."""
        shapes = BUDGETS.keys() - {row["shape"] for row in self._kept()}
        if not shapes:
            return
        with storages["private"].open(self.original) as original:
            picture = pictures.open_safely(original)
        made = make_renditions(picture, shapes=sorted(shapes), focus=self.focus, storage=storages["default"])
        shown = (self.original, self.focus)
        with transaction.atomic():
            held = Photo.objects.select_for_update().filter(pk=self.pk).first()
            if held is None or (held.original, held.focus) != shown:
                # Changed or taken out meanwhile: whoever changed it has asked for others.
                for rendition in made:
                    storages["default"].delete(rendition.name)
                return
            self.refresh_from_db()
            kept = self._kept()
            self.former = self.former + [row["name"] for row in self.renditions if row not in kept]
            self.renditions = kept + [rendition.as_json() for rendition in made]
            self.save(update_fields=["renditions", "former"])

    @classmethod
    def by_id(cls, ids: Iterable[int]) -> dict[int, "Photo"]:
        return cls.objects.in_bulk(list(ids))

    def _size_at(self, width: int) -> tuple[int, int]:
        return width, max(1, round(self.height * width / self.width))

    def _kept(self) -> list[dict[str, Any]]:
        """Renditions that are still right: of these, cards depend on the focus."""
        return [row for row in self.renditions if row["shape"] != CARD or row["focus"] == list(self.focus)]

    def _read_and_hold(self) -> None:
        self.refresh_from_db(from_queryset=Photo.objects.select_for_update())


def _stem(name: str) -> str:
    return name.rpartition("-")[0]


def _forget(original: str) -> None:
    """Two photos can be of one file."""
    if not Photo.objects.filter(original=original).exists():
        storages["private"].delete(original)
