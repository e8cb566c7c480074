"""One judge of every surface: a browser's own parser reads it, and whatever in it could act is named.

What acts in a surface of a harmless text is the house's own; a hostile text may add nothing to it.
"""

from collections.abc import Iterable
from html import unescape
from typing import Any
from xml.etree import ElementTree

from playwright.sync_api import Browser, Page

# Every element that runs, loads, frames, sends or covers something, and every attribute that does; those of
# Unfold's scripts (Alpine, htmx) among them. Numbers are made equal: keys, moments and widths differ by right.
JUDGE = r"""
(documents) => {
  const ACTING = new Set(`script style link meta base iframe frame frameset object embed applet portal form input button
    select textarea template noscript noembed noframes plaintext xmp marquee audio video source track dialog
    math svg isindex keygen bgsound layer ilayer fencedframe menuitem`.split(/\s+/))
  const ADDRESSES = new Set(`href src action formaction data poster cite background longdesc manifest xlink:href
    codebase classid profile usemap lowsrc dynsrc icon from to values by ping`.split(/\s+/))
  const LOADS = new Set("img source video audio track iframe embed object link script image use input".split(" "))
  const RISKY = new RegExp(
    "^(on|x-|@|:|hx-|v-|ng-|popovertarget|command)|^(style|srcdoc|is|autofocus|http-equiv|target|attributionsrc)$")
  const same = text => text.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "#").replace(/\d+/g, "#").trim()
  const BASE = "https://base.example/"
  function address(value) {
    try { return new URL(value, BASE) } catch { return null }
  }
  function* addressesOf(element) {
    for (const {name, value} of element.attributes) {
      if (name === "srcset" || name === "imagesrcset")
        for (const piece of value.split(",")) yield [name, piece.trim().split(/\s+/)[0]]
      else if (ADDRESSES.has(name)) yield [name, value]
    }
  }
  function shown(element) {
    const tag = element.localName
    const kept = name => `${name}=${same(element.getAttribute(name) ?? "")}`
    switch (tag) {
      case "script": {
        const isData = /json/.test(element.type) && element.type !== "importmap"
        return `script ${kept("type")} ${kept("src")} ${kept("id")} ${isData ? "" : same(element.textContent)}`
      }
      case "style": return `style ${same(element.textContent)}`
      case "meta": return `meta ${kept("name")} ${kept("property")} ${kept("http-equiv")}`
      case "link": return `link ${kept("rel")} ${kept("type")}`
      case "form": return `form ${kept("action")} ${kept("method")}`
      case "svg": return same(element.outerHTML)
      case "math": return element.outerHTML
      case "iframe": return element.outerHTML
      case "input": case "select": case "textarea": case "button":
        return `${tag} ${kept("name")} ${kept("type")} ${kept("form")}`
      case "template": return `template ${kept("id")}`
      default: return `${tag} ${kept("id")} ${kept("class")}`
    }
  }
  function walk(root, found) {
    for (const element of root.querySelectorAll("*")) {
      const tag = element.localName
      if (ACTING.has(tag)) found.add(shown(element))
      if (element.namespaceURI !== "http://www.w3.org/1999/xhtml" && !element.closest("svg"))
        found.add(`foreign ${element.outerHTML}`)
      for (const {name, value} of element.attributes)
        if (RISKY.test(name)) found.add(`${tag} ${name}=${same(value)}`)
      for (const [name, value] of addressesOf(element)) {
        const where = address(value)
        if (where === null) continue
        if (!["http:", "https:", "mailto:"].includes(where.protocol)) found.add(`${tag} ${name}=${value}`)
        // The house's own host is its own as well when it is written out.
        else if (LOADS.has(tag) && !["base.example", "127.0.0.1", "testserver"].includes(where.hostname)
                 && !(tag === "link" && !/stylesheet|icon|preload|import|manifest/.test(element.rel)))
          found.add(`${tag} loads ${value}`)
      }
      if (tag === "template") walk(element.content, found)
    }
    return found
  }
  return documents.map(html => [...walk(new DOMParser().parseFromString(html, "text/html"), new Set())])
}
"""

CONTENT = "http://purl.org/rss/1.0/modules/content/"


class Judge:
    def __init__(self, browser: Browser) -> None:
        self._page: Page = browser.new_page()
        self._own: dict[str, set[str]] = {}

    def close(self) -> None:
        self._page.close()

    def acting(self, documents: Iterable[str]) -> list[set[str]]:
        """Of each document, what in it could act."""
        return [set(found) for found in self._page.evaluate(JUDGE, list(documents))]

    def learn(self, surfaces: dict[str, str]) -> None:
        """What acts here is the house's own."""
        for name, found in zip(surfaces, self.acting(surfaces.values()), strict=True):
            self._own.setdefault(name, set()).update(found)

    def findings(self, surfaces: dict[str, str]) -> list[str]:
        return [
            f"{name}: {what[:300]}"
            for name, found in zip(surfaces, self.acting(surfaces.values()), strict=True)
            for what in sorted(found - self._own.get(name, set()))
        ]


def markup_in_xml(text: str) -> str:
    """What a feed hands to readers' programs, as one document; the feed itself must be sound XML."""
    root = ElementTree.fromstring(text)  # noqa: S314 - our own feed
    # By their specification these are HTML, and nothing else is.
    html = ("item/description", f"item/{{{CONTENT}}}encoded")
    pieces = [found.text or "" for path in html for found in root.iterfind(f".//{path}")]
    pieces += [f'<a href="{_quoted(value)}">x</a>' for value in _addresses(root)]
    return "\n".join(pieces)


def _addresses(root: ElementTree.Element) -> Iterable[str]:
    for element in root.iter():
        if element.tag.rpartition("}")[2] in {"link", "url", "comments", "docs", "loc"} and element.text:
            yield element.text
        for name in ("href", "url", "src", "ref"):
            if name in element.attrib:
                yield element.attrib[name]


def markup_in_json(held: Any) -> str:
    """Every text of it: whoever reads the feed may take any for markup where the format says so."""
    return "\n".join(_texts(held))


def _texts(held: Any, key: str = "") -> Iterable[str]:
    if isinstance(held, dict):
        for name, value in held.items():
            yield from _texts(value, name)
    elif isinstance(held, list):
        for value in held:
            yield from _texts(value, key)
    elif isinstance(held, str):
        if key in {"url", "@id", "sameAs", "home_page_url", "feed_url", "external_url", "image", "avatar"}:
            yield f'<a href="{_quoted(held)}">x</a>'
        elif key == "content_html":
            yield held


def _quoted(address: str) -> str:
    return unescape(address).replace("&", "&amp;").replace('"', "&quot;")
