"""How the magazine presents itself: rows that an editor changes, and pages that follow."""

import io
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import SimpleTestCase
from django.urls import reverse
from PIL import Image

from newsroom.identity import colour
from newsroom.identity.colour import DARK_GROUNDS, HOUSE, LIGHT_GROUNDS, contrast, tones
from newsroom.identity.models import Identity, Link
from tests.cast import NewsroomTestCase

TOKENS = (Path(settings.BASE_DIR) / "static" / "css" / "tokens.css").read_text()
CHOSEN = ["#ffff00", "#0000ff", "#00ff00", "#888888", "#ffffff", "#000000", "#1f6feb", "#ff69b4", "#7a0019", "#c0ffee"]


def token(name: str) -> list[tuple[float, ...]]:
    (line,) = re.findall(rf"^    --{name}: (.+);$", TOKENS, re.MULTILINE)[:1]
    found = re.findall(r"oklch\(([\d.]+)% ([\d.]+) ([\d.]+)\)", line)
    return [(float(lightness) / 100, float(chroma), float(hue)) for lightness, chroma, hue in found]


class Colours(SimpleTestCase):
    def test_any_colour_can_be_read_on_every_ground(self):
        for chosen in CHOSEN:
            made = tones(chosen)
            for tone, grounds in ((made.light, LIGHT_GROUNDS), (made.dark, DARK_GROUNDS)):
                for ground in grounds:
                    assert contrast(colour._linear(tone), colour._rgb(*ground)) >= 4.5, (chosen, tone)
            assert contrast(colour._linear(made.light_more), (1, 1, 1)) >= 7, chosen
            assert contrast(colour._linear(made.dark_more), (0, 0, 0)) >= 7, chosen

    def test_a_colour_that_can_be_read_stays_as_it_is(self):
        assert tones("#7a0019").light == "#7a0019"
        assert tones("#ffff00").dark == "#ffff00"

    def test_a_tone_keeps_its_hue(self):
        for chosen in ("#1f6feb", "#ff69b4", "#00ff00"):
            hue = colour._oklch(colour._linear(chosen))[2]
            for tone in (tones(chosen).light, tones(chosen).dark):
                assert abs(colour._oklch(colour._linear(tone))[2] - hue) < 12, (chosen, tone)

    def test_contrast_is_what_wcag_says(self):
        assert contrast((1, 1, 1), (0, 0, 0)) == pytest.approx(21)
        grey = colour._linear("#767676")
        assert contrast(grey, (1, 1, 1)) == pytest.approx(4.54, abs=0.01)

    def test_the_grounds_and_the_house_colour_are_those_of_the_style_sheet(self):
        assert [*LIGHT_GROUNDS] == [token("paper")[0], token("ground")[0]]
        assert [*DARK_GROUNDS] == [token("paper")[1], token("ground")[1], token("band")[0]]
        assert [colour._hex(colour._rgb(*tone)) for tone in token("accent")] == [HOUSE.light, HOUSE.dark]


class ThePage(NewsroomTestCase):
    def dress(self, **facts) -> str:
        Identity.objects.update(**facts)
        return self.client.get("/").content.decode()

    def test_the_houses_own_colour_costs_no_request(self):
        assert "/identity/" not in re.findall(r'rel="stylesheet" href="([^"]+)"', self.dress())

    def test_an_editors_colour_comes_as_a_style_sheet_that_may_be_kept_for_ever(self):
        assert '<link rel="stylesheet" href="/identity/1f6feb.css">' in self.dress(accent="#1f6feb")
        answer = self.client.get("/identity/1f6feb.css")
        assert answer["Content-Type"].startswith("text/css")
        assert "immutable" in answer["Cache-Control"]
        assert tones("#1f6feb").light in answer.content.decode()

    def test_the_sheet_is_of_the_layer_of_tokens(self):
        # Outside of it, it would win over what readers ask of their browsers.
        assert tones("#1f6feb").stylesheet().startswith("@layer tokens{:root{--accent:")

    def test_the_wordmark_and_its_sign_stand_at_the_top_and_the_foot(self):
        html = self.dress(wordmark="LONG/SHORE", sign="!")
        assert len(re.findall(r'LONG/SHORE<span\s+class="mark-dot"\s+aria-hidden="true"\s*>!</span>', html)) == 2
        assert "mark-dot" not in self.dress(sign="")

    def test_the_icon_is_the_wordmarks_letter(self):
        for mark, letter in (("Łódź", "%C5%81"), ("猫", "%E7%8C%AB"), ("/é", "%C3%A9")):
            html = self.dress(wordmark=mark, accent="#1f6feb")
            path = f"/identity/1f6feb/{letter}"
            assert f'<link rel="icon" href="{path}.svg"' in html
            svg = self.client.get(f"{path}.svg")
            assert svg["Content-Type"] == "image/svg+xml"
            assert f">{unquote(letter)}<" in svg.content.decode()
            png = self.client.get(f"{path}.png")
            assert Image.open(io.BytesIO(png.content)).size == (512, 512)

    def test_what_is_no_colour_and_no_letter_is_not_there(self):
        for path in ("zzzzzz.css", "1F6FEB.css", "1f6feb/ab.svg", "1f6feb/%0A.svg"):
            assert self.client.get(f"/identity/{path}", follow=True).status_code == 404, path

    def test_profiles_elsewhere_are_linked_as_ours(self):
        Link.objects.create(place=Link.Place.SOCIAL, label="Mastodon", path="https://social.example/@long")
        assert '<a href="https://social.example/@long" rel="me noopener">Mastodon</a>' in self.dress()

    def test_the_database_holds_what_an_editor_may_not_write(self):
        for wrong in (
            lambda: Identity.objects.update(accent="red"),
            lambda: Link.objects.create(place=Link.Place.SOCIAL, label="x", path="/here/"),
            lambda: Link.objects.create(place="elsewhere", label="x", path="/here/"),
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                wrong()


class TheForm(NewsroomTestCase):
    def send(self, **changed):
        self.client.force_login(self.erna)
        kept = Identity.objects.get()
        fields = ["name", "tagline", "description", "wordmark", "sign", "accent", "invitation", "colophon"]
        said = {field: getattr(kept, field) for field in fields} | changed
        return self.client.post(reverse("admin:identity_identity_change", args=[True]), said)

    def test_a_colour_is_taken_in_capitals_and_refused_with_a_sentence(self):
        assert self.send(accent=" #1F6FEB ").status_code == 302
        assert Identity.objects.get().accent == "#1f6feb"
        self.assertContains(self.send(accent="blue"), "Write the colour as # and six digits")

    def test_a_logo_takes_the_wordmarks_place_and_gives_it_back(self):
        logo = Image.new("RGBA", (1200, 400), (0, 0, 0, 0))
        logo.paste((10, 20, 30, 255), (100, 100, 300, 300))
        out = io.BytesIO()
        logo.save(out, "PNG")
        out.name, _place = "logo.png", out.seek(0)
        assert self.send(new_logo=out).status_code == 302
        magazine = Identity.objects.get()
        assert (magazine.logo_width, magazine.logo_height) == (576, 192)
        html = self.client.get("/").content.decode()
        assert f'src="{magazine.logo_url}"' in html
        assert 'alt="Longshore"' in html
        kept = Image.open(io.BytesIO(b"".join(self.client.get(magazine.logo_url).streaming_content)))
        assert kept.convert("RGBA").getpixel((0, 0))[3] == 0
        assert self.send(without_logo="on").status_code == 302
        assert "mark-logo" not in self.client.get("/").content.decode()

    def test_what_is_no_picture_is_refused_and_everything_typed_stays(self):
        fake = io.BytesIO(b"<svg onload='x()'/>")
        fake.name = "logo.svg"
        answer = self.send(new_logo=fake, tagline="Kept")
        self.assertContains(answer, "Save it as JPEG, PNG, WebP or AVIF")
        self.assertContains(answer, 'value="Kept"')


def test_a_logo_that_is_no_picture_raises():
    with pytest.raises(ValidationError):
        Identity().bear(io.BytesIO(b"nothing"))
