"""Figures of predictions whose worth is known."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from annotation_server.segmentation.panoptic import write_panoptic_png
from annotation_server.segmentation.scenes import make_scene
from annotation_server.segmentation.tiled_map import pack_map
from ml_worker import make_starter as starter
from ml_worker.checkpoints import load_checkpoint
from ml_worker.dataset import Example, LabelMapFolder
from ml_worker.dataset_panoptic import PanopticDataset
from ml_worker.evaluate import chosen_images, evaluate, held_out_scenes, main
from ml_worker.prediction import Prediction


class Oracle:
    """Answers with label maps it was given, in turn."""

    def __init__(self, label_maps: list[NDArray[np.uint16]]) -> None:
        self._label_maps = iter(label_maps)

    def predict(self, rgb: NDArray[np.uint8]) -> Prediction:
        label_map = next(self._label_maps)
        count = int(label_map.max())
        areas = np.bincount(label_map.ravel(), minlength=count + 1)[1:].tolist()
        return Prediction(label_map, [0.9] * count, [0.9] * count, list(range(count)), areas)


def test_the_truth_itself_is_perfect() -> None:
    examples = [Example(*make_scene(seed, 96, 96)) for seed in range(2)]
    figures = evaluate(Oracle([one.label_map for one in examples]), iter(examples))  # type: ignore[arg-type]
    assert figures["mean_best_iou"] == figures["coverage"] == 1.0
    assert figures["AP"] == pytest.approx(1.0)
    assert figures["entities"] == figures["predicted"]


def test_nothing_found_is_worth_nothing() -> None:
    example = Example(*make_scene(1, 64, 64))
    figures = evaluate(Oracle([np.zeros((64, 64), np.uint16)]), iter([example]))  # type: ignore[arg-type]
    assert figures["AP"] == figures["coverage"] == figures["mean_best_iou"] == figures["predicted"] == 0


def test_void_truth_is_no_fault_of_the_prediction() -> None:
    truth = np.zeros((40, 40), np.uint16)
    truth[:, :20] = 1
    everywhere = np.ones((40, 40), np.uint16)
    example = Example(np.zeros((40, 40, 3), np.uint8), truth)
    figures = evaluate(Oracle([everywhere]), iter([example]))  # type: ignore[arg-type]
    assert figures["mean_best_iou"] == 1.0


def test_held_out_scenes_are_always_the_same() -> None:
    first, second = list(held_out_scenes(2, 48)), list(held_out_scenes(2, 48))
    assert all(np.array_equal(a.rgb, b.rgb) for a, b in zip(first, second, strict=True))


def test_a_starter_is_half_the_size_and_nearly_the_same(tiny_checkpoint: Path, tmp_path: Path) -> None:
    target = tmp_path / "starter" / "model.safetensors"
    starter.make_starter(tiny_checkpoint, {"short_side": 96}, target)
    assert target.stat().st_size < 0.6 * tiny_checkpoint.stat().st_size
    whole, half = load_checkpoint(tiny_checkpoint), load_checkpoint(target)
    assert half.settings["short_side"] == 96
    for name, value in whole.weights.items():
        torch.testing.assert_close(half.weights[name], value, atol=2e-3, rtol=2e-3)
    readable = json.loads(target.with_name("config.json").read_text())
    assert readable["sha256"] == half.sha256


def test_a_starter_that_is_too_large_is_refused(
    tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starter, "LARGEST_BYTES", 1000)
    with pytest.raises(ValueError, match="may have 1000"):
        starter.make_starter(tiny_checkpoint, {}, tmp_path / "model.safetensors")


def test_images_are_chosen_by_name(tmp_path: Path) -> None:
    for folder in ("images", "labels"):
        (tmp_path / folder).mkdir()
        for name in ("a", "b", "c"):
            (tmp_path / folder / f"{name}.png").touch()
    folder = LabelMapFolder(tmp_path)
    assert chosen_images(folder, only=set(), without={"b"}) == [0, 2]
    assert chosen_images(folder, only={"b", "c"}, without={"c"}) == [1]
    with pytest.raises(ValueError, match="no image d"):
        chosen_images(folder, only={"d"}, without=set())


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """`command("--scenes", 2)`: its JSON, or the sentence with which it refused."""

    def command(*arguments: Any) -> Any:
        monkeypatch.setattr(sys, "argv", ["evaluate", *map(str, arguments)])
        status = main()
        told = capsys.readouterr()
        return json.loads(told.out) if status == 0 else told.err

    return command


def test_two_models_are_measured_and_compared(
    command: Callable[..., Any], tiny_checkpoint: Path, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    scenes = ("--scenes", 3, "--side", 64)
    alone = command(*scenes, "--checkpoint", tiny_checkpoint, "--min-area", 1, "--per-image", first)
    classical = command(*scenes, "--classical", "--per-image", second)
    assert (alone["images"], alone["skipped"]) == (3, {})
    assert classical["AP"] > alone["AP"] + 0.1
    compared = command("--compare", first, second)
    names = set(compared["first"])
    assert compared["first"] == {name: alone[name] for name in names}
    assert compared["second"] == {name: classical[name] for name in names}
    low, high = compared["interval"]
    assert 0 < low < compared["difference"] < high
    assert compared["probability"] == 1.0


def test_what_cannot_be_compared_is_refused(command: Callable[..., Any], tmp_path: Path) -> None:
    two, one, broken = tmp_path / "two.jsonl", tmp_path / "one.jsonl", tmp_path / "broken.jsonl"
    command("--scenes", 2, "--side", 64, "--classical", "--per-image", two)
    lines = two.read_text().splitlines(keepends=True)
    one.write_text(lines[0])
    broken.write_text(lines[0] + lines[1][:50])
    assert "Only one of the files has scene 900000001" in command("--compare", two, one)
    assert f"{broken}, line 2 is no image's figures" in command("--compare", two, broken)
    assert "no image tree here" in command("--scenes", 1, "--only", "tree")


def test_a_panoptic_dataset_is_read_crowds_and_all(command: Callable[..., Any], tmp_path: Path) -> None:
    rgb, label_map = make_scene(3, 64, 80)
    maps, images = tmp_path / "annotations" / "panoptic_val", tmp_path / "val"
    maps.mkdir(parents=True)
    images.mkdir()
    for name, content in (("a", label_map), ("b", label_map)):
        with (maps / f"{name}.png").open("wb") as file:
            write_panoptic_png(file, pack_map(content))
        Image.fromarray(rgb).save(images / f"{name}.jpg")
    numbers = np.unique(label_map).tolist()
    segments = [{"id": number, "category_id": 1, "iscrowd": int(number == 1)} for number in numbers]
    dataset = {
        "images": [{"id": 1, "file_name": "a.jpg"}, {"id": 2, "file_name": "b.jpg"}],
        "annotations": [
            {"image_id": 1, "file_name": "a.png", "segments_info": segments},
            {"image_id": 2, "file_name": "b.png", "segments_info": segments[:-1]},
        ],
    }
    file = tmp_path / "annotations" / "panoptic_val.json"
    file.write_text(json.dumps(dataset))
    example = PanopticDataset(file)[0]
    np.testing.assert_array_equal(example.label_map, np.where(label_map == 1, 0, label_map))
    figures = command("--coco-panoptic", file, "--classical")
    assert (figures["images"], figures["skipped"]) == (1, {"unreadable": 1})
    assert figures["entities"] == len(numbers) - 1
    file.write_text("{}")
    assert "is no COCO panoptic file" in command("--coco-panoptic", file, "--classical")
