"""A letter is kept as an article is: by the browser at once, by the server soon, beside whoever else is there."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_keeping import KEPT

pytestmark = pytest.mark.browser

NEW = "/admin/newsletter/issue/add/"
WORDS = "textarea[name=block-0-text]"


def log_in(page: Page, who: str, to: str) -> None:
    page.goto(f"/admin/login/?next={to}")
    page.get_by_label("Username").fill(who)
    page.get_by_label("Password").fill("newsroom")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{to}")


def begin(page: Page, subject: str, words: str) -> str:
    """Its address, once its first words are kept."""
    log_in(page, "editor", NEW)
    page.get_by_label("Subject").fill(subject)
    page.get_by_label("an empty letter").check()
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("button", name="+ Words").click()
    page.locator(WORDS).fill(words)
    expect(page.locator("[data-state]")).to_have_text(KEPT)
    return page.url


def state(page: Page):
    return page.locator("[data-state]")


def test_a_killed_tab_a_lost_login_and_a_lost_network_cost_no_word(page, nothing_complains):
    address = begin(page, "Nothing is lost", "First words.")
    page.locator(WORDS).press_sequentially(" Typed in the last moment.")
    context = page.context
    # What the browser has is written by itself, before anything is sent.
    page.wait_for_function(
        """async () => {
            const opened = await new Promise((done) => {
                const opening = indexedDB.open("newsroom-desk")
                opening.onsuccess = () => done(opening.result)
            })
            const asked = opened.transaction("texts").objectStore("texts").getAll()
            const texts = await new Promise((done) => (asked.onsuccess = () => done(asked.result)))
            opened.close()
            return JSON.stringify(texts).includes("in the last moment.")
        }"""
    )
    page.close(run_before_unload=False)
    page = context.new_page()
    page.goto(address)
    expect(page.locator(WORDS)).to_have_value("First words. Typed in the last moment.")

    context.set_offline(True)
    page.locator(WORDS).press("End")
    page.locator(WORDS).press_sequentially(" Without a network.")
    expect(state(page)).to_contain_text("kept in this browser")
    context.set_offline(False)
    expect(state(page)).to_have_text(KEPT, timeout=10_000)

    context.clear_cookies()
    page.locator(WORDS).press_sequentially(" Without a login.")
    again = page.frame_locator("#login-again iframe")
    again.get_by_label("Username").fill("editor")
    again.get_by_label("Password").fill("newsroom")
    again.get_by_label("Password").press("Enter")
    expect(page.locator("#login-again")).to_be_hidden()
    expect(state(page)).to_have_text(KEPT)

    page.locator("button[name=_save]:visible").click()
    expect(page.get_by_text("Saved as revision 2.")).to_be_visible()
    everything = "First words. Typed in the last moment. Without a network. Without a login."
    expect(page.locator(WORDS)).to_have_value(everything)
    page.reload()
    expect(page.locator(WORDS)).to_have_value(everything)
    expect(page.locator("#unsaved")).to_have_count(0)
    nothing_complains.clear()  # Chromium notes each request that found no network


def test_what_a_killed_tab_kept_while_there_was_no_network_comes_back(page, nothing_complains):
    address = begin(page, "A tab dies without a network", "First words.")
    context = page.context
    context.set_offline(True)
    page.locator(WORDS).press("End")
    page.locator(WORDS).press_sequentially(" Then it was dark.")
    expect(state(page)).to_contain_text("kept in this browser")
    page.close(run_before_unload=False)
    context.set_offline(False)
    page = context.new_page()
    page.goto(address)
    expect(page.locator(WORDS)).to_have_value("First words. Then it was dark.")
    expect(page.locator("#unsaved")).to_be_visible()
    nothing_complains.clear()


def test_two_who_have_it_open_see_each_other_and_what_the_other_saved(page, browser):
    address = begin(page, "Two at once", "First words.")
    other = browser.new_context(base_url=re.match(r"https?://[^/]+", address).group()).new_page()
    path = re.sub(r"https?://[^/]+", "", address)
    log_in(other, "admin", path)
    expect(other.locator("[data-others]")).to_have_text("editor has this issue open, too.")
    other.get_by_label("Subject").fill("Two at once, and a third")
    other.locator("button[name=_save]:visible").click()
    expect(other.get_by_text("Saved as revision 2.")).to_be_visible()
    page.locator(WORDS).press_sequentially(" More.")
    expect(page.locator("[data-others]")).to_contain_text("admin has this issue open, too.")
    expect(page.locator("[data-others]")).to_contain_text("admin saved a revision meanwhile.")
    other.context.close()
