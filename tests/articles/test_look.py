"""What readers' pages promise, whatever is on them."""

import re
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string
from django.test import SimpleTestCase

from articles.models import Photo
from articles.photos.renditions import TINTS
from articles.templatetags.pictures import FOCUS_STEPS, picture

TEMPLATES = Path(settings.BASE_DIR) / "templates"
CSS = Path(settings.BASE_DIR) / "static" / "css"


def photo(**facts):
    known = {
        "alt": "A breakwater",
        "maker": "Mara Lind",
        "source": "Longshore",
        "colour": "#2f6688",
        "stand_in": "ab/cd-1200.jpg",
    }
    return Photo(**known | {"width": 1600, "height": 900} | facts)


def drawn(shown=None, **how):
    return " ".join(render_to_string("articles/_picture.html", picture(shown or photo(), **how)).split())


INLINE = re.compile(r"<style|\sstyle=|\son\w+=|<script(?![^>]*(src=|application/ld\+json))")


class TheLook(SimpleTestCase):
    def test_every_placeholder_colour_has_its_class(self):
        rules = re.findall(r"\.tint-(\d+) \{ background-color: (#[0-9a-f]{6}); \}", (CSS / "tokens.css").read_text())
        self.assertEqual(rules, [(str(number), colour) for number, colour in enumerate(TINTS)])

    def test_a_picture_keeps_its_place_before_it_is_there(self):
        self.assertIn('width="800" height="450"', drawn())
        self.assertIn('width="720" height="480"', drawn(shape="card"))
        self.assertIn("tint-13", drawn())

    def test_only_the_lead_picture_is_fetched_first(self):
        self.assertIn('fetchpriority="high"', drawn(lead=True))
        self.assertNotIn("loading", drawn(lead=True))
        self.assertIn('loading="lazy"', drawn())

    def test_every_step_of_the_focus_has_its_class(self):
        rules = re.findall(r"\.(focus-[xy])-(\d+) \{ --\1: (\d+)%; \}", (CSS / "tokens.css").read_text())
        middle = FOCUS_STEPS // 2
        steps = [step for step in range(FOCUS_STEPS + 1) if step != middle]
        wanted = [(f"focus-{axis}", str(step), str(100 * step // FOCUS_STEPS)) for axis in "xy" for step in steps]
        self.assertEqual(rules, wanted)

    def test_a_picture_says_what_its_frame_must_not_cut_off(self):
        self.assertIn('class="picture-whole tint-13 focus-x-3 focus-y-10"', drawn(photo(focus_x=0.28, focus_y=1)))
        self.assertNotIn("focus-", drawn(photo(focus_x=0.46, focus_y=0.5)))

    def test_a_tall_picture_says_how_wide_it_stands(self):
        self.assertEqual(picture(photo(), "full")["sizes"], "100vw")
        self.assertIn("36rem", picture(photo(width=900, height=1600), "full")["sizes"])

    def test_a_picture_that_its_frame_crops_is_asked_for_wider_than_it_stands(self):
        self.assertIn("calc(1.11 * 92vw)", picture(photo(width=1600, height=900), "lead")["sizes"])
        self.assertIn("calc(1 * 92vw)", picture(photo(width=900, height=1600), "lead")["sizes"])

    def test_a_very_wide_picture_opens_from_edge_to_edge(self):
        shapes = {1600: "story-lead", 3000: "story-lead story-lead-broad", 500: "story-lead story-lead-tall"}
        for width, shape in shapes.items():
            figure = render_to_string("articles/_lead_figure.html", {"photo": photo(width=width, height=900)})
            self.assertIn(f'<figure class="{shape}">', figure)
        self.assertEqual(picture(photo(width=3000, height=900), "story-lead")["sizes"], "100vw")
        self.assertEqual(picture(photo(width=3000, height=900), "text")["sizes"], picture(photo(), "text")["sizes"])

    def test_a_credit_names_maker_and_source_and_links_what_has_an_address(self):
        line = render_to_string("articles/_credit.html", {"photo": photo(maker_url="https://example.org/mara")})
        maker = '<a href="https://example.org/mara" rel="noopener">Mara Lind</a>'
        self.assertInHTML(f'<span class="credit">Photo by {maker} / Longshore</span>', line)

    def test_a_credit_with_one_name_has_no_stroke(self):
        self.assertNotIn(" / ", render_to_string("articles/_credit.html", {"photo": photo(source="")}))

    def test_the_pages_of_a_broken_house_need_no_database_and_no_context(self):
        for number in ("400", "500", "503"):
            self.assertIn("<h1>", render_to_string(f"{number}.html"))

    def test_no_page_for_readers_carries_a_style_or_a_script_of_its_own(self):
        for folder in ("articles", "authors", "identity", "newsletter"):
            for page in (TEMPLATES / folder).glob("*.html"):
                self.assertIsNone(INLINE.search(page.read_text()), page.name)

    def test_no_label_is_smaller_than_14_px(self):
        for sheet in CSS.glob("*.css"):
            sizes = re.findall(r"(?:font-size|--[\w-]+|font):[^;]*?(?<![\d.])(0?\.\d+)rem", sheet.read_text())
            self.assertEqual([size for size in sizes if 0.5 < float(size) < 0.875], [], sheet.name)
