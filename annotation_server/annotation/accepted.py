"""Which annotations count as a project's work: what was handed in, and of that what a release publishes."""

from django.db.models import QuerySet

from annotation_server.annotation.models import Annotation, Assignment
from annotation_server.images.models import Image

# Whatever is published is of one of these; hidden work never is.
_ROUNDS = (Assignment.Round.DRAW, Assignment.Round.REVIEW)


def handed_in(project_id: int) -> QuerySet[Annotation]:
    """What people handed in, drawn or corrected, whatever became of it; hidden work is none."""
    return Annotation.objects.filter(
        image__project_id=project_id, assignment__round__in=_ROUNDS, state__in=Annotation.FINISHED
    )


def accepted(project_id: int) -> QuerySet[Annotation]:
    """The annotations a release of this project would have now, one an image.

    Where a reviewer corrected a drawing, that is the reviewer's map: its original is replaced, not accepted.
    """
    return Annotation.objects.filter(
        image__project_id=project_id,
        image__state=Image.State.READY,
        assignment__round__in=_ROUNDS,
        state=Annotation.State.ACCEPTED,
    ).order_by("image_id")
