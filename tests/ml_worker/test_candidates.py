"""What every query shows: scored, small, without near copies; the same place asked of crop, tiles or file."""

import gzip
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from annotation_server.segmentation.jobs import AskedQuestion, CandidatesWanted
from annotation_server.segmentation.rle import counts_of
from annotation_server.segmentation.scenes import make_scene
from ml_worker.candidates import Candidate, as_answer, candidates_of, stride_for
from ml_worker.candidates_question import RecentAnswers, candidates_in
from ml_worker.crops import Window
from ml_worker.fusion import View, fused_probabilities
from ml_worker.image_crop import read_crop
from ml_worker.loaded_model import LoadedModel
from ml_worker.predict import Predictor
from ml_worker.questions import answer_question
from ml_worker.refusals import JobRefused
from ml_worker.storage import FolderStorage

WANTED = CandidatesWanted(
    image_key="scene.png", view=[16, 8, 80, 64], checkpoint_key="models/tiny.safetensors"
)


@pytest.fixture
def storage(tmp_path: Path, tiny_checkpoint: Path) -> FolderStorage:
    storage = FolderStorage(tmp_path / "media")
    storage.write("models/tiny.safetensors", tiny_checkpoint.read_bytes())
    file = io.BytesIO()
    Image.fromarray(make_scene(1, 100, 120)[0]).save(file, "PNG")
    storage.write("scene.png", file.getvalue())
    return storage


def test_masks_are_where_the_mean_probability_passes_a_half() -> None:
    torch.manual_seed(1)
    logits = torch.randn(3, 1, 8, 8) * 4
    view = View(Window(0, 0, 60, 40), (32, 32))
    scores = torch.tensor([0.9, 0.01, 0.6])
    found = candidates_of(logits, scores, [view], (40, 60))
    chances = fused_probabilities(logits, [view], (40, 60))
    expected = sorted(
        ((float(scores[q]) * float(chances[q][chances[q] > 0.5].mean()), q) for q in (0, 2)), reverse=True
    )
    assert [candidate.score for candidate in found] == pytest.approx([score for score, _ in expected])
    for candidate, (_, query) in zip(found, expected, strict=True):
        assert np.array_equal(candidate.mask, chances[query] > 0.5)


def test_near_copies_are_offered_once_with_the_best_score() -> None:
    logits = torch.full((3, 1, 8, 8), -9.0)
    logits[:2, :, 2:6, 2:6] = 9.0
    logits[2, :, :2] = 9.0
    view = View(Window(0, 0, 32, 32), (32, 32))
    found = candidates_of(logits, torch.tensor([0.5, 0.8, 0.3]), [view], (32, 32))
    assert len(found) == 2
    assert 0.5 < found[0].score < 0.8 and 0.2 < found[1].score < 0.3


def test_the_answer_bears_boxes_of_the_image_and_masks_of_the_view() -> None:
    mask = np.zeros((10, 20), bool)
    mask[2:5, 3:7] = True
    answer = as_answer([Candidate(mask, 0.5)], Window(100, 50, 140, 70), stride=2, split=True)
    (only,) = answer["candidates"]
    assert answer["view"] == [100, 50, 40, 20] and answer["split"] is True
    assert only["bbox"] == [106, 54, 8, 6]
    counts = counts_of(only["rle"])
    flat = np.repeat(np.arange(len(counts)) % 2, counts).astype(bool)
    assert np.array_equal(flat.reshape(20, 10).T, mask)


def test_large_views_are_answered_small() -> None:
    assert stride_for(9000, 12000) == 12
    assert stride_for(1024, 20) == 1
    logits = torch.full((1, 1, 8, 8), 9.0)
    (only,) = candidates_of(
        logits, torch.tensor([0.9]), [View(Window(0, 0, 3000, 1999), (32, 32))], (1999, 3000)
    )
    assert only.mask.shape == (667, 1000) and only.mask.all()


def test_a_crop_is_answered_and_remembered(storage: FolderStorage) -> None:
    loaded, recent = LoadedModel(), RecentAnswers()
    answer = candidates_in(WANTED, storage, loaded, recent, device="cpu")
    assert answer["view"] == [16, 8, 80, 64] and answer["candidates"]
    assert all(one["rle"]["size"] == [64, 80] for one in answer["candidates"])
    assert candidates_in(WANTED, storage, loaded, recent, device="cpu") is answer
    loaded.release()
    stricter = replace(WANTED, options={"score_threshold": 0.5, "min_area": 9})
    assert candidates_in(stricter, storage, loaded, recent, device="cpu") is answer
    assert loaded.predictor is None  # neither the same place nor another threshold needs the model
    other = candidates_in(replace(WANTED, view=[0, 0, 80, 64]), storage, loaded, recent, device="cpu")
    assert other != answer
    coarser = candidates_in(
        replace(WANTED, options={"short_side": 32}), storage, loaded, recent, device="cpu"
    )
    assert coarser != answer


def test_the_oldest_answers_go_when_they_grow_too_large() -> None:
    recent = RecentAnswers(capacity=100)
    first, second, third = {"a": "x" * 30}, {"b": "x" * 30}, {"c": "x" * 30}
    recent.put("1", first)
    recent.put("2", second)
    assert recent.get("1") is first
    recent.put("3", third)
    assert recent.get("2") is None
    assert recent.get("1") is first and recent.get("3") is third
    recent.put("4", {"d": "x" * 200})
    assert recent.get("4") is None and recent.get("3") is third


def test_tiles_give_the_same_pixels_as_the_file(storage: FolderStorage) -> None:
    rgb = make_scene(1, 100, 120)[0]
    tiles, pyramid = [], b""
    for x, y in ((0, 0), (59, 0), (0, 49), (59, 49)):
        file = io.BytesIO()
        Image.fromarray(rgb[y : y + 51, x : x + 61]).save(file, "PNG")
        tiles.append([x, y, len(pyramid), len(file.getvalue())])
        pyramid += file.getvalue()
    storage.write("pyramid.szi", pyramid)
    of_tiles = read_crop(replace(WANTED, pyramid_key="pyramid.szi", tiles=tiles), storage)
    assert np.array_equal(of_tiles, read_crop(WANTED, storage))
    assert np.array_equal(of_tiles, rgb[8:72, 16:96])
    assert read_crop(replace(WANTED, scale=4, view=[16, 8, 78, 64]), storage).shape == (16, 20, 3)


def test_a_prediction_gives_its_alternatives_besides(tiny_checkpoint: Path) -> None:
    predictor = Predictor.from_checkpoint(tiny_checkpoint, min_area=1)
    rgb = make_scene(1, 80, 120)[0]
    prediction, candidates = predictor.predict_with_alternatives(rgb)
    assert np.array_equal(prediction.label_map, predictor.predict(rgb).label_map)
    first_painted = prediction.label_map == 1
    assert any(np.array_equal(candidate.mask, first_painted) for candidate in candidates)


def told(storage: FolderStorage, key: str) -> dict:
    return json.loads(gzip.decompress(storage.read(key)))


def test_a_question_is_answered_with_one_file_and_only_once(storage: FolderStorage) -> None:
    asked = AskedQuestion(question_id=1, answer_key="q/1.json.gz", payload={"n": 20})
    answer_question(asked, storage, lambda payload, _: {"n": payload["n"] + 1})
    assert told(storage, "q/1.json.gz") == {"answer": {"n": 21}}
    answer_question(asked, storage, lambda payload, _: {"n": 0})
    assert told(storage, "q/1.json.gz") == {"answer": {"n": 21}}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"image_key": "gone.png"}, "file is gone"),
        ({"image_key": "models/tiny.safetensors"}, "cannot be read"),
        ({"view": [0, 0, 80, 3]}, "by hand"),
        ({"checkpoint_sha256": "0" * 64}, "changed since"),
        ({"options": {"colour": "red"}}, "unknown options"),
    ],
)
def test_what_cannot_be_answered_is_told(storage: FolderStorage, change: dict, sentence: str) -> None:
    wanted = replace(WANTED, **change)
    with pytest.raises(JobRefused, match=sentence):
        candidates_in(wanted, storage, LoadedModel(), RecentAnswers(), device="cpu")
    asked = AskedQuestion(question_id=2, answer_key="q/2.json.gz", payload=wanted.to_dict())
    answer_question(
        asked,
        storage,
        lambda payload, files: candidates_in(
            CandidatesWanted.from_dict(payload), files, LoadedModel(), RecentAnswers(), device="cpu"
        ),
    )
    assert sentence in told(storage, "q/2.json.gz")["error"]
