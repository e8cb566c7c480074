"""What differs between two texts: by block, then by word, in bounded time, and never as markup."""

import random
import time
from itertools import pairwise

import pytest

from articles.body import clean
from articles.comparing import (
    ADDED,
    CHANGED,
    REMOVED,
    SAME,
    Run,
    blocks_of,
    compare,
    compare_names,
    compare_text,
    spans,
    words_changed,
)
from articles.templatetags.difference import runs
from tests.articles.hostile_bodies import BODIES

WORDS = [f"word{number}" for number in range(2_000)]


def told(old: str, new: str) -> list[tuple[str, list[tuple[str, str]]]]:
    return [(line.change, [(run.change, run.text) for run in line.runs]) for line in compare(old, new)]


def side(lines, without: str) -> list[tuple]:
    """One of the two texts, read off the comparison."""
    return [
        (line.block.kind, words_of(run for run in line.runs if run.change != without))
        for line in lines
        if line.change != without
    ]


def words_of(runs) -> str:
    """Without spaces: a word that stayed has those of the newer text."""
    return "".join("".join(run.text for run in runs).split())


def plain(body: str) -> list[tuple]:
    return [(line.block.kind, words_of(line.runs)) for line in compare(body, body)]


def test_one_word_of_a_paragraph_is_told_as_one_word():
    assert told("<p>The sea is patient.</p>", "<p>The sea is restless.</p>") == [
        (CHANGED, [(SAME, "The sea is"), (REMOVED, " patient"), (ADDED, " restless"), (SAME, ".")])
    ]


def test_a_number_and_a_word_with_an_apostrophe_are_one_word_each():
    runs_told = compare_text("It’s $1,000.50 today", "It isn’t $1,500.50 today")
    assert [(run.change, run.text) for run in runs_told if run.change != SAME] == [
        (REMOVED, "It’s"),
        (ADDED, "It isn’t"),
        (REMOVED, "1,000.50"),
        (ADDED, "1,500.50"),
    ]


def test_a_new_paragraph_leaves_those_around_it_alone():
    old, new = "<p>One.</p><p>Three.</p>", "<p>One.</p><p>Two.</p><p>Three.</p>"
    assert [change for change, _runs in told(old, new)] == [SAME, ADDED, SAME]
    assert [change for change, _runs in told(new, old)] == [SAME, REMOVED, SAME]


def test_an_edited_paragraph_is_paired_with_the_one_it_was_and_not_with_its_new_neighbour():
    old = "<p>The ferry left the north quay at ten.</p>"
    new = "<p>Nobody saw it coming, not even the gulls.</p><p>The ferry left the south quay at ten.</p>"
    assert [change for change, _runs in told(old, new)] == [ADDED, CHANGED]


def test_a_link_that_leads_elsewhere_is_a_change_though_its_words_are_the_same():
    old, new = (f'<p>See <a href="https://{host}.example/">the report</a>.</p>' for host in ("old", "new"))
    (line,) = compare(old, new)
    assert [(run.change, run.text, run.link) for run in line.runs if run.change != SAME] == [
        (REMOVED, " the report", "https://old.example/"),
        (ADDED, " the report", "https://new.example/"),
    ]


def test_bold_a_heading_a_list_and_a_table_are_compared_as_what_they_are():
    assert [block.kind for block in blocks_of("<h2>A</h2><ul><li>b</li></ul><blockquote><p>c</p></blockquote>")] == [
        "h2",
        "ul li",
        "blockquote",
    ]
    assert told("<p>a b</p>", "<p>a <strong>b</strong></p>") == [
        (CHANGED, [(SAME, "a"), (REMOVED, " b"), (ADDED, " b")])
    ]
    row = "<table><tbody><tr><td>Low</td><td>{}</td></tr></tbody></table>"
    assert told(row.format("4.2"), row.format("4.3")) == [
        (CHANGED, [(SAME, "Low |"), (REMOVED, " 4.2"), (ADDED, " 4.3")])
    ]


def test_a_photo_in_the_text_that_was_changed_is_one_taken_out_and_one_put_in():
    old, new = (f'<p>a</p><figure data-photo="{number}"></figure>' for number in (3, 4))
    assert [(line.change, line.block.photo) for line in compare(old, new)] == [(SAME, None), (REMOVED, 3), (ADDED, 4)]


def test_a_paragraph_that_became_a_heading_says_what_it_was():
    (line,) = compare("<p>A part</p>", "<h2>A part</h2>")
    assert (line.change, line.block.kind, line.was) == (CHANGED, "h2", "p")


def test_names_keep_their_order_and_a_new_order_is_a_change():
    assert [run.change for run in compare_names(["Ida", "Tom"], ["Ida", "Tom"])] == [SAME, SAME]
    assert [(run.change, run.text) for run in compare_names(["Ida", "Tom"], ["Tom", "Ida"])] == [
        (ADDED, "Tom"),
        (SAME, "Ida"),
        (REMOVED, "Tom"),
    ]


def test_words_are_counted_and_markup_is_not():
    assert words_changed("<p>The sea is patient.</p>", "<p>The sea is restless.</p>") == 1
    assert words_changed("<p>One two.</p>", "<p>One two.</p><p>Three four.</p>") == 2
    assert words_changed("<p>One two.</p>", '<p><a href="/x/">One</a> two.</p><figure data-photo="3"></figure>') == 0
    assert words_changed("<p>Let’s eat, Ida.</p>", "<p>Let’s eat Ida.</p>") == 1


@pytest.mark.parametrize("seed", range(40))
def test_both_texts_can_be_read_off_any_comparison(seed):
    chance = random.Random(seed)
    few = ["a", "b", "the", "sea", ".", "1,000"]

    def text() -> str:
        return "".join(
            f"<{tag}>{' '.join(chance.choices(few, k=chance.randint(1, 12)))}</{tag}>"
            for tag in chance.choices(["p", "h2"], k=chance.randint(0, 12))
        )

    old, new = text(), text()
    lines = compare(old, new)
    assert side(lines, REMOVED) == plain(new)
    # A block that changed is told once, with the kind that it has now.
    assert [words for _kind, words in side(lines, ADDED)] == [words for _kind, words in plain(old)]


def test_bodies_of_every_shape_can_be_compared_with_each_other():
    for old, new in pairwise([*BODIES, ""]):
        lines = compare(clean(old), clean(new))
        assert [words for _kind, words in side(lines, REMOVED)] == [words for _kind, words in plain(clean(new))]
        assert [words for _kind, words in side(lines, ADDED)] == [words for _kind, words in plain(clean(old))]


@pytest.mark.parametrize("seed", range(20))
def test_what_is_called_the_same_is_the_same_at_any_size(seed):
    chance = random.Random(seed)
    old = chance.choices(WORDS[:60], k=chance.choice([5, 400, 3_000])) + WORDS[100:400]
    new = [word for word in old if chance.random() > 0.2] + chance.choices(WORDS, k=50)
    rebuilt = []
    for (first, last, start, end), is_same in spans(old, new):
        assert not is_same or old[first:last] == new[start:end]
        rebuilt += new[start:end]
    assert rebuilt == new


def paragraphs(words: list[str], size: int = 120) -> str:
    return "".join(f"<p>{' '.join(words[at : at + size])}.</p>" for at in range(0, len(words), size))


LONG = random.Random(1).choices(WORDS, k=10_000)
CASES = {
    "one word": (paragraphs(LONG), paragraphs([*LONG[:5_000], "other", *LONG[5_001:]])),
    "every second word": (paragraphs(LONG), paragraphs([w if n % 2 else f"{w}x" for n, w in enumerate(LONG)])),
    "one paragraph": (
        paragraphs(LONG, 10_000),
        paragraphs([w if n % 2 else f"n{n}" for n, w in enumerate(LONG)], 10_000),
    ),
    "another text": (paragraphs(LONG), paragraphs(random.Random(2).choices(WORDS, k=10_000))),
    "the same word": (f"<p>{'a ' * 10_000}</p>", f"<p>{'a b ' * 5_000}</p>"),
    "the same paragraph": ("<p>a</p>" * 10_000, "<p>a</p><p>b</p>" * 5_000),
    "short paragraphs": (
        "".join(f"<p>a{n} b c</p>" for n in range(10_000)),
        "".join(f"<p>z{n} b c</p>" for n in range(10_000)),
    ),
    "in another order": (
        paragraphs([f"w{n}" for n in range(10_000)], 10_000),
        paragraphs(random.Random(3).sample([f"w{n}" for n in range(10_000)], 10_000), 10_000),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_ten_thousand_words_take_no_longer_than_a_page_may(case):
    began = time.process_time()
    lines = compare(*CASES[case])
    # It takes 0.1 to 1.1 s here; the least clever way takes minutes.
    assert time.process_time() - began < 6
    assert lines


def test_what_is_hostile_stays_text():
    hostile = '<img src=x onerror="steal()">&<script>'
    shown = runs([Run(ADDED, hostile, ('a javascript:"x"',)), Run(SAME, hostile)], hostile)
    for mark in ("<img", "<script", '"x"'):
        assert mark not in shown
    assert "<a " not in shown


def test_changes_are_told_to_those_who_hear_them():
    assert runs([Run(ADDED, "more")]) == (
        '<ins><span class="sr-only">[added: </span>more<span class="sr-only">]</span></ins>'
    )
    assert "[removed:" in runs([Run(REMOVED, "less")])
