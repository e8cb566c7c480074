"""Who may do what in the magazine."""

from typing import Any

from articles.models import Article, Photo
from newsroom.roles import CONTRIBUTOR, EDITOR, WRITER, grant

EVERYBODY = (EDITOR, WRITER, CONTRIBUTOR)


def own(user: Any, article: Article) -> bool:
    return Article.objects.of_user(user).contains(article)


def own_draft(user: Any, article: Article) -> bool:
    return article.stand == Article.Stand.DRAFT and own(user, article)


def never_published(user: Any, article: Article) -> bool:
    return article.published_at is None


def own_upload(user: Any, photo: Photo) -> bool:
    return photo.uploaded_by_id == user.pk


def shown_nowhere(user: Any, photo: Photo) -> bool:
    return photo.is_unused


grant("articles.article", ["add"], EVERYBODY)
grant("articles.article", ["view", "change", "submit", "send_back", "publish", "withdraw"], [EDITOR])
grant("articles.article", ["delete"], [EDITOR], of=never_published)
grant("articles.article", ["view", "change", "submit"], [WRITER], of=own)
grant("articles.article", ["view"], [CONTRIBUTOR], of=own)
grant("articles.article", ["change"], [CONTRIBUTOR], of=own_draft)

grant("articles.photo", ["view", "add"], EVERYBODY)
grant("articles.photo", ["change"], [EDITOR])
grant("articles.photo", ["delete"], [EDITOR], of=shown_nowhere)
grant("articles.photo", ["change"], [WRITER], of=own_upload)

grant("articles.tag", ["view"], EVERYBODY)
grant("articles.tag", ["add"], [EDITOR, WRITER])
grant("articles.tag", ["change", "delete"], [EDITOR])
grant("articles.section", ["view"], EVERYBODY)
grant("articles.series", ["view"], EVERYBODY)
for model in ("section", "series", "page", "pick", "correction"):
    grant(f"articles.{model}", ["view", "add", "change", "delete"], [EDITOR])
