from articles.models.address import Address
from articles.models.article import Article
from articles.models.byline import Byline, Pick
from articles.models.correction import Correction
from articles.models.library import Right
from articles.models.page import Page
from articles.models.photo import Photo
from articles.models.presence import Presence
from articles.models.preview_link import PreviewLink
from articles.models.publication import Publication
from articles.models.revision import Revision
from articles.models.subject import Section, Series, Tag

__all__ = [
    "Address",
    "Article",
    "Byline",
    "Correction",
    "Page",
    "Photo",
    "Pick",
    "Presence",
    "PreviewLink",
    "Publication",
    "Revision",
    "Right",
    "Section",
    "Series",
    "Tag",
]
