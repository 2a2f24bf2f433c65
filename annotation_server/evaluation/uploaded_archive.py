"""The zip of an upload: judged by its table of contents before a file is read, and never unpacked to disk."""

import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Self

from django.utils.translation import gettext as _

from annotation_server.errors import BadContent

MOST_FILES = 200_000
# Deflate packs at most about 1,030 to 1; pictures of masks reach some hundreds.
MOST_PACKED = 1000
_ENCRYPTED = 1


class UploadedArchive:
    """A zip whose files are read by name; raises BadContent for one that is unsafe or damaged."""

    def __init__(self, path: Path, max_bytes: int) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, RuntimeError, OSError) as error:
            raise BadContent(_("The zip is damaged: %(error)s.") % {"error": error}) from error
        files = [entry for entry in self._zip.infolist() if not entry.is_dir()]
        _refuse_unsafe(files, max_bytes)
        self._by_name = {entry.filename: entry for entry in files}
        self._by_last: dict[str, list[str]] = {}
        for name in self._by_name:
            self._by_last.setdefault(PurePosixPath(name).name, []).append(name)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    def names(self, ending: str) -> list[str]:
        """The files with an ending, without what macOS adds."""
        return sorted(
            name
            for name in self._by_name
            if name.lower().endswith(ending) and not name.startswith("__MACOSX/")
        )

    def find(self, told: str) -> str | None:
        """The file that a record names, wherever its folder lies; None if there is none or several."""
        if told in self._by_name:
            return told
        here = [name for name in self._by_last.get(PurePosixPath(told).name, []) if "__MACOSX" not in name]
        return here[0] if len(here) == 1 else None

    def read(self, name: str, max_bytes: int) -> bytes:
        """A whole file; raises BadContent for one that is damaged or larger."""
        if self._by_name[name].file_size > max_bytes:
            raise BadContent(
                _("%(name)s in the zip is larger than %(most)s bytes.")
                % {"name": name, "most": f"{max_bytes:,}"}
            )
        try:
            return self._zip.read(name)
        except (zipfile.BadZipFile, RuntimeError, OSError, EOFError, zlib.error) as error:
            raise BadContent(
                _("%(name)s in the zip is damaged: %(error)s.") % {"name": name, "error": error}
            ) from error


def _refuse_unsafe(files: list[zipfile.ZipInfo], max_bytes: int) -> None:
    if len(files) > MOST_FILES:
        raise BadContent(
            _("The zip has %(count)s files; at most %(most)s are taken.")
            % {"count": f"{len(files):,}", "most": f"{MOST_FILES:,}"}
        )
    for entry in files:
        if reason := _unsafe(entry):
            raise BadContent(
                _("The zip was refused: “%(name)s” %(reason)s.")
                % {"name": entry.filename[:200], "reason": reason},
                code="unsafe_archive",
            )
    unpacked = sum(entry.file_size for entry in files)
    if unpacked > max_bytes:
        raise BadContent(
            _("The zip unpacks to %(bytes)s bytes; at most %(most)s are taken.")
            % {"bytes": f"{unpacked:,}", "most": f"{max_bytes:,}"},
            code="too_large",
        )


def _unsafe(entry: zipfile.ZipInfo) -> str:
    path = PurePosixPath(entry.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
        return _("lies outside the archive")
    if stat.S_ISLNK(entry.external_attr >> 16):
        return _("is a link")
    if entry.flag_bits & _ENCRYPTED:
        return _("is encrypted")
    if entry.file_size > MOST_PACKED * max(1, entry.compress_size):
        return _("unpacks to more than a picture can")
    return ""
