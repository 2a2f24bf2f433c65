"""Importing the pictures of a folder on the server's own disk."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from annotation_server import media
from annotation_server.errors import NotFound, Refused
from annotation_server.images.check import check_picture
from annotation_server.images.models import Image
from annotation_server.images.pyramid import prepare
from annotation_server.images.tiling import keep
from annotation_server.images.upload import Offered, Taken, display_name, limits_of, store, take
from annotation_server.projects.models import Project


def offered_in(folder: Path) -> Iterator[Offered]:
    """Every file below ``folder`` in the order of names, hidden ones and links left out."""
    if not folder.is_dir():
        raise NotFound(_("There is no folder %(folder)s on this server.") % {"folder": folder})
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and not path.is_symlink() and not hidden:
            yield Offered(display_name(path.name), path, source=path.relative_to(folder).as_posix())


def import_folder(project: Project, folder: Path, *, by: Any = None) -> Taken:
    """Take every picture of a folder; files that are not pictures are refused, each with its reason."""
    return take(project, offered_in(folder), by=by)


def add_ready(project: Project, offered: Offered, *, by: Any = None) -> Image:
    """Add one picture and tile it here and now, without a worker; raises BadPicture or Unreadable."""
    limits = limits_of(project)
    image = store(project, offered, limits, by=by)
    image.save()
    content = offered.content
    with tempfile.TemporaryDirectory("-tessera") as folder, _removed_if_damaged(image):
        upload = content if isinstance(content, Path) else Path(folder) / "upload"
        if isinstance(content, bytes):
            upload.write_bytes(content)
        kind = check_picture(offered.name, upload, limits).format
        keep(image, prepare(upload, kind, Path(folder), progress=lambda share: True))
    return image


@contextmanager
def _removed_if_damaged(image: Image) -> Iterator[None]:
    try:
        yield
    except Refused:
        image.delete()
        media.delete(image.upload_key)
        raise
