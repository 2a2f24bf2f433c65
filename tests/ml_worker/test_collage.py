"""Collages are made of what may be used, and their label maps are those of what they show."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ml_worker.collage import CollageDataset
from ml_worker.dataset_sources import open_sources

RED, GREY = (220, 30, 30), (120, 120, 120)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two photographs, one of them not free, and two large ones, one of them CC0."""
    folder = tmp_path_factory.mktemp("data")
    for name in ("coco_panoptic", "hires"):
        (folder / name).mkdir()
    rows = [_photograph(folder, "free"), _photograph(folder, "nc")]
    (folder / "coco_panoptic" / "annotations.json").write_text(json.dumps({"images": rows}))
    large = []
    for name, licence in (("sea", "CC0 (published before 2017)"), ("desk", "Pexels License")):
        noise = np.random.default_rng(3).integers(60, 90, (90, 120, 3)).astype(np.uint8)
        Image.fromarray(noise).save(folder / "hires" / f"{name}.png")
        large.append({"id": name, "file": f"hires/{name}.png", "license": licence})
    (folder / "hires" / "photos.json").write_text(json.dumps({"images": large}))
    return folder


def _photograph(folder: Path, licence: str) -> dict[str, Any]:
    rgb = np.full((200, 260, 3), GREY, np.uint8)
    label_map = np.ones((200, 260), np.uint8)
    rgb[50:150, 80:180], label_map[50:150, 80:180] = RED, 2
    label_map[:10] = 0
    image, label = f"coco_panoptic/{licence}.png", f"coco_panoptic/{licence}_labels.png"
    Image.fromarray(rgb).save(folder / image)
    Image.fromarray(label_map).save(folder / label)
    segments = [{"id": 1, "isthing": 0}, {"id": 2, "isthing": 1}]
    size = {"width": 260, "height": 200}
    return {
        "id": licence,
        "file": image,
        "label": label,
        "license_class": licence,
        "segments": segments,
        **size,
    }


def collages(data: Path, **changed: Any) -> CollageDataset:
    settings: dict[str, Any] = {"photographs": ["free"], "textures": ["sea"], "count": 50, "seed": 5}
    return CollageDataset(data=data, **settings | {"side": 96} | changed)


def test_the_same_index_gives_the_same_example(data: Path) -> None:
    first, second = collages(data), collages(data)
    for index in (3, 1, 2):
        one, other = first[index], second[index]
        assert np.array_equal(one.rgb, other.rgb) and np.array_equal(one.label_map, other.label_map)
    assert not np.array_equal(collages(data, seed=6)[1].rgb, first[1].rgb)


def test_a_configuration_can_name_it(data: Path) -> None:
    settings = {"data": str(data), "photographs": ["free"], "count": 3, "seed": 1, "side": 64}
    assert open_sources({"collage": settings}, seed=1).draw(0).name.startswith("collage ")


def test_every_kind_is_an_image_with_its_label_map(data: Path) -> None:
    for kind in ("photograph", "collage", "scene"):
        source = collages(data, odds={kind: 1.0})
        for index in range(4):
            rgb, label_map = source[index]
            assert rgb.dtype == np.uint8 and label_map.dtype == np.uint16
            assert rgb.shape == (*label_map.shape, 3) and label_map.any()


def test_what_is_pasted_covers_what_was_there(data: Path) -> None:
    """Numbers above the ground's belong to pasted things, and every one is somewhere."""
    source = collages(data, odds={"collage": 1.0})
    counts = [len(np.unique(source[index].label_map)) for index in range(12)]
    assert max(counts) > 6
    assert all(source[index].label_map.max() < 60 for index in range(12))


def test_a_window_of_a_photograph_keeps_its_entities(data: Path) -> None:
    source = collages(data, odds={"photograph": 1.0})
    rgb, label_map = next(
        one for one in map(source.__getitem__, range(20)) if (one.label_map == 2).mean() > 0.05
    )
    inside, outside = rgb[label_map == 2].mean(0), rgb[label_map == 1].mean(0)
    assert np.abs(inside - outside).max() > 20


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"photographs": ["nc"]}, "licence of photograph nc"),
        ({"textures": ["desk"]}, "licence of photograph desk"),
        ({"photographs": ["elsewhere"]}, "no photograph elsewhere"),
    ],
)
def test_only_what_is_free_may_be_used(data: Path, changed: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        collages(data, **changed)
