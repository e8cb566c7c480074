"""Whatever markup comes in, a sequence of blocks that HTML allows is kept, and every word of it."""

import re
from collections import Counter

import pytest
from django.test import SimpleTestCase

from articles.body import clean, plain_text, render
from articles.body.embeds import FRAMES, KINDS, PROVIDERS, known
from articles.body.grammar import parse
from newsroom.links import address

NESTED = {
    "<h2>a<p>b</p>c</h2>": "<h2>a</h2><p>b</p><p>c</p>",
    "<strong><p>a</p><p>b</p></strong>": "<p><strong>a</strong></p><p><strong>b</strong></p>",
    "<p>a<ul><li>b</li></ul>c</p>": "<p>a</p><ul><li>b</li></ul><p>c</p>",
    "<ul><ul><li>deep</li></ul></ul>": "<ul><li><ul><li>deep</li></ul></li></ul>",
    "<ul>a<p>b</p></ul>": "<ul><li><p>a</p><p>b</p></li></ul>",
    "<p>x</p><li>stray</li>": "<p>x</p><ul><li>stray</li></ul>",
    "<blockquote>words</blockquote>": "<blockquote><p>words</p></blockquote>",
    "<blockquote><h3>said</h3></blockquote>": "<blockquote><p><strong>said</strong></p></blockquote>",
    "<div>one</div><div>two</div>": "<p>one</p><p>two</p>",
    "<h1>a</h1><h5>b</h5><p><b>c</b><i>d</i></p>": "<h2>a</h2><h4>b</h4><p><strong>c</strong><em>d</em></p>",
    '<a href="/x"><p>a</p></a>': '<p><a href="/x">a</a></p>',
    "<pre>a <strong>b</strong>\n<p>c</p></pre>": "<pre><code>a b\n</code></pre><p>c</p>",
    "<p>a</p><p></p><h2> </h2><p><br></p><ul><li></li></ul>": "<p>a</p>",
    '<figure><img src="x"><figcaption>words</figcaption></figure>': "<p>words</p>",
    '<p>before<figure data-photo="1"></figure>after</p>': '<p>before</p><figure data-photo="1"></figure><p>after</p>',
    '<aside data-pullquote=""><h2>a</h2><ul><li>b</li></ul></aside>': (
        '<aside data-pullquote=""><p><strong>a</strong></p><p>b</p></aside>'
    ),
    "<aside><p>no quote of ours</p></aside>": "<p>no quote of ours</p>",
    "<p><strong>a<em>b</strong>c</em></p>": "<p><strong>a<em>b</em></strong><em>c</em></p>",
}
TABLES = {
    # A short row, a span over too many columns, a row in which nothing begins, words beside the cells
    "<tr><td>1</td><td>2</td></tr><tr><td>3</td></tr>": [["1", "2"], ["3", ""]],
    '<tr><th colspan="3">h</th></tr><tr><td>1</td></tr>': [["h"], ["1"]],
    '<tr><td rowspan="9">a</td><td>b</td></tr><tr></tr>': [["a", "b"]],
    "<tr><td>a<table><tr><td>b</td></tr></table></td></tr>": [["ab"]],
}


class Grammar(SimpleTestCase):
    def test_what_is_nested_wrongly_stands_side_by_side(self):
        for given, kept in NESTED.items():
            with self.subTest(given):
                assert clean(given) == kept
                assert clean(kept) == kept

    def test_a_table_takes_the_shape_of_its_cells(self):
        for given, rows in TABLES.items():
            with self.subTest(given):
                kept = clean(f"<table><tbody>{given}</tbody></table>")
                found = [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row) for row in kept.split("<tr>")[1:]]
                assert [[re.sub("<[^>]+>", "", cell) for cell in row] for row in found] == rows
                assert "span" not in kept

    def test_spans_that_fit_stay(self):
        table = (
            '<table><tbody><tr><th rowspan="2">a</th><th colspan="2">b</th></tr>'
            "<tr><td>c</td><td>d</td></tr><tr><td>e</td><td>f</td><td>g</td></tr></tbody></table>"
        )
        assert clean(table) == table

    def test_signs_that_no_page_may_hold_are_gone(self):
        assert clean("<p>a\x01\x85\ufdd0\ue000\u202eb</p>") == "<p>ab</p>"
        assert clean("<p>e\u0301</p>") == "<p>é</p>"
        assert clean("<p>\u0301</p>") == "<p>\u25cc\u0301</p>"

    def test_a_hundred_lists_in_one_another_are_kept_to_their_words(self):
        assert plain_text(clean("<ul><li>" * 99 + "deep")) == "deep"

    def test_a_table_that_lays_out_pictures_keeps_them(self):
        kept = clean('<table><tr><td><figure data-photo="3"></figure></td></tr></table>')
        assert 'data-photo="3"' in kept

    def test_a_table_of_spans_costs_no_more_than_its_cells(self):
        bomb = (
            '<table><tbody><tr><td rowspan="1000" colspan="100">x</td></tr>'
            + "<tr><td>y</td></tr>" * 900
            + "</tbody></table>"
        )
        assert len(clean(bomb)) < 40 * len(bomb)

    def test_what_means_nothing_ends_nothing(self):
        inner = "<table><tbody><tr><td>in</td></tr></tbody></table>"
        kept = clean(f"<table><tbody><tr><td>a{inner}</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></tbody></table>")
        assert kept.count("<td>") + kept.count("<td><p>") >= 4
        assert kept.endswith("<td>c</td><td>d</td></tr></tbody></table>")
        assert clean('<section data-callout=""><p>a</p><section><p>b</p></section><p>c</p></section>') == (
            '<section data-callout=""><p>a</p><p>b</p><p>c</p></section>'
        )

    def test_a_paragraph_after_a_stray_item_is_no_item(self):
        assert clean("<li>a</li><p>b</p>") == "<ul><li>a</li></ul><p>b</p>"

    def test_an_accent_in_a_mark_goes_to_its_letter(self):
        assert clean("<p>x<em>\u0301</em>y</p>") == "<p>x\u0301y</p>"
        assert clean("<p>शक<b>ि</b>त</p>") == "<p>शकित</p>"

    def test_a_note_stands_in_no_link(self):
        made = clean('<p><a href="/x">tide<span data-footnote="">See it.</span> table</a></p>')
        assert made == '<p><a href="/x">tide</a><span data-footnote="">See it.</span><a href="/x"> table</a></p>'

    def test_no_word_is_lost(self):
        given = "<ul>a<li>b<table><tr>c<td>d<h2>e<pre>f<aside data-pullquote>g<figure>h<ol>i<blockquote>j</table>k"
        assert Counter(re.findall("[a-k]", plain_text(clean(given)))) == Counter("abcdefghijk")


class Links(SimpleTestCase):
    def test_an_address_is_written_as_the_standard_wants_it(self):
        for given, written in {
            " https://a.example/b c ": "https://a.example/b%20c",
            "https://A.example:8080/ü?x=[1]#y z": "https://a.example:8080/ü?x=%5B1%5D#y%20z",
            "/100%": "/100%25",
            "#part": "#part",
            "mailto:ida@magazine.example?subject=a b": "mailto:ida@magazine.example?subject=a%20b",
            "https://münchen.example/": "https://xn--mnchen-3ya.example/",
            "https://[::1]/x": "https://[::1]/x",
        }.items():
            assert address(given) == written, given

    def test_what_leads_nowhere_or_hides_something_is_no_address(self):
        for given in (
            "https://", "https:/a.example", "//a.example", "https://a..example/", "https://u:p@", "\\\\a",
            "javascript:alert(1)", "data:text/html,x", "https://[bad", "https://a.example:99999/", "https://0x7f/",
        ):  # fmt: skip
            assert address(given) == "", given

    def test_name_and_password_are_taken_out(self):
        assert address("https://bank.example@evil.example/") == "https://evil.example/"

    def test_a_link_that_leads_nowhere_is_words(self):
        assert clean('<p><a href="https://">a</a><a>b</a></p>') == "<p>ab</p>"

    def test_a_link_says_what_an_editor_may_say_of_it(self):
        made = '<p><a href="https://a.example/" rel="sponsored opener x" target="_top">a</a></p>'
        assert 'rel="noopener sponsored"' in render(clean(made), {})


NOTE = '<p>Tide<span data-footnote="">See <em>there</em>.</span> rises.</p>'


class Notes(SimpleTestCase):
    def test_a_note_stands_at_the_foot_and_leads_back(self):
        html = render(clean(NOTE + NOTE), {})
        for number in (1, 2):
            assert f'<sup class="ref" id="ref-{number}"><a href="#note-{number}"' in html
            assert re.search(rf'<li id="note-{number}">See <em>there</em>\.<a class="back" href="#ref-{number}"', html)

    def test_a_text_without_notes_has_none(self):
        assert "notes" not in render("<p>Tide</p>", {})

    def test_it_is_read_after_the_text_and_not_in_the_middle_of_a_sentence(self):
        assert plain_text(NOTE) == "Tide rises.\n\nSee there."

    def test_a_heading_keeps_its_note_out_of_its_anchor(self):
        assert '<h2 id="tide">' in render('<h2>Tide<span data-footnote="">x</span></h2>', {})


class PullQuotes(SimpleTestCase):
    def rendered(self, quote: str, text: str) -> str:
        return render(f'<p>{text}</p><aside data-pullquote=""><p>{quote}</p></aside>', {})

    def test_one_that_repeats_the_text_is_for_the_eye_only(self):
        for quote in ("“We bought a plug.”", "We bought a plug … at the end", "WE BOUGHT A PLUG"):
            assert 'aria-hidden="true"' in self.rendered(quote, "“We bought a plug,” she said, at the end."), quote

    def test_one_that_says_something_else_is_a_quotation_for_everybody(self):
        html = self.rendered("Nobody said this.", "We bought a plug.")
        assert '<blockquote class="pull"><p>Nobody said this.</p></blockquote>' in html
        assert "aria-hidden" not in html

    def test_nothing_in_what_is_hidden_takes_the_keyboard(self):
        html = self.rendered('<a href="/x">plug</a>', "plug")
        assert '<aside class="pull" aria-hidden="true"><p>plug</p></aside>' in html

    def test_one_with_a_note_says_more_than_the_text(self):
        assert "aria-hidden" not in self.rendered('plug<span data-footnote="">n</span>', "plug")
        assert "note-1" in self.rendered('plug<span data-footnote="">n</span>', "plug")

    def test_only_what_is_new_in_it_is_counted(self):
        quote = '<aside data-pullquote=""><p>{}</p></aside>'
        assert plain_text("<p>We bought it.</p>" + quote.format("We bought it")) == "We bought it."
        assert plain_text("<p>We bought it.</p>" + quote.format("You sold it")) == "We bought it.\n\nYou sold it"


class Outline(SimpleTestCase):
    def test_no_heading_is_more_than_one_level_below_the_one_before(self):
        levels = re.findall(r"<h(\d)", render("<h4>a</h4><h4>b</h4><h2>c</h2><h4>d</h4><h3>e</h3>", {}))
        assert levels == ["2", "3", "2", "3", "3"]

    def test_an_anchor_is_never_an_id_of_the_page(self):
        html = render("".join(f"<h2>{words}</h2>" for words in ("Top", "Content", "Corrections", "Read more")), {})
        assert re.findall(r'id="([^"]+)"', html) == ["part-top", "part-content", "part-corrections", "part-read-more"]

    def test_two_tables_have_two_names(self):
        table = "<table><tbody><tr><th>a</th></tr><tr><td>b</td></tr></tbody></table>"
        assert re.findall(r'aria-label="([^"]+)"', render(table * 2, {})) == ["Table 1", "Table 2"]
        assert 'aria-label="Table"' in render(table, {})

    def test_a_first_row_of_heads_is_the_tables_head(self):
        html = render("<table><tbody><tr><th>a</th></tr><tr><td>b</td></tr></tbody></table>", {})
        assert '<thead><tr><th scope="col">a</th></tr></thead><tbody><tr><td>b</td></tr></tbody>' in html


ADDRESSES = {
    "https://www.youtube.com/watch?v=abcdefghijk&t=1m5s": "https://www.youtube-nocookie.com/embed/abcdefghijk?start=65",
    "https://youtu.be/abcdefghijk": "https://www.youtube-nocookie.com/embed/abcdefghijk",
    "https://vimeo.com/76979871/abcdef1234": "https://player.vimeo.com/video/76979871?dnt=1&h=abcdef1234",
    "https://archive.org/details/some_film": "https://archive.org/embed/some_film",
    "https://open.spotify.com/intl-de/episode/4rOoJ6Egrf8K2IrywzwOMk": (
        "https://open.spotify.com/embed/episode/4rOoJ6Egrf8K2IrywzwOMk"
    ),
    "https://soundcloud.com/a-band/a-song": (
        "https://w.soundcloud.com/player/?url=https%3A%2F%2Fsoundcloud.com%2Fa-band%2Fa-song&visual=false"
    ),
    "https://datawrapper.dwcdn.net/abcde/2/": "https://datawrapper.dwcdn.net/abcde/2/",
    "https://x.com/somebody/status/1234567890": "https://platform.twitter.com/embed/Tweet.html?id=1234567890&dnt=true",
}


class Embeds(SimpleTestCase):
    def test_a_known_address_has_its_frame(self):
        for given, frame in ADDRESSES.items():
            embed = known(given)
            assert embed is not None, given
            assert embed.frame == frame
            assert any(frame.startswith(f"{origin}/") for origin in FRAMES)

    def test_every_provider_says_what_it_is(self):
        assert all("%(name)s" in str(KINDS[provider.kind]) for provider in PROVIDERS)

    def test_what_only_looks_like_one_has_none(self):
        for given in (
            "javascript:alert(1)", "https://youtube.com.evil.example/watch?v=abcdefghijk", "https://youtube.com/",
            "https://youtube.com/watch?v=\"onload=x", "https://u:p@vimeo.com/76979871", "https://evil.example/?vimeo.com",
            "https://www.openstreetmap.org/export/embed.html?bbox=<script>", "ftp://vimeo.com/76979871", "https://[",
        ):  # fmt: skip
            assert known(given) is None, given

    def test_nothing_is_loaded_before_a_reader_presses(self):
        html = render('<figure data-embed="https://vimeo.com/76979871" data-title="A &quot;film&quot;"></figure>', {})
        assert "<iframe" not in html
        assert "src=" not in html
        assert 'href="https://vimeo.com/76979871"' in html
        assert "A &quot;film&quot;" in html

    def test_an_unknown_address_becomes_a_link(self):
        assert clean('<figure data-embed="https://a.example/v"></figure>') == (
            '<p><a href="https://a.example/v">https://a.example/v</a></p>'
        )
        assert clean('<figure data-embed="javascript:alert(1)"></figure>') == ""


@pytest.mark.parametrize("html", list(NESTED))
def test_a_second_cleaning_changes_nothing(html):
    assert clean(clean(html)) == clean(html)


def test_a_section_that_is_none_does_not_end_the_reading():
    """As a revision from before it was cleaned may hold it."""
    for section in ("<![><img src=x>", "<![", "<![x", "<![if gte mso 9]>", "<![CDATA[x]]>", "<!x", "<![endif]-->"):
        assert parse(f"<p>Words.</p>{section}<p>More.</p>").inner.startswith("<p>Words.</p>")
