"""Examples from a published release, ours or EntitySeg's: a folder or the tar it was published as."""

import io
import json
import re
import tarfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple, Protocol

import numpy as np

from annotation_server.segmentation.rle import (
    BadRle,
    Overlap,
    Rle,
    counts_of,
    label_map_from_rles,
    mask_runs,
    rle_area,
)
from annotation_server.segmentation.tiles import MAX_NUMBER
from ml_worker.dataset import (
    UNREADABLE,
    WITHOUT_ENTITIES,
    WRONG_SIZE,
    BadExample,
    Example,
    LabelMap,
    matching,
    read_rgb,
)

ENTITIES = "annotations/entity_segmentation/"
ENTITY_FILE = re.compile(r"entityv2_(?P<folders>\d+)_entity_(?P<split>\w+)\.json")


class ReleaseDataset:
    """The images of a ``split`` that have entities; the others are known to be unfit from the start.

    The file of all image folders together is taken where there is one, otherwise that of the only folder.
    Crowds are no entities. Raises ValueError for what is no release, and names what it lacks.
    """

    def __init__(self, path: Path, *, split: str = "train") -> None:
        self._files = _open(path)
        name, folders = self._entity_file(path, split)
        self._folders = self._image_folders(folders)
        try:
            told = json.loads(self._files.read(name))
            records = {record["id"]: record for record in told["images"]}
            masks: dict[Any, list[Rle]] = {image: [] for image in records}
            for row in told["annotations"]:
                if not row.get("iscrowd", 0):
                    masks[row["image_id"]].append(row["segmentation"])
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{name} of {path} is no file of entities ({error!r}).") from error
        self._records = [records[image] for image, rles in masks.items() if rles]
        self._masks = [rles for rles in masks.values() if rles]
        self.left_out: Mapping[str, str] = {
            records[image]["file_name"]: WITHOUT_ENTITIES for image, rles in masks.items() if not rles
        }

    def __len__(self) -> int:
        return len(self._records)

    def __getitem__(self, index: int) -> Example:
        record, name = self._records[index], self.name(index)
        rgb = read_rgb(io.BytesIO(self._picture(name)), name)
        width, height = int(record["width"]), int(record["height"])
        if rgb.shape[:2] != (height, width):
            raise BadExample(
                WRONG_SIZE, f"{name} is {rgb.shape[1]} × {rgb.shape[0]} px, its record {width} × {height}."
            )
        try:
            label_map = _label_map(width, height, self._masks[index])
        except (BadRle, KeyError, TypeError) as error:
            raise BadExample(UNREADABLE, f"The masks of {name} are damaged: {error}") from error
        return matching(name, rgb, label_map)

    def name(self, index: int) -> str:
        return str(self._records[index]["file_name"])

    def _entity_file(self, path: Path, split: str) -> tuple[str, str]:
        """The file of the split with the most image folders, and their digits."""
        found = {}
        for name in self._files.names:
            match = ENTITY_FILE.fullmatch(PurePosixPath(name).name)
            if match and ENTITIES in f"/{name}" and match["split"] == split:
                found[match["folders"]] = name
        if not found:
            raise ValueError(f"{path} is no release: it holds no {ENTITIES}entityv2_…_entity_{split}.json.")
        folders = max(found, key=lambda digits: (len(digits), digits))
        if len(folders) == 2 and len(found) > 1:
            raise ValueError(f"{path} has {len(found)} files of split {split} and none of them together.")
        return found[folders], folders

    def _image_folders(self, folders: str) -> list[str]:
        """Where pictures may lie: ``images/``, and the folder of a file that is about one folder only."""
        pictures = {str(PurePosixPath(name).parent) for name in self._files.names if "images/" in f"/{name}"}
        own = [folder for folder in pictures if PurePosixPath(folder).name.startswith(f"entity_{folders}_")]
        roots = {str(PurePosixPath(folder).parent) for folder in pictures}
        return sorted(own) + sorted(roots)

    def _picture(self, name: str) -> bytes:
        for folder in self._folders:
            if (place := f"{folder}/{name}") in self._files.names:
                try:
                    return self._files.read(place)
                except OSError as error:
                    raise BadExample(UNREADABLE, f"{name} cannot be read ({error}).") from error
        raise BadExample(UNREADABLE, f"The release holds no picture {name}.")


def _label_map(width: int, height: int, masks: list[Rle]) -> LabelMap:
    """The masks of others may overlap: the smaller one is seen."""
    numbered = dict(enumerate(masks[:MAX_NUMBER], start=1))
    try:
        return label_map_from_rles(width, height, numbered).pixels()
    except Overlap:
        columns = np.zeros(width * height, np.uint16)
        for number in sorted(numbered, key=lambda number: -rle_area(numbered[number])):
            for start, end in zip(*mask_runs(counts_of(numbered[number])), strict=True):
                columns[start:end] = number
        return np.ascontiguousarray(columns.reshape(width, height).T)


class _Files(Protocol):
    names: Mapping[str, Any]

    def read(self, name: str) -> bytes: ...


class _Folder:
    def __init__(self, root: Path) -> None:
        below = (path for path in root.rglob("*") if path.is_file())
        self.names: Mapping[str, Path] = {path.relative_to(root).as_posix(): path for path in below}

    def read(self, name: str) -> bytes:
        return self.names[name].read_bytes()


class _Place(NamedTuple):
    """Where a file lies in a tar (bytes)."""

    start: int
    length: int


class _Tar:
    """An uncompressed tar, indexed once; every read opens it anew, so that processes may share the index."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            with tarfile.open(path, "r:") as tar:
                self.names: Mapping[str, _Place] = {
                    member.name.removeprefix("./"): _Place(member.offset_data, member.size)
                    for member in tar
                    if member.isreg() and not member.issparse()
                }
        except tarfile.TarError as error:
            raise ValueError(
                f"{path} is no uncompressed tar ({error}): unpack it and name the folder."
            ) from error

    def read(self, name: str) -> bytes:
        place = self.names[name]
        with self._path.open("rb") as file:
            file.seek(place.start)
            return file.read(place.length)


def _open(path: Path) -> _Files:
    if path.is_dir():
        return _Folder(path)
    if path.is_file():
        return _Tar(path)
    raise ValueError(f"There is no release at {path}.")
