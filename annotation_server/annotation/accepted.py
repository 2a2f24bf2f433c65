"""Which annotations count as a project's work: what a release publishes and a model learns from."""

from django.db.models import QuerySet

from annotation_server.annotation.models import Annotation, Assignment
from annotation_server.images.models import Image


def accepted(project_id: int) -> QuerySet[Annotation]:
    """The annotations a release of this project would have now, one an image.

    Where a reviewer corrected a drawing, that is the reviewer's map: its original is replaced, not accepted.
    """
    return Annotation.objects.filter(
        image__project_id=project_id,
        image__state=Image.State.READY,
        assignment__round__in=(Assignment.Round.DRAW, Assignment.Round.REVIEW),
        state=Annotation.State.ACCEPTED,
    ).order_by("image_id")
