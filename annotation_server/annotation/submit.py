"""Submission: the project's coverage policy decides whether an annotation is complete."""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from annotation_server import audit
from annotation_server.annotation import lease
from annotation_server.annotation.access import lock_annotation, require_editable
from annotation_server.annotation.label_maps import read_map
from annotation_server.annotation.measure import measure_later
from annotation_server.annotation.models import Annotation, Assignment
from annotation_server.annotation.review_map import lock_original, replace
from annotation_server.annotation.submission import record_submission
from annotation_server.annotation.taken_masks import measure_changes
from annotation_server.errors import Conflict
from annotation_server.projects.models import Project
from annotation_server.segmentation.components import Component, gaps
from annotation_server.segmentation.label_map import coverage
from annotation_server.segmentation.tiled_map import TiledMap

GAPS_LISTED = 500


@transaction.atomic
def submit(
    user: Any, annotation_id: int, lease_token: str | None, *, allow_unnamed: bool = False
) -> Annotation:
    """Close an annotation for review; where the project needs none, it is accepted at once.

    A reviewer's map is accepted at once too, and its original is replaced; so is the work of a study, which
    nobody reviews. A honeypot seems to wait for a reviewer like any drawing. Whoever only names masks has to
    name all, and no coverage is asked of them. Raises LeaseLost, and Conflict: ``frozen``, ``not_submitted``
    (the original), ``coverage`` (with the gaps) or ``unnamed`` (with the numbers). ``allow_unnamed`` confirms
    masks without a term where names are not required.
    """
    original = lock_original(annotation_id)
    annotation, assignment = lock_annotation(user, annotation_id)
    require_editable(annotation)
    lease.require_lease(assignment, user, lease_token)
    project = Project.objects.get(pk=annotation.image.project_id)
    read = cache(lambda: read_map(annotation.pk))
    is_naming = assignment.round == Assignment.Round.NAMES
    if not is_naming:
        _require_coverage(annotation, project, read)
    _require_names(annotation, is_naming or project.names_required, allow_unnamed)
    measure_changes(annotation, read)
    accepted = original is not None or not project.review_required
    annotation.state = Annotation.State.ACCEPTED if accepted else Annotation.State.SUBMITTED
    annotation.submitted_at = timezone.now()
    measure_later(annotation)
    annotation.save(update_fields=["state", "submitted_at", "is_measured"])
    assignment.state = Assignment.State.ACCEPTED if accepted else Assignment.State.SUBMITTED
    lease.drop(assignment, "state")
    if original is not None:
        replace(user, original, annotation)
    record_submission(annotation, assignment)
    audit.record(
        user,
        project.pk,
        "annotation.submit",
        annotation,
        revision=annotation.revision_number,
        map_sha256=annotation.map_sha256,
        accepted=accepted,
    )
    return annotation


def gap_report(annotation: Annotation, label_map: TiledMap) -> dict[str, Any]:
    """Coverage and gaps of an annotation whose label map is given, the largest gaps first."""
    image = annotation.image
    found = gaps(label_map, most=GAPS_LISTED)
    return {
        "coverage": coverage(image.width, image.height, annotation.void_px),
        "void_px": annotation.void_px,
        "count": found.count,
        "gaps": [_gap(gap) for gap in found.largest],
    }


def _require_coverage(annotation: Annotation, project: Project, read: Callable[[], TiledMap]) -> None:
    """Enough of the image belongs to an entity, and no gap is larger than the policy allows."""
    if annotation.void_px == 0:
        return
    report = gap_report(annotation, read())
    too_large = [gap for gap in report["gaps"] if gap["area"] > project.max_gap_px]
    if report["coverage"] >= project.min_coverage and not too_large:
        return
    raise Conflict(
        _(
            "%(report)s of the image is covered, %(min_coverage)s is needed. "
            "Gaps larger than %(max_gap_px)s px: %(too_large)s. Fill those listed."
        )
        % {
            "report": f"{report['coverage']:.2%}",
            "min_coverage": f"{project.min_coverage:.2%}",
            "too_large": len(too_large),
            "max_gap_px": project.max_gap_px,
        },
        code="coverage",
        **report,
    )


def _require_names(annotation: Annotation, required: bool, allow_unnamed: bool) -> None:
    if allow_unnamed and not required:
        return
    unnamed = annotation.masks.filter(area__gt=0, deleted=False, term__isnull=True)
    numbers = list(unnamed.order_by("-area").values_list("number", flat=True))
    if numbers:
        raise Conflict(
            _("Entities without a name: %(numbers)s. Name them, or call them unknown.")
            % {"numbers": len(numbers)},
            code="unnamed",
            numbers=numbers,
            names_required=required,
        )


def _gap(gap: Component) -> dict[str, Any]:
    return {"area": gap.area, "bbox": list(gap.bbox), "point": [gap.x, gap.y]}
