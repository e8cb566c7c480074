"""Where photos are shown. Each app that shows them says so in its own `places.py`."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from articles.models import Photo


@dataclass(frozen=True)
class Place:
    """A text or letter that shows a photo; it has a name and an address only for whoever may see it."""

    how: Any
    name: str = ""
    address: str = ""


# The ids of the photos and who asks, to each place with the photo's id; in so many queries as there are ways to show.
type Finder = Callable[[Collection[int], Any], Iterable[tuple[int, Place]]]
FINDERS: list[Finder] = []


def finder(found: Finder) -> Finder:
    FINDERS.append(found)
    return found


def places_of(photos: Iterable[Photo], *, seen_by: Any) -> dict[int, list[Place]]:
    """In a number of queries that does not grow with the photos."""
    places: dict[int, list[Place]] = {photo.pk: [] for photo in photos}
    if places:
        # Apps are asked for theirs roof first, and what stands on the ground is the nearest.
        for find in reversed(FINDERS):
            for photo, place in find(places.keys(), seen_by):
                places[photo].append(place)
    return places
