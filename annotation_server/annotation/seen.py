"""Who has seen masks of an image that others drew: such a person cannot draw it again blind."""

from typing import Any

from django.conf import settings
from django.db import models

from annotation_server.annotation.access import find_annotation, require_sight
from annotation_server.annotation.models import Annotation
from annotation_server.images.models import Image


class Sight(models.Model):
    """A person was shown somebody else's masks of an image. Kept once and for good."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    image = models.ForeignKey("annotation_server.Image", on_delete=models.CASCADE, related_name="sights")
    first_seen_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["person", "image"], name="an_image_is_first_seen_once"),
        ]

    def __str__(self) -> str:
        return f"image {self.image_id}, seen by {self.person_id}"


def look_at(user: Any, annotation_id: int) -> Annotation:
    """The annotation, whose masks are about to be shown; raises as :func:`find_annotation`.

    Call it wherever masks of an annotation are shown: what others drew is kept as seen.
    """
    annotation = find_annotation(user, annotation_id)
    note_drawing_seen(user, annotation)
    return annotation


def look_at_image(user: Any, image_id: int) -> None:
    """Masks of the image are about to be shown by another way than their annotation.

    Raises NotAllowed (``blind``) for whoever works on it blind.
    """
    require_sight(user, image_id)
    note_seen(user, image_id)


def note_drawing_seen(user: Any, annotation: Annotation) -> None:
    """Keep that a person sees masks of this annotation, unless it is their own or a model's."""
    if annotation.assignment is not None and annotation.assignment.annotator_id != user.pk:
        note_seen(user, annotation.image_id)


def note_seen(user: Any, image_id: int) -> None:
    """Keep that a person sees what others drew on an image.

    Known already, that is one question to an index and no writer's lock; two at once leave one row.
    """
    is_known = Sight.objects.filter(person=user.pk, image=image_id).exists()
    # Reports and surveys still show images that are gone.
    if not is_known and Image.objects.filter(pk=image_id).exists():
        Sight.objects.bulk_create([Sight(person_id=user.pk, image_id=image_id)], ignore_conflicts=True)
