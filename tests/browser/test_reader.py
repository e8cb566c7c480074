"""A reader in a real browser: reads, subscribes, gets the next issue, leaves; without script, too, and by machine."""

import email
import email.policy
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.kinds import SHOWPIECE

pytestmark = pytest.mark.browser

CHECK_YOUR_EMAIL = "Success! Now Check Your Email"
FIXED = (
    "To complete Subscribe, click the confirmation link in your inbox. "
    "If it doesn’t arrive within 3 minutes, check your spam folder."
)


def subscribe_box(page, address: str) -> None:
    box = page.locator("#subscribe")
    expect(box.get_by_role("heading", name="Subscribe to Our Newsletter")).to_be_visible()
    box.get_by_label("E-mail address").fill(address)
    box.get_by_role("button", name="Subscribe").click()


def confirm_from_the_mailbox(page, house, address: str) -> None:
    house.letters_to(address)
    page.goto(f"/mail/?to={address}")
    page.get_by_role("link", name="Confirm your subscription to Longshore").click()
    link = page.locator(".letter-text a", has_text="/newsletter/confirm/")
    page.goto(link.get_attribute("href"))
    expect(page.get_by_role("heading", name="One last press")).to_be_visible()
    expect(page.get_by_text(f"{address[0]}•••@reader.example")).to_be_visible()
    page.get_by_role("button", name="Yes, send me Longshore Weekly").click()
    expect(page.get_by_role("heading", name="You are subscribed")).to_be_visible()


def letter_in(path: Path):
    return email.message_from_bytes(path.read_bytes(), policy=email.policy.default)


def unsubscribe_link(letter) -> str:
    return letter["List-Unsubscribe"].strip("<>")


def post(url: str, **fields: str) -> int:
    with urllib.request.urlopen(url, data=urllib.parse.urlencode(fields).encode()) as answer:
        assert answer.url == url
        assert "Set-Cookie" not in answer.headers
        return answer.status


def test_three_readers_subscribe_get_the_next_issue_and_leave(page, house, browser):
    plain = browser.new_context(java_script_enabled=False, base_url=house.url).new_page()
    quick, slow, machine = "quick@reader.example", "slow@reader.example", "machine@reader.example"

    # With script: a dialog on the same page, and the focus goes there and comes back.
    page.goto(SHOWPIECE)
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "The harbour that bought a power station to feed its computers"
    )
    assert page.evaluate("document.querySelector('article img[fetchpriority=high]').naturalWidth") > 0
    subscribe_box(page, quick)
    dialog = page.get_by_role("dialog", name=CHECK_YOUR_EMAIL)
    expect(dialog).to_contain_text(FIXED)
    expect(dialog).to_contain_text(f"Sent to {quick}")
    expect(dialog.get_by_role("link", name="Wrong address?")).to_be_visible()
    expect(dialog.get_by_role("button", name="Send again")).to_be_hidden()
    assert page.evaluate("document.querySelector('dialog').contains(document.activeElement)")
    dialog.get_by_text("Ok, Thanks").click()
    expect(dialog).to_be_hidden()
    expect(page).to_have_url(house.url + SHOWPIECE)
    assert page.evaluate("document.activeElement.closest('#subscribe') !== null")
    confirm_from_the_mailbox(page, house, quick)

    # Without script: a page, which leads back to the article.
    plain.goto(SHOWPIECE)
    subscribe_box(plain, slow)
    plain.get_by_role("button", name="Yes, send it").click()
    expect(plain.get_by_role("heading", level=1)).to_have_text(CHECK_YOUR_EMAIL)
    expect(plain.get_by_text(FIXED)).to_be_visible()
    plain.get_by_role("link", name="Ok, Thanks").click()
    expect(plain).to_have_url(house.url + SHOWPIECE)
    confirm_from_the_mailbox(plain, house, slow)

    # By machine, as curl would.
    post(f"{house.url}/newsletter/subscribe/", email=machine, newsletter="weekly")
    request = letter_in(house.letters_to(machine)[0]).get_body(("plain",)).get_content()
    post(next(word for word in request.split() if "/newsletter/confirm/" in word))

    said = house.manage("send_issue", "weekly/ready", "--now")
    assert said.count("\n") == 1
    letters = {address: letter_in(house.letters_to(address, at_least=2)[1]) for address in (quick, slow, machine)}
    for address, letter in letters.items():
        assert letter["To"] == address
        assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert "<weekly." in letter["List-Id"]
        assert address in letter.get_body(("plain",)).get_content()
        assert address in letter.get_body(("html",)).get_content()

    # Each leaves in one press: by the button, with and without script, and as a mail program does (RFC 8058).
    for visitor, address in ((page, quick), (plain, slow)):
        visitor.goto(unsubscribe_link(letters[address]))
        visitor.get_by_role("button", name="Stop Longshore Weekly").click()
        expect(visitor.get_by_text("Done. A letter already under way may still arrive")).to_be_visible()
    assert post(unsubscribe_link(letters[machine]), **{"List-Unsubscribe": "One-Click"}) == 200
    for address in letters:
        page.goto(unsubscribe_link(letters[address]))
        expect(page.get_by_role("button", name="Stop Longshore Weekly")).to_have_count(0)

    # Undone by a press, within ten minutes.
    plain.goto(unsubscribe_link(letters[slow]))


def test_a_letter_on_the_web_reads_like_the_magazine(page):
    page.goto("/newsletter/weekly/")
    page.get_by_role("main").get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_what_is_no_address_is_refused_beside_the_field_and_kept(page, browser, house, nothing_complains):
    page.goto(SHOWPIECE)
    box = page.locator("#subscribe")
    box.get_by_label("E-mail address").fill("nobody@nowhere")
    box.get_by_role("button", name="Subscribe").click()
    expect(box.get_by_text("name@example.org")).to_be_visible()
    expect(box.get_by_label("E-mail address")).to_have_value("nobody@nowhere")
    expect(page.get_by_role("dialog")).to_have_count(0)

    plain = browser.new_context(java_script_enabled=False, base_url=house.url).new_page()
    plain.goto(SHOWPIECE)
    subscribe_box(plain, "nobody@nowhere")
    expect(plain.get_by_label("E-mail address")).to_have_value("nobody@nowhere")
    expect(plain.get_by_text("name@example.org")).to_be_visible()
    nothing_complains.clear()  # Chromium notes the answer 400, which is what we want


def test_the_header_opens_the_form_with_and_without_script(page, browser, house):
    page.goto(SHOWPIECE)
    page.get_by_role("banner").get_by_role("link", name="Subscribe").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("E-mail address")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("banner").get_by_role("link", name="Subscribe")).to_be_focused()

    plain = browser.new_context(java_script_enabled=False, base_url=house.url).new_page()
    plain.goto(SHOWPIECE)
    plain.get_by_role("banner").get_by_role("link", name="Subscribe").click()
    expect(plain.get_by_label("E-mail address")).to_be_visible()
