"""How words find a text: the question, the passages that answer it, and what may have been meant instead."""

import re
from typing import Any

from django.contrib.postgres.search import SearchHeadline, SearchQuery
from django.db.models import Func, IntegerField, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Concat, Left

CONFIG = "newsroom"
# Nobody types these: they stand for <mark> until a text is HTML.
MARKS = ("\ue000", "\ue001")
PASSAGES_AMONG = 30_000  # characters
LIKE_AMONG = 2_000  # headlines
LIKE_WORDS = 6
QUOTATION_MARKS = str.maketrans(dict.fromkeys("“”„«»", '"'))
# PostgreSQL gives up on some thirty of them without a word.
LONE_MINUS = re.compile(r'-(?!\w|"\w)')
# A word that a minus does not leave out.
ASKED = re.compile(r"(?<![\w’'-])\w[\w’']{1,39}")
# All of them together if one article has them; otherwise the one most like what was asked.
LIKE = r"""(
    WITH newest (id, title) AS MATERIALIZED ({titles}),
    vocabulary AS (
        SELECT DISTINCT regexp_split_to_table(lower(title), '[\s[:punct:]“”‘’„«»…–—]+') AS word FROM newest
    ),
    near AS MATERIALIZED (
        SELECT place, best.word, likeness
        FROM unnest(%s::text[]) WITH ORDINALITY AS asked (asked_word, place)
        CROSS JOIN LATERAL (
            SELECT word, similarity(unaccent(word), unaccent(asked_word)) AS likeness
            FROM vocabulary WHERE length(word) > 2
            ORDER BY likeness DESC, word LIMIT 1
        ) AS best
        WHERE likeness >= 0.3
    ),
    candidates AS (
        SELECT string_agg(word, ' ' ORDER BY place) AS words, 2 AS likeness FROM near HAVING count(*) > 1
        UNION ALL SELECT word, likeness FROM near
    )
    SELECT words FROM candidates
    WHERE words <> %s AND EXISTS (
        SELECT FROM newest JOIN articles_article AS article ON article.id = newest.id
        WHERE article.search @@ plainto_tsquery('newsroom', words)
    )
    ORDER BY likeness DESC, words LIMIT 1
)"""


def query_of(words: str) -> SearchQuery:
    """As on the web: quotation marks, also curly ones, hold words together; a minus leaves one out."""
    plain = LONE_MINUS.sub(" ", words.translate(QUOTATION_MARKS))
    return SearchQuery(plain, config=CONFIG, search_type="websearch")


def terms_in(words: str) -> Func:
    """How much of the question is left once the words that every text has are gone."""
    return Func(query_of(words), function="numnode", output_field=IntegerField())


def headline_with(words: str) -> SearchHeadline:
    return SearchHeadline(
        "title", query_of(words), config=CONFIG, start_sel=MARKS[0], stop_sel=MARKS[1], highlight_all=True
    )


def passages_with(words: str) -> SearchHeadline:
    """Two of the standfirst and the text; of a book, only from its beginning."""
    return SearchHeadline(
        Concat("standfirst", Value("\n\n"), Left("body_text", PASSAGES_AMONG)),
        query_of(words),
        config=CONFIG,
        start_sel=MARKS[0],
        stop_sel=MARKS[1],
        min_words=12,
        max_words=24,
        short_word=0,  # type: ignore[arg-type]  # a number, whatever the stubs say
        max_fragments=2,
        fragment_delimiter=" … ",
    )


def words_like(words: str, headlines: "QuerySet[Any, Any]") -> RawSQL:
    """One value, the same in every row, or null. `headlines` are rows of id and title."""
    asked = [word.lower() for word in ASKED.findall(words)][:LIKE_WORDS]
    titles, facts = headlines[:LIKE_AMONG].query.sql_with_params()
    # What is put into the text is our own SQL; every word of a visitor is a parameter.
    return RawSQL(LIKE.format(titles=titles), [*facts, asked, words.lower()])  # noqa: S611
