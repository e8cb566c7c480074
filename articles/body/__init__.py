"""The text of an article: what the editor may make, and what becomes of it."""

from articles.body.dialect import EXTENSIONS, clean
from articles.body.reading import figures_in, headings_in, plain_text, word_count
from articles.body.rendering import render

__all__ = ["EXTENSIONS", "clean", "figures_in", "headings_in", "plain_text", "render", "word_count"]
