"""The examples of a TrainJob: images and frozen label maps in the storage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from annotation_server.segmentation.bundle import BadBundle, decode_bundle, decompress_bundle
from ml_worker.dataset import UNREADABLE, WRONG_SIZE, BadExample, Example, matching, read_rgb
from ml_worker.storage import NoSuchFile, Storage


@dataclass(frozen=True, kw_only=True)
class FrozenExample:
    """One row of the examples' file; ``map_sha256`` names the label map in the bundle at ``map_key``."""

    image: int
    image_key: str
    width: int
    height: int
    map_key: str
    map_sha256: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        return cls(**{name: row[name] for name in cls.__dataclass_fields__})


class FrozenExamples:
    """Reads each example from the storage whenever it is asked for: wrap it in ReducedExamples."""

    left_out: Mapping[str, str] = {}

    def __init__(self, rows: Sequence[Mapping[str, Any]], storage: Storage) -> None:
        self.rows = [FrozenExample.of(row) for row in rows]
        self.storage = storage

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> Example:
        row = self.rows[index]
        try:
            bundle = decompress_bundle(self.storage.read(row.map_key))
            label_map, _ = decode_bundle(bundle)
            if label_map.sha256() != row.map_sha256:
                raise BadExample(UNREADABLE, "Its label map is not the one that was frozen.")
            with self.storage.local_copy(row.image_key) as path:
                rgb = read_rgb(path, self.name(index))
        except (NoSuchFile, BadBundle) as error:
            raise BadExample(UNREADABLE, str(error)) from error
        if rgb.shape[:2] != (row.height, row.width):
            raise BadExample(WRONG_SIZE, f"Its file is {rgb.shape[1]} × {rgb.shape[0]} px: it was replaced.")
        return matching(self.name(index), rgb, label_map.pixels())

    def name(self, index: int) -> str:
        return f"image {self.rows[index].image}"

    def key(self, index: int) -> str:
        row = self.rows[index]
        return f"{row.image_key} {row.map_sha256}"
