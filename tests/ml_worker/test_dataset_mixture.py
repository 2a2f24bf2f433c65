"""Draws: by weight, each example once an epoch, and the unfit left out by name."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ml_worker.dataset import Example, LabelMapFolder, SceneDataset
from ml_worker.dataset_mixture import BLOCK, Mixture, NoExamples
from ml_worker.dataset_sources import open_sources


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Of five images one is fit; the others lack entities, a readable file, the map's size, or height."""
    for name in ("images", "labels"):
        (tmp_path / name).mkdir()
    for name in ("fit", "empty", "broken", "other_size", "flat"):
        size = (20, 3) if name == "flat" else (20, 10)
        Image.new("RGB", size, (1, 2, 3)).save(tmp_path / f"images/{name}.png")
        Image.new("L", size, 0 if name == "empty" else 7).save(tmp_path / f"labels/{name}.png")
    (tmp_path / "images/broken.png").write_bytes(b"\x89PNG cut short")
    Image.new("L", (19, 10), 7).save(tmp_path / "labels/other_size.png")
    return tmp_path


def test_the_unfit_are_left_out_and_named(folder: Path) -> None:
    mixture = Mixture([LabelMapFolder(folder)])
    found: dict[str, str] = {}
    for number in range(10):
        drawn = mixture.draw(number)
        assert drawn.name == "fit.png"
        found |= {name: reason for name, (reason, _) in drawn.left_out.items()}
    assert found == {
        "empty.png": "without_entities",
        "broken.png": "unreadable",
        "other_size.png": "wrong_size",
        "flat.png": "wrong_size",
    }


def test_a_source_without_entities_is_refused(folder: Path) -> None:
    (folder / "images/fit.png").unlink()
    with pytest.raises(NoExamples, match=r"of 4 images 1 unreadable, 1 without entities, 2 wrong size\. \w"):
        Mixture([LabelMapFolder(folder)]).draw(0)
    for name in ("broken", "other_size", "flat"):
        (folder / f"images/{name}.png").unlink()
    with pytest.raises(NoExamples, match="none of the 1 images has an entity"):
        Mixture([LabelMapFolder(folder)]).draw(0)


class Numbers:
    """Examples that tell which they are."""

    left_out: dict[str, str] = {}

    def __init__(self, count: int, first: int = 0) -> None:
        self.count, self.first = count, first

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Example:
        return Example(np.zeros((8, 8, 3), np.uint8), np.ones((8, 8), np.uint16))

    def name(self, index: int) -> str:
        return str(self.first + index)


def test_every_example_comes_once_an_epoch_in_an_order_of_its_own() -> None:
    mixture = Mixture([Numbers(7)], seed=4)
    epochs = [[mixture.draw(7 * epoch + place).name for place in range(7)] for epoch in range(3)]
    assert all(sorted(epoch) == sorted(epochs[0]) for epoch in epochs)
    assert epochs[0] != epochs[1] != epochs[2]
    assert mixture.draw(9).name == Mixture([Numbers(7)], seed=4).draw(9).name


def test_sources_come_as_often_as_their_weights_say() -> None:
    mixture = Mixture([Numbers(3), Numbers(50, first=100)], [1, 3], seed=1)
    drawn = Counter(int(mixture.draw(number).name) for number in range(2 * BLOCK))
    of_first = [count for name, count in drawn.items() if name < 100]
    assert sum(of_first) == 500 and max(of_first) - min(of_first) <= 1
    of_second = [count for name, count in drawn.items() if name >= 100]
    assert len(of_second) == 50 and set(of_second) == {30}


def test_a_configuration_names_one_source_or_several() -> None:
    scene = {"scenes": {"count": 2, "side": 32, "seed": 3}}
    assert isinstance(open_sources(scene, seed=0).sources[0], SceneDataset)
    assert len(open_sources({"sources": [scene | {"weight": 2}, scene]}, seed=0)) == 4
    with pytest.raises(ValueError, match=r"one of scenes, folder.* given labels"):
        open_sources({"labels": "here"}, seed=0)
    with pytest.raises(ValueError, match="weight above 0"):
        open_sources({"sources": [scene | {"weight": 0}]}, seed=0)
