"""Work that no reader and no editor waits for. A worker may run any of it twice."""

from functools import partial

from django.db import transaction
from procrastinate.contrib.django import app

from articles.models import Article, Photo


@app.task(name="articles.make_renditions", queue="pictures", retry=3, pass_context=False)
def make_renditions(*, photo: int) -> None:
    """Make the renditions of a photo, then make anew the texts that show it."""
    found = Photo.objects.filter(pk=photo).first()
    if found is None:
        return
    found.render()
    for article in Article.objects.showing_photo(found).iterator(chunk_size=100):
        article.rerender()


def defer_renditions(photo: Photo) -> None:
    """Ask a worker for them, once the photo is committed."""
    transaction.on_commit(partial(make_renditions.configure(lock=f"photo-{photo.pk}").defer, photo=photo.pk))
