"""Taking pictures in: checked by header, hashed, stored under an id, and sent to be tiled."""

import hashlib
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.db import IntegrityError, transaction

from annotation_server import audit, media
from annotation_server.errors import Refused
from annotation_server.images.check import BadPicture, Limits, check_picture
from annotation_server.images.models import Image
from annotation_server.images.tiling import TASK
from annotation_server.projects.models import Project
from annotation_server.requests import progress
from annotation_server.requests.models import Request

Content = Path | bytes


@dataclass(frozen=True)
class Offered:
    """A file someone offers: its name (only ever shown) and its content or path."""

    name: str
    content: Content
    source: str = ""
    licence: str = ""


@dataclass
class Taken:
    """What became of the files offered: new images, refusals by name, and the request that tiles them."""

    accepted: list[Image] = field(default_factory=list)
    refused: list[tuple[str, Refused]] = field(default_factory=list)
    request: Request | None = None


def limits_of(project: Project) -> Limits:
    """The largest picture this project takes on this server."""
    return Limits(project.max_side, project.max_pixels, settings.MAX_UPLOAD_BYTES)


def offered_by(upload: UploadedFile) -> Offered:
    """A file of a multipart request; large ones stay on disk, where Django has put them."""
    name = display_name(upload.name or "unnamed")
    if isinstance(upload, TemporaryUploadedFile):
        upload.flush()
        return Offered(name, Path(upload.temporary_file_path()))
    return Offered(name, upload.read())


def display_name(name: str) -> str:
    """The last part of a name as typed, without control characters, at most 255 characters."""
    last = name.replace("\\", "/").rpartition("/")[2]
    printable = "".join(character for character in last if character.isprintable()).strip()
    return printable[-255:] or "unnamed"


def take(project: Project, files: Iterable[Offered], *, by: Any) -> Taken:
    """Add every file that is a picture this project takes, and tile them; the others are told why not.

    Files are stored under random keys first, so that no transaction waits for a copy; then rows, request
    and jobs are made together, or not at all, and what was stored for nothing goes again.
    """
    taken = Taken()
    limits = limits_of(project)
    stored: dict[str, Image] = {}
    try:
        for offered in files:
            try:
                image = store(project, offered, limits, by=by, beside=stored)
                stored[image.checksum] = image
            except Refused as refusal:
                taken.refused.append((offered.name, refusal))
        _record(project, taken, list(stored.values()), by=by)
    except BaseException:
        for image in stored.values():
            media.delete(image.upload_key)
        raise
    return taken


def store(
    project: Project,
    offered: Offered,
    limits: Limits,
    *,
    by: Any,
    beside: Mapping[str, Image] = MappingProxyType({}),
) -> Image:
    """Check a picture and store its file; the row is not saved yet. Raises BadPicture with the reason.

    ``beside`` holds the images, by checksum, that are about to be saved too.
    """
    picture = check_picture(offered.name, offered.content, limits)
    checksum = sha256_of(offered.content)
    twin = beside.get(checksum) or Image.objects.filter(project=project, checksum=checksum).first()
    if twin is not None:
        raise _duplicate(offered.name, twin)
    image = Image(
        project=project,
        file_name=offered.name,
        width=picture.width,
        height=picture.height,
        checksum=checksum,
        upload_key=f"uploads/{uuid.uuid4().hex}",
        byte_size=_size(offered.content),
        source=offered.source[:500],
        licence=offered.licence[:200],
        uploaded_by=by,
    )
    if isinstance(offered.content, Path):
        media.write_file(image.upload_key, offered.content)
    else:
        media.write(image.upload_key, offered.content)
    return image


@transaction.atomic
def _record(project: Project, taken: Taken, stored: list[Image], *, by: Any) -> None:
    for image in stored:
        try:
            with transaction.atomic():
                image.save()
            taken.accepted.append(image)
        except IntegrityError:
            media.delete(image.upload_key)
            twin = Image.objects.get(project=project, checksum=image.checksum)
            taken.refused.append((image.file_name, _duplicate(image.file_name, twin)))
    if not taken.accepted:
        return
    jobs = [progress.NewJob(task=TASK, image_id=image.pk) for image in taken.accepted]
    taken.request = progress.start(project.pk, Request.Kind.TILE, jobs, by=by)
    audit.record(by, project.pk, "images.upload", taken.request, images=len(jobs))


def sha256_of(content: Content) -> str:
    """Hex SHA-256 of a file."""
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest()
    with content.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _size(content: Content) -> int:
    return content.stat().st_size if isinstance(content, Path) else len(content)


def _duplicate(name: str, twin: Image) -> BadPicture:
    return BadPicture(
        f"{name} is the same file as {twin.file_name}, which this project has already. "
        "Nothing needs to be done, unless you meant another file.",
        code="duplicate",
        image=twin.pk,
    )
