"""The photo library in a real browser: the focus by hand and by keyboard, a gallery from the dialog to its readers."""

import io
import re

import pytest
from PIL import ExifTags, Image
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
LIBRARY = "/admin/articles/photo/"


def jpeg(height: int) -> dict:
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = "Nan Ost"
    out = io.BytesIO()
    Image.linear_gradient("L").resize((640, height)).convert("RGB").save(out, "JPEG", exif=exif)
    return {"name": f"grey-{height}.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def test_the_focus_is_said_by_a_click_and_by_arrow_keys_and_the_cuts_follow(desk):
    page = desk
    page.goto(LIBRARY)
    page.locator("#changelist-form a[href*='/change/']").first.click()
    ring = page.get_by_role("button", name=re.compile("^Focus: "))
    expect(ring).to_be_visible()
    picture = page.locator("[data-focus-frame] img")
    box = picture.bounding_box()
    picture.click(position={"x": box["width"] * 0.1, "y": box["height"] * 0.5})
    across = page.locator("[name=focus_x]")
    assert float(across.input_value()) == pytest.approx(0.1, abs=0.01)
    square = page.locator(".focus__crop--square")
    expect(square).to_have_css("object-position", re.compile(r"^0% "))
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("ArrowRight")
    assert float(across.input_value()) == pytest.approx(0.21, abs=0.01)
    page.keyboard.press("Shift+ArrowUp")
    assert float(page.locator("[name=focus_y]").input_value()) == pytest.approx(0.4, abs=0.01)
    for _step in range(9):
        page.keyboard.press("Shift+ArrowRight")
    expect(across).to_have_value("1.00")
    expect(square).to_have_css("object-position", re.compile(r"^100% "))


def test_many_files_go_up_with_what_they_say_and_the_same_one_is_found(desk, nothing_complains):
    page = desk
    page.goto(f"{LIBRARY}bulk/")
    page.locator("#bulk input[type=file]").set_input_files([jpeg(400), jpeg(500)])
    lines = page.locator(".bulk__file")
    lines.first.get_by_label("Alternative text").fill("Grey noise")
    # At once, before it is said what each file says: it goes up with it all the same.
    page.get_by_role("button", name="Upload them").click()
    expect(page.get_by_text("2 of 2 photos are in the library.")).to_be_visible()
    for number in range(2):
        expect(lines.nth(number).get_by_label("Made by")).to_have_value("Nan Ost")
    page.reload()
    page.locator("#bulk input[type=file]").set_input_files([jpeg(400)])
    page.get_by_role("button", name="Upload them").click()
    expect(page.get_by_text("The library has this file already")).to_be_visible()
    expect(page.get_by_role("button", name="Keep both")).to_be_visible()
    nothing_complains.clear()  # the browser writes every refusal into its console
    for _each in range(2):
        page.goto(f"{LIBRARY}?q=Nan+Ost")
        page.locator("#changelist-form a[href*='/photo/'][href*='/change/']").first.click()
        page.get_by_role("link", name="Delete").click()
        page.get_by_role("button", name=re.compile("sure")).click()
        expect(page.get_by_text("was deleted successfully")).to_be_visible()
    page.goto(f"{LIBRARY}?q=Nan+Ost")
    expect(page.locator("#changelist-form a[href*='/change/']")).to_have_count(0)


def test_what_a_photo_lacks_is_said_where_it_is_chosen_until_its_entry_has_it(desk):
    page = desk
    page.get_by_role("link", name="Write an article").click()
    lead = page.locator(".desk-field--photo")
    lead.get_by_role("button", name="Choose a photo").click()
    library = page.get_by_role("dialog", name="Photo library")
    library.get_by_text("Upload a new photo").click()
    library.get_by_label("File").set_input_files(jpeg(410))
    expect(library.locator("[data-upload]").get_by_label("Made by")).to_have_value("Nan Ost")
    library.get_by_role("button", name="Upload and use it").click()
    expect(lead.get_by_text("Missing: alternative text.")).to_be_visible()
    expect(page.locator("[data-checklist]")).to_contain_text("has no alternative text")
    with page.context.expect_page() as opened:
        lead.get_by_role("link", name="Its entry in the library").click()
    entry = opened.value
    entry.get_by_label("Alternative text").fill("A grey wedge")
    entry.get_by_role("button", name="Save", exact=True).click()
    expect(entry.get_by_text("was changed successfully")).to_be_visible()
    entry.close()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(lead.get_by_text("Missing: alternative text.")).to_be_hidden()


def test_a_gallery_is_chosen_ordered_published_and_seen(desk):
    page = desk
    page.get_by_role("link", name="Write an article").click()
    page.get_by_label("Headline").fill("Three views of the slip")
    page.get_by_label("Standfirst").fill("From the north, from the south, and from the water.")
    page.get_by_label("Section").select_option(label="Coast")
    text = page.locator(".prose-editor .ProseMirror[contenteditable]")
    text.click()
    page.keyboard.type("Three people drew it on one day.")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Gallery of photos").first.click()
    library = page.locator("#photo-library")
    library.get_by_label("Kind", exact=True).select_option("illustration")
    expect(library.locator("[data-grid]")).to_have_attribute("aria-busy", "false")
    use = library.get_by_role("button", name="Use them")
    expect(use).to_be_disabled()
    for number in range(3):
        photo = library.locator(".library__photo").nth(number)
        expect(photo).to_contain_text("Illustration by")
        photo.click()
    use.click()
    tiles = text.locator(".gallery-node__photo")
    expect(tiles).to_have_count(3)
    names = [tiles.nth(number).locator("[data-caption]").inner_text() for number in range(3)]
    tiles.first.get_by_role("button", name="Later").click()
    expect(tiles.first.locator("[data-caption]")).to_have_text(names[1])
    page.keyboard.press("Enter")  # the focus has gone with the photo: once more
    expect(tiles.nth(2).locator("[data-caption]")).to_have_text(names[0])
    page.get_by_role("button", name="Publish now").click()
    expect(page.get_by_text("Live", exact=True).first).to_be_visible()
    page.goto("/three-views-of-the-slip/")
    shown = page.get_by_role("group", name="Gallery of 3 pictures").locator("figure")
    expect(shown).to_have_count(3)
    expect(shown.nth(2).locator(".caption")).to_have_text(names[0])
    expect(shown.nth(2).locator(".credit")).to_contain_text("Illustration by")
