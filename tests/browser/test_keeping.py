"""No keystroke is lost, whatever dies: the tab, the browser, the server, the login, the network; and two people write
at once.
"""

import contextlib
import os
import re
import signal
import time
from pathlib import Path

import pytest
from playwright.sync_api import Error, Page, expect

from tests.browser.house import command_of
from tests.browser.network import network_before

pytestmark = pytest.mark.browser

TEXT = ".ProseMirror[contenteditable]"
KEPT = re.compile(r"Draft kept at \d\d:\d\d:\d\d")
NEW = "/admin/articles/article/add/"


def log_in(page: Page, who: str, to: str = NEW) -> None:
    page.goto(f"/admin/login/?next={to}")
    page.get_by_label("Username").fill(who)
    page.get_by_label("Password").fill("newsroom")
    page.keyboard.press("Enter")
    page.locator(TEXT).wait_for()


def begin(page: Page, headline: str, words: str) -> str:
    """Its address, once its first words are kept."""
    page.get_by_label("Headline").fill(headline)
    page.locator(TEXT).click()
    page.keyboard.type(words)
    expect(page.locator("[data-state]")).to_have_text(KEPT)
    return page.url


def written(page: Page) -> str:
    return page.locator("textarea[name=body]").input_value()


def has(page: Page, words: str) -> None:
    """Restored from this browser, or from the server where that was faster."""
    expect(page.locator("textarea[name=body]")).to_have_value(re.compile(re.escape(words)))


def kept_here(page: Page, words: str) -> None:
    """Until this browser's own database has them; the server may not."""
    page.wait_for_function(
        """words => new Promise((done) => {
          const opening = indexedDB.open("newsroom-desk")
          opening.onsuccess = () => {
            const asked = opening.result.transaction("texts").objectStore("texts").getAll()
            asked.onsuccess = () => done(JSON.stringify(asked.result).includes(words))
          }
        })""",
        arg=words,
    )


def opened_anew(page: Page, address: str) -> Page:
    """The same browser after its tab was killed; nothing is asked, nothing is sent."""
    context = page.context
    page.close(run_before_unload=False)
    again = context.new_page()
    again.goto(address)
    again.locator(TEXT).wait_for()
    return again


def test_a_killed_tab_a_lost_login_and_a_lost_network_cost_no_word(page, nothing_complains):
    log_in(page, "editor")
    address = begin(page, "Nothing is lost", "First words.")
    assert address.endswith("/change/")

    page.keyboard.type(" Typed in the last moment.")
    kept_here(page, "Typed in the last moment.")
    page = opened_anew(page, address)
    has(page, "<p>First words. Typed in the last moment.</p>")

    page.locator(TEXT).click()
    page.keyboard.press("Control+End")
    page.context.set_offline(True)
    page.keyboard.type(" Without a network.")
    expect(page.locator("[data-state]")).to_contain_text("kept in this browser")
    page.context.set_offline(False)
    expect(page.locator("[data-state]")).to_have_text(KEPT)

    page.context.clear_cookies()
    page.keyboard.type(" Without a login.")
    again = page.frame_locator("#login-again iframe")
    again.get_by_label("Username").fill("editor")
    again.get_by_label("Password").fill("newsroom")
    again.get_by_label("Password").press("Enter")
    expect(page.locator("#login-again")).to_be_hidden()
    expect(page.locator("[data-state]")).to_have_text(KEPT)

    page.locator("button[name=_save]:visible").click()
    expect(page.get_by_text("Saved as revision 2.")).to_be_visible()
    everything = "First words. Typed in the last moment. Without a network. Without a login."
    assert f"<p>{everything}</p>" in written(page)
    expect(page.locator("#unsaved")).to_have_count(0)
    nothing_complains.clear()  # Chromium notes each request that found no network


KEPT_TEXT = """change => new Promise((done) => {
  const opening = indexedDB.open("newsroom-desk")
  opening.onsuccess = () => {
    const texts = opening.result.transaction("texts", "readwrite").objectStore("texts")
    const [person, article] = [document.forms.article_form.dataset.person, document.forms.article_form.dataset.article]
    const asked = change ? texts.put(change, `${person}/${article}`) : texts.get(`${person}/${article}`)
    asked.onsuccess = () => done(change ? null : asked.result)
  }
})"""


def test_who_leaves_at_once_after_saving_is_not_given_back_an_older_text(page):
    log_in(page, "editor")
    address = begin(page, "Saved and left", "First.")
    kept_here(page, "First.")
    older = page.evaluate(KEPT_TEXT, None)
    page.keyboard.type(" Second.")
    page.locator("button[name=_save]:visible").click()
    expect(page.get_by_text("Saved as revision")).to_be_visible()
    # As if the page had been left before its scripts ran: this browser still has what was typed before.
    page.goto("/admin/")
    page.goto(address)
    kept_here(page, '"known":true')
    page.evaluate(KEPT_TEXT, older | {"known": False})
    page.reload()
    kept_here(page, '"known":true')
    assert "<p>First. Second.</p>" in written(page)
    # What the same sitting wrote after that, in a shell without a network, is given back.
    body = "<p>First. Second. Third.</p>"
    fields = older["fields"] | {"body": [body]}
    page.evaluate(KEPT_TEXT, older | {"known": False, "fields": fields, "at": page.evaluate("Date.now()")})
    page.reload()
    has(page, body)


def test_a_server_that_is_killed_in_mid_sentence_costs_no_word(page, browser, house, nothing_complains):
    log_in(page, "editor")
    address = begin(page, "A server dies", "It ran.")
    page.keyboard.type(" In the middle of a")
    house.kill_the_web_server()
    page.keyboard.type(" sentence it died.")
    expect(page.locator("[data-state]")).to_contain_text("kept in this browser")
    house.demo.wait(timeout=30)
    page.keyboard.type(" And was away.")
    house.start("--small")
    expect(page.locator("[data-state]")).to_have_text(KEPT, timeout=20_000)
    assert "It ran. In the middle of a sentence it died. And was away." in on_the_server(browser, house, address)
    nothing_complains.clear()  # Chromium notes each request that found no server


# In a network that is away for longer than a browser waits for an answer, what it had sent arrives late.
@pytest.mark.parametrize("seconds", [6, pytest.param(60, marks=pytest.mark.bench)])
def test_a_network_that_is_cut_in_mid_sentence_costs_no_word(browser, house, seconds):
    with network_before(house.port) as network:
        page = browser.new_context(base_url=network.url).new_page()
        log_in(page, "editor")
        address = begin(page, f"Cut for {seconds} s", "It ran.").replace(network.url, house.url)
        page.keyboard.type(" In the middle of a")
        page.wait_for_timeout(3000)
        network.cut()
        assert "<p>It ran. In the middle of a</p>" in on_the_server(browser, house, address)
        number, end = 0, time.monotonic() + seconds
        while time.monotonic() < end:
            number += 1
            page.keyboard.type(f" word {number}")
            page.wait_for_timeout(500)
        expect(page.locator("[data-state]")).to_contain_text("kept in this browser")
        network.mend()
        expect(page.locator("[data-state]")).to_have_text(KEPT, timeout=30_000)
        everything = "It ran. In the middle of a" + "".join(f" word {one + 1}" for one in range(number))
        assert f"<p>{everything}</p>" in on_the_server(browser, house, address)
        # What arrives late does not take its place.
        page.wait_for_timeout(1000)
        assert f"<p>{everything}</p>" in on_the_server(browser, house, address)

        network.cut()
        page.keyboard.type(" Then the tab was closed.")
        kept_here(page, "Then the tab was closed.")
        page = opened_anew(page, page.url)
        if seconds > 10:
            expect(page.get_by_role("heading", name="There is no network")).to_be_visible()
        expect(page.locator(TEXT)).to_contain_text("Then the tab was closed.")
        network.mend()
        expect(page.locator("[data-state]")).to_have_text(KEPT, timeout=30_000)
        assert f"<p>{everything} Then the tab was closed.</p>" in on_the_server(browser, house, address)
        page.context.close()


@pytest.mark.bench
def test_an_article_whose_first_answer_never_came_is_begun_once(browser, house):
    with network_before(house.port) as network:
        page = browser.new_context(base_url=network.url).new_page()
        log_in(page, "editor")
        page.get_by_label("Headline").fill("Begun once")
        page.locator(TEXT).click()
        network.cut()
        for number in range(100):
            page.keyboard.type(f" word {number}")
            page.wait_for_timeout(500)
        network.mend()
        expect(page.locator("[data-state]")).to_have_text(KEPT, timeout=30_000)
        page.wait_for_timeout(3000)
        assert "word 99" in on_the_server(browser, house, page.url.replace(network.url, house.url))
        page.goto("/admin/articles/article/?q=Begun+once")
        expect(page.get_by_role("link", name="Begun once")).to_have_count(1)
        page.context.close()


def test_a_browser_that_is_killed_costs_the_server_three_seconds_and_itself_nothing(
    browser, browser_type, browser_type_launch_args, house, tmp_path
):
    def opened() -> Page:
        return browser_type.launch_persistent_context(tmp_path, base_url=house.url, **browser_type_launch_args).pages[0]

    page = opened()
    log_in(page, "editor")
    address = begin(page, "A browser dies", "Word 0.")
    typed = {}
    for number in range(1, 25):
        page.keyboard.type(f" Word {number}.")
        typed[number] = time.monotonic()
        page.wait_for_timeout(200)
    killed = time.monotonic()
    kill_browser(tmp_path)
    with contextlib.suppress(Error):
        page.context.close()

    older = [number for number, moment in typed.items() if moment < killed - 3]
    assert len(older) > 5
    assert f"Word {older[-1]}." in on_the_server(browser, house, address)

    page = opened()
    log_in(page, "editor", to=address.removeprefix(house.url))
    everything = " ".join(f"Word {number}." for number in range(25))
    expect(page.locator(TEXT)).to_contain_text(everything)
    has(page, f"<p>{everything}</p>")
    page.context.close()


def on_the_server(browser, house, address: str) -> str:
    """What the same person finds with another browser."""
    other = browser.new_context(base_url=house.url)
    log_in(other.new_page(), "editor", to=address.removeprefix(house.url))
    found = written(other.pages[0])
    other.close()
    return found


def kill_browser(folder: Path) -> None:
    """The one with its profile in this folder: its first process, which holds the others."""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = command_of(int(process.name))
            if f"--user-data-dir={folder}".encode() in command and b"--type=" not in command:
                os.kill(int(process.name), signal.SIGKILL)


def test_two_who_write_in_different_paragraphs_both_have_theirs(page, browser, house):
    log_in(page, "editor")
    address = begin(page, "Two at once", "One.")
    page.keyboard.press("Enter")
    page.keyboard.type("Two.")
    page.locator("button[name=_save]:visible").click()
    expect(page.get_by_text("Saved as revision 2.")).to_be_visible()

    other = browser.new_context(base_url=house.url).new_page()
    log_in(other, "admin", to=address.removeprefix(house.url))
    expect(other.locator("[data-others]")).to_contain_text("editor has this article open")
    other.locator(f"{TEXT} p").first.click()
    other.keyboard.press("End")
    other.keyboard.type(" By admin.")
    other.locator("button[name=_save]:visible").click()
    expect(other.get_by_text("Saved as revision 3.")).to_be_visible()

    page.locator(f"{TEXT} p").last.click()
    page.keyboard.press("End")
    page.keyboard.type(" By editor.")
    page.locator("button[name=_save]:visible").click()
    expect(page.get_by_text("revision 4 holds both")).to_be_visible()
    assert "<p>One. By admin.</p><p>Two. By editor.</p>" in written(page)


def test_two_who_write_in_the_same_paragraph_get_both_texts_whole(page, browser, house, nothing_complains):
    log_in(page, "editor")
    address = begin(page, "The same paragraph", "One.")
    page.locator("button[name=_save]:visible").click()
    expect(page.get_by_text("Saved as revision")).to_be_visible()
    other = browser.new_context(base_url=house.url).new_page()
    log_in(other, "admin", to=address.removeprefix(house.url))
    for visitor, words in ((other, " Said by admin."), (page, " Said by editor.")):
        visitor.locator(f"{TEXT} p").last.click()
        visitor.keyboard.press("End")
        visitor.keyboard.type(words)
        visitor.locator("button[name=_save]:visible").click()
        if visitor is other:  # who was first
            expect(other.get_by_text("Saved as revision")).to_be_visible()
    expect(page.locator("#conflict")).to_contain_text("admin saved revision")
    expect(page.locator(".sides")).to_contain_text("One. Said by admin.")
    expect(page.locator(".sides")).to_contain_text("One. Said by editor.")
    assert "Said by editor." in written(page)
    page.locator("button[name=_save]:visible").click()
    expect(page.get_by_text("Saved as revision")).to_be_visible()
    nothing_complains.clear()  # Chromium notes the answer 409, which is what we want


def test_without_a_network_the_text_is_there_and_can_be_written_on(page, nothing_complains):
    log_in(page, "editor")
    address = begin(page, "On the ferry", "Cast off.")
    page.evaluate("navigator.serviceWorker.ready")
    page.goto(address)  # from now on the worker stands between
    page.wait_for_function("navigator.serviceWorker.controller")
    kept_here(page, '"known":true')
    page.context.set_offline(True)
    page = opened_anew(page, address)
    expect(page.get_by_role("heading", name="There is no network")).to_be_visible()
    expect(page.get_by_label("Headline")).to_have_value("On the ferry")
    expect(page.locator(TEXT)).to_contain_text("Cast off.")
    page.locator(TEXT).click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" Half way across.")
    expect(page.locator("[data-state]")).to_have_text("Kept in this browser.")

    page.context.set_offline(False)
    page = opened_anew(page, address)
    has(page, "<p>Cast off. Half way across.</p>")

    page.goto("/admin/")
    page.evaluate("document.querySelector('form[action$=\"/logout/\"]').requestSubmit()")
    page.wait_for_url(re.compile("/logout/|/login/"))
    left = "new Promise((done) => { const o = indexedDB.open('newsroom-desk'); o.onsuccess = () => { const q = o.result"
    left += ".transaction('texts').objectStore('texts').count(); q.onsuccess = () => done(q.result) } })"
    assert page.evaluate(left) == 0
    nothing_complains.clear()  # Chromium notes each request that found no network
