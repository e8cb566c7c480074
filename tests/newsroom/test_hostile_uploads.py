"""Files that pretend: each comes in by every door for files, under names that mean harm; what is public of it is a
picture of ours, or there is a sentence and nothing.
"""

import io
import re
import zlib

from django.core.files.storage import storages
from PIL import ExifTags, Image

from articles.models import Photo
from authors.models import Author
from newsroom.identity.models import Identity
from tests.articles.desk import DeskTestCase
from tests.articles.test_photo_library import BULK, CHOOSE, LIBRARY, SCRIPT, TOLD
from tests.cast import picture

MARK = b"HARM-53.551-N"  # in no public file
OURS = re.compile(r"[0-9a-f]{2}/[0-9a-f]{32}(-\d{1,4})?\.(jpg|webp|avif)")
TYPES = {"jpg": "JPEG", "webp": "WEBP", "avif": "AVIF"}
IMPORT = "/admin/newsletter/subscriber/import/"
HTML = b"<!doctype html><script>alert('" + MARK + b"')</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>' + MARK + b"</script></svg>"
NAMES = (
    "a.php.png", "../../../../etc/cron.d/x", "..\\..\\x.jpg", f"{'n' * 300}.jpg", "a\u202egpj.php", "x.html",
    ".htaccess", "<img src=x onerror=alert(1)>.jpg", "a.jpg;filename=b.php", "x\x00.php", "%2e%2e%2fx.svg", "con",
    "\ufeff", "=1+1.csv",
)  # fmt: skip


def written(image: Image.Image, image_format: str, **options) -> bytes:
    out = io.BytesIO()
    image.save(out, image_format, **options)
    return out.getvalue()


def located() -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.Artist] = MARK.decode()
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (53.0, 33.0, 3.6), 29: MARK.decode()})
    return exif


def bomb() -> bytes:
    """A few bytes that promise a wall of 30,000 × 30,000."""
    header = b"IHDR" + (30_000).to_bytes(4) * 2 + b"\x08\x02\x00\x00\x00"
    data = b"IDAT" + zlib.compress(b"\x00" * 100_000)
    chunks = (len(chunk[4:]).to_bytes(4) + chunk + zlib.crc32(chunk).to_bytes(4) for chunk in (header, data, b"IEND"))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def shown() -> dict[str, bytes]:
    """Pictures that are whole, whatever else they are."""
    plain = Image.effect_noise((90, 60), 80).convert("RGB")
    frames = [Image.new("RGB", (90, 60), colour) for colour in ("red", "lime", "blue")]
    moving = {"save_all": True, "append_images": frames[1:]}
    return {
        "jpeg with a page behind it": written(plain, "JPEG") + HTML,
        "jpeg with a page in its comment": written(plain, "JPEG", comment=HTML),
        "png with php behind it": written(plain, "PNG") + b"<?php system('" + MARK + b"'); ?>",
        "png with an archive behind it": written(plain, "PNG") + b"PK\x03\x04" + MARK,
        "jpeg that lies and is located": written(plain, "JPEG", exif=located(), xmp=MARK),
        "webp that is located": written(plain, "WEBP", exif=located(), xmp=MARK),
        "avif that is located": written(plain, "AVIF", exif=located(), xmp=MARK),
        "webp that moves": written(frames[0], "WEBP", **moving),
        "avif that moves": written(frames[0], "AVIF", **moving),
        "print colours": written(plain.convert("CMYK"), "JPEG"),
        "sixteen bits": written(Image.new("I;16", (90, 60), 40_000), "PNG"),
    }


def refused() -> dict[str, bytes]:
    return {
        "gif that is a script": b"GIF89a/*" + b"\0" * 20 + b"*/=1;alert('" + MARK + b"')",
        "svg": SVG,
        "page": HTML,
        "php": b"<?php system($_GET['x']); ?>" + MARK,
        "jpeg that breaks off": picture(400, 300).read()[:900],
        "signature alone": b"\x89PNG\r\n\x1a\n" + HTML,
        "bomb": bomb(),
        "archive": b"PK\x03\x04" + MARK * 9,
        "heic": b"\0\0\0\x18ftypheic" + MARK * 9,
    }


def public_names(folder: str = "") -> set[str]:
    folders, files = storages["default"].listdir(folder)
    inside = (public_names(f"{folder}/{name}".lstrip("/")) for name in folders)
    return {f"{folder}/{name}".lstrip("/") for name in files}.union(*inside)


class Uploads(DeskTestCase):
    def sent(self, path: str, facts: dict, field: str, content: bytes, name: str, *, script: bool = False):
        """As a program writes it: browsers and Django's test client would mend the name."""
        edge = b"edge5a1"
        body = b"".join(
            b'--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
            % (edge, key.encode(), str(value).encode())
            for key, value in facts.items()
        )
        body += b'--%s\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\n' % (
            edge, field.encode(), name.replace('"', "%22").encode(),
        )  # fmt: skip
        body += b"Content-Type: text/html\r\n\r\n" + content + b"\r\n--%s--\r\n" % edge
        kind = f"multipart/form-data; boundary={edge.decode()}"
        return self.client.post(path, data=body, content_type=kind, headers=SCRIPT if script else {})

    def by_every_door(self, content: bytes, name: str):
        facts = {"alt": "x", "kind": "photo", "maker": "x", "rights": "web", "focus_x": "0.5", "focus_y": "0.5"}
        facts |= {"keep_both": "on"}
        self.client.force_login(self.ada)
        yield "photo", self.sent(f"{LIBRARY}add/", facts, "file", content, name)
        yield "dialog", self.sent(CHOOSE, facts, "file", content, name)
        yield "told", self.sent(TOLD, {}, "file", content, name)
        yield "many", self.sent(BULK, facts, "file", content, name)
        yield "many by script", self.sent(BULK, facts, "file", content, name, script=True)
        ida = {"name": self.ida.name, "slug": self.ida.slug, "role": "", "bio": "", "website": "", "user": ""}
        yield "portrait", self.sent(f"/admin/authors/author/{self.ida.pk}/change/", ida, "picture", content, name)
        said = {key: getattr(Identity.objects.get(), key) for key in LOOK}
        for field in ("new_logo", "new_logo_dark"):
            yield field, self.sent("/admin/identity/identity/True/change/", said, field, content, name)

    def look_at_what_is_public(self, names: set[str]) -> None:
        for name in names:
            found = OURS.fullmatch(name)
            assert found, name
            answer = self.client.get(f"/media/{name}")
            content = b"".join(answer.streaming_content)
            assert answer.headers["Content-Type"] == f"image/{TYPES[found[2]].lower()}"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert MARK not in content
            opened = Image.open(io.BytesIO(content))
            assert (opened.format, len(opened.getexif()), getattr(opened, "n_frames", 1)) == (TYPES[found[2]], 0, 1)


LOOK = ["name", "tagline", "description", "wordmark", "sign", "accent", "invitation", "colophon"]


class Pretending(Uploads):
    def test_what_is_a_picture_becomes_one_of_ours_and_nothing_else(self):
        for number, (what, content) in enumerate(shown().items()):
            for door, answer in self.by_every_door(content, NAMES[number % len(NAMES)]):
                assert answer.status_code == {"dialog": 201, "many by script": 201, "told": 200}.get(door, 302), (
                    what,
                    door,
                )
            before = public_names()
            photo = Photo.objects.latest("pk")
            photo.render()
            assert photo.original == f"originals/{photo.sha256[:2]}/{photo.sha256}"
            assert self.client.get(f"/media/{photo.original}").status_code == 404
            magazine, ida = Identity.objects.get(), Author.objects.get(pk=self.ida.pk)
            assert OURS.fullmatch(magazine.logo.removeprefix("/media/")), what
            assert OURS.fullmatch(ida.portrait), what
            assert public_names() > before
        self.look_at_what_is_public(public_names())

    def test_what_is_none_is_refused_with_a_sentence_and_kept_nowhere(self):
        before = public_names()
        for number, (what, content) in enumerate(refused().items()):
            for door, answer in self.by_every_door(content, NAMES[number % len(NAMES)]):
                if door == "told":
                    assert answer.json() == {"told": {}}, what
                    continue
                if door == "many":
                    answer = self.client.get(answer.url)
                expected = {"dialog": 400, "many by script": 400}.get(door, 200)
                assert answer.status_code == expected, (what, door)
                assert re.search(r"Save it|Make its longer side|copy it anew|logo", answer.text), (what, door)
                assert MARK not in answer.content
        assert public_names() == before
        assert not Photo.objects.uploaded_by(self.ada).exists()


class Named(Uploads):
    def test_no_name_of_a_visitor_is_kept_or_acts(self):
        for number, name in enumerate(NAMES):
            content = picture(60, 40, colour=f"#{number:02x}4080").read()
            for door, answer in self.by_every_door(content, name):
                # Of the byte order mark nothing is left: a file without a name is none.
                assert answer.status_code in {200, 201, 302} | ({400} if name == "\ufeff" else set()), (name, door)
        self.look_at_what_is_public(public_names())
        for path in (LIBRARY, "/admin/audit/entry/"):
            assert "<img src=x" not in self.client.get(path).text

    def test_a_list_that_is_none_is_a_report_or_a_sentence(self):
        self.client.force_login(self.ada)
        for number, content in enumerate(
            [*shown().values(), *refused().values(), HTML, b"email\n" + b"a@b.example,\0\n"]
        ):
            name = NAMES[number % len(NAMES)]
            answer = self.sent(IMPORT, {"kind": "subscribers", "newsletter": ""}, "file", content, name)
            assert answer.status_code in {200, 302}, name
            if answer.status_code == 302:
                answer = self.client.get(answer.url)
            assert answer.status_code == 200
            assert "<img src=x onerror" not in answer.text
            assert "<script>alert('HARM" not in answer.text
