"""How far a submitted map agrees with another of its image, kept so that the image grid can filter by it."""

from annotation_server.annotation.label_maps import read_map
from annotation_server.annotation.models import Annotation, Assignment
from annotation_server.segmentation.agreement import agreement


def keep_agreement(annotation_id: int) -> float | None:
    """Compare an annotation with another person's of the same image, else with its prediction.

    Both people's annotations get the number. None where there is nothing to compare with.
    """
    annotation = Annotation.objects.select_related("prediction").get(pk=annotation_id)
    other = _of_another_person(annotation)
    compared = other or annotation.prediction
    if compared is None:
        return None
    found = agreement(read_map(annotation.pk), read_map(compared.pk))
    ids = [annotation.pk] if other is None else [annotation.pk, other.pk]
    Annotation.objects.filter(pk__in=ids).update(agreement=found)
    return found


def _of_another_person(annotation: Annotation) -> Annotation | None:
    """The one it corrects, else the newest finished one of the same image; hidden work stays out of it."""
    if annotation.original is not None:
        return annotation.original
    finished = Annotation.objects.filter(
        image=annotation.image_id, assignment__isnull=False, state__in=Annotation.FINISHED
    )
    others = finished.exclude(pk=annotation.pk).exclude(assignment__round__in=Assignment.HIDDEN)
    return others.order_by("-id").first()
