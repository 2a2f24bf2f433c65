"""Who had a part in an image: whoever drew, corrected, reviewed or spoke of it does not draw it again."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any

from django.db.models import Exists, OuterRef, Q

from annotation_server.annotation.models import Assignment, Comment, Review, Revision

_AT_ONCE = 500


def had_a_part(user: Any, image: str) -> Q:
    """Whether a person had a part in the image that a row names by its field ``image``.

    That is any assignment, given back or not, whoever's lease it was that they held, any revision they saved,
    verdict they gave or comment they wrote on an annotation of it.
    """
    here = OuterRef(image)
    own = Q(annotator=user) | Q(lease_holder=user)
    return (
        Q(Exists(Assignment.objects.filter(own, image=here)))
        | Q(Exists(Revision.objects.filter(annotation__image=here, author=user)))
        | Q(Exists(Review.objects.filter(annotation__image=here, reviewer=user)))
        | Q(Exists(Comment.objects.filter(annotation__image=here, author=user)))
    )


def parts_taken(image_ids: Collection[int], people: Collection[int]) -> dict[int, set[int]]:
    """The images, among those given, in which each of these people had a part: :func:`had_a_part` of many."""
    taken: dict[int, set[int]] = defaultdict(set)
    ids = sorted(image_ids)
    for at in range(0, len(ids), _AT_ONCE):
        for person, image in _pairs(ids[at : at + _AT_ONCE], people):
            taken[person].add(image)
    return taken


def _pairs(ids: list[int], people: Collection[int]) -> Iterator[tuple[int, int]]:
    """(person, image) of every part that one of them had; some may come twice."""
    of_images = {"annotation__image__in": ids}
    questions = (
        (Assignment.objects.filter(image__in=ids), "annotator", "image"),
        (Assignment.objects.filter(image__in=ids), "lease_holder", "image"),
        (Revision.objects.filter(**of_images), "author", "annotation__image"),
        (Review.objects.filter(**of_images), "reviewer", "annotation__image"),
        (Comment.objects.filter(**of_images), "author", "annotation__image"),
    )
    for rows, person, image in questions:
        found = rows.filter(**{f"{person}__in": people}).order_by()
        yield from found.values_list(person, image).distinct()
