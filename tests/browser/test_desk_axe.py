"""The desk for everybody: no violation of WCAG A or AA in light and dark, and all of it by keyboard or by touch."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
LEVELS = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
LIST = "/admin/articles/article/"
TRIED = (
    LIST, f"{LIST}add/", "/admin/", "/admin/roles/", "/admin/articles/photo/", "/admin/articles/pick/",
    "/admin/authors/author/", "/admin/articles/section/", "/admin/newsletter/issue/add/",
    "/admin/newsletter/subscriber/", "/admin/figures/", "/admin/installation/",
)  # fmt: skip


def enter(page: Page, who: str = "editor") -> None:
    page.goto("/admin/login/")
    page.fill("[name=username]", who)
    page.fill("[name=password]", "newsroom")
    page.press("[name=password]", "Enter")
    expect(page.get_by_role("heading", name="Waiting for me")).to_be_visible()


def violations(page: Page) -> list[str]:
    page.wait_for_load_state("networkidle")
    for editor in page.locator(".tiptap.ProseMirror").all():
        expect(editor).to_have_attribute("aria-labelledby", "id_body_label")
    found = Axe().run(page, options=LEVELS).response["violations"]
    return [f"{page.url} {rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"][:3]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_at_the_desk(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    enter(page, "admin")
    is_dark = "document.documentElement.classList.contains('dark')"
    page.wait_for_function(is_dark if scheme == "dark" else f"!{is_dark}")
    found = []
    for address in TRIED:
        page.goto(address)
        found += violations(page)
    page.goto(f"{LIST}?stand=live")
    page.locator("#result_list tbody a").first.click()
    page.locator("#elsewhere > summary").click()
    found += violations(page)
    page.get_by_role("button", name="Choose a photo").first.click()
    expect(page.locator("dialog.library[open]")).to_be_visible()
    found += violations(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Keyboard shortcuts").click()
    found += violations(page)
    page.keyboard.press("Escape")
    page.locator(".ProseMirror[contenteditable]").click()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="Link")).to_be_visible()
    found += violations(page)
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Revisions").click()
    found += violations(page)
    for kind in ("articles/photo", "newsletter/issue", "newsletter/subscriber"):
        page.goto(f"/admin/{kind}/")
        page.locator("#result_list tbody a").first.click()
        found += violations(page)
    assert not found, "\n".join(found)


def test_the_desk_is_worked_by_keyboard_alone(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})  # to 1280 px the theme folds its sidebar away by itself
    enter(page)
    page.goto(LIST)
    page.wait_for_load_state("networkidle")
    # The theme's own: filters and the sidebar open and close by Enter and Space.
    page.locator(".filter-open-button").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#changelist-filter")).to_be_visible()
    sidebar, toggle = page.locator("#nav-sidebar"), page.get_by_role("button", name="Toggle sidebar").first
    expect(sidebar).to_be_visible()
    toggle.focus()
    page.keyboard.press("Space")
    expect(sidebar).to_be_hidden()
    page.keyboard.press("Space")
    expect(sidebar).to_be_visible()
    # The picks: moved and taken off by their buttons, the focus stays, and what happened is said.
    page.goto("/admin/articles/pick/")
    cards = page.locator("[data-card]")
    first, second = (cards.nth(place).get_attribute("data-title") for place in (0, 1))
    down = cards.nth(0).get_by_role("button", name=re.compile("^Down"))
    down.focus()
    page.keyboard.press("Enter")
    assert [cards.nth(place).get_attribute("data-title") for place in (0, 1)] == [second, first]
    expect(page.locator("[data-told]")).to_contain_text("is now number 2")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == f"Down: {first}"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    assert cards.nth(0).get_attribute("data-title") == first
    page.get_by_role("button", name="Save the order").last.click()
    expect(page.get_by_text("The front page has its new order.")).to_be_visible()


def test_the_looks_elsewhere_follow_what_is_typed(page: Page) -> None:
    enter(page)
    page.goto(f"{LIST}add/")
    page.locator("#id_title").fill("Spring tides")
    page.locator("#elsewhere > summary").click()
    title = page.locator(".result [data-shown=title]")
    expect(title).to_have_text("Spring tides")
    page.locator("#id_search_title").fill("Spring tides explained " + "again and " * 6)
    expect(title).to_contain_text("Spring tides explained")
    expect(page.locator("#id_search_title_count")).to_contain_text("is often cut off")
    page.locator("#id_search_description").fill("Why the sea rises.")
    for look in (".result", ".shared"):
        expect(page.locator(f"{look} [data-shown=description]")).to_have_text("Why the sea rises.")
    expect(page.locator(".shared__drawn")).to_contain_text("Spring tides")
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_text("Saved as revision")).to_be_visible()
    expect(page.locator("#elsewhere")).to_have_attribute("open", "")


def test_a_pick_is_dragged_to_another_place(page: Page) -> None:
    enter(page)
    page.goto("/admin/articles/pick/")
    cards = page.locator("[data-card]")
    last = cards.last.get_attribute("data-title")
    cards.last.locator("img, .picks__picture").first.drag_to(cards.first, target_position={"x": 20, "y": 4})
    assert cards.first.get_attribute("data-title") == last
    expect(page.get_by_text("This order is not saved yet.")).to_be_visible()
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Preview").click()
    expect(opened.value.locator(".lead-title")).to_have_text(last)
    opened.value.close()


@pytest.fixture
def touching(browser, base_url, nothing_complains):
    context = browser.new_context(
        base_url=base_url, has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844}
    )
    page = context.new_page()
    page.on("console", lambda message: nothing_complains.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: nothing_complains.append(str(error)))
    yield page
    context.close()


def test_an_article_is_written_published_corrected_and_withdrawn_by_touch(touching: Page) -> None:
    page = touching
    page.goto("/admin/login/")
    for name, typed in (("username", "editor"), ("password", "newsroom")):
        page.locator(f"[name={name}]").tap()
        page.keyboard.type(typed)
    page.get_by_role("button", name="Log in").tap()
    page.get_by_role("link", name="Write an article").tap()
    page.wait_for_url(f"**{LIST}add/")
    expect(page.locator(".tiptap.ProseMirror")).to_be_visible()
    fits(page)
    page.locator("#id_title").tap()
    page.keyboard.type("By thumb")
    page.locator("#id_standfirst").tap()
    page.keyboard.type("Written on a telephone in a queue.")
    page.locator(".tiptap.ProseMirror").tap()
    page.keyboard.type("The whole text.")
    page.locator("#id_section").select_option(index=1)
    tap_verb(page, "Submit")
    expect(page.get_by_text("is with the editors now.")).to_be_visible()
    tap_verb(page, "Publish now")
    expect(page.get_by_text("“By thumb” is live.")).to_be_visible()
    page.locator("#id_title").tap()
    page.keyboard.press("End")
    page.keyboard.type(", corrected")
    tap_verb(page, "Correct")
    note = page.get_by_role("dialog", name="Correct and publish")
    note.get_by_label("What was wrong").tap()
    page.keyboard.type("We said that it was written at a desk.")
    note.get_by_label("What is right").tap()
    page.keyboard.type("It was written by thumb.")
    fits(page)
    note.get_by_role("button", name="Correct and publish").tap()
    expect(page.get_by_text("is corrected, and its readers are told")).to_be_visible()
    expect(page.locator(".writing__stand")).to_contain_text("Live")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="On the site").tap()
    expect(opened.value.get_by_text("We said that it was written at a desk. It was written by thumb.")).to_be_visible()
    opened.value.close()
    tap_verb(page, "Withdraw")
    page.locator("dialog[open] [name=because]").tap()
    page.keyboard.type("It was a try.")
    page.locator("dialog[open]").get_by_role("button", name="Withdraw").tap()
    expect(page.get_by_text("is withdrawn.")).to_be_visible()
    page.goto(LIST)
    fits(page)
    page.locator("#searchbar").tap()
    page.keyboard.type("thumb")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="By thumb, corrected").tap()
    expect(page.locator("#id_title")).to_have_value("By thumb, corrected")


def tap_verb(page: Page, name: str) -> None:
    page.locator(".verbs").get_by_role("button", name=name, exact=True).tap()


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
