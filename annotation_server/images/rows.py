"""What lists of images show: each with how far its work is, in two queries and without model objects."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Count, F, FilteredRelation, Q, QuerySet
from django.db.models.functions import Coalesce

from annotation_server.images.models import Image
from annotation_server.images.own_work import NO_OWN_WORK, OwnWork

WORK_STATES = ("none", "predicted", "assigned", "submitted", "returned", "accepted")
# The state of the drawing assignment, in the words of the work on an image.
_ASSIGNED = {
    "open": "assigned",
    "submitted": "submitted",
    "returned": "returned",
    "accepted": "accepted",
    "replaced": "accepted",
}
ASSIGNMENT_STATES = tuple(_ASSIGNED)
_COLUMNS = (
    *("id", "project_id", "file_name", "width", "height", "checksum", "state", "error", "split"),
    *("source", "licence", "byte_size", "created_at"),
)
_WORK = {
    "assignment": F("work__id"),
    "assignment_state": F("work__state"),
    "annotator": F("work__annotator__username"),
    # Where a reviewer's map was accepted in place of the drawing, that map is the image's annotation.
    "annotation": Coalesce(F("corrected__id"), F("work__annotation__id")),
    "void_px": Coalesce(F("corrected__void_px"), F("work__annotation__void_px")),
    "mask_count": Coalesce(F("corrected__mask_count"), F("work__annotation__mask_count")),
    "changed_at": Coalesce(F("corrected__changed_at"), F("work__annotation__changed_at")),
    "agreement": F("work__annotation__agreement"),
}


def with_work(images: QuerySet[Image], own: OwnWork = NO_OWN_WORK) -> QuerySet[Image]:
    """Join each image's drawing assignment as ``work`` and its accepted reviewer's map as ``corrected``.

    There is at most one of either. ``own`` hidden work of whoever looks stands in their place.
    """
    drawn = Q(assignments__round="draw") & ~Q(assignments__state="dropped")
    corrected = Q(annotations__original__isnull=False, annotations__state="accepted")
    if own.images:
        others = ~Q(pk__in=own.images)
        drawn = drawn & others | Q(assignments__pk__in=own.assignments)
        corrected &= others
    return images.alias(
        work=FilteredRelation("assignments", condition=drawn),
        corrected=FilteredRelation("annotations", condition=corrected),
    )


def in_work_state(images: QuerySet[Image], work_state: str) -> QuerySet[Image]:
    """Those whose work is so far; ``images`` come from :func:`with_work`."""
    if work_state in {"none", "predicted"}:
        predicted = Image.objects.filter(annotations__model_version__isnull=False).values("pk")
        untouched = images.filter(Q(("work__isnull", True)))
        return untouched.filter(_among(predicted) if work_state == "predicted" else ~_among(predicted))
    assignment_states = [state for state, word in _ASSIGNED.items() if word == work_state]
    return images.filter(Q(("work__state__in", assignment_states)))


def _among(images: QuerySet[Any, Any]) -> Q:
    return Q(pk__in=images)


def values_of(images: QuerySet[Image]) -> QuerySet[Image, dict[str, Any]]:
    """The columns that :func:`rows_of` needs, of images from :func:`with_work`."""
    return images.values(*_COLUMNS, **_WORK)


def rows_of(values: Iterable[dict[str, Any]], own: OwnWork = NO_OWN_WORK) -> list[dict[str, Any]]:
    """Rows for the API from :func:`values_of`; of ``own`` hidden work without predictions and comments."""
    values = list(values)
    ids = [row["id"] for row in values if row["id"] not in own.images]
    predictions, open_comments = _predictions(ids), _open_comments(ids)
    return [
        {**_row(row, predictions.get(row["id"])), "open_comments": open_comments.get(row["id"], 0)}
        for row in values
    ]


def row_of(image_id: int, own: OwnWork = NO_OWN_WORK) -> dict[str, Any]:
    """The row of one image."""
    return rows_of(values_of(with_work(Image.objects.filter(pk=image_id), own)), own)[0]


def _open_comments(ids: list[int]) -> dict[int, int]:
    """Image id → how many remarks on its annotations are not resolved."""
    remarks = Q(annotations__comments__parent__isnull=True, annotations__comments__resolved_at__isnull=True)
    there = Image.objects.filter(remarks, pk__in=ids, annotations__comments__id__isnull=False)
    return dict(there.order_by().values_list("pk").annotate(Count("annotations__comments")))


class _Prediction(NamedTuple):
    annotation: int
    void_px: int
    masks: int
    score: float | None


def _predictions(ids: list[int]) -> dict[int, _Prediction]:
    """The newest prediction of each image that has one, by image id."""
    found = (
        Image.objects.filter(pk__in=ids, annotations__model_version__isnull=False)
        .order_by("annotations__id")
        .values_list(
            "pk", *(f"annotations__{name}" for name in ("id", "void_px", "mask_count", "mean_score"))
        )
    )
    return {image_id: _Prediction(*columns) for image_id, *columns in found}


def _row(row: dict[str, Any], prediction: _Prediction | None) -> dict[str, Any]:
    project = row.pop("project_id")
    state = row.pop("assignment_state")
    void_px, entities = row.pop("void_px"), row.pop("mask_count")
    if row["annotation"] is None and prediction is not None:
        row["annotation"], void_px, entities, _score = prediction
    is_ready = row["state"] == Image.State.READY
    address = f"/api/v1/images/{row['id']}"
    pixels = row["width"] * row["height"]
    return {
        **row,
        "project": project,
        "work_state": _ASSIGNED.get(state) or ("predicted" if prediction else "none"),
        "coverage": None if void_px is None else 1 - void_px / pixels,
        "entities": entities,
        "prediction": prediction.annotation if prediction else None,
        "score": prediction.score if prediction else None,
        "thumbnail_url": f"{address}/thumbnail" if is_ready else None,
        "dzi_url": f"{address}/image.dzi" if is_ready else None,
    }
