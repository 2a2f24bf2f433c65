import contextlib
import io
import json

import numpy as np
from pycocotools.coco import COCO

from annotation_server.segmentation.coco import (
    ENTITY_CATEGORY,
    CocoWriter,
    annotation_records,
    image_record,
)
from annotation_server.segmentation.label_map import extents
from annotation_server.segmentation.rle import label_map_rles
from annotation_server.segmentation.tiled_map import pack_map


def write(maps: dict[int, np.ndarray]) -> str:
    file = io.StringIO()
    images = [image_record(i, f"{i:06d}.jpg", m.shape[1], m.shape[0]) for i, m in maps.items()]
    with CocoWriter(file, images, [ENTITY_CATEGORY]) as writer:
        for image_id, label_map in maps.items():
            tiled = pack_map(label_map)
            rows = annotation_records(image_id, writer.annotations + 1, label_map_rles(tiled), extents(tiled))
            writer.add(rows)
    return file.getvalue()


def test_pycocotools_reads_back_every_pixel(ragged_map, tmp_path):
    maps = {4: ragged_map, 9: ragged_map[:50, :70], 11: np.zeros((5, 5), np.uint16)}
    path = tmp_path / "entities.json"
    path.write_text(write(maps))

    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(str(path))

    assert sorted(coco.getAnnIds()) == list(range(1, len(coco.anns) + 1))
    for image_id, label_map in maps.items():
        read = np.zeros_like(label_map)
        for number, annotation in zip(
            np.unique(label_map)[1:], coco.loadAnns(coco.getAnnIds(image_id)), strict=True
        ):
            mask = coco.annToMask(annotation).astype(bool)
            assert annotation["area"] == mask.sum()
            assert not read[mask].any()
            read[mask] = number
        assert (read == label_map).all()


def test_no_images_make_a_valid_file():
    assert json.loads(write({})) == {"categories": [ENTITY_CATEGORY], "images": [], "annotations": []}


def test_a_failed_writer_leaves_no_complete_file():
    file = io.StringIO()
    with contextlib.suppress(RuntimeError), CocoWriter(file, [], []):
        raise RuntimeError
    assert not file.getvalue().endswith("]}\n")


def test_categories_follow_the_numbers():
    tiled = pack_map(np.array([[1, 2]], np.uint16))
    rows = list(annotation_records(1, 5, label_map_rles(tiled), extents(tiled), {1: 8, 2: 3}))
    assert [(row["id"], row["category_id"]) for row in rows] == [(5, 8), (6, 3)]
