"""A live text is changed, asked about, corrected and compared."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def open_a_live_one(page) -> None:
    page.goto("/admin/articles/article/?stand=live")
    page.locator("a[href*='/change/']").first.click()
    expect(page.locator(".ProseMirror[contenteditable]")).to_be_visible()


def write(page, words: str) -> None:
    page.locator(".ProseMirror[contenteditable]").click()
    page.keyboard.press("Control+Home")
    page.keyboard.type(words)


def test_a_live_text_is_changed_asked_about_corrected_and_compared(desk):
    page = desk
    open_a_live_one(page)
    write(page, "Six metres. ")
    page.get_by_role("button", name="Publish now").click()
    question = page.get_by_role("dialog", name="Silent fix or correction?")
    expect(question).to_contain_text("differs by 2 words")
    # Enter must not be an answer.
    expect(question.get_by_role("heading")).to_be_focused()

    question.get_by_label("What was wrong").fill("We said five metres.")
    question.get_by_role("button", name="Correct and publish").click()
    again = page.get_by_role("dialog", name="Correct and publish")
    expect(again).to_contain_text("Say what is right.")
    expect(again.get_by_label("What was wrong")).to_have_value("We said five metres.")
    again.get_by_label("What is right").fill("It is six.")
    again.get_by_role("button", name="Correct and publish").click()
    expect(page.get_by_text("is corrected, and its readers are told")).to_be_visible()

    page.get_by_role("link", name="Revisions", exact=True).click()
    page.get_by_role("button", name="Compare the two chosen").click()
    expect(page.locator(".diff__text ins")).to_contain_text("Six metres.")
    expect(page.locator(".diff__text del")).to_have_count(0)
    page.get_by_role("link", name="Back to the revisions").click()
    page.get_by_role("link", name="Back to the text").click()
    with page.expect_popup() as opened:
        page.get_by_role("link", name="On the site").click()
    expect(opened.value.get_by_text("We said five metres. It is six.")).to_be_visible()
    expect(opened.value.get_by_text("Six metres.").first).to_be_visible()
