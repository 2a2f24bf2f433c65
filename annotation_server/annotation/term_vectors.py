"""What the named masks of a project add up to: each annotation adds its own, and later the difference."""

from collections import defaultdict
from collections.abc import Mapping

import numpy as np
from django.db import transaction

from annotation_server.annotation.models import Annotation, Assignment, Mask
from annotation_server.annotation.similar import Floats, TermSums, Vectors
from annotation_server.annotation.turn import one_save_at_a_time
from annotation_server.annotation.vector_models import MaskVectors, TermVectors
from annotation_server.vocabulary.start import RESERVED

_Sum = tuple[int, Floats, Floats]  # count, total [D], squares [D]


def vectors_of(kept: MaskVectors) -> Vectors:
    """The vectors a row holds."""
    numbers = np.frombuffer(bytes(kept.numbers), "<u2").astype(np.int64)
    matrix = np.frombuffer(bytes(kept.vectors), "<f2").astype(np.float64)
    return Vectors(numbers, matrix.reshape(len(numbers), -1 if len(numbers) else 1))


def names_of(annotation_id: int) -> dict[int, int]:
    """Term by number, of the masks whose name says what they are; "unknown" and "blurred" do not."""
    named = Mask.objects.filter(annotation_id=annotation_id, term__isnull=False, deleted=False, area__gt=0)
    rows = named.exclude(term__normal_name__in=RESERVED).order_by()
    return {number: term for number, term in rows.values_list("number", "term_id")}


def count_names(annotation_id: int) -> None:
    """Let the project's sums say what this annotation's masks are called now."""
    with one_save_at_a_time(), transaction.atomic():
        kept = MaskVectors.objects.select_for_update().filter(pk=annotation_id).first()
        if kept is not None:
            recount(kept, names_of(annotation_id) if _may_teach(annotation_id) else {})


def recount(kept: MaskVectors, names: Mapping[int, int]) -> None:
    """Exchange what a row has added for what ``names`` (term by number) add; the caller holds its lock."""
    vectors = vectors_of(kept)
    places = {int(number): place for place, number in enumerate(vectors.numbers)}
    before = {int(number): term for number, term in kept.counted.items() if int(number) in places}
    after = {number: term for number, term in names.items() if number in places}
    if before == after:
        return
    changes: dict[int, _Change] = defaultdict(lambda: _Change(vectors.matrix.shape[1]))
    for number in before.keys() | after.keys():
        if before.get(number) != after.get(number):
            row = vectors.matrix[places[number]]
            if number in before:
                changes[before[number]].add(row, -1)
            if number in after:
                changes[after[number]].add(row, 1)
    _apply(kept.model_sha256, changes)
    kept.counted = {str(number): term for number, term in after.items()}
    kept.save(update_fields=["counted", "changed_at"])


def sums_of(project_id: int, model_sha256: str, dim: int, *, without_image: int | None = None) -> TermSums:
    """The sums of all terms of a project for one model; terms without a mask left out.

    ``without_image`` leaves out what the masks of an image have added: who works on it blind learns nothing
    of them.
    """
    rows = TermVectors.objects.filter(term__project_id=project_id, model_sha256=model_sha256, count__gt=0)
    found = {
        term: (count, _read(total), _read(squares))
        for term, count, total, squares in rows.order_by("term_id").values_list(
            "term_id", "count", "total", "squares"
        )
    }
    if without_image is not None:
        found = _without(found, without_image, model_sha256)
    return TermSums(
        np.array(list(found), np.int64),
        np.array([count for count, _, _ in found.values()], float),
        np.array([total for _, total, _ in found.values()]).reshape(len(found), dim),
        sum((squares for *_, squares in found.values()), np.zeros(dim)),
    )


def _without(found: dict[int, _Sum], image_id: int, model_sha256: str) -> dict[int, _Sum]:
    left = dict(found)
    for kept in MaskVectors.objects.filter(annotation__image=image_id, model_sha256=model_sha256):
        vectors = vectors_of(kept)
        rows = dict(zip(vectors.numbers.tolist(), vectors.matrix, strict=True))
        for number, term in kept.counted.items():
            if term in left and int(number) in rows:
                count, total, squares = left[term]
                row = rows[int(number)]
                left[term] = count - 1, total - row, squares - row**2
    return {term: one for term, one in left.items() if one[0] > 0}


class _Change:
    """What masks add to a term, or take away from it."""

    def __init__(self, dim: int) -> None:
        self.count = 0
        self.total = np.zeros(dim)
        self.squares = np.zeros(dim)

    def add(self, row: Floats, sign: int) -> None:
        self.count += sign
        self.total += sign * row
        self.squares += sign * row**2


def _apply(model_sha256: str, changes: Mapping[int, _Change]) -> None:
    """In the order of the terms, so that two annotations that share some cannot wait for each other."""
    terms = sorted(changes)
    empty = {term: np.zeros(len(changes[term].total)).tobytes() for term in terms}
    TermVectors.objects.bulk_create(
        [TermVectors(term_id=t, model_sha256=model_sha256, total=empty[t], squares=empty[t]) for t in terms],
        ignore_conflicts=True,
    )
    locked = TermVectors.objects.select_for_update().filter(term_id__in=terms, model_sha256=model_sha256)
    rows = list(locked.order_by("term_id"))
    for row in rows:
        change = changes[row.term_id]
        row.count = max(0, row.count + change.count)
        row.total = (_read(row.total) + change.total).tobytes() if row.count else empty[row.term_id]
        row.squares = (_read(row.squares) + change.squares).tobytes() if row.count else empty[row.term_id]
    TermVectors.objects.bulk_update(rows, ["count", "total", "squares"], batch_size=100)


def _may_teach(annotation_id: int) -> bool:
    """Blind work of a study teaches nobody, and neither does what a reviewer's map has replaced."""
    annotation = Annotation.objects.select_related("assignment").filter(pk=annotation_id).first()
    if annotation is None or annotation.assignment is None:
        return False
    if annotation.assignment.round in Assignment.HIDDEN:
        return False
    return annotation.state not in {Annotation.State.REPLACED, Annotation.State.DROPPED}


def _read(data: bytes | memoryview) -> Floats:
    return np.frombuffer(bytes(data), "<f8").copy()
