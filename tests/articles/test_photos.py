"""Pictures from strangers: shown right, or refused with a sentence; never with what they did not mean to tell."""

import io
import re
from itertools import chain

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import storages
from django.test import SimpleTestCase
from PIL import ExifTags, Image
from procrastinate.contrib.django.models import ProcrastinateJob

from articles.models import Photo
from articles.photos.renditions import BUDGETS, PHONE, PHONE_WIDEST, TINTS, nearest_tint
from articles.tasks import hide_photos
from authors.models import PORTRAITS
from newsroom import pictures
from tests.cast import NewsroomTestCase, make_photo, picture
from tests.real import needs_real_files, real

UPRIGHT = [f"images/Landscape_{number}.jpg" for number in range(1, 9)]
QUARTERS = ("red", "lime", "blue", "yellow")


def noise(width: int, height: int) -> Image.Image:
    """What no encoder can make small without loss."""
    return Image.merge("RGB", [Image.effect_noise((width, height), 100) for _channel in "RGB"])


def as_file(image: Image.Image, image_format: str, **options) -> io.BytesIO:
    out = io.BytesIO()
    image.save(out, image_format, **options)
    out.seek(0)
    return out


def size_of(name: str) -> int:
    return storages["default"].size(name)


def quartered(width: int = 60, height: int = 40) -> Image.Image:
    image = Image.new("RGB", (width, height))
    for number, colour in enumerate(QUARTERS):
        left, top = number % 2 * width // 2, number // 2 * height // 2
        image.paste(colour, (left, top, left + width // 2, top + height // 2))
    return image


def quarters(image: Image.Image) -> list[tuple[int, ...]]:
    small = image.resize((2, 2), Image.Resampling.BOX)
    return [small.getpixel((x, y)) for y in (0, 1) for x in (0, 1)]


def alike(one: list[tuple[int, ...]], other: list[tuple[int, ...]], by: int) -> bool:
    pairs = zip(chain(*one), chain(*other), strict=True)
    return all(abs(a - b) <= by for a, b in pairs)


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
        assert re.fullmatch(r"[0-9a-f]{2}/[0-9a-f]{32}-1200\.jpg", make_photo(1600, 900).stand_in)

    def test_siblings_differ_in_their_width_alone(self):
        photo = make_photo(1600, 900)
        photo.render()
        sets = {}
        for name in photo.public_names:
            stem, width, ending = re.fullmatch(r"(.{35})-(\d+)\.(\w+)", name).groups()
            sets.setdefault((stem, ending), []).append(int(width))
        assert sorted(map(sorted, sets.values())) == sorted(
            [[480, 800, 1200], [480, 800, 1200, 1600], [480, 800], [192, 360, 540, 720], [192, 360, 540]]
        )

    def test_none_has_more_bytes_than_its_place_can_bear(self):
        photo = make_photo()
        photo.take(as_file(noise(1700, 1100), "JPEG", quality=95))
        photo.save()
        photo.render()
        for shape, widths in BUDGETS.items():
            rows = [row for row in photo.renditions if row["shape"] == shape]
            assert {row["width"] for row in rows} == set(widths)
            for row in rows:
                assert size_of(row["name"]) <= widths[row["width"]], row
        for width in (480, 800, 1200):
            assert size_of(pictures.sibling(photo.stand_in, width)) <= BUDGETS["whole"][width]

    def test_a_phone_gets_none_that_is_wider_than_it_needs(self):
        photo = make_photo(1600, 900)
        photo.render()
        for shape, widest in PHONE_WIDEST.items():
            avif, wide, webp = photo.sources(shape)
            assert (avif.media, wide.media, webp.media) == (PHONE, "", "")
            for source in (avif, webp):
                assert max(int(width) for width in re.findall(r" (\d+)w", source.srcset)) == widest
            assert f" {max(BUDGETS[shape])}w" in wide.srcset
            assert photo.stand_in_within(widest)[1][0] <= widest

    def test_a_small_one_is_not_blown_up(self):
        photo = make_photo(300, 200)
        photo.render()
        assert {row["width"] for row in photo.renditions if row["shape"] == "whole"} == {300}
        assert photo.stand_in_size == (300, 200)

    def test_the_least_of_all_is_shown(self):
        photo = make_photo(1, 1)
        photo.render()
        assert opened(photo.sources("whole")[0].srcset.split()[0].removeprefix("/media/")).size == (1, 1)

    def test_renditions_come_in_two_formats_and_two_shapes(self):
        photo = make_photo(1600, 900)
        assert photo.sources("whole") == []
        photo.render()
        photo = Photo.objects.get(pk=photo.pk)
        for shape in ("whole", "card"):
            types = [source.media_type for source in photo.sources(shape)]
            assert types == ["image/avif", "image/avif", "image/webp"]
        for row in photo.renditions:
            assert opened(row["name"]).size == (row["width"], row["height"])

    def test_a_picture_that_has_the_shape_already_is_cropped_whole(self):
        for number in range(190, 215):  # 1600 × 1000 is one of them
            picture = Image.new("L", (8 * number, 5 * number))
            for width in (320, 640, 660, 960, 1280):
                assert pictures.crop(picture, width, round(width * 5 / 8)).width == width

    def test_a_crop_keeps_the_focus_in_sight(self):
        wide = Image.new("RGB", (900, 300), "white")
        wide.paste("red", (800, 0, 900, 300))
        assert pictures.crop(wide, 30, 30, focus=(1, 0.5)).getpixel((29, 15)) == (255, 0, 0)
        assert pictures.crop(wide, 30, 30, focus=(0, 0.5)).getpixel((29, 15)) == (255, 255, 255)

    def test_the_placeholder_is_the_nearest_of_the_palette(self):
        for number, colour in enumerate(TINTS):
            assert nearest_tint(colour) == number


class MadeOnce(NewsroomTestCase):
    def setUp(self):
        self.shown = make_photo(1600, 900)
        self.shown.render()

    def named(self, shape: str) -> set[str]:
        return {row["name"] for row in self.shown.renditions if row["shape"] == shape}

    def test_a_change_of_words_makes_none_anew(self):
        before = self.shown.public_names
        self.shown.caption = "Another."
        self.shown.save()
        self.shown.render()
        assert self.shown.public_names == before

    def test_a_new_focus_makes_the_cards_anew_and_nothing_else(self):
        whole, cards = self.named("whole"), self.named("card")
        self.shown.focus_x = 0.1
        self.shown.save()
        self.shown.render()
        assert self.named("whole") == whole
        assert not self.named("card") & cards
        assert set(self.shown.former) == cards

    def test_what_it_showed_before_answers_until_it_is_withdrawn(self):
        old = self.shown.public_names
        self.shown.take(picture(900, 600, colour="maroon"))
        self.shown.save()
        for name in old:
            assert self.client.get(f"/media/{name}").status_code == 200
        with self.captureOnCommitCallbacks(execute=True):
            self.shown.rename()
        for name in old:
            assert self.client.get(f"/media/{name}").status_code == 404
        assert self.shown.former == []

    def test_a_file_replaced_while_its_renditions_are_made_does_not_get_them(self):
        slow = Photo.objects.get(pk=self.shown.pk)
        slow.renditions = []
        Photo.objects.filter(pk=slow.pk).update(original="originals/ab/another", renditions=[])
        slow.render()
        assert Photo.objects.get(pk=slow.pk).renditions == []


class SavingData(NewsroomTestCase):
    def get(self, name: str, **headers) -> bytes:
        with self.assertNumQueries(0):
            answer = self.client.get(f"/media/{name}", headers=headers)
        assert answer.status_code == 200
        assert answer["Vary"] == "Save-Data"
        return answer.getvalue()

    def test_whoever_asks_for_it_gets_the_least_of_the_same_picture_and_format(self):
        photo = make_photo(1600, 900)
        photo.render()
        for name in photo.public_names:
            least = 192 if name in {row["name"] for row in photo.renditions if row["shape"] == "card"} else 480
            sparing = Image.open(io.BytesIO(self.get(name, save_data="on")))
            assert sparing.width == least, name
            assert sparing.format == opened(name).format
            assert Image.open(io.BytesIO(self.get(name))).size == opened(name).size

    def test_what_has_no_siblings_answers_as_it_is(self):
        name = pictures.store(storages["default"], picture().read(), "jpg")
        assert Image.open(io.BytesIO(self.get(name, save_data="on"))).size == (64, 48)

    def test_of_a_portrait_too(self):
        assert Image.open(io.BytesIO(self.get(self.ida.portrait, save_data="on"))).width == min(PORTRAITS)

    def test_what_has_one_size_is_that(self):
        assert Image.open(io.BytesIO(self.get(make_photo(300, 200).stand_in, save_data="on"))).width == 300

    def test_the_door_knows_the_least_width_of_every_set(self):
        assert set(pictures.LEAST_WIDTHS) == {*(min(widths) for widths in BUDGETS.values()), min(PORTRAITS)}


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
        old = photo.public_names
        for name in old:
            assert self.client.get(f"/media/{name}").status_code == 200
        self.withdraw(article)
        for name in old:
            for headers in ({}, {"Save-Data": "on"}):
                assert self.client.get(f"/media/{name}", headers=headers).status_code == 404
        article.refresh_from_db()
        assert opened(article.photo.stand_in).size == (1200, 675)
        now = [row["name"] for row in article.photo.renditions if row["shape"] == "whole"]
        for name in (pictures.sibling(article.photo.stand_in, 800), *now):
            assert f"/media/{name}" in article.body_html

    def test_what_another_live_article_shows_stays_where_it_is(self):
        article = self.make_article("Piers")  # with the lead photo of Tides
        stand_in = article.photo.stand_in
        self.withdraw(article)
        assert self.client.get(f"/media/{stand_in}").status_code == 200


class Silent(NewsroomTestCase):
    def test_no_public_file_tells_where_or_by_whom_it_was_taken(self):
        told = b"MARA LIND 53.551 N"
        exif = Image.Exif()
        exif[ExifTags.Base.Artist] = told.decode()
        exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (53.0, 33.0, 3.6), 29: told.decode()})
        jpeg = as_file(quartered(1300, 900), "JPEG", exif=exif, comment=told, xmp=told).getvalue()
        iptc = b"Photoshop 3.0\x008BIM\x04\x04\x00\x00" + len(told).to_bytes(4) + told
        jpeg = jpeg[:2] + b"\xff\xed" + (len(iptc) + 2).to_bytes(2) + iptc + jpeg[2:]
        webp = as_file(quartered(1300, 900), "WEBP", exif=exif, xmp=told).getvalue()
        avif = as_file(quartered(1300, 900), "AVIF", exif=exif, xmp=told).getvalue()
        for content in (jpeg, webp, avif):
            assert told in content
            photo = make_photo()
            photo.take(io.BytesIO(content))
            photo.save()
            photo.render()
            for name in photo.public_names:
                with storages["default"].open(name) as file:
                    assert told not in file.read()
                assert not opened(name).getexif()


class ShownRight(SimpleTestCase):
    def shown(self, file: io.BytesIO) -> Image.Image:
        found = pictures.open_safely(file)
        assert found.mode == "RGB"
        assert not found.info
        return found

    def test_every_orientation_stands_upright(self):
        upright = quarters(quartered())
        # How a camera lays it down, by the number that it writes beside it.
        turns = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
        for number, turn in turns.items():
            for image_format in ("PNG", "JPEG", "WEBP", "AVIF"):
                exif = Image.Exif()
                exif[ExifTags.Base.Orientation] = number
                laid = quartered().transpose(Image.Transpose(turn))
                found = self.shown(as_file(laid, image_format, exif=exif))
                assert found.size == (60, 40), (number, image_format)
                assert alike(quarters(found), upright, 24), (number, image_format)

    @pytest.mark.filterwarnings("ignore:Corrupt EXIF")
    def test_broken_notes_do_not_spoil_a_whole_picture(self):
        found = self.shown(as_file(quartered(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff" * 3))
        assert alike(quarters(found), quarters(quartered()), 24)

    def test_a_profile_for_other_colours_is_not_believed(self):
        lab = pictures.ImageCms.ImageCmsProfile(pictures.ImageCms.createProfile("LAB")).tobytes()
        for image in (quartered(), quartered().convert("RGBA"), quartered().convert("P")):
            found = self.shown(as_file(image, "PNG", icc_profile=lab))
            assert alike(quarters(found), quarters(quartered()), 2)

    def test_print_colours_without_a_profile(self):
        for ink, (red, green, blue) in {(0, 255, 255, 0): (255, 0, 0), (255, 0, 255, 0): (0, 255, 0)}.items():
            found = self.shown(as_file(Image.new("CMYK", (40, 30), ink), "JPEG"))
            assert alike([found.getpixel((20, 15))], [(red, green, blue)], 12)

    def test_sixteen_bits_of_grey_keep_their_gradation(self):
        ramp = Image.frombytes("I;16", (256, 1), b"".join((257 * step).to_bytes(2, "little") for step in range(256)))
        found = self.shown(as_file(ramp.resize((256, 40)), "PNG"))
        assert [found.getpixel((step, 20))[0] for step in range(256)] == list(range(256))

    def test_what_moves_stands_still_at_its_first_picture(self):
        frames = [Image.new("RGB", (60, 40), colour) for colour in ("red", "blue", "lime")]
        for image_format in ("PNG", "WEBP", "AVIF"):
            moving = as_file(frames[0], image_format, save_all=True, append_images=frames[1:], duration=100)
            assert Image.open(moving).n_frames == 3
            assert alike([self.shown(moving).getpixel((30, 20))], [(255, 0, 0)], 12)

    def test_what_is_transparent_lies_on_white(self):
        clear = Image.new("RGBA", (60, 40), (255, 0, 0, 0))
        clear.paste((0, 0, 255, 255), (0, 0, 30, 40))
        palette = clear.convert("RGB").quantize(2)
        palette.info["transparency"] = palette.getpixel((59, 0))
        for file in (as_file(clear, "PNG"), as_file(clear, "WEBP", lossless=True), as_file(palette, "PNG")):
            found = self.shown(file)
            assert found.getpixel((10, 20)) == (0, 0, 255)
            assert found.getpixel((50, 20)) == (255, 255, 255)
            file.seek(0)
            kept = Image.open(io.BytesIO(pictures.encode(pictures.open_safely(file, transparent=True), "LOSSLESS")))
            assert (kept.getpixel((10, 20)), kept.getpixel((50, 20))[3]) == ((0, 0, 255, 255), 0)


class Refused(SimpleTestCase):
    def refusal(self, content: bytes) -> str:
        with pytest.raises(ValidationError) as refused:
            pictures.open_safely(io.BytesIO(content))
        (sentence,) = refused.value.messages
        return sentence

    def test_what_is_no_picture(self):
        for content in (b"", b"<html></html>", b"nonsense"):
            assert "could not be read as a picture" in self.refusal(content)

    def test_formats_that_the_house_does_not_take_are_named(self):
        for image_format in ("GIF", "BMP", "TIFF", "ICO"):
            file = picture(image_format=image_format).read()
            assert f"This is a {image_format} file. Save it as JPEG" in self.refusal(file)
        assert "This is a SVG file" in self.refusal(b"<?xml version='1.0'?><svg onload='x()'/>")
        assert "This is a HEIC photo" in self.refusal(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")

    def test_a_truncated_file(self):
        assert "This JPEG file is damaged" in self.refusal(b"\xff\xd8\xff\xe0 nonsense")
        for image_format, name in {"JPEG": "JPEG", "PNG": "PNG", "WEBP": "WebP", "AVIF": "AVIF"}.items():
            whole = as_file(noise(300, 200), image_format).read()
            assert f"This {name} file is damaged" in self.refusal(whole[: len(whole) // 2])

    def test_a_strip(self):
        for size in ((10_000, 1), (1, 10_000), (1101, 100)):
            sentence = self.refusal(as_file(Image.new("RGB", size), "PNG").read())
            assert f"strip of {size[0]} × {size[1]} pixels. Make its longer side at most 10 times" in sentence

    def test_too_many_pixels_are_refused_before_they_are_decoded(self):
        out = io.BytesIO()
        Image.new("1", (12_000, 12_000)).save(out, "PNG")
        assert "144 megapixels" in self.refusal(out.getvalue())


@needs_real_files
class RealFiles(SimpleTestCase):
    def test_every_orientation_comes_out_upright_and_without_location(self):
        sizes, seen = set(), []
        for name in UPRIGHT:
            with real(name).open("rb") as file:
                found = pictures.open_safely(file)
            sizes.add(found.size)
            seen.append(quarters(found))
            again = Image.open(io.BytesIO(pictures.encode(found, "JPEG")))
            assert not again.getexif(), name
        assert len(sizes) == 1
        ((width, height),) = sizes
        assert width > height
        assert all(alike(one, seen[0], 12) for one in seen)

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
            red, green, blue = pictures.open_safely(file).getpixel((80, 230))
            assert green > red > blue  # a lawn
        with real("images/pillow-pil_sample_cmyk.jpg").open("rb") as file:
            red, green, blue = pictures.open_safely(file).getpixel((0, 0))
            assert red > 200 > 40 > max(green, blue)
        with real("images/16-bit-grey-alpha.png").open("rb") as file:
            low, high = pictures.open_safely(file).getextrema()[0]
            assert high > low  # nearly transparent, on white

    def test_a_photo_of_an_iphone_is_refused_with_what_to_do(self):
        with real("images/image.heic").open("rb") as file, pytest.raises(ValidationError, match="Save it as JPEG"):
            pictures.open_safely(file)
