"""One training job from message to files: resumed, cancelled, refused, and counted honestly."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from annotation_server.segmentation.bundle import compress_bundle, encode_bundle
from annotation_server.segmentation.jobs import TrainJob
from annotation_server.segmentation.scenes import make_scene
from annotation_server.segmentation.tiled_map import pack_map
from ml_worker import training_job
from ml_worker.checkpoints import load_checkpoint
from ml_worker.refusals import JobCancelled, JobRefused
from ml_worker.storage import FolderStorage
from ml_worker.training_job import run_training

JOB = TrainJob(
    job_id=9,
    examples_key="training/000001/examples.json",
    run_key="training/000001",
    start_key="models/tiny.safetensors",
    config={"steps": 4, "batch": 2, "points": 64, "save_every": 2, "log_every": 1, "seed": 5},
)


def put_example(storage: FolderStorage, image: int, rgb: np.ndarray, label_map: np.ndarray) -> dict:
    """Store an image and its frozen label map; its row of the examples' file."""
    path = storage.root / f"images/{image}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(rgb).save(path)
    tiled = pack_map(label_map)
    storage.write(f"training/maps/{image}.elm.gz", compress_bundle(encode_bundle(tiled)))
    height, width = label_map.shape
    return {
        "image": image,
        "image_key": f"images/{image}.png",
        "width": width,
        "height": height,
        "map_key": f"training/maps/{image}.elm.gz",
        "map_sha256": tiled.sha256(),
    }


@pytest.fixture
def rows(storage: FolderStorage) -> list[dict]:
    return [put_example(storage, image, *make_scene(image, 64, 96)) for image in (1, 2, 3)]


@pytest.fixture
def storage(tmp_path: Path, tiny_checkpoint: Path) -> FolderStorage:
    storage = FolderStorage(tmp_path / "media")
    storage.write(JOB.start_key, tiny_checkpoint.read_bytes())
    return storage


def write_rows(storage: FolderStorage, rows: list[dict]) -> None:
    storage.write(JOB.examples_key, json.dumps({"examples": rows}).encode())


def result(storage: FolderStorage) -> dict:
    return json.loads(storage.read(f"{JOB.run_key}/result.json"))


def test_a_model_is_trained_on_what_is_fit(storage: FolderStorage, rows: list[dict], tmp_path: Path) -> None:
    rgb, label_map = make_scene(4, 64, 96)
    rows.append(put_example(storage, 4, rgb, np.zeros_like(label_map)))
    rows.append(put_example(storage, 5, rgb, label_map) | {"width": 97})
    rows.append(put_example(storage, 6, rgb, label_map) | {"image_key": "images/gone.png"})
    rows.append(put_example(storage, 7, rgb, label_map) | {"map_sha256": "0" * 64})
    write_rows(storage, rows)
    reached: list[float] = []
    run_training(JOB, storage, tmp_path / "scratch", progress=reached.append)
    told = result(storage)
    assert (told["job_id"], told["steps"], told["images"], told["device"]) == (9, 4, 3, "cpu")
    assert told["skipped"] == {"unreadable": 2, "without_entities": 1, "wrong_size": 1}
    assert told["left_out"]["image 4"] == "without_entities"
    assert np.isfinite(told["final"]["loss"])
    weights = storage.read(f"{JOB.run_key}/model.safetensors")
    assert told["sha256"] == hashlib.sha256(weights).hexdigest()
    metrics = [json.loads(line) for line in storage.read(f"{JOB.run_key}/metrics.jsonl").splitlines()]
    assert [row["step"] for row in metrics] == [1, 2, 3, 4]
    assert list((storage.root / JOB.run_key / "events").iterdir())
    assert reached == sorted(reached) and reached[-1] > 0.9
    assert not list((tmp_path / "scratch").iterdir())
    checkpoint = load_checkpoint(storage.root / JOB.run_key / "model.safetensors")
    assert checkpoint.settings["short_side"] == 64


def test_a_killed_run_goes_on_to_the_same_weights(
    storage: FolderStorage, rows: list[dict], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first worker's disk is lost; what it handed to the storage is enough."""
    write_rows(storage, rows)
    run_training(JOB, storage, tmp_path / "a")
    whole = storage.read(f"{JOB.run_key}/model.safetensors")

    def die(fraction: float) -> None:
        if fraction > 0.75:
            raise OSError("The machine is gone.")

    other = replace(JOB, run_key="training/000002")
    with pytest.raises(OSError, match="gone"):
        run_training(other, storage, tmp_path / "b", progress=die)
    assert (storage.root / other.run_key / "state.pt").exists()
    monkeypatch.setattr(training_job, "SAVE_S", 0.0)
    run_training(other, storage, tmp_path / "c")
    resumed = load_checkpoint(storage.root / other.run_key / "model.safetensors").weights
    wanted = load_checkpoint(storage.root / JOB.run_key / "model.safetensors").weights
    assert all(torch.equal(value, wanted[name]) for name, value in resumed.items())
    rows_of = storage.read(f"{other.run_key}/metrics.jsonl").splitlines()
    assert [json.loads(line)["step"] for line in rows_of] == [1, 2, 3, 4]

    run_training(replace(JOB, start_key="gone"), storage, tmp_path / "d")  # a second delivery does nothing
    assert storage.read(f"{JOB.run_key}/model.safetensors") == whole


def test_a_damaged_state_begins_again(storage: FolderStorage, rows: list[dict], tmp_path: Path) -> None:
    write_rows(storage, rows)
    storage.write(f"{JOB.run_key}/state.pt", b"not a state")
    run_training(replace(JOB, config=JOB.config | {"steps": 1}), storage, tmp_path / "scratch")
    assert result(storage)["steps"] == 1


def test_a_cancelled_run_stops(storage: FolderStorage, rows: list[dict], tmp_path: Path) -> None:
    write_rows(storage, rows)
    storage.write(f"{JOB.run_key}/cancelled", b"")
    with pytest.raises(JobCancelled):
        run_training(JOB, storage, tmp_path / "scratch")
    assert not (storage.root / JOB.run_key / "model.safetensors").exists()


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"start_key": "models/gone.safetensors"}, "are gone"),
        ({"start_sha256": "0" * 64}, "changed since they were registered"),
        ({"examples_key": "training/none.json"}, "list of examples"),
        ({"config": {"stepz": 4}}, "Unknown settings of training: stepz"),
        ({"config": {"data": {"folder": "/"}}}, "cannot be given: data"),
        ({"config": {"augmentation": {"mirror": True}}}, "augmentation: mirror"),
        ({"config": {"steps": "many"}}, "wrong kind"),
    ],
    ids=["gone", "changed", "examples", "unknown", "data", "augmentation", "kind"],
)
def test_what_cannot_be_trained_is_refused(
    storage: FolderStorage, rows: list[dict], tmp_path: Path, changed: dict, sentence: str
) -> None:
    write_rows(storage, rows)
    with pytest.raises(JobRefused, match=sentence):
        run_training(replace(JOB, **changed), storage, tmp_path / "scratch")


def test_a_release_without_entities_is_refused(storage: FolderStorage, tmp_path: Path) -> None:
    rgb = np.zeros((64, 64, 3), np.uint8)
    write_rows(storage, [put_example(storage, 1, rgb, np.zeros((64, 64), np.uint16))])
    with pytest.raises(JobRefused, match="none of the 1 images has an entity"):
        run_training(JOB, storage, tmp_path / "scratch")
