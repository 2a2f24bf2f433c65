"""Masks that came from a model: where from, how much of each a person changed, and what was not wanted."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from annotation_server.annotation.label_maps import read_map
from annotation_server.annotation.models import Annotation, Mask, RejectedProposal
from annotation_server.errors import BadContent
from annotation_server.segmentation.changed_share import changed_shares
from annotation_server.segmentation.tiled_map import TiledMap
from annotation_server.segmentation.tiles import MAX_NUMBER
from annotation_server.segmentation.transaction import EntityChange

REJECT = "reject_proposal"
MOST_AT_ONCE = 5000


def check_sources(annotation: Annotation, entities: Iterable[EntityChange]) -> None:
    """Refuse entities said to come from anything but a prediction of the same image; raises BadContent."""
    wanted = {entity.source.annotation for entity in entities if entity.source is not None} - {0}
    if wanted:
        _require_predictions(annotation, wanted)


def note_rejections(annotation: Annotation, operations: Sequence[dict[str, Any]]) -> None:
    """Keep which proposals the operations of a save reject, or want back, in their order.

    Such an operation has ``tool`` REJECT, ``prediction`` and ``proposals``, numbers of that prediction;
    ``wanted`` makes it the opposite, and so does ``undone``. Raises BadContent.
    """
    rejecting = [operation for operation in operations if operation.get("tool") == REJECT]
    if not rejecting:
        return
    for operation in rejecting:
        _check_rejection(operation)
    _require_predictions(annotation, {operation["prediction"] for operation in rejecting})
    for operation in rejecting:
        prediction, numbers = operation["prediction"], operation["proposals"]
        rows = RejectedProposal.objects.filter(annotation=annotation, prediction_id=prediction)
        if bool(operation.get("wanted")) != bool(operation.get("undone")):
            rows.filter(number__in=numbers).delete()
        else:
            RejectedProposal.objects.bulk_create(
                [
                    RejectedProposal(annotation=annotation, prediction_id=prediction, number=number)
                    for number in numbers
                ],
                ignore_conflicts=True,
            )


def _check_rejection(operation: dict[str, Any]) -> None:
    numbers = operation.get("proposals")
    right = (
        isinstance(operation.get("prediction"), int)
        and isinstance(numbers, list)
        and len(numbers) <= MOST_AT_ONCE
        and all(type(number) is int and 1 <= number <= MAX_NUMBER for number in numbers)
    )
    if not right:
        raise BadContent(_("An operation that rejects proposals must name a prediction and its numbers."))


def _require_predictions(annotation: Annotation, wanted: set[int]) -> None:
    known = Annotation.objects.filter(
        pk__in=wanted, image_id=annotation.image_id, model_version__isnull=False
    )
    if unknown := wanted - set(known.values_list("pk", flat=True)):
        raise BadContent(
            _("Annotation %(id)s is no prediction of this image.") % {"id": min(unknown)},
            code="unknown_prediction",
        )


def measure_changes(annotation: Annotation, read: Callable[[], TiledMap]) -> None:
    """Write, for every mask taken from a prediction, the share of its pixels that a person has changed.

    ``read`` gives the annotation's label map, and is called if there is such a mask. A mask that is exactly
    as it was is the model's again; one that differs is edited, whatever was said before.
    """
    by_source: dict[int, list[Mask]] = defaultdict(list)
    for mask in annotation.masks.filter(source__isnull=False, source_number__gt=0, area__gt=0):
        if mask.source_id is not None:
            by_source[mask.source_id].append(mask)
    if not by_source:
        return
    now = read()
    for source, masks in by_source.items():
        shares = changed_shares(read_map(source), now, {mask.number: mask.source_number for mask in masks})
        for mask in masks:
            mask.changed_share = shares[mask.number]
            mask.provenance = Mask.Provenance.EDITED if mask.changed_share else Mask.Provenance.MODEL
        Mask.objects.bulk_update(masks, ["changed_share", "provenance"], batch_size=500)
