"""A report's images, sorted by what was measured of them."""

from collections.abc import Sequence
from typing import Any

import orjson
from botocore.exceptions import ClientError
from django.utils.translation import gettext as _

from annotation_server import media
from annotation_server.errors import NotFound, Refused
from annotation_server.evaluation.models import EvaluationReport
from annotation_server.evaluation.sum_up import images_key

ORDERINGS = {
    "image": "image",
    "ap": "AP",
    "pq": "PQ",
    "f1": "F1",
    "boundary_ap": "boundary_AP",
    "true": "true",
    "found": "found",
}


def image_rows(report: EvaluationReport, ordering: str) -> list[dict[str, Any]]:
    """The figures of every image, sorted; images without the figure come last either way.

    Raises Refused for an ordering that there is not, NotFound for a report without figures.
    """
    column = ORDERINGS.get(ordering.removeprefix("-"))
    if column is None:
        raise Refused(
            _("Images are ordered by %(names)s, not %(ordering)s.")
            % {"names": ", ".join(ORDERINGS), "ordering": ordering},
            code="invalid",
        )
    rows = _read(report)
    known = [row for row in rows if row[column] is not None]
    unknown = [row for row in rows if row[column] is None]
    known.sort(key=lambda row: row[column], reverse=ordering.startswith("-"))
    return known + unknown


def _read(report: EvaluationReport) -> Sequence[dict[str, Any]]:
    try:
        return list(orjson.loads(media.read(images_key(report))))
    except (FileNotFoundError, ClientError) as error:
        raise NotFound(_("This report has no figures of images.")) from error
