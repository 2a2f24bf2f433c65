"""Who knows masks of an image: such a person does not draw it again blind."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django.db.models import Exists, Manager, OuterRef, Q

from annotation_server.annotation.models import Assignment, Comment, Review, Revision
from annotation_server.annotation.seen import Sight

_AT_ONCE = 500
# By what a person knows masks of an image: rows, their field that names the person, their way to the image.
_TRACES: tuple[tuple[Manager[Any], str, str], ...] = (
    (Assignment.objects, "annotator", "image"),
    (Assignment.objects, "lease_holder", "image"),
    (Revision.objects, "author", "annotation__image"),
    (Review.objects, "reviewer", "annotation__image"),
    (Comment.objects, "author", "annotation__image"),
    (Sight.objects, "person", "image"),
)


def knows_image(user: Any, image: str) -> Q:
    """Whether a person knows masks of the image that a row names by its field ``image``.

    That is: they had any assignment of it, given back or not, or hold somebody's lease, saved a revision,
    gave a verdict or wrote a comment on an annotation of it, or were shown what somebody else drew on it.
    """
    known = Q()
    for rows, person, way in _TRACES:
        known |= Q(Exists(rows.filter(**{person: user, way: OuterRef(image)})))
    return known


def known_images(image_ids: Collection[int], people: Collection[int]) -> dict[int, set[int]]:
    """By person the images, among those given, that they know: :func:`knows_image` of many."""
    known: dict[int, set[int]] = defaultdict(set)
    ids = sorted(image_ids)
    for at in range(0, len(ids), _AT_ONCE):
        for person, image in _pairs(ids[at : at + _AT_ONCE], people):
            known[person].add(image)
    return known


def people_left(
    image_ids: Collection[int], people: Collection[int], known: Mapping[int, Collection[int]]
) -> dict[int, int]:
    """By image how many of these people do not know it; ``known`` as :func:`known_images` tells."""
    knowing = Counter(image for person in people for image in known.get(person, ()))
    return {image: len(people) - knowing[image] for image in image_ids}


def _pairs(ids: list[int], people: Collection[int]) -> Iterator[tuple[int, int]]:
    """(person, image) of everything by which one of them knows one; some may come twice."""
    for rows, person, way in _TRACES:
        found = rows.filter(**{f"{way}__in": ids, f"{person}__in": people}).order_by()
        yield from found.values_list(person, way).distinct()
