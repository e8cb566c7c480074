"""Every kind of page that a reader can come to, as the server sent it.

Whoever adds a full page adds a line here: test_markup.py holds this list to the templates.
"""

import http.client
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from tests.browser.house import House

FURNISH = (Path(__file__).parent / "furnish.py").read_text()
SHOWPIECE = "/harbour-power-station/"


@dataclass(frozen=True)
class Kind:
    """How to come to a page, and with what status and from which template it answers."""

    name: str
    path: str
    template: str
    status: int = 200
    form: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    html: str = ""
    """What the server cannot be asked for on demand comes with its answer."""


@dataclass(frozen=True)
class Fetched:
    kind: Kind
    html: str


def furnish(house: House) -> dict[str, Any]:
    found = json.loads(house.manage("shell", "--no-imports", "-v", "0", "-c", FURNISH).splitlines()[-1])
    asks = {"email": "mailbox@furnished.example", "newsletter": "weekly"}
    fetch(house, Kind("subscribed", "/newsletter/subscribe/", "newsletter/answer.html", form=asks))
    return found | {"letter": f"/mail/{house.letters_to(asks['email'])[0].name}/"}


def kinds(house: House, found: dict[str, Any]) -> list[Kind]:
    at = found.__getitem__
    asked = {"email": "kinds@furnished.example", "newsletter": "weekly", "page": SHOWPIECE}
    return [
        Kind("front", "/", "articles/front.html"),
        Kind("front, second page", "/page/2/", "articles/listing.html"),
        Kind("front, older", f"/?before={quote(at('before'))}", "articles/listing.html"),
        Kind("long article", SHOWPIECE, "articles/article.html"),
        Kind("corrected article", f"/{at('corrected')}/", "articles/article.html"),
        Kind("article with everything", "/hard/", "articles/article.html"),
        Kind("troubled article", "/troubled/", "articles/article.html"),
        Kind("short article", "/ebb/", "articles/article.html"),
        Kind("preview", "/preview/", "articles/article.html", html=at("rendered")["preview"][1]),
        Kind("standing page", "/about/", "articles/page.html"),
        Kind("section", "/section/coast/", "articles/section.html"),
        Kind("section, second page", "/section/coast/page/2/", "articles/section.html"),
        Kind("empty section", "/section/empty/", "articles/section.html"),
        Kind("tag", f"/tag/{at('tag')}/", "articles/tag.html"),
        Kind("empty tag", "/tag/empty/", "articles/tag.html"),
        Kind("series", f"/series/{at('series')}/", "articles/series.html"),
        Kind("empty series", "/series/empty/", "404.html", 404),
        Kind("author", f"/author/{at('author')}/", "authors/author.html"),
        Kind("archive", "/archive/", "articles/archive.html"),
        Kind("year", at("year"), "articles/archive.html"),
        Kind("month", at("month"), "articles/listing.html"),
        Kind("search", "/search/", "articles/search.html"),
        Kind("search, found", "/search/?q=tide", "articles/search.html"),
        Kind("search, second page", "/search/?section=coast&page=2", "articles/search.html"),
        Kind("search, filtered", "/search/?q=tide&section=coast", "articles/search.html"),
        Kind("search, nothing found", "/search/?q=zzxxqq&section=coast", "articles/search.html"),
        Kind("search, did you mean", "/search/?q=harbuor", "articles/search.html"),
        Kind("search, hostile", f"/search/?q={quote('<b>“x” & "y"')}&author=nobody", "articles/search.html"),
        Kind("corrections", "/corrections/", "articles/corrections.html"),
        Kind("newsletters", "/newsletter/", "newsletter/index.html"),
        Kind("past issues", "/newsletter/weekly/", "newsletter/archive.html"),
        Kind("issue", at("issue"), "newsletter/issue.html"),
        Kind("subscribed", "/newsletter/subscribe/", "newsletter/answer.html", form=asked),
        Kind(
            "one more press", "/newsletter/subscribe/", "newsletter/once_more.html", form=asked | {"time": ""},
        ),
        Kind(
            "refused address", "/newsletter/subscribe/", "newsletter/index.html", 400,
            {"email": "nobody@nowhere", "newsletter": "weekly", "page": SHOWPIECE},
        ),
        Kind("too much", "/newsletter/subscribe/", "newsletter/too_long.html", 413, {"email": "x" * 1_000_000}),
        Kind(
            "from elsewhere", "/newsletter/subscribe/", "newsletter/refused.html", 403, asked,
            {"Origin": "https://elsewhere.example"},
        ),
        Kind("data asked for", at("preferences"), "newsletter/data_asked.html", form={"data": "mail"}),
        Kind("data", at("data"), "newsletter/data.html"),
        Kind("data, sure?", at("data"), "newsletter/data_sure.html", form={"do": "erase"}),
        Kind("data, gone", "/newsletter/data/", "newsletter/data_gone.html", html=at("rendered")["erased"][1]),
        Kind("data, expired", at("stale"), "newsletter/data_expired.html"),
        Kind("confirm", at("confirm"), "newsletter/press.html"),
        Kind("confirmed", at("confirmed"), "newsletter/confirmed.html"),
        Kind("expired link", at("expired"), "newsletter/expired.html"),
        Kind("expired link, sent anew", at("expired"), "newsletter/answer.html", form={"again": "yes"}),
        Kind("spent link", at("spent"), "newsletter/spent.html"),
        Kind("forged link", "/newsletter/confirm/forged/", "newsletter/unknown.html", 404),
        Kind("unsubscribe", at("unsubscribe"), "newsletter/unsubscribe.html"),
        Kind("unsubscribe, nothing left", at("over"), "newsletter/unsubscribe.html"),
        Kind("left", at("leaves"), "newsletter/left.html", form={"stop": "one"}),
        Kind("too late to undo", at("over"), "newsletter/too_late.html", form={"undo": at("undo")}),
        Kind("preferences", at("preferences"), "newsletter/preferences.html"),
        Kind("preferences, changed", at("chooses"), "newsletter/preferences.html", form={"newsletter": "breaking"}),
        Kind("not found", "/nothing-is-here/", "404.html", 404),
        Kind("withdrawn", "/withdrawn/", "410.html", 410),
        Kind("withdrawn without a reason", "/withdrawn-untold/", "410.html", 410),
        Kind("not readable", "/", "400.html", 400, headers={"Host": "elsewhere.example"}),
        Kind("not allowed", "/forbidden/", "403.html", html=at("rendered")["forbidden"][1]),
        Kind("broken", "/broken/", "500.html", html=at("rendered")["broken"][1]),
        Kind("away", "/away/", "503.html", html=at("rendered")["away"][1]),
        Kind("mailbox", "/mail/", "mailbox/inbox.html"),
        Kind("mailbox, one letter", at("letter"), "mailbox/letter.html"),
    ]  # fmt: skip


def fetch(house: House, kind: Kind) -> Fetched:
    if kind.html:
        return Fetched(kind, kind.html)
    server = http.client.HTTPConnection("127.0.0.1", house.port, timeout=30)
    body = None if kind.form is None else urlencode(kind.form)
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
    server.request("GET" if body is None else "POST", kind.path, body, headers | kind.headers)
    answer = server.getresponse()
    html = answer.read().decode()
    server.close()
    assert answer.status == kind.status, f"{kind.name}: {answer.status} where {kind.status} was expected"
    return Fetched(kind, html)
