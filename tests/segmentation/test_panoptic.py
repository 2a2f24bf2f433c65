import io

import numpy as np
from hypothesis import given
from PIL import Image

from annotation_server.segmentation.label_map import extents
from annotation_server.segmentation.panoptic import read_panoptic_png, segments_info, write_panoptic_png
from annotation_server.segmentation.tiled_map import pack_map

from .conftest import label_maps


def written(label_map: np.ndarray) -> io.BytesIO:
    file = io.BytesIO()
    write_panoptic_png(file, pack_map(label_map))
    file.seek(0)
    return file


@given(label_maps())
def test_a_panoptic_png_holds_the_ids_as_coco_defines_them(label_map):
    file = written(label_map)
    rgb = np.asarray(Image.open(file)).astype(np.int64)
    assert (rgb @ [1, 256, 65536] == label_map).all()
    file.seek(0)

    label_map_read, segment_ids = read_panoptic_png(file)
    assert label_map_read == pack_map(label_map)
    assert all(number == segment for number, segment in segment_ids.items())


def test_ids_beyond_the_numbers_are_renumbered_and_kept_beside():
    ids = np.array([[0, 7, 16_000_000], [7, 70_000, 70_000]])
    rgb = np.stack((ids & 255, ids >> 8 & 255, ids >> 16), axis=-1).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "PNG")
    file.seek(0)

    label_map, segment_ids = read_panoptic_png(file)

    assert segment_ids == {1: 7, 2: 70_000, 3: 16_000_000}
    assert label_map.pixels().tolist() == [[0, 1, 3], [1, 2, 2]]


def test_the_same_map_gives_the_same_bytes(ragged_map):
    assert written(ragged_map).getvalue() == written(ragged_map).getvalue()


def test_segments_info_leaves_void_out():
    tiled = pack_map(np.array([[0, 3, 3]], np.uint16))
    assert segments_info(extents(tiled), {3: 11}) == [
        {"id": 3, "category_id": 11, "area": 2, "bbox": [1, 0, 2, 1], "iscrowd": 0}
    ]
