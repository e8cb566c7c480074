"""The tools of the editor: what each is called at the desk, and the keys that press it."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Tool:
    name: str  # of its button; empty where it has none
    label: Promise
    keys: str = ""  # as the editor names them; Mod is Control, or Command on a Mac

    @property
    def written(self) -> str:
        *held, key = self.keys.replace("Mod", "Ctrl").split("-")
        return "+".join([*held, key.upper()])


TOOLS = (
    Tool("heading2", _("Heading"), "Mod-Alt-2"),
    Tool("heading3", _("Smaller heading"), "Mod-Alt-3"),
    Tool("heading4", _("Smallest heading"), "Mod-Alt-4"),
    Tool("paragraph", _("Paragraph"), "Mod-Alt-0"),
    Tool("bulletList", _("List with bullets"), "Mod-Shift-8"),
    Tool("orderedList", _("Numbered list"), "Mod-Shift-7"),
    Tool("blockquote", _("Quotation"), "Mod-Shift-b"),
    Tool("pullQuote", _("Pull quote"), "Mod-Alt-u"),
    Tool("callout", _("Box beside the text"), "Mod-Alt-b"),
    Tool("footnote", _("Note at the foot of the text"), "Mod-Alt-f"),
    Tool("photoFigure", _("Photo"), "Mod-Alt-p"),
    Tool("gallery", _("Gallery of photos"), "Mod-Alt-g"),
    Tool("embed", _("Video, audio, chart or post from elsewhere"), "Mod-Alt-v"),
    Tool("codeBlock", _("Block of code"), "Mod-Alt-c"),
    Tool("bold", _("Bold"), "Mod-b"),
    Tool("italic", _("Italic"), "Mod-i"),
    Tool("strike", _("Struck out"), "Mod-Shift-s"),
    Tool("subscript", _("Subscript"), "Mod-,"),
    Tool("superscript", _("Superscript"), "Mod-."),
    Tool("code", _("Code"), "Mod-e"),
    Tool("link", _("Link"), "Mod-k"),
    Tool("undo", _("Undo"), "Mod-z"),
    Tool("redo", _("Redo"), "Mod-Shift-z"),
    Tool("whole", _("Only the text, on the whole screen"), "Mod-Shift-f"),
    Tool("", _("Save"), "Mod-s"),
    Tool("", _("This list"), "Mod-/"),
    Tool("", _("This list, from outside of a field"), "?"),
    # Without keys, or with the browser's own
    Tool("horizontalRule", _("Line across")),
    Tool("unlink", _("Take the link off")),
    Tool("orderedListProperties", _("Where the list begins")),
)
