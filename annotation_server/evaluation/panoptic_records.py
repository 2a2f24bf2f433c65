"""The label maps of COCO panoptic: one PNG an image, and what the JSON beside them says of its segments."""

import io
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from annotation_server.errors import BadContent
from annotation_server.evaluation.matched_images import Place
from annotation_server.evaluation.problems import Problems
from annotation_server.evaluation.uploaded_archive import UploadedArchive
from annotation_server.segmentation.label_map import extents
from annotation_server.segmentation.label_map_png import BadPng
from annotation_server.segmentation.panoptic import PanopticMap, read_panoptic_png
from annotation_server.segmentation.rle import Rle, label_map_rles
from annotation_server.segmentation.tiled_map import TiledMap, pack_strips
from annotation_server.segmentation.tiles import MAX_NUMBER, VOID

# RGBA without any packing, and what a PNG holds besides.
BYTES_A_PIXEL, SLACK = 4, 1 << 20


class ReadMap(NamedTuple):
    """An image's label map, the word of every number that has one, all scores, and the crowds in its VOID."""

    label_map: TiledMap
    words: dict[int, str]
    scores: dict[int, float]
    crowds: list[Rle]


def panoptic_maps(
    told: Mapping[str, Any],
    archive: UploadedArchive,
    places: Mapping[Any, Place],
    words: Mapping[Any, str],
    problems: Problems,
) -> Iterator[tuple[Place, ReadMap]]:
    """The maps of every image of the file that the project has; what is wrong with others is noted."""
    done: set[int] = set()
    for number, record in enumerate(told["annotations"]):
        place = _place(number, record, places, problems)
        if place is None:
            continue
        if place.pk in done:
            problems.note("double_image", f"annotations[{number}], {place.file_name}")
            continue
        read = _read_png(record, place, archive, problems)
        if read is not None:
            done.add(place.pk)
            yield place, _named(read, record, place, words, problems)


def _place(number: int, record: Any, places: Mapping[Any, Place], problems: Problems) -> Place | None:
    if not isinstance(record, Mapping):
        problems.note("no_record", f"annotations[{number}]")
        return None
    image = record.get("image_id")
    if not isinstance(image, int | str) or image not in places:
        problems.note("unknown_image_id", f"annotations[{number}]: image {image}")
        return None
    return places[image]


def _read_png(
    record: Mapping[str, Any], place: Place, archive: UploadedArchive, problems: Problems
) -> PanopticMap | None:
    told = record.get("file_name")
    name = archive.find(told) if isinstance(told, str) else None
    if name is None:
        problems.note("no_png", f"{place.file_name}: {told}")
        return None
    pixels = place.width * place.height
    try:
        # One more pixel than the image has would be another size anyway.
        read = read_panoptic_png(io.BytesIO(archive.read(name, pixels * BYTES_A_PIXEL + SLACK)), pixels)
    except (BadPng, BadContent) as error:
        problems.note("broken_png", f"{name}: {error}")
        return None
    size = (read.label_map.width, read.label_map.height)
    if size != (place.width, place.height):
        problems.note(
            "other_size", f"{name}: {size[0]} × {size[1]}, the image {place.width} × {place.height}"
        )
        return None
    return read


def _named(
    read: PanopticMap,
    record: Mapping[str, Any],
    place: Place,
    words: Mapping[Any, str],
    problems: Problems,
) -> ReadMap:
    """What the segments are called; crowds become VOID, and what is listed without pixels is noted."""
    segments = _segments(record, place, problems)
    named: dict[int, str] = {}
    crowds: list[int] = []
    for number, segment in read.segment_ids.items():
        what = f"segment {segment} of {place.file_name}"
        info = segments.pop(segment, None)
        if info is None:
            problems.note("unlisted_segment", what)
        elif info.get("iscrowd"):
            problems.note("crowd", what)
            crowds.append(number)
        elif words:
            category = info.get("category_id")
            if isinstance(category, int | str) and category in words:
                named[number] = words[category]
            else:
                problems.note("unknown_category", f"{what}: category {category}")
    for segment in segments:
        problems.note("segment_without_pixels", f"segment {segment} of {place.file_name}")
    label_map = _voided(read.label_map, crowds) if crowds else read.label_map
    rles = label_map_rles(read.label_map) if crowds else {}
    scores = {number: 1.0 for number in extents(label_map) if number != VOID}
    return ReadMap(label_map, named, scores, [rles[number] for number in crowds])


def _segments(record: Mapping[str, Any], place: Place, problems: Problems) -> dict[int, Mapping[str, Any]]:
    found: dict[int, Mapping[str, Any]] = {}
    listed = record.get("segments_info")
    for number, info in enumerate(listed if isinstance(listed, list) else []):
        segment = info.get("id") if isinstance(info, Mapping) else None
        what = f"segments_info[{number}] of {place.file_name}"
        if not isinstance(segment, int) or isinstance(segment, bool):
            problems.note("segment_without_id", what)
        elif segment == VOID:
            problems.note("id_zero", what)
        elif segment in found:
            problems.note("double_id", what)
        else:
            found[segment] = info
    return found


def _voided(label_map: TiledMap, numbers: list[int]) -> TiledMap:
    """The map with some numbers gone."""
    table = np.arange(MAX_NUMBER + 1).astype(np.uint16)
    table[numbers] = VOID
    strips = (table[strip] for strip in label_map.row_strips())
    return pack_strips(label_map.width, label_map.height, strips)
