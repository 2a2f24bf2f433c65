"""One job from message to files, and every reason it is refused for."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from annotation_server.segmentation.bundle import decode_bundle, decompress_bundle
from annotation_server.segmentation.jobs import PredictJob
from annotation_server.segmentation.scenes import make_scene
from ml_worker.prediction_job import JobRefused, LoadedModel, run_prediction
from ml_worker.storage import FolderStorage

JOB = PredictJob(
    job_id=5,
    image_key="images/scene.png",
    width=120,
    height=80,
    result_key="predictions/5",
    checkpoint_key="models/tiny.safetensors",
    min_area=1,
)


@pytest.fixture
def storage(tmp_path: Path, tiny_checkpoint: Path) -> FolderStorage:
    storage = FolderStorage(tmp_path / "media")
    storage.write("models/tiny.safetensors", tiny_checkpoint.read_bytes())
    rgb, _ = make_scene(1, 80, 120)
    path = tmp_path / "scene.png"
    Image.fromarray(rgb).save(path)
    storage.write("images/scene.png", path.read_bytes())
    return storage


def result(storage: FolderStorage) -> tuple[np.ndarray, dict]:
    label_map, _ = decode_bundle(decompress_bundle(storage.read("predictions/5.elm.gz")))
    return label_map.pixels(), json.loads(storage.read("predictions/5.json"))


def test_it_works(storage: FolderStorage) -> None:
    reached: list[float] = []
    run_prediction(JOB, storage, LoadedModel(), progress=reached.append)
    pixels, description = result(storage)
    assert pixels.shape == (80, 120)
    numbers = [mask["number"] for mask in description["masks"]]
    assert numbers == list(range(1, int(pixels.max()) + 1))
    for mask in description["masks"]:
        assert mask["area"] == int((pixels == mask["number"]).sum())
        assert 0 < mask["score"] <= mask["class_score"] <= 1
    weights = storage.read("models/tiny.safetensors")
    assert description["model"] == {"name": "tiny", "sha256": hashlib.sha256(weights).hexdigest()}
    assert reached == sorted(reached) and reached[-1] > 0.9


def test_a_second_delivery_leaves_the_result_alone(storage: FolderStorage) -> None:
    run_prediction(JOB, storage, LoadedModel())
    stamps = [path.stat().st_mtime_ns for path in sorted((storage.root / "predictions").iterdir())]
    loaded = LoadedModel()
    run_prediction(JOB, storage, loaded)
    assert loaded.predictor is None
    assert [p.stat().st_mtime_ns for p in sorted((storage.root / "predictions").iterdir())] == stamps


@pytest.mark.parametrize("damage", [b"", b"{}", b'{"job_id": 4}', b"not json"])
def test_a_half_written_or_foreign_result_is_done_again(storage: FolderStorage, damage: bytes) -> None:
    run_prediction(JOB, storage, LoadedModel())
    wanted, _ = result(storage)
    storage.write("predictions/5.json", damage)
    run_prediction(JOB, storage, LoadedModel())
    again, description = result(storage)
    assert np.array_equal(again, wanted)
    assert description["job_id"] == 5


def test_a_damaged_bundle_is_done_again(storage: FolderStorage) -> None:
    run_prediction(JOB, storage, LoadedModel())
    good = storage.read("predictions/5.elm.gz")
    storage.write("predictions/5.elm.gz", good[: len(good) // 2])
    run_prediction(JOB, storage, LoadedModel())
    assert storage.read("predictions/5.elm.gz") == good


def test_the_model_is_kept_for_the_next_job_and_exchanged_when_another_is_wanted(
    storage: FolderStorage,
) -> None:
    loaded = LoadedModel()
    run_prediction(JOB, storage, loaded)
    first = loaded.predictor
    run_prediction(replace(JOB, job_id=6, result_key="predictions/6"), storage, loaded)
    assert loaded.predictor is first
    run_prediction(replace(JOB, job_id=7, result_key="predictions/7", min_area=50), storage, loaded)
    assert loaded.predictor is not first


def test_the_starter_needs_no_key(storage: FolderStorage) -> None:
    job = replace(JOB, checkpoint_key="", options={"short_side": 96, "long_side": 128})
    run_prediction(job, storage, LoadedModel())
    assert result(storage)[1]["model"]["name"] == "starter"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"image_key": "images/gone.png"}, "file is gone"),
        ({"width": 121}, r"120 × 80 px, the image 121 × 80"),
        ({"checkpoint_key": "models/gone.safetensors"}, "weights are gone"),
        ({"checkpoint_sha256": "0" * 64}, "changed since they were registered"),
        ({"options": {"colour": "red"}}, "unknown options: colour"),
    ],
)
def test_what_cannot_succeed_is_refused(storage: FolderStorage, change: dict, sentence: str) -> None:
    with pytest.raises(JobRefused, match=sentence):
        run_prediction(replace(JOB, **change), storage, LoadedModel())
    assert not (storage.root / "predictions").exists()


def test_a_damaged_image_is_refused(storage: FolderStorage) -> None:
    content = storage.read("images/scene.png")
    storage.write("images/scene.png", content[: len(content) // 3])
    with pytest.raises(JobRefused, match="cannot be read"):
        run_prediction(JOB, storage, LoadedModel())


def test_a_damaged_model_is_refused(storage: FolderStorage) -> None:
    storage.write("models/tiny.safetensors", b"\x00" * 100)
    with pytest.raises(JobRefused, match="cannot be used"):
        run_prediction(JOB, storage, LoadedModel())


@pytest.mark.parametrize("mode", ["L", "RGBA", "I;16", "P"])
def test_grey_transparent_and_deep_images_are_read_as_rgb(
    storage: FolderStorage, tmp_path: Path, mode: str
) -> None:
    if mode == "I;16":
        picture = Image.fromarray((np.arange(9600).reshape(80, 120) * 6).astype(np.uint16))
    else:
        picture = Image.fromarray(make_scene(2, 80, 120)[0]).convert(mode)
    picture.save(tmp_path / "odd.png")
    storage.write("images/scene.png", (tmp_path / "odd.png").read_bytes())
    run_prediction(JOB, storage, LoadedModel())
    assert result(storage)[0].shape == (80, 120)


def test_an_image_too_small_for_four_crops_is_refused(storage: FolderStorage, tmp_path: Path) -> None:
    Image.new("RGB", (300, 3)).save(tmp_path / "thin.png")
    storage.write("images/scene.png", (tmp_path / "thin.png").read_bytes())
    with pytest.raises(JobRefused, match="by hand"):
        run_prediction(replace(JOB, width=300, height=3), storage, LoadedModel())
