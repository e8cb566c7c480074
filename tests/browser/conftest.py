import pytest
from playwright.sync_api import expect

from tests.browser.house import CHROMIUM, FLAGS, open_house

# What is waited for comes; on a machine that has much else to do, later.
expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    if CHROMIUM is None:
        pytest.fail("The browser tests need Chromium: apt-get install chromium (or run .ci/run, which does).")
    return browser_type_launch_args | {"executable_path": CHROMIUM, "args": FLAGS}


@pytest.fixture(scope="session")
def house(worker_id):
    """Each process that plays has a house of its own."""
    with open_house(f"browser-{worker_id}", "--small") as opened:
        yield opened


@pytest.fixture(scope="session")
def base_url(house):
    return house.url


@pytest.fixture(autouse=True)
def nothing_complains(page):
    """No error in the console, no blocked script or style, on any page that a test visits."""
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield complaints
    assert not complaints


@pytest.fixture(scope="session")
def cookies_of_the_editor(browser, base_url):
    """A login is meant to cost a second: it is tried where it is meant, and taken over everywhere else."""
    context = browser.new_context(base_url=base_url)
    page = context.new_page()
    page.goto("/admin/")
    page.get_by_label("Username").fill("editor")
    page.get_by_label("Password").fill("newsroom")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Write an article")).to_be_visible()
    yield context.cookies()
    context.close()


@pytest.fixture
def desk(page, cookies_of_the_editor):
    """The editor's first page at the desk."""
    page.context.add_cookies(cookies_of_the_editor)
    page.goto("/admin/")
    expect(page.get_by_role("link", name="Write an article")).to_be_visible()
    return page
