"""A contributor pastes what means harm: nothing of it runs or is fetched, not while it is pasted nor wherever it is
shown afterwards.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import batched
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import ConsoleMessage, Dialog, Page, expect

from tests import payloads
from tests.browser.test_keeping import KEPT, NEW, TEXT, log_in
from tests.inert import Judge
from tests.payloads import Payload, evenly
from tests.real import needs_real_files

pytestmark = pytest.mark.browser

# Each at the end of the text that is there already. An error in a listener is one of the window, not of the one who
# dispatched; named here because later nobody knows which paste it was.
PASTE = """([how, pieces, anew]) => {
  const text = document.querySelector('.ProseMirror[contenteditable]')
  const wrong = []
  let now
  const complain = event => wrong.push(`${now}: ${event.message}`)
  addEventListener('error', complain)
  if (anew) text.editor.commands.clearContent()
  const made = pieces.map(([name, html]) => {
    now = name
    if (how !== 'within') text.editor.commands.insertContentAt(text.editor.state.doc.content.size, '<p></p>')
    text.editor.commands.focus('end')
    const data = new DataTransfer()
    if (how === 'text') data.setData('text/plain', html)
    else data.setData('text/html', html)
    const { left, top } = text.editor.view.coordsAtPos(text.editor.state.selection.from)
    const how_it_goes = { bubbles: true, cancelable: true, composed: true }
    text.dispatchEvent(how === 'drop'
      ? new DragEvent('drop', { dataTransfer: data, clientX: left, clientY: top + 2, ...how_it_goes })
      : new ClipboardEvent('paste', { clipboardData: data, ...how_it_goes }))
    return text.editor.getText().length
  })
  removeEventListener('error', complain)
  return [text.editor.getHTML(), text.outerHTML, wrong, made.filter((length, n) => length > (made[n - 1] ?? 0)).length]
}"""
# As a page of others puts it there: a browser cleans what navigator.clipboard.write() is given, and not this.
COPY = """html => {
  const put = event => { event.clipboardData.setData('text/html', html); event.preventDefault() }
  document.addEventListener('copy', put, { once: true, capture: true })
}"""

# What clipboards, browsers and our own tidying up are known to stumble over.
OURS = [
    "<script>alert(1)</script><p>a</p>",
    "<img src=x onerror=alert(1)>",
    '<img src="https://evil.example/1.gif" srcset="https://evil.example/2.gif 2x"><picture><source '
    'srcset="https://evil.example/3.gif"><img></picture>',
    '<p style="background:url(https://evil.example/4.gif)">styled</p><style>@import "https://evil.example/5.css"</style>',
    '<link rel=stylesheet href="https://evil.example/6.css"><link rel=prefetch href="https://evil.example/7"><base '
    'href="https://evil.example/"><p><a href="x">based</a></p>',
    '<meta http-equiv=refresh content="0;url=https://evil.example/8">',
    '<iframe src="https://evil.example/9"></iframe><iframe srcdoc="<script>alert(1)</script>"></iframe>',
    '<video src="https://evil.example/10" poster="https://evil.example/11" autoplay onloadstart=alert(1)></video>',
    '<object data="https://evil.example/12"><embed src="https://evil.example/13"></object>',
    '<svg><image href="https://evil.example/14"/><use href="https://evil.example/15#x"/><animate onbegin=alert(1) '
    'attributeName=x dur=1s></svg>',
    '<p><a href="javascript:alert(1)">j</a> <a href="java\tscript:alert(1)">t</a><a href=" \x01javascript:x">c</a>'
    ' <a href="data:text/html,<script>alert(1)</script>">d</a> <a href="vbscript:x">v</a></p>',
    '<a href="https://www.google.com/url?q=javascript:alert(1)">as Google wraps it</a>',
    # Forms whose fields take the names of what a script asks of an element
    '<form onsubmit=alert(1)><input name=localName><input name=childNodes><p>fields</p></form>',
    '<form><input name=getAttribute><input name=replaceWith><input name=remove><input name=closest>p</form>',
    '<form style="mso-element:comment-list"><input name=remove><p>junk</p></form>',
    '<form class="Apple-converted-space"><img name=textContent><img name=nodeName><img name=attributes></form>',
    '<ul><form><input name=children><input name=cloneNode><li>item</li></form></ul>',
    '<form id=docs-internal-guid-1><input name=parentNode><input name=parentElement><ul><li>x</li></ul></form>',
    '<form data-pm-slice="0 0 []"><input name=nodeType><input name=getAttribute><p>ours?</p></form>',
    # What says that it comes from our own editor
    '<p data-pm-slice="0 0 []">a<img src=x onerror=alert(1)></p>',
    "<p data-pm-slice='1 1 [\"blockquote\",{\"x\":1},\"heading\",{\"level\":\"1 onclick=alert(1)\"}]'>slice</p>",
    "<p data-pm-slice='0 0 [\"__proto__\",null,\"constructor\",{\"polluted\":1}]'>proto</p>",
    "<p data-pm-slice='9 9 [\"doc\",null,\"photoFigure\",{\"photo\":\"<img src=x onerror=alert(1)>\"}]'>figure</p>",
    "<p data-pm-slice='0 0 not json'>broken</p>",
    # What our nodes are told by their markup
    '<figure data-photo="1 onclick=alert(1)"></figure><figure data-photo="../../logout"></figure>',
    '<figure data-gallery="1,<script>,-1,1e9,../x"></figure>',
    '<figure data-embed="javascript:alert(1)" data-title="<img src=x onerror=alert(1)>"></figure>',
    '<figure data-embed="https://www.youtube.com/watch?v=&quot;onload=alert(1)" data-title="&quot;><script>"></figure>',
    '<figure data-embed="https://evil.example/16" data-title="x"><img src="https://evil.example/17"></figure>',
    '<aside data-pullquote onclick=alert(1)><p onfocus=alert(1) autofocus tabindex=0>q</p></aside>',
    '<section data-callout="x" style="position:fixed;inset:0"><p>cover</p></section>',
    '<p>note<span data-footnote="<script>"><img src=x onerror=alert(1)><a href="javascript:alert(1)">n</a></span></p>',
    '<ol start="1e99" type="<b>"><li value="x">l</li></ol><ol start=99999999999999999999><li>m</li></ol>',
    '<table><tr><td colspan=9999 rowspan=-1 colwidth="1,<script>" style="width:expression(x)">c</td></tr></table>',
    '<pre><code class="language-x onclick=alert(1)">&lt;script&gt;alert(1)&lt;/script&gt;</code></pre>',
    # Word's dress
    '<p class=MsoListParagraph style="mso-list:l0 level999999999 lfo1"><span style="mso-list:Ignore">9999999999999.'
    '</span>deep</p>',
    '<p>x<a href="#_ftn1"><sup>1</sup></a></p><div id=ftn1><a name="_ftnref1"></a><p><img src=x onerror=alert(1)>'
    '<a href="javascript:alert(1)">note</a></p></div>',
    '<p><a href="#_ftn1">a</a></p><p><a name="_ftn1"></a><a name="_ftnref1"></a><a href="#_ftn1">itself</a></p>',
    '<html xmlns:o="x"><o:p onclick=alert(1)><o:script>alert(1)</o:script>words</o:p></html>',
    # Parsers of two minds
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x onerror=alert(1)&gt;">',
    '<svg></p><style><a id="</style><img src=x onerror=alert(1)>">',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    '<template><img src=x onerror=alert(1)></template><textarea><img src=x onerror=alert(1)></textarea>',
    '<frameset onload=alert(1)><frame src="https://evil.example/18"></frameset>',
    '<!--[if gte mso 9]><xml><script>alert(1)</script></xml><![endif]--><p>conditional</p>',
    '<tr><td onclick=alert(1)>a row alone</td></tr>',
    '<div>' * 600 + 'a pit' + '</div>' * 600,
    '<ul><li>' * 60 + 'a stair' + '</li></ul>' * 60,
    '<blockquote>' * 60 + '<p>a well</p>' + '</blockquote>' * 60,
    "<p>\u202e\u2066\x00\x01\ufeff\ud83d</p>",
    "<p>" + "a" * 20_000 + "</p>",
]  # fmt: skip
# Where our own parser says so, a photo is looked for; that it is there is another test's.
NUMBERED = re.compile(r"""(data-(?:photo|gallery)=["']?)[\d,]+""")


class Watch:
    """Whatever would tell that something ran or was asked for, on any page of this browser."""

    def __init__(self, page: Page, base_url: str) -> None:
        self.found: list[str] = []
        self.own = urlsplit(base_url).netloc
        page.context.on("request", lambda request: self.asked(request.url))
        page.context.on("dialog", self.answer)
        page.context.on("weberror", lambda error: self.found.append(f"error {error.error}"))
        page.context.on("console", self.said)
        page.context.expose_binding("blocked", lambda _source, what: self.found.append(f"blocked {what}"))
        page.context.add_init_script(
            "addEventListener('securitypolicyviolation', e => blocked(`${e.violatedDirective} ${e.blockedURI}`))"
        )
        page.context.on("page", lambda opened: self.found.append(f"window {opened.url}"))

    def answer(self, dialog: Dialog) -> None:
        if dialog.type != "beforeunload":  # our own question, whether to leave a text that is not saved
            self.found.append(f"dialog {dialog.message}")
        dialog.accept()

    def said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.found.append(f"console {message.text}")

    def asked(self, url: str) -> None:
        where = urlsplit(url)
        if where.scheme not in {"data", "blob"} and where.netloc != self.own:
            self.found.append(f"request {url[:200]}")


@pytest.fixture(autouse=True)
def nothing_complains() -> None:
    """It is watched more closely here."""


@pytest.fixture
def watch(page: Page, base_url: str) -> Watch:
    watch = Watch(page, base_url)
    log_in(page, "contributor")
    return watch


@pytest.fixture
def judge(browser) -> Iterator[Judge]:
    judge = Judge(browser)
    yield judge
    judge.close()


def pasted(page: Page, pieces: Sequence[Payload], *hows: str) -> tuple[str, str, list[str], int]:
    """The text that the editor gives, how it shows it, what went wrong, and how many of the pastes left any words."""
    pieces = [(name, NUMBERED.sub(r"\g<1>1", html)) for name, html in pieces]
    wrong, arrived = [], 0
    for how in hows or ("html",):
        html, shown, complaints, grown = page.evaluate(PASTE, [how, pieces, how == (hows or (how,))[0]])
        wrong += complaints
        arrived += grown
    return html, shown, wrong, arrived


class Desk:
    def __init__(self, page: Page, watch: Watch, judge: Judge) -> None:
        self.page, self.watch, self.judge = page, watch, judge
        self.found: list[str] = []
        self.surfaces = self.arrived = 0
        _html, shown, _wrong, _grown = pasted(page, [("calm", "<p>Calm.</p>")])
        # The editor's own furniture around a text, and that of a photo.
        judge.learn({"editor": shown})
        _html, shown, _wrong, _grown = pasted(page, FURNISHED)
        judge.learn({"editor": shown})

    def tour(self, pieces: Sequence[Payload], *hows: str) -> None:
        """Pasted, kept while it is written, saved, opened again, looked at as readers will and in its history."""
        page = self.page
        page.goto(NEW)
        page.locator(TEXT).wait_for()
        self.type_into_the_fields(pieces)
        html, shown, wrong, arrived = pasted(page, pieces, *hows)
        self.found += wrong
        self.arrived += arrived
        expect(page.locator("[data-state]")).to_have_text(KEPT, timeout=20_000)
        kept = page.locator("textarea[name=body]").input_value()
        self.judged({"html": html, "editor": shown, "kept": kept})
        page.reload()  # with what was kept and never saved
        page.locator(TEXT).wait_for()
        self.judged({"editor": page.locator(TEXT).evaluate("text => text.outerHTML")})
        page.locator("button[name=_save]:visible").click()
        expect(page.get_by_text("Saved as revision")).to_be_visible()
        self.judged({"editor": page.locator(TEXT).evaluate("text => text.outerHTML")})
        article = page.url.split("?")[0].removesuffix("change/")
        for path in ("preview/", "history/"):
            page.goto(f"{article}{path}")
            self.surfaces += 1

    def type_into_the_fields(self, pieces: Sequence[Payload]) -> None:
        """Pasted with the keys of a person, from what a page of others put on the clipboard."""
        page = self.page
        for label, (_name, html) in zip(("Headline", "Standfirst"), pieces, strict=False):
            page.get_by_label(label).fill("Calm")
            page.get_by_label(label).press("ControlOrMeta+a")
            page.evaluate(COPY, html)
            page.keyboard.press("ControlOrMeta+c")
            page.get_by_label(label).press("End")
            page.keyboard.press("ControlOrMeta+v")

    def judged(self, surfaces: dict[str, str]) -> None:
        self.surfaces += len(surfaces)
        self.found += self.judge.findings(surfaces)

    @property
    def findings(self) -> list[str]:
        return self.found + self.watch.found


FURNISHED = [
    ("calm", '<figure data-photo="1"></figure>'),
    ("calm", '<figure data-gallery="1,2"></figure>'),
    ("calm", '<figure data-embed="https://www.youtube.com/watch?v=abcdefghijk" data-title="A film"></figure>'),
    ("calm", "".join(f'<ol type="{kind}"><li><p>x</p></li></ol>' for kind in "1aAiI")),
    ("calm", '<p>a<span data-footnote="">A note.</span> <a href="https://a.example/">there</a></p>'),
    ("calm", "<section data-callout><p>Box.</p></section><pre><code>x</code></pre>"),
    ("calm", "<table><tbody><tr><th>a</th><td>1</td></tr></tbody></table>"),
]  # fmt: skip


def named(pieces: Iterable[str]) -> list[Payload]:
    return [(f"{number}: {html[:40]}", html) for number, html in enumerate(pieces)]


@pytest.fixture
def at_the_desk(page: Page, watch: Watch, judge: Judge) -> Desk:
    return Desk(page, watch, judge)


def test_nothing_of_ours_acts(at_the_desk: Desk) -> None:
    at_the_desk.tour(named(OURS), "html", "within", "text", "drop")
    assert at_the_desk.findings == []
    assert at_the_desk.arrived > 2 * len(OURS)


@needs_real_files
def test_nothing_of_a_sample_of_others_acts(at_the_desk: Desk) -> None:
    at_the_desk.tour([*evenly(list(payloads.of_others()), 80), *evenly(list(payloads.ours()), 40)])
    assert at_the_desk.findings == []
    assert at_the_desk.arrived > 40


def test_an_address_that_leads_nowhere_here_stays_words(page: Page, watch: Watch) -> None:
    html, *_rest = pasted(page, named(["ftp://a.example/x", "https://b.example/y"]), "text")
    assert "<p>ftp://a.example/x</p>" in html
    assert 'href="https://b.example/y"' in html
    assert watch.found == []


def test_one_that_acts_is_found(page: Page, watch: Watch, at_the_desk: Desk) -> None:
    """As in an editor that takes a text as it comes."""
    unclean = "html => document.querySelector('.ProseMirror').parentElement.insertAdjacentHTML('beforeend', html)"
    for script, argument, found in (
        (unclean, "<img src=/static/x.gif onerror=alert(1)>", "blocked script-src-attr"),
        (unclean, "<img src=https://evil.example/1.gif>", "request https://evil.example/1.gif"),
        (unclean, "<img src=https://evil.example/1.gif>", "blocked img-src"),
        (
            "html => new DOMParser().parseFromString(html, 'text/html').body.title",
            "<p onclick=x>",
            "blocked script-src-attr",
        ),
        ("alert", "x", "dialog x"),
        ("words => setTimeout(() => { throw new Error(words) })", "x", "error x"),
        ("console.error", "x", "console x"),
        ("window.open", "/", "window"),
    ):
        watch.found.clear()
        page.evaluate(script, argument)
        page.evaluate("fetch('/').then(() => true)")  # what is reported has come before the answer
        assert any(what.startswith(found) for what in watch.found), (argument, watch.found)
    at_the_desk.judged({"html": "<p onclick=alert(1)>x</p>", "kept": "<a href='javascript:alert(1)'>x</a>"})
    assert len(at_the_desk.found) == 2


@needs_real_files
@pytest.mark.bench
@pytest.mark.parametrize("how", ["html", "text", "drop"])
def test_nothing_of_anybody_acts(at_the_desk: Desk, how: str) -> None:
    everything = [*payloads.of_others(), *payloads.ours(), *named(OURS)]
    for some in batched(everything, 100, strict=False):
        at_the_desk.tour(some, how)
    found = at_the_desk.findings
    print(f"\n{how}: {len(everything)} payloads, {at_the_desk.surfaces} surfaces, {len(found)} findings")
    assert found == []
