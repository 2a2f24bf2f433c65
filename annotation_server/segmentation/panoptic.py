"""COCO panoptic: RGB PNG with id = R + 256 · G + 65536 · B, 0 = VOID, and its segments_info."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt

from annotation_server.segmentation.label_map_png import MAX_PIXELS, BadPng, opened_png, row_strips
from annotation_server.segmentation.png import RGB, write_png
from annotation_server.segmentation.tiled_map import TiledMap, pack_strips
from annotation_server.segmentation.tiles import MAX_NUMBER, VOID, Extent, Pixels

Ids = npt.NDArray[np.uint32]


class PanopticMap(NamedTuple):
    """A label map read from a panoptic PNG and the segment id every number stands for."""

    label_map: TiledMap
    segment_ids: dict[int, int]


def write_panoptic_png(file: BinaryIO, label_map: TiledMap) -> None:
    """Write a label map as a panoptic PNG; a segment's id is its number."""
    strips = (_rgb(strip) for strip in label_map.row_strips())
    size = (label_map.width, label_map.height)
    write_png(file, size, bit_depth=8, colour_type=RGB, strips=strips)


def read_panoptic_png(file: BinaryIO | Path, max_pixels: int = MAX_PIXELS) -> PanopticMap:
    """Read a panoptic PNG, strip by strip; raises BadPng.

    Ids up to 65,000 are kept as numbers; if any is larger, the segments are numbered 1, 2, … by id.
    """
    with opened_png(file, max_pixels, ("RGB", "RGBA")) as image:
        ids = np.unique(np.concatenate([_ids_in(_ids(strip)) for strip in row_strips(image)]))
        segments = ids[ids != VOID]
        if segments.size > MAX_NUMBER:
            raise BadPng(f"The map has {segments.size} segments; at most {MAX_NUMBER} fit.")
        keep = not segments.size or int(segments[-1]) <= MAX_NUMBER
        numbers = segments if keep else np.arange(1, segments.size + 1, dtype=np.uint32)
        strips = (_numbered(_ids(strip), segments, numbers) for strip in row_strips(image))
        label_map = pack_strips(image.width, image.height, strips)
    return PanopticMap(label_map, dict(zip(numbers.tolist(), segments.tolist(), strict=True)))


def segments_info(extents: Mapping[int, Extent], category_ids: Mapping[int, int]) -> list[dict[str, Any]]:
    """The ``segments_info`` of one image from the extents of its label map and the categories by number."""
    return [
        {
            "id": number,
            "category_id": category_ids[number],
            "area": extent.area,
            "bbox": extent.bbox,
            "iscrowd": 0,
        }
        for number, extent in sorted(extents.items())
        if number != VOID
    ]


def _rgb(strip: Pixels) -> npt.NDArray[np.uint8]:
    rgb = np.zeros((*strip.shape, 3), np.uint8)
    rgb[..., 0] = strip & 255
    rgb[..., 1] = strip >> 8
    return rgb.reshape(len(strip), -1)


def _ids(strip: Any) -> Ids:
    """Segment ids uint32 [rows, width] of a piece of a picture."""
    channels = np.asarray(strip)
    return (
        channels[..., 0] | channels[..., 1].astype(np.uint32) << 8 | channels[..., 2].astype(np.uint32) << 16
    )


def _ids_in(ids: Ids) -> Ids:
    flat = ids.ravel()
    return np.unique(flat[np.concatenate(([0], np.flatnonzero(flat[1:] != flat[:-1]) + 1))])


def _numbered(ids: Ids, segments: Ids, numbers: Ids) -> Pixels:
    """Ids replaced by numbers, run by run."""
    flat = ids.ravel()
    starts = np.concatenate(([0], np.flatnonzero(flat[1:] != flat[:-1]) + 1))
    known = np.concatenate(([VOID], segments))
    values = np.concatenate(([VOID], numbers)).astype(np.uint16)[np.searchsorted(known, flat[starts])]
    return np.repeat(values, np.diff(starts, append=flat.size)).reshape(ids.shape)
