from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelectMultiple
from django.forms import Widget
from django.forms.widgets import Script
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django_prose_editor.widgets import ProseEditorWidget, prose_editor_admin_media
from js_asset import ImportMap, Media

from articles.body import EXTENSIONS
from articles.models import Article, Byline, Photo
from newsroom.guarded import is_key

# One instance of each module, under its hashed name, whoever imports it.
MODULES = ("asides", "keeping", "kept", "login", "photos", "presence", "ready", "said", "upload")
LIBRARY = ImportMap({f"desk/{name}": f"desk/{name}.js" for name in MODULES})
TOLD = Script("desk/told.js", type="module")
PICKER = Media(
    importmap=LIBRARY,
    css={"all": ["desk/photos.css"]},
    js=[Script("desk/picker.js", type="module"), TOLD],
)


class BodyWidget(ProseEditorWidget):
    """The text of an article or page; what it offers is what the sanitizer lets through."""

    def __init__(self, attrs: dict[str, Any] | None = None, *, figures: bool = True) -> None:
        extensions = EXTENSIONS | {"PhotoFigure": figures, "Gallery": figures}
        super().__init__(attrs, config={"extensions": extensions}, preset="configurable")

    @property
    def media(self) -> Media:
        configurable = Script("django_prose_editor/configurable.js", type="module")
        ours = Media(importmap=LIBRARY, css={"all": ["desk/photos.css", "desk/editor.css"]}, js=[configurable])
        return prose_editor_admin_media + ours

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        library = {"data-photos": reverse("admin:articles_photo_choose")}
        return super().get_context(name, value, (attrs or {}) | library)


class PhotoPicker(Widget):
    """A hidden field with the photo's id, its thumbnail, and the button that opens the library."""

    template_name = "desk/_photo_picker.html"

    @property
    def media(self) -> Media:
        return PICKER

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        photo = Photo.by_id([int(value)]).get(int(value)) if is_key(value) else None
        library = reverse("admin:articles_photo_choose")
        return super().get_context(name, value, attrs) | {"photo": photo, "library": library}

    def _render(self, template_name: str, context: dict[str, Any], renderer: Any = None) -> SafeString:
        return mark_safe(render_to_string(template_name, context))  # noqa: S308 - a template's output


class Chooser(AutocompleteSelectMultiple):
    def __init__(self, field: Any) -> None:
        super().__init__(field, admin.site, attrs={"class": "unfold-admin-autocomplete-select"})

    def optgroups(self, name: str, value: Sequence[str], attr: Any = None) -> list[Any]:
        return super().optgroups(name, [key for key in value if is_key(key)], attr)


class TagChooser(Chooser):
    def __init__(self) -> None:
        super().__init__(Article._meta.get_field("tags"))


class BylineChooser(Chooser):
    """Authors in the order in which they were chosen."""

    def __init__(self) -> None:
        super().__init__(Byline._meta.get_field("author"))
        self.attrs["data-ordered"] = ""

    @property
    def media(self) -> Any:
        return super().media + Media(js=[Script("desk/ordered.js", type="module")])

    def optgroups(self, name: str, value: Sequence[str], attr: Any = None) -> list[Any]:
        groups = super().optgroups(name, value, attr)
        places = {str(chosen): place for place, chosen in enumerate(value)}
        for _label, options, _index in groups:
            options.sort(key=lambda option: places.get(str(option["value"]), len(places)))
        return groups
