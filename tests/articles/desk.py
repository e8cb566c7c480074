"""What the tests of the desk share: a cast with every role, and the form as a person fills it."""

from django.utils.text import slugify

from articles.models import Article
from newsroom import roles
from tests.cast import NewsroomTestCase, make_user

ADD = "/admin/articles/article/add/"
LIST = "/admin/articles/article/"


def change(article: Article) -> str:
    return f"/admin/articles/article/{article.pk}/change/"


class DeskTestCase(NewsroomTestCase):
    """Ada runs the house, Erna edits, Ida writes, Col contributes; Noll has a login and no role."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.ada = make_user("ada", roles.ADMIN)
        cls.col = make_user("col", roles.CONTRIBUTOR)
        cls.noll = make_user("noll", roles.CONTRIBUTOR)
        cls.noll.groups.clear()
        # Not Ida's: begun by Erna, under Tom's name.
        cls.salt = Article.objects.begin(cls.content("Salt", bylines=(cls.tom.pk,)), by=cls.erna)

    def typed(self, title: str, *, on: Article | None = None, **changed) -> dict:
        content = self.content(title)
        facts = {name: getattr(content, name) for name in ("title", "standfirst", "body", "slug", "section", "photo")}
        facts |= {"slug": slugify(title), "bylines": list(content.bylines), "tags": list(content.tags)}
        if on:
            facts["based_on"] = on.newest_revision.number
        return {name: "" if value is None else value for name, value in (facts | changed).items()}

    def press(self, verb: str, article: Article, title: str | None = None, **changed):
        facts = self.typed(title or article.title, on=article, slug=article.slug, **changed)
        return self.client.post(change(article), facts | {f"_{verb}": ""})
