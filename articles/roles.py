"""Who may do what in the magazine."""

from dataclasses import dataclass
from typing import Any

from articles.models import Article, Photo
from newsroom.roles import ADMIN, CONTRIBUTOR, EDITOR, GRANTS, WRITER, grant

EVERYBODY = (EDITOR, WRITER, CONTRIBUTOR)
ARTICLE_VERBS = ("view", "change", "submit", "send_back", "publish", "withdraw", "open_preview")


Stand = Article.Stand
# In which stands a verb of an article does anything at all, whoever asks; elsewhere it refuses with a sentence.
WORKS_IN: dict[str, frozenset[Stand]] = dict.fromkeys(ARTICLE_VERBS, frozenset(Stand)) | {
    "submit": frozenset({Stand.DRAFT}),
    "send_back": frozenset({Stand.SUBMITTED}),
    "withdraw": frozenset({Stand.SCHEDULED, Stand.LIVE}),
    "delete": frozenset({Stand.DRAFT, Stand.SUBMITTED}),
}


@dataclass(frozen=True)
class Reach:
    """Of which articles a row speaks: whose they are, and where they stand."""

    __name__: str
    is_own: bool = False
    stands: frozenset[Stand] = frozenset(Stand)

    def covers(self, *, own: bool, stand: Stand) -> bool:
        return (own or not self.is_own) and stand in self.stands

    def __call__(self, user: Any, article: Article) -> bool:
        return article.stand in self.stands and (not self.is_own or Article.objects.of_user(user).contains(article))


own = Reach("own", is_own=True)
own_draft = Reach("own_draft", is_own=True, stands=frozenset({Stand.DRAFT}))
never_published = Reach("never_published", stands=WORKS_IN["delete"])


def reach(role: str, verb: str, *, own: bool) -> frozenset[Stand]:
    """The stands in which a role may do this to its own, or to other people's, articles: as the rows say it."""
    if role == ADMIN:
        return frozenset(Stand)
    rows = [row for row in GRANTS if (row.model, row.verb) == ("articles.article", verb) and role in row.roles]
    return frozenset(
        stand for stand in Stand for row in rows if not isinstance(row.of, Reach) or row.of.covers(own=own, stand=stand)
    )


def own_upload(user: Any, photo: Photo) -> bool:
    return photo.uploaded_by_id == user.pk


def shown_nowhere(user: Any, photo: Photo) -> bool:
    return photo.is_unused


grant("articles.article", ["add"], EVERYBODY)
grant("articles.article", ARTICLE_VERBS, [EDITOR])
grant("articles.article", ["delete"], [EDITOR], of=never_published)
grant("articles.article", ["view", "change", "submit", "open_preview"], [WRITER], of=own)
grant("articles.article", ["view"], [CONTRIBUTOR], of=own)
grant("articles.article", ["change"], [CONTRIBUTOR], of=own_draft)

grant("articles.publication", ["view"], [EDITOR])

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
