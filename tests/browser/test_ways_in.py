"""The same journeys with nothing but a keyboard, and with nothing but links and forms."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.kinds import SHOWPIECE

pytestmark = pytest.mark.browser


class Keyboard:
    """A reader without a mouse: what they cannot reach by Tab is not there."""

    def __init__(self, page) -> None:
        self.page = page

    def tab_to(self, role: str, name: str | re.Pattern, *, within: str = "body", most: int = 120):
        wanted = self.page.locator(within).get_by_role(role, name=name).first
        expect(wanted).to_be_visible()
        for _stop in range(most):
            if wanted.evaluate("element => element === document.activeElement"):
                shown = wanted.evaluate(
                    "element => [element, document.activeElement].every((at) => at.matches(':focus-visible'))"
                )
                assert shown, f"the focus on {name} does not show"
                return wanted
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not come to {role} {name}")

    def press(self, role: str, name: str | re.Pattern, *, key: str = "Enter", **where) -> None:
        self.tab_to(role, name, **where)
        self.page.keyboard.press(key)


def test_a_reader_needs_no_mouse(page, house):
    keys = Keyboard(page)
    page.goto("/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the text")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")

    page.goto("/")
    keys.press("link", "Machines", within="nav")
    expect(page.get_by_role("heading", level=1)).to_have_text("Machines")
    keys.press("link", re.compile("The harbour that bought"))
    expect(page).to_have_url(re.compile(SHOWPIECE))

    # Contents: opened, and followed to the part.
    summary = page.locator(".contents summary")
    for _stop in range(60):
        page.keyboard.press("Tab")
        if summary.evaluate("element => element === document.activeElement"):
            break
    page.keyboard.press("Enter")
    part = page.locator(".contents a").nth(1)
    expect(part).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(part).to_be_focused()
    page.keyboard.press("Enter")
    anchor = part.get_attribute("href")
    expect(page).to_have_url(re.compile(re.escape(anchor) + "$"))
    # From here the focus goes on behind the heading, not at the top again.
    page.keyboard.press("Tab")
    assert page.evaluate(
        "anchor => Boolean(document.getElementById(anchor).compareDocumentPosition(document.activeElement) & 4)",
        page.evaluate("decodeURIComponent(location.hash.slice(1))"),
    )

    # The dialog holds the focus, Escape gives it back.
    page.goto(SHOWPIECE)
    keys.press("link", "Subscribe", within="header")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("E-mail address")).to_be_focused()
    for _stop in range(12):
        page.keyboard.press("Tab")
        # Between the last and the first lies the browser's own bar, where the body counts as focused.
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("banner").get_by_role("link", name="Subscribe")).to_be_focused()

    # The box under the text: typed, sent, answered, closed, and back in the box.
    keys.tab_to("textbox", "E-mail address", within="#subscribe")
    page.keyboard.type("keys@furnished.example")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Success! Now Check Your Email")).to_be_visible()
    keys.press("link", "Ok, Thanks", within="dialog")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert page.evaluate("document.activeElement.closest('#subscribe') !== null")

    # Search, narrowed down by the arrows of a list.
    page.goto("/search/")
    expect(page.get_by_label("Search the magazine")).to_be_focused()
    page.keyboard.type("tide")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("“tide”")
    for _stop in range(60):
        page.keyboard.press("Tab")
        if page.locator(".filters summary").evaluate("element => element === document.activeElement"):
            break
    page.keyboard.press("Enter")
    keys.tab_to("combobox", "Section")
    page.keyboard.press("c")
    keys.press("button", "Apply")
    expect(page).to_have_url(re.compile("section=coast"))
    expect(page.get_by_role("status")).to_be_visible()

    page.goto("/page/2/")
    keys.press("link", re.compile("Newer|Older"), within=".pager")
    expect(page.get_by_role("main")).to_be_visible()

    # What the mail brings: confirmed, then chosen anew.
    mail = house.letters_to("keys@furnished.example")[-1].read_text()
    page.goto(re.search(r"/newsletter/confirm/\S+/", mail.replace("=\n", "").replace("=3D", "="))[0])
    keys.press("button", re.compile("Yes, send me"))
    expect(page.get_by_role("heading", name="You are subscribed")).to_be_visible()


def test_a_reader_chooses_letters_by_the_space_bar(page, house):
    token = house.manage(
        "shell", "--no-imports", "-v", "0", "-c",
        "from newsletter.models import Subscription;"
        "print(Subscription.objects.filter(newsletter__slug='weekly', left_at=None).exclude(confirmed_at=None)"
        ".order_by('pk').first().token)",
    ).split()[-1]  # fmt: skip
    keys = Keyboard(page)
    page.goto(f"/newsletter/preferences/{token}/")
    weekly = keys.tab_to("checkbox", re.compile("Longshore Weekly"))
    assert weekly.is_checked()
    page.keyboard.press("Space")
    assert not weekly.is_checked()
    keys.press("button", "Keep this choice", key="Space")
    expect(page.get_by_role("status")).to_contain_text("You have left Longshore Weekly")


def test_a_reader_needs_no_script(browser, house):
    page = browser.new_context(java_script_enabled=False, base_url=house.url).new_page()
    page.goto("/")
    page.get_by_role("navigation", name="Sections").get_by_role("link", name="Machines").click()
    page.get_by_role("link", name=re.compile("The harbour that bought")).click()
    page.locator(".contents summary").click()
    page.locator(".contents a").first.click()
    expect(page).to_have_url(re.compile(f"{SHOWPIECE}#"))

    page.get_by_role("banner").get_by_role("link", name="Search").click()
    page.get_by_label("Search the magazine").fill("tide")
    page.get_by_role("button", name="Search").click()
    page.locator(".filters summary").click()
    page.get_by_label("Section", exact=True).select_option(label="Coast")
    page.get_by_role("button", name="Apply").click()
    expect(page).to_have_url(re.compile("section=coast"))
    page.get_by_role("main").get_by_role("article").first.get_by_role("link").last.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()

    page.goto("/page/2/")
    page.get_by_role("navigation", name="Pages").get_by_role("link").first.click()
    page.goto("/archive/")
    page.get_by_role("main").get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()

    page.goto("/newsletter/")
    page.get_by_role("main").get_by_label("E-mail address").fill("plain@furnished.example")
    page.get_by_role("main").get_by_role("button", name="Subscribe").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Success! Now Check Your Email")
    mail = house.letters_to("plain@furnished.example")[-1].read_text()
    page.goto(re.search(r"/newsletter/confirm/\S+/", mail.replace("=\n", "").replace("=3D", "="))[0])
    page.get_by_role("button", name=re.compile("Yes, send me")).click()
    expect(page.get_by_role("heading", name="You are subscribed")).to_be_visible()
