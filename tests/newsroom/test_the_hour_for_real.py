"""The hour on the real server, in real time: gunicorn, a worker, and a crawler that looks at everything each second."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime

import pytest

from newsroom.settings import BASE_DIR
from tests.browser.house import House, await_answer, open_house
from tests.crawler import Answer, Crawler, Surface, Told, surfaces

PATIENCE = 5
AT_ONCE = 4
AHEAD = 36
SET = """
import json
from datetime import timedelta
from django.utils import timezone
from articles.content import Content
from articles.models import Article, Correction, Section, Series, Tag
from authors.models import Author, User
from newsletter.models import Issue
n, now, by = {number}, timezone.now(), User.objects.get(username="editor")
moment = (now + timedelta(seconds={ahead})).replace(microsecond=0)
section = Section.objects.create(name=f"Hour {{n}}", slug=f"hour-{{n}}", position=90)
tag = Tag.objects.create(name=f"Hourly {{n}}", slug=f"hourly-{{n}}")
series = Series.objects.create(name=f"Voyages {{n}}", slug=f"voyages-{{n}}")
author = Author.objects.create(name=f"Hora {{n}}", slug=f"hora-{{n}}", sort_name=f"Hora {{n}}")
shown = {{"section": section.pk, "tags": (tag.pk,), "bylines": (author.pk,)}}
def begin(title, slug, body, **more):
    facts = {{"standfirst": "Of the hour."}} | shown | more
    return Article.objects.begin(Content(title=title, slug=slug, body=body, **facts), by=by)
beside = begin("Beside it", f"beside-{{n}}", "<p>Beside.</p>")
beside.publish(by=by, at=now - timedelta(days=3, minutes=1))
live = begin(f"Oldwick Harrier{{n}}", f"oldwick-{{n}}", f"<p>The Harrier{{n}} sails.</p>")
live.publish(by=by, at=now - timedelta(days=3))
Correction.objects.create(article=live, published_at=now - timedelta(hours=1), wrong="On Monday.", right="On Tuesday.")
zephyrine = f"Zephyrine{{n}}."
first = begin(f"Qwindle Marrowfat{{n}}", f"qwindle-{{n}}", "<p>Text.</p>", standfirst=zephyrine, series=series.pk)
first.publish(by=by, at=moment)
words = {{"title": f"Newmark Plover{{n}}", "standfirst": "Of the hour.", "body": f"<p>The Plover{{n}} sails.</p>"}}
live.keep(Content(slug=f"newmark-{{n}}", **words, **shown), by=by)
live.publish(by=by, at=moment, change="silent")
issue = Issue.objects.archived().first()
for article in (first, live):
    card = {{"kind": "card", "article": article.pk, "title": article.title, "url": article.get_absolute_url()}}
    issue.letter_parts.append(card)
issue.save(update_fields=["letter_parts"])
print(json.dumps({{
    "moment": moment.isoformat(), "before_all": live.published_at.isoformat(), "photo": "no photo of its own",
    "section": section.slug, "tag": tag.slug, "author": author.slug, "series": series.slug, "beside": beside.slug,
    "issue": f"{{issue.newsletter.slug}}/{{issue.slug}}", "first_slug": first.slug, "old_slug": live.slug,
    "new_slug": f"newmark-{{n}}", "alone": False, "first": f"Marrowfat{{n}}", "standfirst": f"Zephyrine{{n}}",
    "old": f"Harrier{{n}}", "new": f"Plover{{n}}",
}}))
"""


class Watch:
    """What a crawler saw through one moment."""

    def __init__(self, house: House, told: Told) -> None:
        self.moment = told.moment.timestamp()
        self.crawler = Crawler(told, self.fetch)
        self.house = house
        self.rounds = 0
        self.leaks: list[str] = []

    def __str__(self) -> str:
        return f"{self.crawler.requests} requests in {self.rounds} rounds, {len(self.leaks)} leaks"

    def fetch(self, path: str, headers: dict[str, str]) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.house.port, timeout=20)
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        found = Answer(answer.status, dict(answer.getheaders()), answer.read().decode(errors="replace"))
        connection.close()
        return found

    def look(self, surface: Surface, *, change: bool) -> list[str]:
        began = time.time()
        answer = self.crawler.ask(f"/{surface.path}")
        ended = time.time()
        if began < self.moment <= ended:  # either is right
            return []
        out = ended >= self.moment
        faults = [f"/{surface.path} {fault}" for fault in self.crawler.faults(surface, answer, out, out and change)]
        if not out:
            self.leaks += faults
        return faults

    def round(self, *, change: bool = True) -> list[str]:
        self.rounds += 1
        wanted = [surface for found in surfaces(self.crawler.told).values() for surface in found]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return [
                fault
                for faults in pool.map(lambda surface: self.look(surface, change=change), wanted)
                for fault in faults
            ]

    def until(self, end: float, *, change: bool = True) -> float | None:
        """Once a second. How long after the moment everything agreed for the first time."""
        agreed = None
        while time.time() < end:
            began = time.time()
            faults = self.round(change=change)
            if began >= self.moment:
                agreed = time.time() - self.moment if agreed is None and not faults else agreed
                assert not faults or began < self.moment + PATIENCE, faults
            time.sleep(max(0.0, began + 1 - time.time()))
        return agreed


def set_for(house: House, number: int) -> Watch:
    said = house.manage("shell", "--no-imports", "-v", "0", "-c", SET.format(number=number, ahead=AHEAD))
    facts = json.loads(said.strip().splitlines()[-1])
    moments = {name: datetime.fromisoformat(facts.pop(name)) for name in ("moment", "before_all")}
    watch = Watch(house, Told(**moments, **facts))
    assert watch.moment - time.time() > 25, "this machine is too busy"
    return watch


@contextmanager
def running(house: House, *command: str) -> Iterator[subprocess.Popen]:
    with (house.folder / "log").open("a") as log:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=BASE_DIR, env=house.environment, stdout=log, stderr=log
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.mark.bench
def test_each_second_on_the_real_server_with_a_worker_and_without():
    with open_house("hour", "--small") as house:
        house.stop()
        with running(house, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "newsroom.wsgi") as web:
            await_answer(house, web)
            with running(house, "manage.py", "worker") as worker:
                watch = set_for(house, 1)
                agreed = watch.until(watch.moment + 30)
                assert not watch.leaks
                print(f"with a worker: {watch}, all agree after {agreed:.1f} s")
                os.kill(worker.pid, signal.SIGKILL)

            watch = set_for(house, 2)
            agreed = watch.until(watch.moment + 30, change=False)
            assert not watch.leaks
            print(f"without: {watch}, the new text is everywhere after {agreed:.1f} s")
            began = time.time()
            with running(house, "manage.py", "worker"):
                while watch.round():
                    assert time.time() < began + 20
                    time.sleep(0.2)
                back = time.time() - began
            print(f"the change {back:.1f} s after the worker's start")
