"""Parts that lie apart become numbers of their own."""

from pathlib import Path

import numpy as np

from annotation_server.segmentation.scenes import make_scene
from ml_worker.parts import split_parts
from ml_worker.predict import Predictor


def test_parts_are_numbered_by_origin_and_size() -> None:
    label_map = np.array(
        [
            [1, 1, 0, 2, 2],
            [0, 0, 0, 2, 2],
            [1, 1, 1, 0, 1],
            [3, 3, 3, 0, 0],
        ],
        np.uint16,
    )
    split = split_parts(label_map, smallest=2)
    assert split.origins == [1, 1, 2, 3]
    assert split.areas == [3, 2, 4, 3]
    assert split.label_map.tolist() == [
        [2, 2, 0, 3, 3],
        [0, 0, 0, 3, 3],
        [1, 1, 1, 0, 0],
        [4, 4, 4, 0, 0],
    ]


def test_an_empty_label_map_has_no_parts() -> None:
    split = split_parts(np.zeros((5, 7), np.uint16), smallest=1)
    assert split.origins == split.areas == []
    assert not split.label_map.any()


def test_a_split_prediction_keeps_the_pixels_of_the_whole_one(tiny_checkpoint: Path) -> None:
    rgb, _ = make_scene(3, 96, 128)
    whole = Predictor.from_checkpoint(tiny_checkpoint, min_area=1).predict(rgb)
    split = Predictor.from_checkpoint(tiny_checkpoint, min_area=1, split=True).predict(rgb)
    assert np.array_equal(split.label_map > 0, whole.label_map > 0)
    assert len(split.scores) >= len(whole.scores)
    assert split.areas == np.bincount(split.label_map.ravel())[1:].tolist()
    for number, (query, score) in enumerate(zip(split.queries, split.scores, strict=True), start=1):
        [origin] = np.unique(whole.label_map[split.label_map == number])
        assert whole.queries[origin - 1] == query
        assert 0 < score <= whole.scores[origin - 1]
    assert split.class_scores == sorted(split.class_scores, reverse=True)
