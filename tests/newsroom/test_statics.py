"""What production makes of the static files, and what a reader's browser is asked to fetch."""

import re
import shutil
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import CommandError, call_command
from django.template.loader import render_to_string
from PIL import ImageFont

STATIC = Path(settings.BASE_DIR) / "static"
SHEETS = {
    "reading.css": ("fonts.css", "tokens.css", "page.css", "story.css"),
    "browsing.css": ("fonts.css", "tokens.css", "page.css", "lists.css"),
}
# The letters beyond English of every official Latin alphabet of the Union, and of its neighbours'.
ALPHABETS = {
    "German": "äöüß",
    "French": "àâæçéèêëîïôœùûüÿ",
    "Spanish": "áéíñóúü",
    "Portuguese": "àáâãçéêíóôõú",
    "Italian": "àèéìíîòóùú",
    "Dutch": "áéëïóöúü",
    "Danish, Norwegian": "æøå",
    "Swedish, Finnish": "åäöšž",
    "Icelandic": "áðéíóúýþæö",
    "Irish": "áéíóú",
    "Welsh": "âêîôûŵŷáéíóúẃýàèìòùẁỳäëïöüẅÿ",
    "Catalan": "àçéèíïóòúüŀ",
    "Polish": "ąćęłńóśźż",
    "Czech": "áčďéěíňóřšťúůýž",
    "Slovak": "áäčďéíĺľňóôŕšťúýž",
    "Hungarian": "áéíóöőúüű",
    "Slovene, Croatian": "čćđšž",
    "Romanian": "ăâîșțşţ",
    "Turkish": "çğıöşü",
    "Maltese": "ċġħż",
    "Latvian": "āčēģīķļņšūž",
    "Lithuanian": "ąčęėįšųūž",
    "Estonian": "äõöüšž",
}
FACE = re.compile(r'url\("\.\./fonts/([\w-]+)\.woff2"\) format\("woff2"\);\s*unicode-range: ([^;]+);')


def without_comments(sheet):
    return re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)


def words(sheet):
    return re.sub(r"\.[0-9a-f]{12}(?=\.woff2)", "", without_comments(sheet)).split()


def signs(ranges):
    for part in ranges.split(", "):
        first, _, last = part.removeprefix("U+").partition("-")
        yield from (chr(sign) for sign in range(int(first, 16), int(last or first, 16) + 1))


@pytest.fixture
def production(settings, tmp_path):
    """Where `collectstatic` of production puts what is in `source`."""
    source = tmp_path / "source"
    shutil.copytree(STATIC, source)
    settings.STATICFILES_DIRS = [source]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "collected"
    bundled = {"BACKEND": "newsroom.statics.BundledStaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": bundled}
    return source


def collected(name):
    return Path(staticfiles_storage.path(staticfiles_storage.stored_name(name)))


def collect():
    call_command("collectstatic", interactive=False, verbosity=0)


def test_one_sheet_holds_every_rule_of_those_it_imports_in_order(production):
    collect()
    for name, parts in SHEETS.items():
        sheet = collected(f"css/{name}").read_text()
        assert "@import" not in sheet
        assert "/*" not in sheet
        assert words(sheet) == words("\n".join((STATIC / "css" / part).read_text() for part in parts))


def test_a_bundle_is_compressed_and_its_fonts_carry_their_hash(production):
    collect()
    sheet = collected("css/reading.css")
    assert sheet.with_name(f"{sheet.name}.br").exists()
    fonts = re.findall(r'url\("([^"]+)"\)', sheet.read_text())
    assert len(fonts) == len(FACE.findall((STATIC / "css/fonts.css").read_text()))
    for font in fonts:
        assert re.search(r"\.[0-9a-f]{12}\.woff2$", font)
        assert (sheet.parent / font).exists()


def test_a_string_keeps_what_looks_like_a_comment(production):
    (production / "css/odd.css").write_text('a::before { content: "/* kept */"; } /* don\'t */ b { color: red; }\n')
    (production / "css/all.css").write_text('@import url("odd.css");\n')
    collect()
    assert collected("css/all.css").read_text() == 'a::before { content: "/* kept */"; }  b { color: red; }\n'


def test_a_change_of_an_imported_sheet_gives_the_bundle_a_new_name(production):
    collect()
    before = collected("css/reading.css").name
    (production / "css/story.css").write_text("main { color: red; }\n")
    collect()
    assert collected("css/reading.css").name != before


def test_an_import_of_a_sheet_that_is_not_there_is_refused(production):
    (production / "css/broken.css").write_text('@import url("nowhere.css");\n')
    with pytest.raises(CommandError, match=r"css/broken\.css imports nowhere\.css, and there is no css/nowhere\.css\."):
        collect()


def test_a_page_links_one_sheet_and_fetches_two_fonts_first():
    for template in Path(settings.BASE_DIR / "templates").rglob("*.html"):
        assert template.read_text().count("{% static 'css/") <= 1, template
    assert render_to_string("500.html").count('rel="stylesheet"') == 1
    base = (settings.BASE_DIR / "templates/base.html").read_text()
    assert base.count("{% static 'css/") == 1
    assert base.count('as="font"') == 2


def test_no_letter_is_promised_by_two_files_of_a_face_or_missing_from_the_one_that_promises_it():
    faces = dict(FACE.findall((STATIC / "css/fonts.css").read_text()))
    plain = [name for name in faces if not name.endswith("-extended")]
    assert sorted(f"{name}-extended" for name in plain) == sorted(set(faces) - set(plain))
    for name in plain:
        assert not set(signs(faces[name])) & set(signs(faces[f"{name}-extended"]))
    for name, ranges in faces.items():
        font = ImageFont.truetype(STATIC / "fonts" / f"{name}.woff2", 40)
        for sign in signs(ranges):
            invisible = sign.isspace() or sign == "\xad"
            assert invisible or font.getmask(sign).getbbox(), (name, sign)


@pytest.mark.parametrize("language", ALPHABETS)
def test_every_face_has_the_letters_of(language):
    letters = ALPHABETS[language] + ("iİ" if language == "Turkish" else "")
    faces = dict(FACE.findall((STATIC / "css/fonts.css").read_text()))
    for name in (name for name in faces if not name.endswith("-extended")):
        has = {*signs(faces[name]), *signs(faces[f"{name}-extended"])}
        assert {*letters, *letters.replace("ß", "ẞ").upper().replace("SS", "ẞ")} <= has, name


@pytest.mark.parametrize("asked", ["on", "On"])
def test_whoever_saves_data_gets_no_font_and_no_shared_cache_keeps_that(production, client, asked):
    collect()
    font = staticfiles_storage.url("fonts/newsreader-400.woff2")
    answer = client.get(font, headers={"Save-Data": asked})
    assert (answer.status_code, answer.content) == (204, b"")
    assert "private" in answer["Cache-Control"]
    assert "Save-Data" in answer["Vary"]


def test_everybody_else_gets_the_font(production, client):
    collect()
    for headers in ({}, {"Save-Data": "off"}):
        answer = client.get(staticfiles_storage.url("fonts/newsreader-400.woff2"), headers=headers)
        assert b"".join(answer).startswith(b"wOF2")
        assert "immutable" in answer["Cache-Control"]
        assert "Save-Data" in answer["Vary"]


def test_saving_data_takes_away_nothing_but_fonts(production, client):
    collect()
    sheet = staticfiles_storage.url("css/reading.css")
    answer = client.get(sheet, headers={"Save-Data": "on"})
    assert b"@font-face" in b"".join(answer)
    assert "Save-Data" not in answer["Vary"]
