"""The shape of every mask of a closed annotation, kept in its rows so that statistics need no label map."""

from collections.abc import Mapping

from django.db import transaction

from annotation_server.annotation.label_maps import current_manifest
from annotation_server.annotation.models import Annotation, Mask
from annotation_server.segmentation.shape import Shape, shapes
from annotation_server.segmentation.tiles import VOID, Extent


def keep_shapes(annotation_id: int) -> bool:
    """Work out and keep the shapes of an annotation's label map as it is; False: they are kept already."""
    annotation = Annotation.objects.only("map_sha256", "shapes_sha256").get(pk=annotation_id)
    if annotation.shapes_sha256 and annotation.shapes_sha256 == annotation.map_sha256:
        return False
    manifest = current_manifest(annotation_id)
    found = shapes(manifest.read())
    with transaction.atomic():
        rows = Annotation.objects.select_for_update().filter(pk=annotation_id).order_by()
        list(rows.values_list("pk"))
        masks = list(Mask.objects.filter(annotation=annotation_id, number__in=found).only("pk", "number"))
        for mask in masks:
            mask.hull_area, mask.perimeter = found[mask.number].hull_area, found[mask.number].perimeter
        Mask.objects.bulk_update(masks, ["hull_area", "perimeter"], batch_size=500)
        # The map may have moved on meanwhile: what is kept says which map it is of.
        rows.update(shapes_sha256=manifest.sha256())
    return True


def kept_shapes(
    annotation: Annotation, map_sha256: str, extents: Mapping[int, Extent]
) -> dict[int, Shape] | None:
    """The shapes kept of the label map that has these extents, by ascending number; None: not of this map.

    They are what `segmentation.shape.shapes` says of the map: databases keep every bit of a float.
    """
    if not annotation.shapes_sha256 or annotation.shapes_sha256 != map_sha256:
        return None
    rows = annotation.masks.values_list("number", "hull_area", "perimeter")
    known = {number: (hull, length) for number, hull, length in rows}
    found: dict[int, Shape] = {}
    for number in sorted(extents.keys() - {VOID}):
        hull, length = known.get(number, (None, None))
        if hull is None or length is None:
            return None
        found[number] = Shape(extents[number].area, hull, length)
    return found
