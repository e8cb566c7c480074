from articles.admin.article import ArticleAdmin
from articles.admin.library import CorrectionAdmin, SectionAdmin, SeriesAdmin, TagAdmin
from articles.admin.page import PageAdmin
from articles.admin.photo import PhotoAdmin
from articles.admin.picks import PickAdmin
from articles.admin.publication import PublicationAdmin

__all__ = [
    "ArticleAdmin",
    "CorrectionAdmin",
    "PageAdmin",
    "PhotoAdmin",
    "PickAdmin",
    "PublicationAdmin",
    "SectionAdmin",
    "SeriesAdmin",
    "TagAdmin",
]
