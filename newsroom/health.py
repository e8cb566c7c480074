"""What machines ask: does the process live, can it serve, where may a robot go."""

from typing import Any

from django.conf import settings
from django.core.files.storage import storages
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

ROBOTS = """\
User-agent: *
Disallow: /admin/
Disallow: /search/
Disallow: /preview/
Disallow: /newsletter/confirm/
Disallow: /newsletter/unsubscribe/
Disallow: /newsletter/preferences/

Sitemap: {site}/sitemap.xml
Sitemap: {site}/sitemap-news.xml
"""


@require_safe
@never_cache
def lives(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"lives": True})


@require_safe
@never_cache
def can_serve(request: HttpRequest) -> HttpResponse:
    """503 with the names of what does not answer; the reasons are in the log, not here."""
    answers = {name: _answers(check) for name, check in CHECKS.items()}
    return JsonResponse(answers, status=200 if all(answers.values()) else 503)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    return HttpResponse(ROBOTS.format(site=settings.SITE_URL), content_type="text/plain; charset=utf-8")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """For those who ask for it without having read a page, which names it."""
    return redirect(static("favicon.svg"))


def _answers(check: Any) -> bool:
    try:
        return bool(check())
    except Exception:
        return False


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True


def _migrations() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _storage() -> bool:
    return all(storage.listdir("") is not None for storage in (storages["default"], storages["private"]))


def _queue() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo' LIMIT 1")
    return True


CHECKS = {"database": _database, "migrations": _migrations, "storage": _storage, "queue": _queue}
