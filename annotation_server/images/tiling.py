"""Making an uploaded picture ready: normalised, tiled, with a thumbnail, all under fresh keys."""

import tempfile
import uuid
from pathlib import Path

from annotation_server import media
from annotation_server.images.check import Limits, check_picture
from annotation_server.images.models import Image
from annotation_server.images.pyramid import Prepared, Stopped, Unreadable, prepare
from annotation_server.requests.models import Job
from annotation_server.requests.progress import when_given_up
from annotation_server.requests.pulse import Cancelled, Pulse

TASK = "server.tile_image"
# The upload was checked against the project's limits when it came in; they may have been lowered since.
_ANY_SIZE = Limits(max_side=1 << 31, max_pixels=1 << 62, max_bytes=1 << 62)


def tile_image(job: Job, pulse: Pulse) -> None:
    """Make the image of a job ready; nothing happens if it is already, or has been deleted.

    Raises Unreadable when the picture is damaged, Cancelled when the job was called off.
    """
    image = job.image
    if image is None or image.state != Image.State.TILING:
        return
    with media.local_path(image.upload_key) as upload, tempfile.TemporaryDirectory("-tessera") as folder:
        kind = check_picture(image.file_name, upload, _ANY_SIZE).format
        try:
            made = prepare(upload, kind, Path(folder), progress=pulse)
        except Stopped:
            raise Cancelled from None
        keep(image, made)


def keep(image: Image, made: Prepared) -> None:
    """Store the files and only then say that the image is ready; raises Unreadable if the size is off.

    Each attempt has a folder of its own, so that files under a known key never change: if another worker
    was quicker, or the image is gone, the folder is removed again.
    """
    if (made.width, made.height) != (image.width, image.height):
        raise Unreadable(
            f"The picture has {made.width} × {made.height} px although its header says "
            f"{image.width} × {image.height}. Delete this image and upload an intact file."
        )
    folder = f"{image.folder}/{uuid.uuid4().hex}"
    file_key = f"{folder}/{made.picture.name}"
    media.write_file(file_key, made.picture)
    media.write_file(f"{folder}/{made.pyramid.name}", made.pyramid)
    media.write_file(f"{folder}/{made.thumbnail.name}", made.thumbnail)
    was_waiting = Image.objects.filter(pk=image.pk, state=Image.State.TILING).update(
        state=Image.State.READY,
        file_key=file_key,
        upload_key="",
        byte_size=made.picture.stat().st_size,
        error="",
    )
    if was_waiting:
        media.delete(image.upload_key)
        image.refresh_from_db()
    else:
        media.delete_folder(folder)


@when_given_up(TASK)
def mark_failed(job: Job, reason: str) -> None:
    """The image says why it will not become ready; its upload is kept until the image is deleted."""
    waiting = Image.objects.filter(jobs=job, state=Image.State.TILING)
    waiting.update(state=Image.State.FAILED, error=reason[:500])
