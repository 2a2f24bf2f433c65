"""A reviewer's own map: begun as a copy of what was submitted, and accepted in its place."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from annotation_server import audit
from annotation_server.annotation.access import WORKABLE, find_annotation
from annotation_server.annotation.models import Annotation, Assignment, Review
from annotation_server.annotation.review import lock_for_review, note_verdict
from annotation_server.annotation.start import start_from_earlier
from annotation_server.errors import Conflict


@transaction.atomic
def open_review_map(user: Any, annotation_id: int) -> Annotation:
    """This reviewer's map of a submitted annotation: the one begun before, or a new copy.

    Tiles are shared with the original, no pixel is copied. Raises NotAllowed, NotFound, and Conflict
    (``not_submitted``, ``not_drawn`` for the work of a study).
    """
    find_annotation(user, annotation_id)
    original = lock_for_review(user, annotation_id)
    assert original.assignment is not None
    if original.assignment.round != Assignment.Round.DRAW:
        raise Conflict(
            _("Only drawings are corrected; the work of a study stays as it is."), code="not_drawn"
        )
    if (begun := review_map_of(user, original)) is not None:
        return begun
    assignment = Assignment.objects.create(
        image=original.image, annotator=user, round=Assignment.Round.REVIEW
    )
    made = start_from_earlier(
        assignment, original, original=original, original_revision=original.revision_number
    )
    audit.record(user, original.image.project_id, "annotation.review_map", made, original=original.pk)
    return made


def review_map_of(user: Any, original: Annotation) -> Annotation | None:
    """The map this reviewer is working on beside an annotation."""
    own = Annotation.objects.filter(original=original, assignment__annotator=user)
    return own.filter(assignment__state__in=WORKABLE).first()


def lock_original(annotation_id: int) -> Annotation | None:
    """The locked original of a reviewer's map; None for any other annotation.

    It is locked before the map itself: verdicts lock in this order too.
    """
    originals = Annotation.objects.select_related("image", "assignment").select_for_update(of=("self",))
    return originals.filter(review_maps=annotation_id).order_by().first()


def replace(user: Any, original: Annotation, corrected: Annotation) -> None:
    """Let a reviewer's map stand for its original; the caller has locked both and checks the policy.

    Raises Conflict (``not_submitted``) and NotAllowed.
    """
    lock_for_review(user, original.pk)
    note_verdict(user, original, Review.Verdict.REPLACE)
    audit.record(
        user,
        original.image.project_id,
        "annotation.replace",
        original,
        by=corrected.pk,
        revision=corrected.revision_number,
        map_sha256=corrected.map_sha256,
    )
