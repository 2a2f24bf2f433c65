"""Releases are read from their folder and from their tar, and what is wrong in them is named."""

import json
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco_mask

from annotation_server.segmentation.rle import label_map_rles
from annotation_server.segmentation.scenes import make_scene
from ml_worker.dataset import BadExample
from ml_worker.dataset_release import ReleaseDataset
from ml_worker.dataset_sources import open_source

FOLDER = "annotations/entity_segmentation"


def record(image: int, name: str) -> dict:
    return {"id": image, "file_name": name, "width": 48, "height": 32}


def write_json(path: Path, images: list[dict], annotations: list[dict]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"images": images, "annotations": annotations, "categories": []}))


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """Two images with entities in two folders, one without any, one whose picture is missing."""
    root = tmp_path / "release"
    annotations = []
    names = {1: "entity_01_2/000001.png", 2: "entity_02_2/000002.png", 3: "entity_01_2/000003.png"}
    for image, name in names.items():
        rgb, label_map = make_scene(image, 32, 48)
        path = root / "images" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rgb).save(path)
        if image < 3:
            masks = label_map_rles(label_map).values()
            annotations += [{"image_id": image, "segmentation": rle, "iscrowd": 0} for rle in masks]
    annotations.append({"image_id": 4, "segmentation": annotations[0]["segmentation"], "iscrowd": 0})
    images = [record(image, name) for image, name in (names | {4: "entity_02_2/000004.png"}).items()]
    write_json(root / FOLDER / "entityv2_0102_entity_train.json", images, annotations)
    first = [row | {"file_name": row["file_name"].removeprefix("entity_01_2/")} for row in images[:1]]
    write_json(root / FOLDER / "entityv2_01_entity_train.json", first, annotations[:1])
    return root


@pytest.mark.parametrize("form", ["folder", "tar"])
def test_it_works(release: Path, tmp_path: Path, form: str) -> None:
    path = release
    if form == "tar":
        path = tmp_path / "archive.tar"
        with tarfile.open(path, "w") as tar:
            tar.add(release, arcname=".")
    source = open_source({"release": str(path)})
    assert len(source) == 3
    assert source.left_out == {"entity_01_2/000003.png": "without_entities"}
    for index, image in enumerate((1, 2)):
        rgb, label_map = make_scene(image, 32, 48)
        example = source[index]
        assert np.array_equal(example.rgb, rgb)
        order = np.unique(label_map[label_map > 0])
        assert np.array_equal(example.label_map, np.searchsorted(order, label_map) + (label_map > 0))
    with pytest.raises(BadExample, match=r"no picture entity_02_2/000004\.png"):
        source[2]


def test_a_release_of_one_folder_names_pictures_inside_it(release: Path) -> None:
    (release / FOLDER / "entityv2_0102_entity_train.json").unlink()
    source = ReleaseDataset(release)
    assert source.name(0) == "000001.png"
    assert np.array_equal(source[0].rgb, make_scene(1, 32, 48)[0])


def test_of_masks_that_overlap_the_smaller_is_seen(release: Path) -> None:
    large, small = np.zeros((2, 32, 48), np.uint8)
    large[:20, :20], small[5:10, 5:10] = 1, 1
    rows = [
        {"image_id": 1, "segmentation": coco_mask.encode(np.asfortranarray(mask)) | {}, "iscrowd": 0}
        for mask in (small, large)
    ]
    for row in rows:
        row["segmentation"]["counts"] = row["segmentation"]["counts"].decode()
    write_json(
        release / FOLDER / "entityv2_0102_entity_val.json", [record(1, "entity_01_2/000001.png")], rows
    )
    label_map = ReleaseDataset(release, split="val")[0].label_map
    assert (label_map == 1).sum() == 25 and (label_map == 2).sum() == 375


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        ({"width": 47}, "its record 47 × 32"),
        ({"file_name": "../../etc/passwd"}, "no picture"),
    ],
)
def test_an_image_that_does_not_fit_is_named(release: Path, damage: dict, sentence: str) -> None:
    path = release / FOLDER / "entityv2_0102_entity_train.json"
    told = json.loads(path.read_text())
    told["images"][0] |= damage
    path.write_text(json.dumps(told))
    with pytest.raises(BadExample, match=sentence):
        ReleaseDataset(release)[0]


def test_what_is_no_release_is_refused(release: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"entityv2_…_entity_test\.json"):
        ReleaseDataset(release, split="test")
    with pytest.raises(ValueError, match="no release at"):
        ReleaseDataset(tmp_path / "nothing")
    (tmp_path / "packed.tar").write_bytes(b"\x1f\x8b no tar")
    with pytest.raises(ValueError, match="no uncompressed tar"):
        ReleaseDataset(tmp_path / "packed.tar")
    (release / FOLDER / "entityv2_0102_entity_train.json").write_text("{}")
    with pytest.raises(ValueError, match="no file of entities"):
        ReleaseDataset(release)


def test_large_images_are_reduced_once(release: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    source = open_source({"release": str(release), "reduced": {"folder": str(kept), "longest": 24}})
    example = source[0]
    assert example.rgb.shape == (16, 24, 3) and example.label_map.shape == (16, 24)
    assert set(np.unique(example.label_map)) <= set(np.unique(ReleaseDataset(release)[0].label_map))
    (release / "images/entity_01_2/000001.png").unlink()
    assert np.array_equal(source[0].rgb, example.rgb)
