"""What readers reach of the articles. `/<slug>/` comes last in newsroom/urls.py, where everything else had its turn."""

from django.urls import path, register_converter
from django.urls.converters import IntConverter

from articles import feeds, previews, sitemaps, twins, views


class PositiveConverter(IntConverter):
    regex = "[1-9][0-9]{0,5}"


class YearConverter(IntConverter):
    regex = "[1-9][0-9]{3}"


class MonthConverter(IntConverter):
    regex = "0[1-9]|1[0-2]"

    def to_url(self, value: int | str) -> str:
        return f"{int(value):02}"


register_converter(PositiveConverter, "positive")
register_converter(YearConverter, "year")
register_converter(MonthConverter, "month")

urlpatterns = [
    path("", views.index, name="front"),
    path("page/<positive:number>/", views.latest, name="latest"),
    path("section/<slug:slug>/", views.section, name="section"),
    path("section/<slug:slug>/page/<positive:number>/", views.section),
    path("section/<slug:slug>/rss/", feeds.ArticleFeed(feeds.of_section), name="section_feed"),
    path("section/<slug:slug>/feed.json", feeds.json_feed(feeds.of_section), name="section_json"),
    path("tag/<slug:slug>/", views.tag, name="tag"),
    path("tag/<slug:slug>/page/<positive:number>/", views.tag),
    path("tag/<slug:slug>/rss/", feeds.ArticleFeed(feeds.of_tag), name="tag_feed"),
    path("tag/<slug:slug>/feed.json", feeds.json_feed(feeds.of_tag), name="tag_json"),
    path("series/<slug:slug>/", views.series, name="series"),
    path("series/<slug:slug>/page/<positive:number>/", views.series),
    path("series/<slug:slug>/rss/", feeds.ArticleFeed(feeds.of_series), name="series_feed"),
    path("series/<slug:slug>/feed.json", feeds.json_feed(feeds.of_series), name="series_json"),
    path("author/<slug:slug>/", views.author, name="author"),
    path("author/<slug:slug>/page/<positive:number>/", views.author),
    path("author/<slug:slug>/rss/", feeds.ArticleFeed(feeds.of_author), name="author_feed"),
    path("author/<slug:slug>/feed.json", feeds.json_feed(feeds.of_author), name="author_json"),
    path("archive/", views.archive, name="archive"),
    path("archive/<year:year>/", views.archive_year, name="archive_year"),
    path("archive/<year:year>/<month:month>/", views.archive_month, name="archive_month"),
    path("archive/<year:year>/<month:month>/page/<positive:number>/", views.archive_month),
    path("search/", views.search, name="search"),
    path("rss/", feeds.ArticleFeed(feeds.everything), name="feed"),
    path("feed.json", feeds.json_feed(feeds.everything), name="json_feed"),
    path("corrections/", views.corrections, name="corrections"),
    path("corrections/page/<positive:number>/", views.corrections),
    path("corrections/rss/", feeds.CorrectionsFeed(), name="corrections_feed"),
    path("share/<slug:slug>.png", twins.share, name="share"),
    path("preview/<str:token>/", previews.show, name="preview"),
    path("llms.txt", twins.llms, name="llms"),
    path("sitemap.xml", sitemaps.index, name="sitemap"),
    path("sitemap-news.xml", sitemaps.news, name="sitemap_news"),
    path("sitemap-<slug:section>.xml", sitemaps.section, name="sitemap_section"),
    path("<slug:slug>.md", twins.markdown, name="markdown"),
]
