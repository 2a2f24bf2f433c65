"""Letting hidden work look reviewed: accepted when a reviewer would have come to it, so nothing shows."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from annotation_server.annotation.models import Annotation, Assignment, Review

LONGEST = timedelta(days=3)


@transaction.atomic
def settle_hidden(project_id: int) -> int:
    """Accept submitted hidden work as soon as something that their annotator submitted later was judged.

    After three days at most, and at once where nothing is reviewed any more; how many. Acceptance says
    nothing here: the score and the study do.
    """
    waiting = Annotation.objects.filter(
        image__project=project_id,
        assignment__round__in=Assignment.HIDDEN,
        state=Annotation.State.SUBMITTED,
        is_measured=True,
    )
    judged_later = Review.objects.filter(
        annotation__image__project=project_id,
        annotation__assignment__annotator=OuterRef("assignment__annotator"),
        annotation__submitted_at__gt=OuterRef("submitted_at"),
    )
    old = waiting.filter(submitted_at__lt=timezone.now() - LONGEST)
    unreviewed = waiting.filter(image__project__review_required=False)
    due = waiting.filter(Exists(judged_later)) | old | unreviewed
    rows = list(due.values_list("pk", "assignment"))
    Annotation.objects.filter(pk__in=[pk for pk, _ in rows]).update(state=Annotation.State.ACCEPTED)
    assignments = Assignment.objects.filter(pk__in=[assignment for _, assignment in rows])
    return assignments.update(state=Assignment.State.ACCEPTED)
