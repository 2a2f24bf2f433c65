"""How a person's map of a honeypot compares with the trusted one."""

from typing import NamedTuple

from annotation_server.annotation.label_maps import read_map
from annotation_server.annotation.models import Annotation
from annotation_server.quality.honeypot_policy import policy_of
from annotation_server.quality.models import HoneypotResult
from annotation_server.segmentation.image_figures import compare_maps
from annotation_server.segmentation.label_map import areas
from annotation_server.segmentation.matching import SAME_ENTITY
from annotation_server.segmentation.tiled_map import TiledMap


class Score(NamedTuple):
    """PQ (class-agnostic; what the trusted map leaves VOID is not counted), the share of the ``found``
    entities whose boundary IoU is above .5 too, and the entities ``missing`` and ``extra``."""

    pq: float
    boundary: float | None
    missing: int
    extra: int
    found: int


def score_maps(trusted: TiledMap, drawn: TiledMap) -> Score:
    """Compare a map with the trusted one; raises ValueError for maps of different sizes.

    Two maps without any entity agree.
    """
    figures = compare_maps(trusted, drawn, dict.fromkeys(areas(drawn), 1.0))
    hits, extra, missing = (
        figures.panoptic.hits,
        figures.panoptic.false_alarms,
        figures.panoptic.misses,
    )
    counted = hits + (extra + missing) / 2
    sharp = int((figures.bands.iou > SAME_ENTITY).sum()) if figures.bands is not None else 0
    return Score(
        pq=figures.panoptic.iou / counted if counted else 1.0,
        boundary=min(1.0, sharp / hits) if hits else None,
        missing=missing,
        extra=extra,
        found=hits,
    )


def score_honeypot(annotation: Annotation) -> bool:
    """Score a submitted honeypot and keep the result; False if it is none. Twice gives the same row."""
    rows = HoneypotResult.objects.filter(assignment=annotation.assignment_id)
    result = rows.select_related("honeypot").first()
    if result is None or annotation.submitted_at is None:
        return False
    score = score_maps(read_map(result.honeypot.trusted_id), read_map(annotation.pk))
    policy = policy_of(result.honeypot.project_id)
    rows.update(
        **score._asdict(),
        passed=score.pq >= policy.pass_pq,
        scored_at=annotation.submitted_at,
        map_sha256=annotation.map_sha256,
    )
    return True
