from django.urls import path

from newsletter import archive, views
from newsletter.returns import hooks

app_name = "newsletter"
urlpatterns = [
    path("", views.index, name="index"),
    path("subscribe/", views.subscribe, name="subscribe"),
    path("confirm/<token>/", views.confirm, name="confirm"),
    path("unsubscribe/<token>/", views.unsubscribe, name="unsubscribe"),
    path("preferences/<token>/", views.preferences, name="preferences"),
    path("data/<token>/", views.own_data, name="data"),
    path("returns/<slug:service>/", hooks.hook, name="returns"),
    path("<slug:newsletter>/", archive.newsletter, name="archive"),
    path("<slug:newsletter>/rss/", archive.ArchiveFeed(), name="archive_feed"),
    path("<slug:newsletter>/<slug:issue>/", archive.issue, name="issue"),
]
