"""Deleting an image that nobody has worked on, with its files."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from annotation_server import audit, media
from annotation_server.errors import Conflict
from annotation_server.images.models import Image
from annotation_server.requests import progress
from annotation_server.requests.models import WorkState


@transaction.atomic
def remove(image: Image, *, by: Any) -> None:
    """Delete an image, its predictions and its files; raises Conflict once a person has worked on it.

    Releases hold only images that were annotated, so a released image is refused as well.
    """
    image = Image.objects.select_for_update().get(pk=image.pk)  # nobody is given it meanwhile
    worker = image.assignments.select_related("annotator").first()
    if worker is not None:
        raise Conflict(
            _(
                "%(file_name)s stays: %(display_name)s has worked on it, "
                "and annotations are never thrown away."
            )
            % {"file_name": image.file_name, "display_name": worker.annotator.display_name},
            code="in_use",
        )
    for job_id in image.jobs.filter(state__in=WorkState.open_states()).values_list("pk", flat=True):
        progress.call_off(job_id)
    folder, upload_key = image.folder, image.upload_key
    audit.record(by, image.project_id, "images.delete", image, file_name=image.file_name)
    image.delete()
    transaction.on_commit(lambda: _delete_files(folder, upload_key))


def _delete_files(folder: str, upload_key: str) -> None:
    media.delete_folder(folder)
    media.delete(upload_key)
