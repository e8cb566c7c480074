"""An editor in a real browser: from the login to the front page and back again."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

HEADLINE = "Gulls learn the timetable"
TEXT = "“They come for the ten past six,” says the harbour master. It costs them nothing."


def write(page) -> None:
    page.get_by_role("link", name="Write an article").click()
    page.get_by_label("Headline").fill(HEADLINE)
    page.get_by_label("Standfirst").fill("A colony on the north quay keeps better hours than the ferry.")
    page.get_by_label("Section").select_option(label="Coast")
    text = page.locator(".prose-editor .ProseMirror[contenteditable]")
    text.click()
    page.keyboard.type(TEXT)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Photo", exact=True).first.click()
    library = page.locator("#photo-library")
    library.locator(".library__photo").first.click()
    expect(text.locator("figure")).to_be_visible()


def save(page) -> None:
    page.locator("button[name=_save]:visible").click()
    expect(page.get_by_text("Saved as revision")).to_be_visible()


def test_an_article_is_written_previewed_published_seen_and_withdrawn(desk, nothing_complains):
    page = desk
    write(page)
    save(page)
    form = page.url
    assert page.request.get("/gulls-learn-the-timetable/").status == 404

    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Preview of what is saved").click(modifiers=["Control"])
    preview = opened.value
    expect(preview.get_by_role("heading", level=1, name=HEADLINE)).to_be_visible()
    expect(preview.locator("figure img").first).to_be_visible()
    expect(preview.get_by_text("readers do not see this yet")).to_be_visible()
    preview.close()

    page.get_by_role("button", name="Publish now").click()
    expect(page.get_by_text("Live", exact=True).first).to_be_visible()

    page.goto("/")
    page.get_by_role("link", name=HEADLINE).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(HEADLINE)
    expect(page.get_by_text(TEXT)).to_be_visible()
    expect(page.locator("article figure figcaption").first).to_contain_text("Illustration by")
    assert HEADLINE in page.request.get("/rss/").text()

    page.goto(form)
    page.get_by_role("button", name="Withdraw", exact=True).click()
    page.get_by_label("Reason").fill("The gulls have asked for their names to be left out.")
    page.get_by_role("button", name="Withdraw it").click()
    expect(page.get_by_text("Withdrawn", exact=True).first).to_be_visible()
    # Its photo has moved: the form may have asked for the thumbnail at the old address, which is gone on purpose.
    nothing_complains.clear()
    gone = page.request.get("/gulls-learn-the-timetable/")
    assert gone.status == 410
    assert "asked for their names to be left out" in gone.text()
    for path in ("/", "/rss/", "/section/coast/", "/sitemap-articles.xml", "/search/?q=gulls+timetable"):
        assert "/gulls-learn-the-timetable/" not in page.request.get(path).text(), path


def test_what_is_missing_is_said_beside_the_field_and_nothing_is_lost(desk):
    page = desk
    page.get_by_role("link", name="Write an article").click()
    page.get_by_label("Headline").fill("Only a headline so far")
    page.get_by_role("button", name="Publish now").click()
    expect(page.get_by_role("alert")).to_contain_text("nothing is lost")
    for sentence in ("Write a standfirst.", "Write the text.", "Choose a section."):
        expect(page.get_by_text(sentence).first).to_be_visible()
    expect(page.get_by_label("Headline")).to_have_value("Only a headline so far")


def test_a_writer_can_submit_and_not_publish(page):
    page.goto("/admin/")
    page.get_by_label("Username").fill("writer")
    page.get_by_label("Password").fill("newsroom")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Write an article").click()
    page.get_by_label("Headline").fill("A night on the slip")
    expect(page.get_by_role("button", name="Publish now")).to_have_count(0)
    page.get_by_role("button", name=re.compile("Submit")).click()
    expect(page.get_by_text("Submitted", exact=True).first).to_be_visible()


def test_the_form_is_usable_on_a_phone(desk):
    page = desk
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto("/admin/articles/article/add/")
    expect(page.get_by_role("button", name="Publish now")).to_be_visible()
    # The theme folds its menu away a moment after the page is there.
    page.wait_for_function("document.documentElement.scrollWidth <= 390")
