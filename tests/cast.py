"""The people and texts that most tests know.

Ida writes and has a login; Tom writes without one; Erna edits. Tides is live, with a photo; Harbour is Ida's draft;
Storm goes out tomorrow; Fog was withdrawn. Coast is the section of all of them.
"""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import connection
from django.test import TestCase, TransactionTestCase
from django.utils import timezone
from PIL import Image

from articles.content import Content
from articles.models import Article, Photo, Section, Tag
from authors.models import Author, User
from newsroom import roles
from newsroom.identity.models import Identity

BODY = "<p>“The sea is patient,” she said.</p><h2>A first part</h2><p>It costs $5 million.</p>"


def picture(width: int = 64, height: int = 48, *, colour: str = "teal", image_format: str = "JPEG") -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, image_format)
    out.seek(0)
    return out


def make_user(name: str, role: str) -> User:
    user = User.objects.create_user(name, f"{name}@magazine.example", "newsroom")
    roles.appoint(user, role)
    return user


def make_author(name: str, **facts) -> Author:
    author = Author(name=name, slug=name.lower().replace(" ", "-"), **facts)
    author.full_clean()
    author.save()
    return author


def make_photo(width: int = 320, height: int = 180, **facts) -> Photo:
    photo = Photo(
        **{"alt": "Grey water under a pale sky", "caption": "The sound at noon.", "maker": "Mara Lind"}
        | {"maker_url": "https://mara.example/", "source": "Longshore", "source_url": "https://longshore.example/"}
        | facts
    )
    photo.take(picture(width, height))
    photo.save()
    return photo


class Cast:
    @classmethod
    def gather(cls) -> None:
        Identity.objects.create(name="Longshore", invitation="One letter on Thursdays.")
        cls.erna = make_user("erna", roles.EDITOR)
        cls.ida_login = make_user("ida", roles.WRITER)
        cls.ida = make_author("Ida Marsh", user=cls.ida_login, bio="Ida writes about water.")
        cls.ida.wear(picture(400, 500, colour="tan"))
        cls.ida.save()
        cls.tom = make_author("Tom Gale")
        cls.coast = Section.objects.create(name="Coast", slug="coast", position=1)
        cls.tides_tag = Tag.objects.create(name="Tides", slug="tides")
        cls.photo = make_photo()
        now = timezone.now()
        cls.tides = cls.make_article("Tides", at=now - timedelta(days=2))
        cls.harbour = Article.objects.begin(cls.content("Harbour"), by=cls.ida_login)
        cls.storm = cls.make_article("Storm", at=now + timedelta(days=1))
        cls.fog = cls.make_article("Fog", at=now - timedelta(days=3))
        cls.fog.withdraw(by=cls.erna, because="It named the wrong ship.")

    @classmethod
    def content(cls, title: str, **changed) -> Content:
        facts = {
            "title": title,
            "standfirst": f"What {title.lower()} does to a town.",
            "body": BODY,
            "slug": title.lower().replace(" ", "-"),
            "section": cls.coast.pk,
            "bylines": (cls.ida.pk, cls.tom.pk),
            "tags": (cls.tides_tag.pk,),
            "photo": cls.photo.pk,
        }
        return Content(**facts | changed)

    @classmethod
    def make_article(cls, title: str, *, at=None, **changed) -> Article:
        article = Article.objects.begin(cls.content(title, **changed), by=cls.ida_login)
        article.publish(by=cls.erna, at=at)
        return article


class NewsroomTestCase(Cast, TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.gather()


class AtOnceTestCase(Cast, TransactionTestCase):
    """For what several people do at the same moment, on connections of their own."""

    def setUp(self) -> None:
        type(self).gather()

    def at_once(self, *calls) -> list:
        """What each returned, or the sentences with which it was refused."""

        def run(call):
            try:
                return call()
            except ValidationError as refusal:
                return refusal.messages
            finally:
                connection.close()

        with ThreadPoolExecutor(len(calls)) as pool:
            return list(pool.map(run, calls))
