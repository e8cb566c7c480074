"""`make screenshots`: takes the README's pictures anew, from a demo of its own."""

import io
import sys

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from newsroom.settings import BASE_DIR
from tests.browser.house import CHROMIUM, FLAGS, open_house

FOLDER = BASE_DIR / "docs" / "pictures"
SIZE = {"width": 1280, "height": 900}


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with open_house("screenshots") as house, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_context(base_url=house.url, viewport=SIZE, reduced_motion="reduce").new_page()
        house.await_pictures()
        house.manage("send_issue", "weekly/ready", "--now")
        for name, visit in VISITS.items():
            visit(page)
            page.wait_for_load_state("networkidle")
            keep(page.screenshot(), name)
            print(f"docs/pictures/{name}.png")


def keep(shot: bytes, name: str) -> None:
    """At half size and in 256 colours: the README is read, not printed."""
    with Image.open(io.BytesIO(shot)) as picture:
        small = picture.convert("RGB").resize((picture.width // 2, picture.height // 2), Image.Resampling.LANCZOS)
        small.quantize(256, dither=Image.Dither.NONE).save(FOLDER / f"{name}.png", optimize=True)


def desk(page: Page) -> None:
    page.goto("/admin/login/?next=/admin/articles/article/")
    page.fill("[name=username]", "editor")
    page.fill("[name=password]", "newsroom")
    page.press("[name=password]", "Enter")
    page.get_by_role("link", name="The harbour that bought").first.click()


def letter(page: Page) -> None:
    page.goto("/mail/")
    page.get_by_role("main").get_by_role("listitem").get_by_role("link").first.click()
    page.goto(f"{page.url}html/")


VISITS = {
    "front": lambda page: page.goto("/"),
    "article": lambda page: page.goto("/harbour-power-station/"),
    "desk": desk,
    "letter": letter,
}

if __name__ == "__main__":
    sys.exit(main())
