"""Measuring the images of one job: figures of each in a file of its own, none twice."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError
from django.utils.translation import gettext as _

from annotation_server import media
from annotation_server.errors import Refused
from annotation_server.evaluation.freeze import read_part
from annotation_server.evaluation.models import EvaluationReport
from annotation_server.evaluation.side_maps import (
    SIDES,
    crowds_of,
    overlaps,
    read_rles,
    read_side,
    scores_of,
    terms_of,
)
from annotation_server.segmentation.image_figures import BadFigures, ImageFigures, compare_maps
from annotation_server.segmentation.mask_figures import compare_masks
from annotation_server.segmentation.rle import Rle, label_map_rles

Row = Mapping[str, Any]


def measure_part(
    report: EvaluationReport, start: int, length: int, *, named: bool, check: Callable[[float], None]
) -> None:
    """Measure the images of one part of the frozen inputs that are not measured yet.

    ``named``: both sides bear names, so that names are measured too. ``check`` is called with the share done.
    Raises Refused, naming the image, for what cannot be measured.
    """
    rows = read_part(report, start, length)
    for done, row in enumerate(rows):
        check(done / len(rows))
        key = figures_key(report, row["image"])
        if not media.exists(key):
            media.write(key, _as_json(_measured(report, row, named=named)))


def figures_key(report: EvaluationReport, image: int) -> str:
    """Storage key of an image's figures."""
    return f"{report.results_folder}/figures/{image}.json"


def read_figures(report: EvaluationReport, image: int) -> ImageFigures:
    """The figures of one image of a report; raises Refused for a file that is missing or damaged."""
    try:
        return ImageFigures.from_dict(json.loads(media.read(figures_key(report, image))))
    except (FileNotFoundError, ClientError, ValueError, BadFigures) as error:
        raise Refused(
            _("The figures of image %(image)s are missing or damaged: ask for the report again.")
            % {"image": image}
        ) from error


def _measured(report: EvaluationReport, row: Row, *, named: bool) -> ImageFigures:
    rule = report.options["void"]
    told: dict[str, Any] = {
        "image": row["image"],
        "terms": terms_of(row, "found") if named else None,
        "true_terms": terms_of(row, "truth") if named else None,
        "void": rule,
        "order": "largest",
        "boundary": report.options["boundary"],
    }
    scores = scores_of(row, "found")
    # A crowd is VOID in a label map, which is enough where VOID is a crowd.
    crowds = crowds_of(row) if rule == "background" else []
    as_they_are = report.options["overlap"] == "allow" and any(overlaps(row, side) for side in SIDES)
    if crowds or as_they_are:
        read = read_rles if as_they_are else _disjoint_rles
        size = {"width": row["width"], "height": row["height"], "crowds": crowds}
        return compare_masks(read(row, "truth"), read(row, "found"), scores, **size, **told)
    return compare_maps(read_side(row, "truth"), read_side(row, "found"), scores, **told)


def _disjoint_rles(row: Row, side: str) -> dict[int, Rle]:
    return label_map_rles(read_side(row, side))


def _as_json(figures: ImageFigures) -> bytes:
    return json.dumps(figures.to_dict(), separators=(",", ":"), allow_nan=False).encode()
