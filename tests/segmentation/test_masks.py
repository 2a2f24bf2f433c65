"""Masks read all at once, and what two of them share, against one by one and pixel by pixel."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as reference

from annotation_server.segmentation import masks as module
from annotation_server.segmentation.alike_masks import Pairs, may_share, outline, shared_px
from annotation_server.segmentation.masks import Masks, masks_from_counts, read_masks
from annotation_server.segmentation.rle import BadRle, counts_of

HEIGHT, WIDTH = 7, 40

boxes = st.tuples(st.integers(0, 6), st.integers(0, 39), st.integers(0, 7), st.integers(0, 40))
several = st.lists(st.tuples(boxes, boxes), min_size=1, max_size=5)


def drawn(two: tuple[tuple[int, ...], tuple[int, ...]]) -> np.ndarray:
    """What lies in one of two boxes only."""
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    for y, x, h, w in two:
        mask[y : y + h, x : x + w] ^= 1
    return mask


def rles(pixels: list[np.ndarray]) -> list[dict]:
    strings = [reference.encode(np.asfortranarray(mask))["counts"].decode() for mask in pixels]
    return [{"size": [HEIGHT, WIDTH], "counts": string} for string in strings]


def pixels_of(masks: Masks) -> list[list[list[int]]]:
    counts = [masks.counts(place) for place in range(len(masks))]
    flat = [np.repeat(np.arange(runs.size) % 2, runs) for runs in counts]
    return [mask.reshape(masks.width, masks.height).T.tolist() for mask in flat]


@settings(max_examples=60)
@given(several, several)
def test_masks_are_read_and_compared_as_their_pixels_are(first: list, second: list) -> None:
    sides = [[drawn(two) for two in side] for side in (first, second)]
    a = read_masks(rles(sides[0]), HEIGHT, WIDTH)
    b = masks_from_counts([counts_of(rle) for rle in rles(sides[1])], HEIGHT, WIDTH)
    for masks, pixels in zip((a, b), sides, strict=True):
        assert pixels_of(masks) == [mask.tolist() for mask in pixels]
        assert masks.areas.tolist() == [int(mask.sum()) for mask in pixels]
        assert masks.are_disjoint(range(len(masks))) == (sum(pixels).max() < 2)
    pairs = Pairs(*(side.ravel() for side in np.indices((len(a), len(b)))))
    shared = shared_px(a, b, pairs)
    counted = [int((sides[0][i] & sides[1][j]).sum()) for i, j in zip(*pairs, strict=True)]
    assert shared.tolist() == counted
    assert may_share(outline(a), outline(b), pairs, shared).all()


def test_masks_far_apart_cannot_share_anything() -> None:
    boxes = [(0, 0, 3, 4), (4, 0, 3, 4), (0, 30, 3, 4)]
    outlines = outline(read_masks(rles([drawn((box, (0, 0, 0, 0))) for box in boxes]), HEIGHT, WIDTH))
    pairs = Pairs(np.array([0, 0, 0]), np.array([0, 1, 2]))
    assert may_share(outlines, outlines, pairs, np.array([12, 1, 1])).tolist() == [True, False, False]


def test_large_images_have_bounds_of_64_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    records = rles([drawn(((0, 0, 3, 4), (1, 1, 9, 9)))])
    narrow = read_masks(records, HEIGHT, WIDTH)
    monkeypatch.setattr(module, "MOST_PX", 1)
    wide = read_masks(records, HEIGHT, WIDTH)
    assert (narrow.bounds.dtype, wide.bounds.dtype) == (np.int32, np.int64)
    assert pixels_of(narrow) == pixels_of(wide)
    pair = Pairs(np.array([0]), np.array([0]))
    assert shared_px(wide, wide, pair).tolist() == wide.areas.tolist()


@pytest.mark.parametrize(
    "broken", ["P", "1P", "~~", "\n", "é", "", "PPPPPPPP1", "71O", "70N1", "o" * 5 + "0"]
)
def test_one_broken_string_among_many_is_refused(broken: str) -> None:
    for strings in ([broken], [broken, "6"], ["6", broken], ["6", broken, "6"]):
        with pytest.raises(BadRle):
            read_masks([{"size": [2, 3], "counts": string} for string in strings], 2, 3)


def test_no_masks_are_no_error() -> None:
    assert len(read_masks([], 2, 3)) == 0
    assert outline(masks_from_counts([], 2, 3)).areas.shape[0] == 0
