"""Sets of masks that a survey asks about: the images they share, and which map each has of them."""

from collections.abc import Sequence
from typing import Any

from annotation_server.consistency.models import Study
from annotation_server.evaluation.sets import MaskSet, Spec, UploadSet, find_set, label_of
from annotation_server.evaluation.side_maps import read_side
from annotation_server.images.models import Image
from annotation_server.segmentation.tiled_map import TiledMap
from annotation_server.surveys.models import Survey


def find_sets(project_id: int, specs: Sequence[Spec]) -> list[MaskSet]:
    """The sets that a request names; raises NotFound, Conflict and Refused as evaluation does."""
    return [find_set(project_id, spec) for spec in specs]


def labels_of(survey: Survey) -> list[str]:
    """What its sets are called, in the reader's language."""
    return [label_of(told) for told in survey.sets]


def shared_images(project_id: int, sets: Sequence[MaskSet], split: str = "") -> list[int]:
    """The ready images, of one split or of all, that every set says something of, ascending.

    Those of a study that is not over are not among them: who draws them again is to see no masks before.
    """
    ready = Image.objects.filter(project_id=project_id, state=Image.State.READY)
    ready = ready.exclude(study_images__study__state__in=Study.HOLDING)
    if split:
        ready = ready.filter(split=split)
    there = set(ready.order_by().values_list("pk", flat=True))
    return sorted(there.intersection(*(_images_of(found) for found in sets)))


def _images_of(found: MaskSet) -> set[int]:
    """What it shows something on: an upload only images that it names."""
    return found.named_images() if isinstance(found, UploadSet) else found.images()


def maps_of(sets: Sequence[MaskSet], images: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """Where each set's map of each image lies, with the digest of its content."""
    by_set = [found.of(images) for found in sets]
    return {
        image: [
            {
                **masks[image].source,
                "sha256": masks[image].sha256,
                # Needed only to paint masks that lie over each other.
                "scores": masks[image].scores if masks[image].source.get("overlaps") else {},
            }
            for masks in by_set
        ]
        for image in images
    }


def read_map(image: Image, told: dict[str, Any]) -> TiledMap:
    """The label map that was chosen; raises Refused when it is gone or is not what it was."""
    row = {"image": image.pk, "file_name": image.file_name, "width": image.width, "height": image.height}
    return read_side({**row, "found": told}, "found")
