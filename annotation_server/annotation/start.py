"""How annotations begin: from nothing, from a prediction, or as a prediction."""

import uuid
from collections.abc import Mapping
from typing import Any

import numpy as np
from django.db import transaction

from annotation_server.annotation.label_maps import Manifest, create_label_map, create_row, manifest_of
from annotation_server.annotation.models import Annotation, Assignment, LabelMap, Mask, Revision
from annotation_server.images.models import Image
from annotation_server.model_registry.models import ModelVersion
from annotation_server.projects.models import Project
from annotation_server.segmentation.label_map import extents
from annotation_server.segmentation.tiled_map import TiledMap, void_map
from annotation_server.segmentation.tiles import VOID

FIRST_REVISION = 1
COLOURS = 24


@transaction.atomic
def start_annotation(assignment: Assignment, *, prediction: Annotation | None = None) -> Annotation:
    """The annotation of an assignment: void, or a copy of a prediction's tiles and masks.

    Where the project wants its annotators to choose among proposals, it is void and names the prediction.
    """
    if prediction is None or assignment.image.project.annotations_start == Project.Start.EMPTY:
        return start_void(assignment, prediction=prediction)
    return _start_from_prediction(assignment, prediction)


@transaction.atomic
def start_void(assignment: Assignment, *, prediction: Annotation | None = None) -> Annotation:
    """The annotation of an assignment without a single entity; it may name a prediction to choose from."""
    image = assignment.image
    void = void_map(image.width, image.height)
    return _store(image, void, {}, assignment=assignment, prediction=prediction)


@transaction.atomic
def start_like(assignment: Assignment, first: Annotation) -> Annotation:
    """Begin as another person's annotation of the image began: the same prediction, copied or named, or void.

    Of a reviewer's map the drawing that it corrects counts. What began from another person's map begins void.
    """
    origin = first.original or first
    prediction = origin.prediction
    began = origin.revisions.filter(number=FIRST_REVISION).values_list("map_sha256", flat=True).first()
    if prediction is None or began != prediction.map_sha256:
        return start_void(assignment, prediction=prediction)
    return _start_from_prediction(assignment, prediction)


@transaction.atomic
def start_to_name(assignment: Assignment, first: Annotation) -> Annotation:
    """Begin with another person's map and none of its names; what else its masks tell is left out too."""
    masks = list(first.masks.filter(area__gt=0, deleted=False))
    for mask in masks:
        mask.term, mask.raw_name = None, ""
        mask.source, mask.source_number, mask.score, mask.changed_share = None, 0, None, None
        mask.provenance = Mask.Provenance.HUMAN
        mask.strokes = mask.active_ms = 0
        mask.version = FIRST_REVISION
    return _copy(assignment, first, masks)


def _start_from_prediction(assignment: Assignment, prediction: Annotation) -> Annotation:
    copies = list(prediction.masks.filter(area__gt=0, deleted=False))
    for mask in copies:
        mask.source, mask.source_number = prediction, mask.number
        mask.provenance = Mask.Provenance.MODEL
        mask.version = FIRST_REVISION
    return _copy(assignment, prediction, copies, prediction=prediction)


@transaction.atomic
def start_from_earlier(assignment: Assignment, earlier: Annotation, **fields: Any) -> Annotation:
    """Go on from another annotation of the image: its tiles, masks, names and numbers as they are now.

    ``fields`` are further fields of the new annotation.
    """
    copies = list(earlier.masks.all())
    annotation = _copy(assignment, earlier, copies, prediction_id=earlier.prediction_id, **fields)
    # Numbers that the earlier one has given out are not given again: its n and this map's n are one entity.
    annotation.next_number, annotation.mask_count = earlier.next_number, earlier.mask_count
    annotation.save(update_fields=["next_number", "mask_count"])
    return annotation


def _copy(assignment: Assignment, earlier: Annotation, masks: list[Mask], **fields: Any) -> Annotation:
    """An annotation that shares the tiles of an earlier one; ``masks`` become its own rows."""
    manifest = manifest_of(LabelMap.objects.get(annotation=earlier))
    annotation = _create(assignment.image, manifest, earlier.void_px, assignment=assignment, **fields)
    for mask in masks:
        mask.pk = None
        mask.annotation = annotation
    _finish(annotation, masks, author=assignment.annotator)
    versions = np.full(len(manifest.digests), FIRST_REVISION, "<u4")
    create_row(annotation.pk, Manifest(manifest.width, manifest.height, manifest.digests, versions))
    return annotation


@transaction.atomic
def start_from_map(assignment: Assignment, label_map: TiledMap) -> Annotation:
    """The annotation of an assignment, beginning with a label map drawn elsewhere."""
    return _store(assignment.image, label_map, {}, assignment=assignment)


@transaction.atomic
def store_prediction(
    image: Image, model_version: ModelVersion, label_map: TiledMap, scores: Mapping[int, float]
) -> Annotation:
    """Keep a model's label map as a frozen annotation; ``scores`` are by entity number.

    Raises ValueError when the map is not of the image's size.
    """
    return _store(image, label_map, scores, model_version=model_version)


def _store(image: Image, label_map: TiledMap, scores: Mapping[int, float], **author: Any) -> Annotation:
    if (label_map.width, label_map.height) != (image.width, image.height):
        raise ValueError(
            f"The label map has {label_map.width} × {label_map.height} pixels, "
            f"the image {image.width} × {image.height}."
        )
    found = extents(label_map)
    is_prediction = "model_version" in author
    void = found[VOID].area if VOID in found else 0
    annotation = _create(image, None, void, **author)
    manifest = create_label_map(annotation.pk, label_map, version=FIRST_REVISION)
    annotation.map_sha256 = manifest.sha256()
    masks = [
        Mask(
            annotation=annotation,
            number=number,
            colour=number % COLOURS,
            area=extent.area,
            x=extent.x0,
            y=extent.y0,
            width=extent.x1 - extent.x0,
            height=extent.y1 - extent.y0,
            score=scores.get(number),
            provenance=Mask.Provenance.MODEL if is_prediction else Mask.Provenance.HUMAN,
            version=FIRST_REVISION,
        )
        for number, extent in found.items()
        if number != VOID
    ]
    if is_prediction and scores:
        annotation.mean_score = sum(scores.values()) / len(scores)
    _finish(annotation, masks, author=None if is_prediction else author["assignment"].annotator)
    return annotation


def _create(image: Image, manifest: Manifest | None, void_px: int, **author: Any) -> Annotation:
    is_prediction = "model_version" in author
    return Annotation.objects.create(
        image=image,
        state=Annotation.State.FROZEN if is_prediction else Annotation.State.DRAFT,
        revision_number=FIRST_REVISION,
        void_px=void_px,
        map_sha256=manifest.sha256() if manifest else "",
        **author,
    )


def _finish(annotation: Annotation, masks: list[Mask], *, author: Any) -> None:
    Mask.objects.bulk_create(masks, batch_size=500)
    annotation.mask_count = len(masks)
    annotation.next_number = max((mask.number for mask in masks), default=0) + 1
    annotation.save(update_fields=["mask_count", "next_number", "map_sha256", "mean_score"])
    Revision.objects.create(
        annotation=annotation,
        number=FIRST_REVISION,
        kind=Revision.Kind.START,
        transaction_id=uuid.uuid4(),
        author=author,
        tile_changes=b"",
        void_px=annotation.void_px,
        map_sha256=annotation.map_sha256,
    )
