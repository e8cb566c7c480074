"""What a browser chooses of a page's pictures, and what that costs a reader."""

import pytest

pytestmark = pytest.mark.browser

SHOWPIECE = "/harbour-power-station/"
PAGES = ["/", SHOWPIECE, "/section/coast/", "/search/?q=tide", "/search/?q=nowhere"]
SCREENS = [(390, 1), (390, 3), (768, 1), (1280, 1)]

# Scrolls to the end, so that every picture is fetched, and says how wide each stands and which width was chosen for it.
LOOK = """async () => {
  const widths = (set) => [...set.matchAll(/ (\\d+)w/g)].map((found) => Number(found[1]));
  const shown = [...document.images].filter((picture) => picture.checkVisibility());
  for (const picture of shown) {
    picture.scrollIntoView({behavior: "instant"});
    if (!picture.complete) await new Promise((done) => picture.onload = picture.onerror = done);
  }
  return shown.map((picture) => ({
    file: picture.currentSrc,
    shown: picture.getBoundingClientRect().width * devicePixelRatio,
    chosen: Number(picture.currentSrc.match(/-(\\d+)\\.\\w+$/)[1]),
    widest: Math.max(...[picture, ...picture.parentElement.children].flatMap((one) => widths(one.srcset ?? ""))),
    there: picture.naturalWidth > 0,
    keepsItsPlace: picture.hasAttribute("width") && picture.hasAttribute("height"),
  }));
}"""


@pytest.fixture(scope="module")
def open_at(browser, house):
    house.await_pictures()

    def open_page(path: str, width: int, dots: int):
        page = browser.new_page(viewport={"width": width, "height": 844}, device_scale_factor=dots, base_url=house.url)
        fetched = []
        page.on("requestfinished", lambda request: fetched.append((request.url, sum_of(request.sizes()))))
        page.goto(path, wait_until="networkidle")
        return page, fetched

    return open_page


def sum_of(sizes: dict[str, int]) -> int:
    return sizes["responseHeadersSize"] + sizes["responseBodySize"]


@pytest.mark.parametrize("path", PAGES)
def test_every_picture_is_about_as_large_as_it_stands(open_at, path):
    for width, dots in SCREENS:
        page, _fetched = open_at(path, width, dots)
        seen = page.evaluate(LOOK)
        page.close()
        assert seen
        # A phone with three dots to a pixel gets two or so of them; no eye asks for more.
        enough = 0.85 if dots == 1 else 0.45
        for picture in seen:
            assert picture["there"], picture
            assert picture["keepsItsPlace"], picture
            assert picture["chosen"] <= 2.05 * picture["shown"], (width, picture)
            assert picture["chosen"] >= min(enough * picture["shown"], picture["widest"]), (width, picture)


@pytest.mark.parametrize("path", ["/", SHOWPIECE])
def test_a_phone_pays_little_before_anybody_scrolls(open_at, path):
    page, fetched = open_at(path, 390, 3)
    lead = page.locator("img[fetchpriority=high]").evaluate("picture => picture.currentSrc")
    page.close()
    costs = dict(fetched)
    assert costs[lead] <= 60_000
    assert sum(costs.values()) <= 300_000
