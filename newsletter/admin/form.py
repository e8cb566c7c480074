"""What an editor types of an issue. It makes a content and writes nothing itself."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, Self

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from articles.admin.badge import COLOURS, badge
from articles.admin.widgets import PhotoPicker
from articles.models import Article, Photo
from newsletter.letters.content import LONGEST_WORDS, MOST_BLOCKS, NEEDS, Block, IssueContent, Kind
from newsletter.letters.prose import personal_tags_in
from newsletter.models import Issue, IssueRevision, Newsletter
from newsroom.characters import legible
from newsroom.guarded import is_key
from newsroom.reserved import NEWSLETTER_SEGMENTS, check_slug
from newsroom.writing_form import WritingForm

ROW = re.compile(r"block-(\d{1,4})-kind")
FIELDS = ("kind", "text", "article", "photo", "who")
# What each kind of part asks for beside its kind.
ASKS: dict[str, tuple[str, ...]] = {
    Kind.PROSE: ("text",),
    Kind.CARD: ("article",),
    Kind.FULL: ("article",),
    Kind.PHOTO: ("photo", "text"),
    Kind.QUOTE: ("text", "who"),
    Kind.SMALL: ("text",),
}
LABELS = {
    Kind.PROSE: gettext_lazy("Words"),
    Kind.SMALL: gettext_lazy("Small print"),
    Kind.QUOTE: gettext_lazy("What was said"),
    Kind.PHOTO: gettext_lazy("Caption"),
}
ROWS = {Kind.PROSE: 7, Kind.QUOTE: 3, Kind.PHOTO: 2, Kind.SMALL: 3}

type Row = dict[str, str]


class BlockForm(forms.Form):
    """One part of an issue. The parts stand in the order in which they are sent."""

    kind = forms.ChoiceField(choices=Kind.choices, widget=forms.HiddenInput)
    text = forms.CharField(required=False, max_length=LONGEST_WORDS, strip=False, widget=UnfoldAdminTextareaWidget)
    article = forms.ModelChoiceField(Article.objects.all(), required=False, widget=forms.HiddenInput)
    photo = forms.ModelChoiceField(Photo.objects.all(), label=gettext_lazy("Photo"), required=False, widget=PhotoPicker)
    who = forms.CharField(
        label=gettext_lazy("Who said it"), required=False, max_length=200, widget=UnfoldAdminTextInputWidget
    )

    # Set by its list: the article it shows, as the desk names it
    shown: dict[str, Any] | None = None

    def __init__(self, row: Row, number: int, *, is_sent: bool = False) -> None:
        prefix = f"block-{number}"
        self.number = number
        self.part = row.get("kind", "") if row.get("kind") in Kind.values else Kind.PROSE.value
        said = {f"{prefix}-{name}": value for name, value in row.items()} if is_sent else None
        super().__init__(said, initial=row, prefix=prefix)
        for name in set(FIELDS) - {"kind", *ASKS[self.part]}:
            del self.fields[name]
        if "text" in self.fields:
            self.fields["text"].label = LABELS[Kind(self.part)]
            self.fields["text"].widget.attrs["rows"] = ROWS[Kind(self.part)]

    @property
    def title(self) -> str:
        return str(Kind(self.part).label)

    @property
    def asked(self) -> list[forms.BoundField]:
        return [self[name] for name in ASKS[self.part] if name != "article"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        needed = NEEDS[Kind(self.part)]
        if any(given.get(name) for name in ASKS[self.part]) and not given.get(needed) and needed not in self.errors:
            self.add_error(needed, _("Something is missing here. Fill it in, or take this part out."))
        return given


class IssueForm(WritingForm):
    subject = forms.CharField(
        label=gettext_lazy("Subject"),
        max_length=150,
        widget=UnfoldAdminTextInputWidget,
        error_messages={"required": gettext_lazy("Write a subject, even a working one.")},
    )
    preheader = forms.CharField(
        label=gettext_lazy("Preheader"),
        max_length=150,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("What mail programs show beside the subject. Left empty, it is the first words."),
    )
    slug = forms.SlugField(
        label=gettext_lazy("Address"),
        max_length=80,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("The letter stands there on the web once it has gone out."),
    )
    from_name = forms.CharField(
        label=gettext_lazy("Sender’s name"),
        max_length=80,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("The newsletter’s, if empty."),
    )
    reply_to = forms.EmailField(
        label=gettext_lazy("Answers go to"),
        required=False,
        widget=UnfoldAdminEmailInputWidget,
        help_text=gettext_lazy("Where the newsletter’s go, if empty."),
    )

    def __init__(self, said: QueryDict | None = None, *, issue: Issue, rows: Sequence[Row] = (), **kwargs: Any) -> None:
        super().__init__(said, **kwargs)
        self.said = said
        self.issue = issue
        self.rows = list(rows)[:MOST_BLOCKS]
        self.is_sent = said is not None

    @classmethod
    def showing(cls, content: IssueContent, *, issue: Issue, revision: IssueRevision | None) -> Self:
        shown = {name: getattr(content, name) for name in cls.base_fields if name not in cls.ABOUT_ITSELF}
        rows = [_row(block) for block in content.blocks]
        return cls(initial=shown | cls.about(revision), issue=issue, rows=rows)

    @classmethod
    def sent(cls, said: QueryDict, *, issue: Issue) -> Self:
        return cls(said, issue=issue, rows=rows_of(said))

    @cached_property
    def blocks(self) -> list[BlockForm]:
        forms = [BlockForm(row, number, is_sent=self.is_sent) for number, row in enumerate(self.rows)]
        cards = _cards(row.get("article") for row in self.rows)
        for form in forms:
            form.shown = cards.get(self.rows[form.number].get("article", ""))
        return forms

    def is_valid(self) -> bool:
        # Each of them, so that every field says what is wrong with it.
        return all([super().is_valid(), *(form.is_valid() for form in self.blocks)])

    def clean_subject(self) -> str:
        subject = " ".join(legible(str(self.cleaned_data["subject"])).split())
        if tags := personal_tags_in(subject):
            raise ValidationError(_("A subject is the same for everybody: take %(tag)s out of it.") % {"tag": tags[0]})
        return subject

    def clean_slug(self) -> str:
        slug = self.cleaned_data["slug"].lower()
        try:
            check_slug(slug, NEWSLETTER_SEGMENTS)
        except ValidationError as refusal:
            raise ValidationError(refusal.messages) from None
        return slug

    def content(self) -> IssueContent:
        """As it was typed, finished or not; what the fields made of it where it is well-formed."""
        given = getattr(self, "cleaned_data", {})
        typed = {name: str(given.get(name, self.data.get(name, "")))[:longest] for name, longest in TYPED.items()}
        return IssueContent(
            **typed,
            blocks=tuple(_block(row) for row in self.rows if row.get("kind") in Kind.values),
        )

    def rebase(self, revision: IssueRevision | None) -> None:
        """From now on what was typed goes on top of this revision."""
        self.data = data = (self.said or QueryDict()).copy()
        data["based_on"] = str(revision.number if revision else 0)

    def freeze(self) -> None:
        for field in self.fields.values():
            field.disabled = True


class BeginForm(forms.Form):
    newsletter = forms.ModelChoiceField(
        Newsletter.objects.all(), label=gettext_lazy("Newsletter"), empty_label=None, widget=UnfoldAdminSelectWidget
    )
    subject = forms.CharField(
        label=gettext_lazy("Subject"),
        max_length=150,
        widget=UnfoldAdminTextInputWidget,
        error_messages={"required": gettext_lazy("Write a subject, even a working one.")},
    )
    start = forms.ChoiceField(
        label=gettext_lazy("Start from"),
        choices=[
            ("last", gettext_lazy("a copy of the last one, without its articles")),
            ("empty", gettext_lazy("an empty letter")),
        ],
        initial="last",
        widget=UnfoldAdminRadioSelectWidget,
    )

    def begin(self, *, by: Any) -> Issue:
        given = self.cleaned_data
        if given["start"] == "last":
            return Issue.objects.begin_like_last(given["newsletter"], subject=given["subject"], by=by)
        return Issue.objects.begin(given["newsletter"], IssueContent(subject=given["subject"]), by=by)


TYPED = {"subject": 150, "preheader": 150, "slug": 80, "from_name": 80, "reply_to": 254}


def rows_of(said: QueryDict) -> list[Row]:
    """In the order in which the browser sent them, whatever their numbers."""
    numbers = [found[1] for name in said if (found := ROW.fullmatch(name))]
    return [{name: said.get(f"block-{number}-{name}", "") for name in FIELDS} for number in numbers][:MOST_BLOCKS]


def _row(block: Block) -> Row:
    return {name: str(value) for name in FIELDS if (value := getattr(block, name)) is not None}


def _block(row: Row) -> Block:
    keys = {name: int(row[name]) if is_key(row.get(name)) else None for name in ("article", "photo")}
    return Block(kind=row["kind"], text=row.get("text", ""), who=row.get("who", ""), **keys)


def _cards(keys: Iterable[str | None]) -> dict[str, dict[str, Any]]:
    found = Article.objects.for_picks([int(key) for key in keys if key and is_key(key)])
    return {str(article.pk): card_of(article) for article in found}


def card_of(article: Article) -> dict[str, Any]:
    kind, words = badge(article)
    return {"article": article, "badge": words, "colour": COLOURS[kind]}
