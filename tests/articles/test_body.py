"""From what an editor made to what readers, searchers and feeds get."""

import re

import pytest
from django.test import SimpleTestCase

from articles.body import clean, figures_in, headings_in, plain_text, render, word_count
from articles.body.syndication import for_elsewhere

TEXT = (
    "<p>“Costs $5 million,” she said. It’s USD 183 billion.</p><h2>A &amp; B</h2>"
    '<aside data-pullquote=""><p>“Costs $5 million”</p></aside><h3>More</h3><p>x<br>y</p><h2>A &amp; B</h2>'
)


class Clean(SimpleTestCase):
    def test_what_the_editor_makes_survives_to_the_letter(self):
        made = TEXT + '<figure data-photo="3" data-width="wide"></figure><p><a href="https://a.example/">a</a></p>'
        assert clean(made) == made
        assert clean(clean(made)) == clean(made)

    def test_a_table_survives(self):
        table = "<table><tbody><tr><th>a</th><td>b</td></tr></tbody></table>"
        assert clean(table) == table

    def test_everything_else_goes(self):
        for hostile, left in {
            "<p>a<script>alert(1)</script></p>": "<p>a</p>",
            '<p style="color:red" class="x" id="y">a</p>': "<p>a</p>",
            '<a href="java&#9;script:alert(1)">a</a>': "<p>a</p>",
            '<a href="data:text/html,x">a</a>': "<p>a</p>",
            "<svg><script>1</script></svg>": "",
            '<img src="x" onerror="alert(1)">': "",
            '<iframe srcdoc="x"></iframe>': "",
            "<math><mtext><style><img src=x onerror=alert(1)>": "",
        }.items():
            assert clean(hostile) == left, hostile


class Reading(SimpleTestCase):
    def test_a_pull_quote_is_not_read_twice(self):
        assert plain_text(TEXT).count("Costs $5 million") == 1

    def test_the_cells_of_a_row_are_parted_by_a_tab(self):
        table = "<table><tbody><tr><td>a  b</td><td>c</td></tr><tr><td>d</td><td>e\tf</td></tr></tbody></table>"
        assert plain_text(f"<p>g\t h</p>{table}") == "g h\n\na b\tc\n\nd\te f"

    def test_paragraphs_stay_apart(self):
        assert plain_text("<p>a</p><p>b</p><ul><li>c</li></ul>") == "a\n\nb\n\nc"

    def test_words(self):
        assert word_count("<p>one two</p><h2>three</h2>") == 3

    def test_headings(self):
        assert [(heading.level, heading.text) for heading in headings_in(TEXT)] == [
            (2, "A & B"),
            (3, "More"),
            (2, "A & B"),
        ]

    def test_figures_in_the_order_of_the_text(self):
        body = '<figure data-photo="9"></figure><figure data-photo="4"></figure><figure data-photo="x"></figure>'
        assert figures_in(body) == [9, 4]


class Rendering(SimpleTestCase):
    def test_headings_get_anchors_that_differ(self):
        assert 'id="a-b"' in render(TEXT, {})
        assert 'id="a-b-2"' in render(TEXT, {})

    def test_a_pull_quote_is_for_the_eye_only(self):
        assert '<aside class="pull" aria-hidden="true"><p>“Costs $5 million”</p></aside>' in render(TEXT, {})

    def test_quotes_apostrophes_and_figures_stay_as_typed(self):
        assert "<p>“Costs $5 million,” she said. It’s USD 183 billion.</p>" in render(TEXT, {})

    def test_a_table_scrolls_by_keyboard(self):
        assert 'tabindex="0"' in render("<table><tbody><tr><td>b</td></tr></tbody></table>", {})

    def test_code_keeps_its_lines_and_scrolls_by_keyboard(self):
        assert render("<pre><code>a\n b</code></pre>", {}) == (
            '<pre role="group" tabindex="0" aria-label="Code"><code>a\n b</code></pre>'
        )
        assert 'aria-label="Code 2"' in render("<pre><code>a</code></pre><pre><code>b</code></pre>", {})
        assert for_elsewhere(render("<pre><code>a</code></pre>", {})) == "<pre><code>a</code></pre>"

    def test_a_column_of_numbers_is_known_by_all_its_cells(self):
        def numbers(*rows: str) -> list[str]:
            body = "".join(f"<tr><td>{'</td><td>'.join(row.split('|'))}</td></tr>" for row in rows)
            head = "<thead><tr><th>Part</th><th>Costs</th></tr></thead>"
            html = render(f"<table>{head}<tbody>{body}</tbody></table>", {})
            return re.findall(r'class="number"[^>]*>([^<]*)<', html)

        assert numbers("Pipe|£4", "Board|–", "All|£1,204.50") == ["Costs", "£4", "–", "£1,204.50"]
        assert numbers("Tide|−0.4 m", "Wind|12–15 %") == ["Costs", "−0.4 m", "12–15 %"]
        assert numbers("Pipe|£4", "Board|free") == []
        assert numbers("Pipe|–", "Board|") == []
        assert numbers("Pipe|4 of those", "Board|2026") == []

    def test_a_figure_whose_photo_is_gone_is_left_out(self):
        assert render('<p>a</p><figure data-photo="3" data-width="wide"></figure>', {}) == "<p>a</p>"

    def test_text_stays_text(self):
        assert (
            render("<p>1 &lt; 2 &amp; {{ settings.SECRET_KEY }}</p>", {})
            == "<p>1 &lt; 2 &amp; {{ settings.SECRET_KEY }}</p>"
        )


class Elsewhere(SimpleTestCase):
    def test_addresses_are_absolute_and_pull_quotes_gone(self):
        body = '<aside class="pull" aria-hidden="true"><p>q</p></aside><p><a href="/tides/">t</a></p>'
        body += '<img src="/media/a.jpg" alt="">'
        left = for_elsewhere(body)
        assert "<p>q</p>" not in left
        assert 'href="http://127.0.0.1:8000/tides/"' in left
        assert 'src="http://127.0.0.1:8000/media/a.jpg"' in left

    def test_what_xml_cannot_hold_is_dropped(self):
        assert for_elsewhere("<p>a\x0bb</p>") == "<p>ab</p>"


@pytest.mark.parametrize("text", ["<p>a", "<h2>x<p>y</h2>", "<<>>", "<table><figure data-photo=1>"])
def test_broken_markup_is_mended_not_refused(text):
    render(clean(text), {})
