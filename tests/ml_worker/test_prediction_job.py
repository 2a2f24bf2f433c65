"""One job from message to files, and every reason it is refused for."""

import hashlib
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import pyvips
from PIL import Image

from annotation_server.segmentation.bundle import decode_bundle, decompress_bundle
from annotation_server.segmentation.jobs import PredictJob
from annotation_server.segmentation.scenes import make_scene
from ml_worker.image_file import read_image
from ml_worker.predict import Predictor
from ml_worker.prediction_job import JobRefused, LoadedModel, run_prediction
from ml_worker.storage import FolderStorage
from tests.ml_worker.short_of_memory import hold_two_views

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
    second = loaded.predictor
    assert isinstance(first, Predictor) and isinstance(second, Predictor)
    assert second is not first and second.model is first.model  # other options, the same weights
    starter = {"checkpoint_key": "", "options": {"short_side": 32, "long_side": 64}}
    run_prediction(replace(JOB, job_id=8, result_key="predictions/8", **starter), storage, loaded)
    assert isinstance(loaded.predictor, Predictor) and loaded.predictor.model is not first.model


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
        ({"options": {"short_side": 9}}, "short_side is 32 to 4096 px, not 9"),
        ({"options": {"painting_order": "newest"}}, "one of class_score, mask_score, smallest_first"),
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


def odd_picture(kind: str) -> tuple[Image.Image, dict, np.ndarray, int]:
    """A picture [4, 6], how to save it, the RGB it must be read as, and by how much that may be off."""
    grey = np.arange(24, dtype=np.uint8).reshape(4, 6) * 10
    rgb = np.stack([grey, 255 - grey, grey // 2], -1)
    if kind == "grey":
        return Image.fromarray(grey), {"format": "PNG"}, np.stack([grey] * 3, -1), 0
    if kind == "grey, 16 bits":
        return Image.fromarray(grey.astype(np.uint16) * 257), {"format": "PNG"}, np.stack([grey] * 3, -1), 1
    if kind == "half transparent":
        picture = Image.fromarray(np.concatenate([rgb, np.full((4, 6, 1), 128, np.uint8)], -1))
        return picture, {"format": "PNG"}, (rgb * (128 / 255) + 255 * (127 / 255)).astype(np.uint8), 1
    if kind == "transparent":
        picture = Image.fromarray(np.concatenate([rgb, np.zeros((4, 6, 1), np.uint8)], -1))
        return picture, {"format": "PNG"}, np.full((4, 6, 3), 255, np.uint8), 0
    if kind == "palette":
        picture = Image.fromarray(rgb).quantize(24)
        return picture, {"format": "PNG"}, np.asarray(picture.convert("RGB")), 0
    if kind == "CMYK":
        plain = Image.new("CMYK", (6, 4), (0, 0, 0, 0))
        return plain, {"format": "TIFF"}, np.full((4, 6, 3), 255, np.uint8), 3
    frames = [Image.new("RGB", (6, 4), colour) for colour in ("red", "blue")]
    kept = {"format": "GIF", "save_all": True, "append_images": frames[1:]}
    return frames[0], kept, np.full((4, 6, 3), (255, 0, 0), np.uint8), 0


@pytest.mark.parametrize(
    "kind", ["grey", "grey, 16 bits", "half transparent", "transparent", "palette", "CMYK", "animated"]
)
def test_any_kind_of_picture_is_read_as_the_rgb_people_see(storage: FolderStorage, kind: str) -> None:
    picture, how, wanted, tolerance = odd_picture(kind)
    file = io.BytesIO()
    picture.save(file, **how)
    storage.write("images/odd", file.getvalue())
    rgb = read_image(storage, "images/odd", 6, 4)
    assert rgb.shape == (4, 6, 3) and rgb.dtype == np.uint8
    assert np.abs(rgb.astype(int) - wanted).max() <= tolerance


def test_colours_of_16_bits_are_scaled(storage: FolderStorage) -> None:
    rgb = np.arange(72, dtype=np.uint16).reshape(4, 6, 3) * 900
    storage.write("images/deep.png", pyvips.Image.new_from_array(rgb).pngsave_buffer(bitdepth=16))
    assert np.abs(read_image(storage, "images/deep.png", 6, 4) - (rgb >> 8).astype(int)).max() <= 1


def test_an_accelerator_short_of_memory_sees_fewer_views_at_once_and_says_so(storage: FolderStorage) -> None:
    run_prediction(JOB, storage, loaded := LoadedModel())
    wanted, plain = result(storage)
    predictor = loaded.predictor
    assert isinstance(predictor, Predictor) and plain["remarks"] == []
    passed: list[int] = []
    hold_two_views(predictor, passed)
    storage.write("predictions/5.json", b"")
    run_prediction(JOB, storage, loaded)
    found, description = result(storage)
    assert passed == [5, 3, 2, 2, 1]  # five and three were refused
    assert np.array_equal(found, wanted)
    assert description["remarks"] == ["Memory did not hold 3 views at once: 2 at a time."]


def test_an_image_too_small_for_four_crops_is_refused(storage: FolderStorage, tmp_path: Path) -> None:
    Image.new("RGB", (300, 3)).save(tmp_path / "thin.png")
    storage.write("images/scene.png", (tmp_path / "thin.png").read_bytes())
    with pytest.raises(JobRefused, match="by hand"):
        run_prediction(replace(JOB, width=300, height=3), storage, LoadedModel())
