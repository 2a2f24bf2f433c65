"""Evaluating some images: files as the server reads them, nothing done twice, and every refusal."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from annotation_server.segmentation.bundle import (
    compress_bundle,
    decode_bundle,
    decompress_bundle,
    encode_bundle,
)
from annotation_server.segmentation.image_figures import ImageFigures, compare_maps
from annotation_server.segmentation.jobs import EvaluateJob
from annotation_server.segmentation.scenes import make_scene
from annotation_server.segmentation.tiled_map import TiledMap, pack_map
from ml_worker.evaluation_job import run_evaluation
from ml_worker.loaded_model import LoadedModel
from ml_worker.refusals import JobCancelled, JobRefused
from ml_worker.storage import FolderStorage

EXAMPLES = "training/000004/judged.json"
JOB = EvaluateJob(
    job_id=9,
    examples_key=EXAMPLES,
    images=[12, 11],
    result_key="evaluations/abc",
    checkpoint_key="models/tiny.safetensors",
)


def put_example(storage: FolderStorage, folder: Path, image: int, height: int, width: int) -> dict[str, Any]:
    rgb, label_map = make_scene(image, max(height, 64), width)
    path = folder / f"{image}.png"
    Image.fromarray(rgb[:height]).save(path)
    storage.write(f"images/{image}.png", path.read_bytes())
    truth = pack_map(label_map[:height])
    storage.write(f"maps/{image}.elm.gz", compress_bundle(encode_bundle(truth)))
    return {
        "image": image,
        "image_key": f"images/{image}.png",
        "width": width,
        "height": height,
        "map_key": f"maps/{image}.elm.gz",
        "map_sha256": truth.sha256(),
    }


@pytest.fixture
def storage(tmp_path: Path, tiny_checkpoint: Path) -> FolderStorage:
    storage = FolderStorage(tmp_path / "media")
    storage.write("models/tiny.safetensors", tiny_checkpoint.read_bytes())
    rows = [put_example(storage, tmp_path, *size) for size in ((11, 64, 80), (12, 72, 64), (13, 3, 90))]
    storage.write(EXAMPLES, json.dumps({"examples": rows}).encode())
    return storage


def a_map(storage: FolderStorage, key: str) -> TiledMap:
    return decode_bundle(decompress_bundle(storage.read(key)))[0]


def record_of(storage: FolderStorage, image: int) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(storage.read(f"evaluations/abc/{image}.json"))
    return record


def test_it_works(storage: FolderStorage) -> None:
    reached: list[float] = []
    run_evaluation(JOB, storage, LoadedModel(), progress=reached.append)
    assert reached == [0.0, 0.5, 1.0]
    for image in JOB.images:
        found, record = a_map(storage, f"evaluations/abc/{image}.elm.gz"), record_of(storage, image)
        figures = ImageFigures.from_dict(record)
        scores = dict(enumerate(figures.scores.tolist(), start=1))
        again = compare_maps(a_map(storage, f"maps/{image}.elm.gz"), found, scores, image=image)
        assert figures.to_dict() == again.to_dict()
        assert figures.scores.size == len(np.unique(found.pixels()[found.pixels() > 0])) > 0
        assert record["map_sha256"] == a_map(storage, f"maps/{image}.elm.gz").sha256()
    assert not (storage.root / "evaluations/abc/13.json").exists()


def test_a_second_delivery_does_nothing(storage: FolderStorage) -> None:
    run_evaluation(JOB, storage, LoadedModel())
    folder = storage.root / "evaluations/abc"
    stamps = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    loaded = LoadedModel()
    run_evaluation(replace(JOB, job_id=10), storage, loaded)
    assert loaded.predictor is None
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == stamps


@pytest.mark.parametrize(
    "damage",
    [
        {"12.json": b"{"},
        {"12.json": b'{"image": 12}'},
        {"12.elm.gz": b"no bundle"},
    ],
)
def test_a_killed_worker_repeats_one_image(storage: FolderStorage, damage: dict[str, bytes]) -> None:
    run_evaluation(JOB, storage, LoadedModel())
    whole = {name: storage.read(f"evaluations/abc/{name}") for name in ("12.elm.gz", "11.json")}
    stamp = (storage.root / "evaluations/abc/11.json").stat().st_mtime_ns
    for name, content in damage.items():
        storage.write(f"evaluations/abc/{name}", content)
    run_evaluation(JOB, storage, LoadedModel())
    assert storage.read("evaluations/abc/12.elm.gz") == whole["12.elm.gz"]
    ImageFigures.from_dict(record_of(storage, 12))
    assert (storage.root / "evaluations/abc/11.json").stat().st_mtime_ns == stamp


def test_results_of_other_weights_or_another_truth_are_made_again(storage: FolderStorage) -> None:
    run_evaluation(JOB, storage, LoadedModel())
    record = record_of(storage, 11)
    digest = record["model_sha256"]
    for change in ({"model_sha256": "0" * 64}, {"map_sha256": "0" * 64}):
        storage.write("evaluations/abc/11.json", json.dumps(record | change).encode())
        run_evaluation(replace(JOB, checkpoint_sha256=digest), storage, LoadedModel())
        again = record_of(storage, 11)
        assert {**again, "seconds": 0} == {**record, "seconds": 0}


def test_an_image_the_model_does_not_take_counts_as_nothing_found(storage: FolderStorage) -> None:
    run_evaluation(replace(JOB, images=[13]), storage, LoadedModel())
    figures = ImageFigures.from_dict(record_of(storage, 13))
    assert (figures.scores.size, figures.covered) == (0, 0)
    assert figures.true_areas.size > 0


def test_the_classical_way_is_evaluated_too(storage: FolderStorage) -> None:
    run_evaluation(
        replace(JOB, images=[11], architecture="classical", checkpoint_key=""), storage, LoadedModel()
    )
    assert record_of(storage, 11)["model_sha256"] == ""
    assert ImageFigures.from_dict(record_of(storage, 11)).scores.size > 0


def test_examples_may_lie_at_the_top(storage: FolderStorage) -> None:
    storage.write("judged.json", storage.read(EXAMPLES))
    run_evaluation(replace(JOB, examples_key="judged.json", images=[]), storage, LoadedModel())
    run_evaluation(replace(JOB, examples_key="judged.json", images=[13]), storage, LoadedModel())
    assert record_of(storage, 13)["image"] == 13


def test_a_cancelled_run_stops_before_the_next_image(storage: FolderStorage) -> None:
    def cancel(fraction: float) -> None:
        if fraction == 0.5:
            storage.write("training/000004/cancelled", b"")

    with pytest.raises(JobCancelled):
        run_evaluation(JOB, storage, LoadedModel(), progress=cancel)
    assert sorted(path.name for path in (storage.root / "evaluations/abc").iterdir()) == [
        "12.elm.gz",
        "12.json",
    ]


@pytest.fixture
def damaged(storage: FolderStorage) -> Iterator[Any]:
    """`damaged(12, map_sha256="…")`: the examples with that row changed."""

    def damaged(place: int, /, **change: Any) -> None:
        rows = json.loads(storage.read(EXAMPLES))["examples"]
        changed = [row | change if row["image"] == place else row for row in rows]
        storage.write(EXAMPLES, json.dumps({"examples": changed}).encode())

    yield damaged


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"map_sha256": "0" * 64}, "of image 12 is not the frozen one"),
        ({"map_key": "maps/gone.elm.gz"}, "of image 12 cannot be read"),
        ({"image_key": "images/gone.png"}, "file is gone"),
        ({"image_key": "maps/12.elm.gz"}, "cannot be read"),
        ({"image": 99}, "examples cannot be read"),
    ],
)
def test_examples_that_cannot_be_judged_are_refused(
    storage: FolderStorage, damaged: Any, change: dict[str, Any], sentence: str
) -> None:
    damaged(12, **change)
    with pytest.raises(JobRefused, match=sentence):
        run_evaluation(JOB, storage, LoadedModel())


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"examples_key": "training/000004/gone.json"}, "examples are gone"),
        ({"checkpoint_key": "models/gone.safetensors"}, "weights are gone"),
        ({"checkpoint_sha256": "0" * 64}, "changed since they were registered"),
        ({"architecture": "telepathy"}, "does not know the architecture telepathy"),
    ],
)
def test_models_and_examples_that_are_gone_are_refused(
    storage: FolderStorage, change: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(JobRefused, match=sentence):
        run_evaluation(replace(JOB, **change), storage, LoadedModel())
