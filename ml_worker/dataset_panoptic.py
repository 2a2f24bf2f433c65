"""Examples from a dataset in COCO's panoptic format: one JSON file, PNGs of segment ids, and pictures."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from annotation_server.segmentation.panoptic import read_panoptic_png
from annotation_server.segmentation.tiles import VOID
from ml_worker.dataset import UNREADABLE, BadExample, Example, matching, naming_the_unreadable, read_rgb


class PanopticDataset:
    """The images of ``file``; crowds become VOID, for nobody said where one entity of them ends.

    ``maps`` and ``images`` are folders; when left out, they lie as COCO's archives put them: the PNGs beside
    the file in a folder of its name, the pictures of ``panoptic_val2017.json`` in ``val2017`` one folder up.
    """

    left_out: Mapping[str, str] = {}

    def __init__(self, file: Path, *, maps: Path | None = None, images: Path | None = None) -> None:
        self.maps = maps or file.with_suffix("")
        self.images = images or file.parent.parent / file.stem.removeprefix("panoptic_")
        try:
            told = json.loads(file.read_bytes())
            names = {image["id"]: str(image["file_name"]) for image in told["images"]}
            self.rows = [
                (names[row["image_id"]], str(row["file_name"]), _crowds(row)) for row in told["annotations"]
            ]
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{file} is no COCO panoptic file ({error!r}).") from error

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> Example:
        image, png, crowds = self.rows[index]
        with naming_the_unreadable(png):
            found = read_panoptic_png(self.maps / png)
        if unknown := sorted(set(found.segment_ids.values()) - crowds.keys()):
            raise BadExample(
                UNREADABLE, f"{png} has segment {unknown[0]}, which its annotation does not name."
            )
        label_map = found.label_map.pixels()
        in_crowd = [number for number, segment in found.segment_ids.items() if crowds[segment]]
        label_map[np.isin(label_map, in_crowd)] = VOID
        return matching(image, read_rgb(self.images / image, image), label_map)

    def name(self, index: int) -> str:
        return self.rows[index][0]


def _crowds(row: Mapping[str, Any]) -> dict[int, bool]:
    """Whether each segment of an annotation is a crowd."""
    return {int(segment["id"]): bool(segment.get("iscrowd", 0)) for segment in row["segments_info"]}
