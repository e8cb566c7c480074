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


# The ids of the photos, who asks, and how many of each way to show one are wanted, to each place with the photo's id;
# the newest first, in a number of queries that does not grow.
type Finder = Callable[[Collection[int], Any, int], Iterable[tuple[int, Place]]]
# More than anybody reads down; the placeholder of a whole magazine may be shown a hundred thousand times.
MOST = 500
FINDERS: list[Finder] = []


def finder(found: Finder) -> Finder:
    FINDERS.append(found)
    return found


def places_of(photos: Iterable[Photo], *, seen_by: Any, most: int = MOST) -> dict[int, list[Place]]:
    """At least `most` of each, if there are so many; in a number of queries that does not grow with the photos."""
    places: dict[int, list[Place]] = {photo.pk: [] for photo in photos}
    if places:
        # Apps are asked for theirs roof first, and what stands on the ground is the nearest.
        for find in reversed(FINDERS):
            for photo, place in find(places.keys(), seen_by, most):
                places[photo].append(place)
    return places
