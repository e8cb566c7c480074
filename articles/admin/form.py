from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Self
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from articles.admin.widgets import BodyWidget, BylineChooser, PhotoPicker, TagChooser
from articles.body import check_depth
from articles.content import LONGEST_ADDRESS, Content
from articles.models import Article, Correction, Photo, Revision, Section, Series, Tag
from articles.models.revision import FIRST
from articles.slugs import free_slug
from authors.models import Author
from newsroom import links
from newsroom.characters import legible
from newsroom.reserved import check_slug
from newsroom.writing_form import WritingForm

ELSEWHERE = ("search_title", "search_description", "share_photo", "canonical_url")


class OrderedChoiceField(forms.ModelMultipleChoiceField):
    """The chosen ones in the order in which they were sent."""

    # In the order chosen, which a queryset would not keep.
    def clean(self, value: Any) -> list[Any]:  # type: ignore[override]
        found = {str(chosen.pk): chosen for chosen in super().clean(value)}
        return [found[key] for key in dict.fromkeys(map(str, value or [])) if key in found]


# What the form says of itself, and no article is about.


class ArticleForm(WritingForm):
    """What an editor can change. It makes a Content and writes nothing itself."""

    title = forms.CharField(
        label=gettext_lazy("Headline"),
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        error_messages={"required": gettext_lazy("Write a headline, even a working one.")},
    )
    standfirst = forms.CharField(
        label=gettext_lazy("Standfirst"),
        max_length=500,
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=gettext_lazy("What it is about and why it matters, in one or two sentences."),
    )
    body = forms.CharField(label=gettext_lazy("Text"), required=False, widget=BodyWidget, validators=[check_depth])
    photo = forms.ModelChoiceField(
        Photo.objects.all(), label=gettext_lazy("Lead photo"), required=False, widget=PhotoPicker
    )
    section = forms.ModelChoiceField(
        Section.objects.all(), label=gettext_lazy("Section"), required=False, widget=UnfoldAdminSelectWidget
    )
    bylines = OrderedChoiceField(
        Author.objects.all(),
        label=gettext_lazy("Authors"),
        required=False,
        widget=BylineChooser,
        help_text=gettext_lazy("In the order of the byline. To move one to the end, take it off and choose it again."),
    )
    tags = forms.ModelMultipleChoiceField(
        Tag.objects.all(), label=gettext_lazy("Tags"), required=False, widget=TagChooser
    )
    series = forms.ModelChoiceField(
        Series.objects.all(), label=gettext_lazy("Series"), required=False, widget=UnfoldAdminSelectWidget
    )
    part = forms.IntegerField(
        label=gettext_lazy("Part"),
        min_value=1,
        max_value=9999,
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric"}),
        help_text=gettext_lazy("Its number in the series. Left empty, the parts stand as they appeared."),
    )
    slug = forms.SlugField(
        label=gettext_lazy("Address"),
        max_length=80,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("Readers reach it at /address/. Left empty, it is made from the headline."),
    )
    search_title = forms.CharField(
        label=gettext_lazy("Search title"),
        max_length=200,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("What search results and shared links call it. Left empty, it is the headline."),
    )
    search_description = forms.CharField(
        label=gettext_lazy("Search description"),
        max_length=500,
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=gettext_lazy("Left empty, it is the standfirst."),
    )
    share_photo = forms.ModelChoiceField(
        Photo.objects.all(),
        label=gettext_lazy("Share picture"),
        required=False,
        widget=PhotoPicker,
        help_text=gettext_lazy("Left empty, it is the lead photo; without one, the headline is drawn."),
    )
    canonical_url = forms.URLField(
        label=gettext_lazy("First published at"),
        max_length=500,
        required=False,
        assume_scheme="https",
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "url", "placeholder": "https://"}),
        help_text=gettext_lazy(
            "Only for a text that another house published first: its address there. Search engines are sent to it, "
            "and our sitemaps leave ours out."
        ),
    )

    def __init__(self, said: QueryDict | None = None, *, article: Article | None = None, **kwargs: Any) -> None:
        super().__init__(said, **kwargs)
        self.said = said
        self.article = article

    @classmethod
    def showing(cls, revision: Revision, *, article: Article) -> Self:
        content = revision.content
        shown = {name: getattr(content, name) for name in cls.base_fields if name not in cls.ABOUT_ITSELF}
        return cls(initial=shown | cls.about(revision), article=article)

    @classmethod
    def empty(cls, *, user: Any) -> Self:
        mine = Author.objects.filter(user=user).values_list("pk", flat=True)
        return cls(initial={"bylines": tuple(mine), **cls.about(None)})

    def shown(self) -> Content:
        """What it shows before anything is typed."""
        return Content(**{name: value for name, value in self.initial.items() if name not in self.ABOUT_ITSELF})

    def clean_title(self) -> str:
        return self._legible("title")

    def clean_standfirst(self) -> str:
        return self._legible("standfirst")

    def clean_search_title(self) -> str:
        return self._legible("search_title")

    def clean_search_description(self) -> str:
        return self._legible("search_description")

    def _legible(self, name: str) -> str:
        """As a page can show it, which may be a sign longer than it was typed."""
        text = " ".join(legible(self.cleaned_data[name]).split())
        MaxLengthValidator(self.fields[name].max_length)(text)  # type: ignore[attr-defined]
        return text

    def clean_slug(self) -> str:
        slug = self.cleaned_data["slug"].lower()
        if slug:
            try:
                check_slug(slug)
            except ValidationError as refusal:
                raise ValidationError(refusal.messages) from None
        return slug

    def clean_canonical_url(self) -> str:
        typed = self.cleaned_data["canonical_url"]
        address = links.address(typed)
        if typed and not address.startswith("https://"):
            raise ValidationError(_("Write an address that begins with https://."))
        if urlsplit(address).netloc == urlsplit(settings.SITE_URL).netloc:
            raise ValidationError(_("This is an address of our own: leave the field empty."))
        # Written out for every program it may be longer than it was typed.
        MaxLengthValidator(LONGEST_ADDRESS)(address)
        return address

    def content(self) -> Content:
        given = self.cleaned_data
        return Content(
            title=given["title"],
            standfirst=given["standfirst"],
            body=given["body"],
            slug=self.address(),
            search_title=given["search_title"],
            search_description=given["search_description"],
            **{name: keys(given[name]) for name, keys in CHOSEN.items()},
        )

    def address(self) -> str:
        """As typed; made from the headline where nothing was typed, and a new article takes nobody's."""
        typed, title = self.cleaned_data["slug"], self.cleaned_data["title"]
        return typed if typed and self.article else free_slug(typed or title, keeping=self.article)

    def keep(self, *, by: Any) -> tuple[Article, Revision]:
        """Raises EditConflict where somebody else saved in between."""
        article, itself = self.article, self.itself()
        if article is None:
            sitting, turn = itself["sitting"], itself["turn"]
            article, is_new = Article.objects.begun_in(sitting, self.content(), by=by, turn=turn)
            if is_new:
                return article, article.newest_revision
            itself["based_on"] = FIRST
        return article, article.keep(self.content(), by=by, **itself)

    def rebase(self, revision: Revision) -> None:
        """From now on the form's text goes on top of this revision; everything typed stays."""
        self.data = data = (self.said or QueryDict()).copy()
        data["based_on"] = str(revision.number)
        data["slug"] = data.get("slug") or revision.content.slug

    def blame(self, refusal: ValidationError) -> None:
        """Put each sentence beside the field it speaks of, where its code names one."""
        for problem in refusal.error_list if hasattr(refusal, "error_list") else _flat(refusal):
            field = problem.code if problem.code in self.fields else None
            self.add_error(field, ValidationError(problem.messages))

    def freeze(self) -> None:
        for field in self.fields.values():
            field.disabled = True

    @property
    def main_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("title", "standfirst", "body")]

    @property
    def side_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("photo", "section", "bylines", "tags", "series", "part", "slug")]

    @property
    def fields_elsewhere(self) -> list[forms.BoundField]:
        return [self[name] for name in ELSEWHERE]

    @property
    def says_something_elsewhere(self) -> bool:
        """Whether the part for search engines has anything in it, and so stands open."""
        return any(self[name].value() or self[name].errors for name in ELSEWHERE)


class SittingForm(ArticleForm):
    """The same form while somebody writes in it: whatever stands there is kept, finished or not."""

    def __init__(self, said: QueryDict, **kwargs: Any) -> None:
        super().__init__(said, **kwargs)
        self.is_valid()  # what is well formed is taken as the form takes it, what is not as it was typed

    def content(self) -> Content:
        newest = self.article.newest_revision if self.article else None
        before = newest.content if newest else Content()
        given = self.cleaned_data
        facts: dict[str, Any] = {name: given.get(name, self.data.get(name, "")) for name in TYPED}
        facts |= {name: keys(given[name]) for name, keys in CHOSEN.items() if name in given}
        return replace(before, **facts)


def _key(chosen: Any) -> int | None:
    return chosen.pk if chosen else None


TYPED = ("title", "standfirst", "body", "slug", "search_title", "search_description")
# How each choice is written in a Content.
CHOSEN: dict[str, Callable[[Any], Any]] = {
    "section": _key,
    "photo": _key,
    "series": _key,
    "part": lambda number: number,
    "share_photo": _key,
    "canonical_url": lambda address: address,
    "bylines": lambda authors: tuple(author.pk for author in authors),
    "tags": lambda tags: tuple(sorted(tag.pk for tag in tags)),
}


class NoteForm(forms.ModelForm):
    """What is said of a correction. It stands in a dialog outside the article's form and is sent with it."""

    prefix = "note"
    use_required_attribute = False

    class Meta:
        model = Correction
        fields = ["kind", "wrong", "right", "is_serious"]
        widgets = {
            "kind": UnfoldAdminSelectWidget,
            "wrong": UnfoldAdminTextareaWidget(attrs={"rows": 2}),
            "right": UnfoldAdminTextareaWidget(attrs={"rows": 2}),
            "is_serious": UnfoldBooleanWidget,
        }
        error_messages = {
            "wrong": {"required": gettext_lazy("Say what was wrong.")},
            "right": {"required": gettext_lazy("Say what is right.")},
        }

    def __init__(self, said: QueryDict | None = None) -> None:
        super().__init__(said)
        for field in self.fields.values():
            field.widget.attrs["form"] = "article_form"


def _flat(refusal: ValidationError) -> Iterable[ValidationError]:
    return (
        ValidationError(problem.messages, code=field)
        for field, found in refusal.error_dict.items()
        for problem in found
    )
