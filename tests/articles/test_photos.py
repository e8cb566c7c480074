"""Pictures from strangers: shown right, or refused with a sentence; never with what they did not mean to tell."""

import io

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import storages
from django.test import SimpleTestCase
from PIL import Image
from procrastinate.contrib.django.models import ProcrastinateJob

from articles.models import Photo
from articles.photos.renditions import TINTS, nearest_tint
from articles.tasks import hide_photos
from newsroom import pictures
from tests.cast import NewsroomTestCase, make_photo, picture
from tests.real import needs_real_files, real

UPRIGHT = [f"images/Landscape_{number}.jpg" for number in range(1, 9)]


def opened(name: str) -> Image.Image:
    with storages["default"].open(name) as file:
        return Image.open(io.BytesIO(file.read()))


class Taking(NewsroomTestCase):
    def test_an_upload_has_a_public_stand_in_and_a_private_original(self):
        photo = make_photo(1600, 900)
        assert opened(photo.stand_in).size == photo.stand_in_size == (1200, 675)
        assert storages["private"].exists(photo.original)
        assert not storages["default"].exists(photo.original)
        assert (photo.width, photo.height) == (1600, 900)

    def test_names_of_public_files_cannot_be_guessed(self):
        assert make_photo().stand_in != make_photo().stand_in
        assert len(make_photo().stand_in.partition("/")[2].partition(".")[0]) == 32

    def test_renditions_come_in_two_formats_and_two_shapes(self):
        photo = make_photo(1600, 900)
        assert photo.sources("whole") == []
        photo.render()
        photo = Photo.objects.get(pk=photo.pk)
        for shape in ("whole", "card"):
            types = [media_type for media_type, _srcset in photo.sources(shape)]
            assert types == ["image/avif", "image/webp"]
        for row in photo.renditions:
            assert opened(row["name"]).size == (row["width"], row["height"])

    def test_a_crop_keeps_the_focus_in_sight(self):
        wide = Image.new("RGB", (900, 300), "white")
        wide.paste("red", (800, 0, 900, 300))
        assert pictures.crop(wide, 30, 30, focus=(1, 0.5)).getpixel((29, 15)) == (255, 0, 0)
        assert pictures.crop(wide, 30, 30, focus=(0, 0.5)).getpixel((29, 15)) == (255, 255, 255)

    def test_the_placeholder_is_the_nearest_of_the_palette(self):
        for number, colour in enumerate(TINTS):
            assert nearest_tint(colour) == number


class Withdrawn(NewsroomTestCase):
    def withdraw(self, article) -> None:
        with self.captureOnCommitCallbacks(execute=True):
            article.withdraw(by=self.erna)
        assert ProcrastinateJob.objects.filter(task_name="articles.hide_photos", args={"article": article.pk}).exists()
        with self.captureOnCommitCallbacks(execute=True):
            hide_photos(article=article.pk)

    def test_its_photos_answer_at_their_old_addresses_no_more(self):
        photo = make_photo(1600, 900)
        photo.render()
        body = f'<p>Look.</p><figure data-photo="{photo.pk}" data-width="wide"></figure>'
        article = self.make_article("Piers", photo=photo.pk, body=body)
        old = [photo.stand_in, *(row["name"] for row in photo.renditions)]
        assert self.client.get(f"/media/{old[0]}").status_code == 200
        self.withdraw(article)
        for name in old:
            assert self.client.get(f"/media/{name}").status_code == 404
        article.refresh_from_db()
        assert opened(article.photo.stand_in).size == (1200, 675)
        assert article.photo.stand_in in article.body_html

    def test_what_another_live_article_shows_stays_where_it_is(self):
        article = self.make_article("Piers")  # with the lead photo of Tides
        stand_in = article.photo.stand_in
        self.withdraw(article)
        assert self.client.get(f"/media/{stand_in}").status_code == 200


class Refused(SimpleTestCase):
    def refusal(self, content: bytes) -> str:
        with pytest.raises(ValidationError) as refused:
            pictures.open_safely(io.BytesIO(content))
        (sentence,) = refused.value.messages
        return sentence

    def test_what_is_no_picture(self):
        for content in (b"", b"<svg onload='x()'/>", b"GIF89a", b"<html></html>", b"\xff\xd8\xff\xe0 nonsense"):
            assert "could not be read as a picture" in self.refusal(content)

    def test_formats_that_the_house_does_not_take(self):
        for image_format in ("GIF", "BMP", "TIFF"):
            assert "JPEG, PNG, WebP or AVIF" in self.refusal(picture(image_format=image_format).read())

    def test_a_truncated_file(self):
        whole = picture(600, 400).read()
        assert "could not be read" in self.refusal(whole[: len(whole) // 2])

    def test_too_many_pixels_are_refused_before_they_are_decoded(self):
        out = io.BytesIO()
        Image.new("1", (12_000, 12_000)).save(out, "PNG")
        assert "144 megapixels" in self.refusal(out.getvalue())


@needs_real_files
class RealFiles(SimpleTestCase):
    def test_every_orientation_comes_out_upright_and_without_location(self):
        sizes = set()
        for name in UPRIGHT:
            with real(name).open("rb") as file:
                found = pictures.open_safely(file)
            sizes.add(found.size)
            again = Image.open(io.BytesIO(pictures.encode(found, "JPEG")))
            assert not again.getexif(), name
        assert len(sizes) == 1
        ((width, height),) = sizes
        assert width > height

    def test_unusual_ones_are_shown_or_refused_with_a_sentence(self):
        for path in sorted(real("images").iterdir()):
            with path.open("rb") as file:
                try:
                    found = pictures.open_safely(file)
                except ValidationError as refused:
                    assert refused.messages[0].endswith("."), path
                else:
                    assert found.mode == "RGB", path

    def test_print_colours_and_sixteen_bits_are_shown_right(self):
        with real("images/Channel_digital_image_CMYK_color_no_profile.jpg").open("rb") as file:
            assert pictures.open_safely(file).getextrema() != ((0, 0),) * 3
        with real("images/16-bit-grey-alpha.png").open("rb") as file:
            low, high = pictures.open_safely(file).getextrema()[0]
            assert high > low  # nearly transparent, on white
