"""The archive of a release: a tar in which the same files are always the same bytes."""

import hashlib
import io
import tarfile
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, BinaryIO

from annotation_server import media
from annotation_server.releases.manifest import FileRow, manifest_bytes

ROOT = "entityseg"
MANIFEST = "MANIFEST.json"


def write_archive(
    target: Path,
    written: Path,
    stored: Mapping[str, str],
    about: dict[str, Any],
    check: Callable[[float], None],
) -> tuple[list[FileRow], bytes]:
    """Pack into ``target`` the files under ``written`` and those ``stored`` (path there → storage key).

    Entries are sorted by path, without owner or time; MANIFEST.json comes last, because pictures are hashed
    as they are copied. Returns the files and the manifest. ``check`` is called with the share done.
    """
    sources: dict[str, str | Path] = {
        path.relative_to(written).as_posix(): path for path in written.rglob("*") if path.is_file()
    }
    sources.update(stored)
    files = []
    with tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as tar:
        for done, path in enumerate(sorted(sources)):
            check(done / len(sources))
            files.append(_add(tar, path, sources[path]))
        manifest = manifest_bytes(files, about)
        tar.addfile(_entry(MANIFEST, len(manifest)), io.BytesIO(manifest))
    return files, manifest


def _add(tar: tarfile.TarFile, path: str, source: str | Path) -> FileRow:
    """Add one file, from the disk or from the storage, and hash it on the way."""
    size = source.stat().st_size if isinstance(source, Path) else media.size(source)
    with closing(source.open("rb") if isinstance(source, Path) else media.open_stream(source)) as file:
        hashing = _Hashing(file)
        tar.addfile(_entry(path, size), hashing)  # type: ignore[arg-type]
    return FileRow(path, size, hashing.sha256.hexdigest())


def _entry(path: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(f"{ROOT}/{path}")
    entry.size, entry.mtime, entry.mode = size, 0, 0o644
    return entry


class _Hashing:
    """A file for reading that hashes what is read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()

    def read(self, count: int) -> bytes:
        data = self._file.read(count)
        self.sha256.update(data)
        return data
