"""COCO JSON of entity segmentation, written image by image.

Annotation ids start at 1 (COCOeval takes 0 for "unmatched"); ``segmentation`` is an RLE dict, ``bbox`` is
[x, y, width, height], ``area`` that of the mask, ``iscrowd`` always 0.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self, TextIO

from annotation_server.segmentation.rle import Rle
from annotation_server.segmentation.tiles import VOID, Extent

ENTITY_ID = 1
ENTITY_CATEGORY = {"id": ENTITY_ID, "name": "entity"}


def image_record(image_id: int, file_name: str, width: int, height: int) -> dict[str, Any]:
    """One row of ``images``."""
    return {"id": image_id, "file_name": file_name, "width": width, "height": height}


def annotation_records(
    image_id: int,
    first_id: int,
    rles: Mapping[int, Rle],
    extents: Mapping[int, Extent],
    category_ids: Mapping[int, int] | None = None,
) -> Iterator[dict[str, Any]]:
    """The rows of ``annotations`` of one image, by ascending number; category 1 where none is given."""
    numbers = sorted(number for number in extents if number != VOID)
    for annotation_id, number in enumerate(numbers, first_id):
        yield {
            "id": annotation_id,
            "image_id": image_id,
            "category_id": category_ids[number] if category_ids else ENTITY_ID,
            "segmentation": rles[number],
            "area": extents[number].area,
            "bbox": extents[number].bbox,
            "iscrowd": 0,
        }


class CocoWriter:
    """Writes a COCO file whose images are known and whose annotations come one image at a time.

    Use as a context manager: leaving it completes the JSON.
    """

    def __init__(
        self, file: TextIO, images: Iterable[Mapping[str, Any]], categories: Iterable[Mapping[str, Any]]
    ) -> None:
        self._file = file
        self._separator = "\n"
        self.annotations = 0
        self._write_list('{"categories":[', categories, "\n],\n")
        self._write_list('"images":[', images, "\n],\n")
        file.write('"annotations":[')

    def add(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write more annotations, one a line."""
        for row in rows:
            self._file.write(self._separator + _line(row))
            self._separator = ",\n"
            self.annotations += 1

    def _write_list(self, opening: str, rows: Iterable[Mapping[str, Any]], closing: str) -> None:
        self._file.write(opening)
        separator = "\n"
        for row in rows:
            self._file.write(separator + _line(row))
            separator = ",\n"
        self._file.write(closing)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._file.write("\n]}\n")


def _line(row: Mapping[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))
