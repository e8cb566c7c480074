"""Every address of the house. A test holds newsroom/reserved.py to the first segments that stand here."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from articles import views as articles
from articles.elsewhere import nowhere
from newsroom import health, mailbox, media

urlpatterns = [
    path("admin/", admin.site.urls),
    path("newsletter/", include("newsletter.urls")),
    path("healthz/", health.lives),
    path("readyz/", health.can_serve),
    path("robots.txt", health.robots),
    path("favicon.ico", health.favicon),
    path("identity/", include("newsroom.identity.urls")),
    path("feed/", RedirectView.as_view(url="/rss/", permanent=True)),
    path("", include("articles.urls")),
    # Last: whatever is left is an article or a page.
    path("<slug:slug>/", articles.article, name="article"),
]
if settings.MEDIA_URL.startswith("/"):
    urlpatterns.insert(
        0, re_path(r"^media/(?P<name>[0-9a-f]{2}/[0-9a-f]{32}(?:-[0-9]{1,4})?\.(?:jpg|webp|avif))$", media.serve)
    )
if settings.TRIAL:
    urlpatterns.insert(0, path("mail/", include(mailbox.urlpatterns)))
# What comes to nothing here is looked for by articles/elsewhere.py.
urlpatterns += [re_path("", nowhere, name="nowhere")]

handler400 = "newsroom.errors.bad_request"
handler403 = "newsroom.errors.forbidden"
handler404 = "newsroom.errors.not_found"
handler500 = "newsroom.errors.server_error"
