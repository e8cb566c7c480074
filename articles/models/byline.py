from django.db import models
from django.utils.translation import gettext_lazy

from authors.models import Author


class Byline(models.Model):
    """An author's ordered place on an article."""

    article = models.ForeignKey("Article", on_delete=models.CASCADE, related_name="bylines")
    author = models.ForeignKey(Author, on_delete=models.PROTECT, related_name="bylines")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                name="articles_byline_author_once",
                fields=["article", "author"],
                violation_error_message=gettext_lazy("This author is named already."),
            )
        ]

    def __str__(self) -> str:
        return str(self.author)


class Pick(models.Model):
    """An article that the editors put first on the front page."""

    article = models.OneToOneField(
        "Article", verbose_name=gettext_lazy("article"), on_delete=models.CASCADE, related_name="pick"
    )
    position = models.PositiveSmallIntegerField(gettext_lazy("position"), default=1)

    class Meta:
        verbose_name = gettext_lazy("pick of the front page")
        verbose_name_plural = gettext_lazy("picks of the front page")
        ordering = ["position"]

    def __str__(self) -> str:
        return str(self.article)
