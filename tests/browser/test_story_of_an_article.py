"""One article from the first word to its correction. After the first page of each person: only clicks and keys."""

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

pytestmark = pytest.mark.browser

HEADLINE = "The lamp that nobody lights"
STANDFIRST = "A light on the north mole has burned for ninety years. The log names no keeper."
QUOTE = "A lamp is a promise to people you will never meet."
NOTE = "Which year did the log begin? And name the mole."
FIXED = "The log begins in 1934."
CHANGED = "Oil comes from the town."
WRONG = "We said that the lamp has burned for ninety years."
RIGHT = "It has burned for ninety-one."


@pytest.fixture
def enter(browser: Browser, base_url: str, nothing_complains: list[str]):
    """Each person has a browser of their own, and is led to one address: the first."""
    contexts = []

    def first_page(address: str) -> Page:
        context = browser.new_context(base_url=base_url, viewport={"width": 1440, "height": 900})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: nothing_complains.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: nothing_complains.append(str(error)))
        page.goto(address)
        page.goto = never_again  # type: ignore[method-assign]
        return page

    yield first_page
    for context in contexts:
        context.close()


def never_again(*_arguments: object, **_named: object) -> None:
    raise AssertionError("After the first page there is no address bar.")


def log_in(page: Page, name: str) -> None:
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill("newsroom")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Write an article")).to_be_visible()


def to_the_desk(page: Page) -> None:
    page.get_by_role("link", name="The desk").click()
    expect(page.get_by_role("link", name="Write an article")).to_be_visible()


def open_from(page: Page, card: str) -> None:
    to_the_desk(page)
    page.get_by_role("region", name=card).get_by_role("link", name=HEADLINE).first.click()
    expect(page.get_by_label("Headline", exact=True)).to_have_value(HEADLINE)


def text_of(page: Page) -> Locator:
    return page.locator(".prose-editor .ProseMirror[contenteditable]")


def verb(page: Page, name: str) -> Locator:
    return page.locator(".verbs").get_by_role("button", name=name, exact=True)


def tool(page: Page, name: str) -> Locator:
    return page.locator(".prose-menubar").get_by_role("button", name=name, exact=True)


def go_on_below(page: Page, words: str) -> None:
    """The cursor stands in the paragraph that follows whatever was put in."""
    page.keyboard.type(words)
    page.keyboard.press("Enter")


def drawing() -> dict:
    out = io.BytesIO()
    # Another one each time: the library knows a file that it has.
    Image.effect_noise((900, 640), 60).convert("RGB").save(out, "JPEG")
    return {"name": "mole.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def wait_for_the_photos(page: Page) -> None:
    """Those of the last time stand there until then."""
    expect(page.locator("#photo-library [data-grid]")).to_have_attribute("aria-busy", "false")


def from_the_library(page: Page, number: int) -> str:
    tool(page, "Photo").click()
    wait_for_the_photos(page)
    # Of the demo's own: what other tests have put there has no caption, or another credit.
    photos = page.locator("#photo-library .library__photo")
    chosen = photos.filter(has_text="Illustration by").filter(has_not_text="Nan Ost").nth(number)
    caption = chosen.locator("[data-caption]").inner_text()
    chosen.click()
    return caption


def uploaded(page: Page) -> None:
    tool(page, "Photo").click()
    library = page.locator("#photo-library")
    library.get_by_text("Upload a new photo").click()
    form = library.locator("[data-upload]")
    form.get_by_label("File").set_input_files(drawing())
    form.get_by_label("Alternative text").fill("A grey mole with a lamp at its end.")
    form.get_by_label("Caption").fill("The mole, drawn on the spot.")
    form.get_by_label("Kind").select_option("illustration")
    form.get_by_label("Made by").fill("Nan Ost")
    library.get_by_role("button", name="Upload and use it").click()
    expect(library).to_be_hidden()


def set_width(page: Page, number: int, name: str) -> None:
    figure = text_of(page).locator("figure.figure-node").nth(number)
    figure.get_by_role("button", name=name, exact=True).click()
    expect(figure.get_by_role("button", name=name, exact=True)).to_have_attribute("aria-pressed", "true")


def write(page: Page) -> list[str]:
    """Three figures, a table, a pull quote and a gallery, by the editor's own buttons. Answers the two captions."""
    page.get_by_role("link", name="Write an article").click()
    page.get_by_label("Headline", exact=True).fill(HEADLINE)
    page.get_by_label("Standfirst").fill(STANDFIRST)
    page.get_by_label("Section", exact=True).select_option(label="Coast")
    text = text_of(page)
    text.click()
    go_on_below(page, "Nobody is paid to light it.")
    captions = [from_the_library(page, 0)]
    go_on_below(page, "The glass was cleaned in May.")
    uploaded(page)
    go_on_below(page, "What it cost, by the log:")
    tool(page, "Insert table").click()
    asked = page.locator("dialog.prose-editor-dialog")
    asked.get_by_label("Rows").fill("2")
    asked.get_by_label("Columns").fill("2")
    asked.get_by_label("Include header row").select_option("Yes")
    asked.get_by_role("button", name="Insert Table").click()
    for cell in ("Oil", "Glass", "£32", "£7"):
        page.keyboard.type(cell)
        if cell != "£7":
            page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.type(QUOTE)
    tool(page, "Pull quote").click()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    go_on_below(page, "So says the harbour master.")
    captions.append(from_the_library(page, 2))
    for number, name in enumerate(("As wide as the text", "Wider", "Full width")):
        set_width(page, number, name)
    text.locator("p").last.click()
    tool(page, "Gallery of photos").click()
    wait_for_the_photos(page)
    library = page.locator("#photo-library")
    for number in (1, 2, 3):
        library.locator(".library__photo").nth(number).click()
    library.get_by_role("button", name="Use them").click()
    expect(text.locator(".gallery-node__photo")).to_have_count(3)
    expect(text.locator("figure.figure-node")).to_have_count(3)
    expect(text.locator("table")).to_have_count(1)
    expect(text.locator("aside[data-pullquote]")).to_have_text(QUOTE)
    return captions


def is_told(page: Page, words: str) -> None:
    expect(page.get_by_text(words).first).to_be_visible()


def stands(page: Page, words: str) -> None:
    expect(page.locator(".writing__stand")).to_contain_text(words)


def from_the_top(page: Page, words: str) -> None:
    text_of(page).locator("p").first.click()
    page.keyboard.press("Control+Home")
    page.keyboard.type(f"{words} ")


def look_through_all_of_it(page: Page, captions: list[str]) -> None:
    figures = page.locator("article figure")
    for width in ("text", "wide", "full"):
        expect(page.locator(f"article figure.figure-{width}")).to_have_count(1)
    for caption in (*captions, "The mole, drawn on the spot."):
        expect(figures.filter(has_text=caption).first).to_be_visible()
    expect(page.get_by_role("img", name="A grey mole with a lamp at its end.").first).to_be_visible()
    expect(figures.filter(has_text="Nan Ost").first).to_contain_text("Illustration by")
    expect(page.get_by_role("columnheader", name="Oil")).to_be_visible()
    expect(page.get_by_role("cell", name="£7")).to_be_visible()
    expect(page.locator("article .pull").filter(has_text=QUOTE)).to_be_visible()
    expect(page.get_by_role("group", name="Gallery of 3 pictures").locator("figure")).to_have_count(3)


def test_an_article_is_written_sent_back_fixed_scheduled_published_changed_compared_and_corrected(
    enter: Callable[[str], Page],
) -> None:
    writer, editor, reader = enter("/admin/"), enter("/admin/"), enter("/")

    log_in(writer, "writer")
    captions = write(writer)
    verb(writer, "Submit").click()
    is_told(writer, "is with the editors now.")
    stands(writer, "Submitted")

    log_in(editor, "editor")
    open_from(editor, "Waiting for me")
    verb(editor, "Send back").click()
    asked = editor.get_by_role("dialog", name="Send it back to its writer")
    asked.get_by_label("What is to be done?").fill(NOTE)
    asked.get_by_role("button", name="Save and send back").click()
    is_told(editor, "is back with its writer.")

    open_from(writer, "My drafts")
    is_told(writer, NOTE)
    from_the_top(writer, FIXED)
    verb(writer, "Submit").click()
    is_told(writer, "is with the editors now.")
    expect(verb(writer, "Publish now")).to_have_count(0)

    open_from(editor, "Waiting for me")
    expect(text_of(editor)).to_contain_text(FIXED)
    verb(editor, "Schedule").click()
    asked = editor.get_by_role("dialog", name="When is it to appear?")
    asked.get_by_label(re.compile("Day and time")).fill(f"{datetime.now(UTC) + timedelta(days=2):%Y-%m-%dT06:00}")
    asked.get_by_role("button", name="Save and schedule").click()
    is_told(editor, "appears on")
    stands(editor, "Scheduled")

    reader.get_by_role("navigation", name="Sections").get_by_role("link", name="Coast").click()
    expect(reader.get_by_role("heading", level=1)).to_have_text("Coast")
    expect(reader.get_by_text(HEADLINE)).to_have_count(0)

    verb(editor, "Publish now").click()
    is_told(editor, f"“{HEADLINE}” is live.")
    stands(editor, "Live")
    reader.get_by_role("navigation", name="Sections").get_by_role("link", name="Coast").click()
    reader.get_by_role("link", name=HEADLINE).first.click()
    expect(reader.get_by_role("heading", level=1)).to_have_text(HEADLINE)
    look_through_all_of_it(reader, captions)

    from_the_top(editor, CHANGED)
    verb(editor, "Save").click()
    is_told(editor, "Readers get it when it is published.")
    reader.keyboard.press("F5")
    expect(reader.get_by_text(FIXED)).to_be_visible()
    expect(reader.get_by_text(CHANGED)).to_have_count(0)
    verb(editor, "Publish now").click()
    question = editor.get_by_role("dialog", name="Silent fix or correction?")
    question.get_by_role("button", name="Silent fix: publish it").click()
    is_told(editor, f"“{HEADLINE}” is live.")

    editor.get_by_role("link", name="Revisions", exact=True).click()
    editor.get_by_role("button", name="Compare the two chosen").click()
    expect(editor.locator(".diff__text ins")).to_contain_text(CHANGED)
    expect(editor.locator(".diff__text del")).to_have_count(0)
    editor.get_by_role("link", name="Back to the revisions").click()
    editor.get_by_role("link", name="Back to the text").click()

    editor.get_by_label("Standfirst").fill(STANDFIRST.replace("ninety", "ninety-one"))
    verb(editor, "Correct").click()
    note = editor.get_by_role("dialog", name="Correct and publish")
    note.get_by_label("What was wrong").fill(WRONG)
    note.get_by_label("What is right").fill(RIGHT)
    note.get_by_role("button", name="Correct and publish").click()
    is_told(editor, "is corrected, and its readers are told")

    with editor.expect_popup() as opened:
        editor.get_by_role("link", name="On the site").click()
    expect(opened.value.get_by_text(f"{WRONG} {RIGHT}")).to_be_visible()
    reader.get_by_role("contentinfo").get_by_role("link", name="Corrections").click()
    expect(reader.get_by_text(WRONG)).to_be_visible()
    reader.get_by_role("main").get_by_role("link", name=HEADLINE).first.click()
    expect(reader.get_by_text(f"{WRONG} {RIGHT}")).to_be_visible()
    expect(reader.get_by_text("burned for ninety-one years")).to_be_visible()
    expect(reader.get_by_text(CHANGED)).to_be_visible()
    look_through_all_of_it(reader, captions)
