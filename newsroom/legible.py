"""Forms of the desk: what they take in, a page can show and a browser can follow."""

from django import forms
from django.utils.translation import gettext as _

from newsroom import links
from newsroom.characters import legible


class LegibleForm(forms.ModelForm):
    """Texts without signs that no page may hold; web addresses as the URL standard writes them."""

    def clean(self) -> None:
        super().clean()
        for name, said in list(self.cleaned_data.items()):
            if not said or not isinstance(said, str):
                continue
            if isinstance(self.fields[name], forms.URLField):
                self.cleaned_data[name] = links.address(said)
                if not self.cleaned_data[name]:
                    self.add_error(name, _("This address leads nowhere: copy it again from the browser."))
            elif isinstance(self.fields[name], forms.CharField):
                self.cleaned_data[name] = legible(said).strip()
