"""One image of a report in all its detail: every entity of both sides, what became of it, and where it is."""

from typing import Any

from annotation_server.evaluation.error_map import pairs_of
from annotation_server.evaluation.freeze import read_row
from annotation_server.evaluation.measure_images import read_figures
from annotation_server.evaluation.models import EvaluationReport
from annotation_server.evaluation.pictures import legend
from annotation_server.evaluation.side_maps import read_side
from annotation_server.segmentation.label_map import extents

COUNTED = ("right", "border", "name", "missing", "extra", "in_void")


def image_detail(report: EvaluationReport, image: int) -> dict[str, Any]:
    """Pairs with their IoU and kind, boxes [x, y, width, height] and areas in px of both sides.

    Raises NotFound for an image that the report does not measure, and Refused when its masks are gone.
    """
    row = read_row(report, image)
    pairs = pairs_of(read_figures(report, image))
    places = {side: extents(read_side(row, side)) for side in ("truth", "found")}
    for pair in pairs:
        for side, number in (("true", pair["true"]), ("found", pair["found"])):
            extent = places["truth" if side == "true" else "found"].get(number)
            pair[f"{side}_box"] = extent.bbox if extent else None
            pair[f"{side}_area"] = extent.area if extent else None
    kinds = [pair["kind"] for pair in pairs]
    return {
        "image": image,
        "file_name": row["file_name"],
        "width": row["width"],
        "height": row["height"],
        "annotations": {side: row[side].get("annotation") for side in ("truth", "found")},
        "counts": {kind: kinds.count(kind) for kind in COUNTED},
        "pairs": pairs,
        "legend": legend(),
    }
