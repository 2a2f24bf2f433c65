"""The classical model proposes regions, candidates and nothing it cannot know."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from annotation_server.segmentation.bundle import compress_bundle, encode_bundle
from annotation_server.segmentation.jobs import CandidatesWanted, PredictJob, VectorsWanted
from annotation_server.segmentation.scenes import make_scene
from annotation_server.segmentation.tiled_map import pack_map
from ml_worker.architectures import load_predictor
from ml_worker.baselines.borders import enlarged_labels
from ml_worker.baselines.classical import FEWEST, MOST, ClassicalPredictor
from ml_worker.baselines.regions import MergingRule, merge_tree
from ml_worker.candidates_question import RecentAnswers, candidates_in
from ml_worker.checkpoints import BadCheckpoint
from ml_worker.embed import vectors_in
from ml_worker.evaluate import evaluate, held_out_scenes
from ml_worker.loaded_model import LoadedModel
from ml_worker.prediction_job import run_prediction
from ml_worker.refusals import JobRefused
from ml_worker.storage import FolderStorage


@pytest.fixture(scope="module")
def scene() -> np.ndarray:
    return make_scene(7, 300, 420)[0]


@pytest.fixture
def storage(tmp_path: Path, scene: np.ndarray) -> FolderStorage:
    Image.fromarray(scene).save(tmp_path / "scene.png")
    return FolderStorage(tmp_path)


def blocks() -> np.ndarray:
    """Two colours side by side and a square of a third."""
    rgb = np.full((120, 160, 3), (40, 90, 160), np.uint8)
    rgb[:, 80:] = (200, 190, 120)
    rgb[30:60, 20:60] = (220, 40, 40)
    return rgb


def test_regions_are_numbered_without_gaps_by_score(scene: np.ndarray) -> None:
    prediction = ClassicalPredictor().predict(scene)
    numbers = np.unique(prediction.label_map)
    assert prediction.label_map.dtype == np.uint16 and prediction.label_map.shape == scene.shape[:2]
    assert numbers.tolist() == list(range(1, len(prediction.scores) + 1))
    assert FEWEST <= len(numbers) <= MOST
    assert prediction.scores == sorted(prediction.scores, reverse=True)
    assert prediction.areas == np.bincount(prediction.label_map.ravel())[1:].tolist()
    again = ClassicalPredictor().predict(scene)
    assert np.array_equal(again.label_map, prediction.label_map) and again.scores == prediction.scores


def test_it_finds_what_differs_in_colour() -> None:
    rgb = blocks()
    label_map = replace(ClassicalPredictor(), min_area=20).predict(rgb).label_map
    square = np.zeros(rgb.shape[:2], bool)
    square[30:60, 20:60] = True
    mine = label_map == label_map[45, 40]
    assert (mine & square).sum() / (mine | square).sum() > 0.85
    assert label_map[100, 20] != label_map[100, 140]


def test_it_beats_one_region_on_scenes() -> None:
    figures = evaluate(ClassicalPredictor(), held_out_scenes(4, 128))
    assert figures["mean_best_iou"] > 0.25 and figures["coverage"] == 1.0


def test_merging_goes_from_superpixels_to_one_region(scene: np.ndarray) -> None:
    tree = merge_tree(scene[::2, ::2], MergingRule())
    assert tree.leaves == tree.labels.max() + 1
    assert (np.diff(tree.cost) >= 0).all()
    assert tree.area[-1] == tree.labels.size and tree.parent[-1] == -1
    assert set(tree.owners(np.array([len(tree.parent) - 1]))) == {0}


def test_borders_follow_the_colours_at_full_size() -> None:
    rgb = np.zeros((96, 96, 3), np.uint8)
    rgb[:, 50:] = 200
    small = np.asarray(Image.fromarray(rgb).resize((12, 12), Image.Resampling.BOX))
    labels = np.where(np.arange(12) < 6, 1, 2).astype(np.uint16)[None].repeat(12, 0)
    enlarged = enlarged_labels(labels, small, rgb)
    nearest = labels.repeat(8, 0).repeat(8, 1)
    truth = np.where(np.arange(96) < 50, 1, 2)[None].repeat(96, 0)
    assert (enlarged != truth).sum() < (nearest != truth).sum()


@pytest.mark.parametrize("shape", [(4, 4), (4, 900), (33, 5)])
def test_odd_sizes_and_one_colour(shape: tuple[int, int]) -> None:
    for rgb in (
        np.full((*shape, 3), 7, np.uint8),
        np.random.default_rng(1).integers(0, 256, (*shape, 3)).astype(np.uint8),
    ):
        prediction, candidates = ClassicalPredictor().predict_with_alternatives(rgb)
        assert (prediction.label_map > 0).all()
        assert all(0 < candidate.score <= 1 and candidate.mask.any() for candidate in candidates)


def test_candidates_come_in_several_sizes_around_one_place() -> None:
    candidates = ClassicalPredictor().candidates(blocks())
    here = {int(candidate.mask.sum()) for candidate in candidates if candidate.mask[45, 40]}
    assert len(here) >= 2 and min(here) < 2000 < max(here)


def test_what_it_cannot_do_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadCheckpoint, match="short_side"):
        load_predictor("classical", None, short_side=800)
    with pytest.raises(BadCheckpoint, match="no weights"):
        load_predictor("classical", tmp_path / "model.safetensors")
    with pytest.raises(BadCheckpoint, match="does not know the architecture maskdino"):
        load_predictor("maskdino", None)
    with pytest.raises(ValueError, match="RGB bytes"):
        ClassicalPredictor().predict(np.zeros((8, 8), np.uint8))


def test_a_job_and_a_click_use_the_architecture_they_name(storage: FolderStorage) -> None:
    loaded = LoadedModel()
    job = PredictJob(
        job_id=1, image_key="scene.png", width=420, height=300, result_key="out", architecture="classical"
    )
    run_prediction(job, storage, loaded)
    assert isinstance(loaded.predictor, ClassicalPredictor)
    assert b'"name": "classical"' in storage.read("out.json")
    wanted = CandidatesWanted(image_key="scene.png", view=[0, 0, 420, 300], architecture="classical")
    answer = candidates_in(wanted, storage, loaded, RecentAnswers(), device="cpu")
    assert len(answer["candidates"]) > 3
    storage.write("map.elm.gz", compress_bundle(encode_bundle(pack_map(np.ones((300, 420), np.uint16)))))
    vectors = VectorsWanted(
        image_key="scene.png", view=[0, 0, 420, 300], architecture="classical", map_key="map.elm.gz"
    )
    with pytest.raises(JobRefused, match="no features"):
        vectors_in(vectors, storage, loaded, device="cpu")
