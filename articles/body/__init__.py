"""The text of an article: what the editor may make, and what becomes of it."""

from articles.body.dialect import EXTENSIONS, check_depth, clean
from articles.body.reading import Heading, blocks_of, figures_in, headings_in, plain_text, word_count
from articles.body.rendering import render

__all__ = [
    "EXTENSIONS",
    "Heading",
    "blocks_of",
    "check_depth",
    "clean",
    "figures_in",
    "headings_in",
    "plain_text",
    "render",
    "word_count",
]
