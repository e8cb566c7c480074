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
