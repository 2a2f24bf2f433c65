import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as reference

from annotation_server.segmentation.non_overlap import (
    ScoredMask,
    best_first,
    paint_best_first,
    resolve_rles,
    resolve_stack,
)


@st.composite
def scored_masks(draw: st.DrawFn) -> tuple[np.ndarray, list[float]]:
    count = draw(st.integers(0, 6))
    height, width = draw(st.sampled_from([1, 5, 513])), draw(st.sampled_from([1, 6, 520]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    masks = rng.random((count, height, width)) < 0.5
    scores = draw(st.lists(st.sampled_from([0.0, 0.3, 0.9]), min_size=count, max_size=count))
    return masks, scores


def brute_force(masks: np.ndarray, scores: list[float]) -> np.ndarray:
    label_map = np.zeros(masks.shape[1:], np.uint16)
    for i in sorted(range(len(scores)), key=lambda i: (-scores[i], i)):
        label_map[masks[i] & (label_map == 0)] = i + 1
    return label_map


@given(scored_masks())
def test_the_best_mask_keeps_each_pixel(drawn):
    masks, scores = drawn
    expected = brute_force(masks, scores)

    label_map, areas = resolve_stack(masks, scores)

    assert (label_map == expected).all()
    assert areas == {i + 1: np.count_nonzero(expected == i + 1) for i in range(len(masks))}


@given(scored_masks())
def test_rles_resolve_as_pixels_do(drawn):
    masks, scores = drawn
    expected = brute_force(masks, scores)
    rles = {i + 1: reference.encode(np.asfortranarray(mask)) for i, mask in enumerate(masks)}
    height, width = masks.shape[1:]

    tiled, areas = resolve_rles(width, height, rles, {i + 1: score for i, score in enumerate(scores)})

    assert (tiled.pixels() == expected).all()
    assert areas == {number: np.count_nonzero(expected == number) for number in rles}


def test_equal_scores_keep_their_order():
    assert best_first([0.5, 0.9, 0.5, 0.9]) == [1, 3, 0, 2]


def test_a_hidden_mask_is_left_with_no_area():
    masks = np.ones((2, 1, 2), bool)
    assert resolve_stack(masks, [0.1, 0.2]).areas == {1: 0, 2: 2}


def test_masks_may_be_small_windows_of_the_image():
    window = np.ones((2, 2), bool)
    label_map, areas = paint_best_first(
        4, 3, [ScoredMask(9, 0.9, window, 1, 1), ScoredMask(4, 0.2, window, 2, 0)]
    )
    assert label_map.tolist() == [[0, 0, 4, 4], [0, 9, 9, 4], [0, 9, 9, 0]]
    assert areas == {9: 4, 4: 3}


def test_masks_that_do_not_come_best_first_are_refused():
    window = np.ones((1, 1), bool)
    with pytest.raises(ValueError, match="best first"):
        paint_best_first(1, 1, [ScoredMask(1, 0.1, window), ScoredMask(2, 0.2, window)])


def test_as_many_scores_as_masks_are_needed():
    with pytest.raises(ValueError, match="2 masks and 1 scores"):
        resolve_stack(np.ones((2, 1, 1), bool), [0.5])
