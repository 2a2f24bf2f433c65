"""Label maps the tests of this folder draw from."""

import numpy as np
import pytest
from hypothesis import strategies as st

EDGES = [1, 2, 3, 7, 40, 511, 512, 513, 600, 1030]


def blobs(width: int, height: int, entities: int, seed: int) -> np.ndarray:
    """A label map uint16 [H, W] of warped cells with ragged borders; cell 0 and some specks are VOID."""
    rng = np.random.default_rng(seed)
    points = rng.random((entities + 1, 2)) * (height, width)
    y, x = np.mgrid[:height, :width].astype(float)
    y += 6 * np.sin(x / 17 + seed) + rng.normal(0, 0.6, y.shape)
    x += 6 * np.cos(y / 13)
    distances = ((y - py) ** 2 + (x - px) ** 2 for py, px in points)
    label_map = np.zeros((height, width), np.uint16)
    best = np.full((height, width), np.inf)
    for number, distance in enumerate(distances):
        closer = distance < best
        best[closer] = distance[closer]
        label_map[closer] = number
    label_map[rng.random((height, width)) < 0.005] = 0
    return label_map


@st.composite
def label_maps(draw: st.DrawFn, sizes: tuple[int, int] | None = None) -> np.ndarray:
    """Label maps of odd sizes around the tile size, from noise to large blocks, with any numbers."""
    height, width = sizes or (draw(st.sampled_from(EDGES)), draw(st.sampled_from(EDGES)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    block = draw(st.sampled_from([1, 5, 64, 400]))
    numbers = rng.choice([0, 1, 2, 3, 255, 256, 65000], draw(st.integers(1, 7)), replace=False)
    coarse = rng.choice(numbers, (-(-height // block), -(-width // block)))
    return coarse.repeat(block, 0).repeat(block, 1)[:height, :width].astype(np.uint16)


@pytest.fixture(scope="session")
def ragged_map() -> np.ndarray:
    """1100 × 600 px: 3 × 2 tiles with edges on both sides, 40 entities, ragged borders, specks of VOID."""
    return blobs(1100, 600, 40, seed=3)
