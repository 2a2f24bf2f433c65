"""Label maps the tests of this folder draw from."""

import numpy as np
import pytest


def blobs(width: int, height: int, entities: int, seed: int, void_share: float = 0.1) -> np.ndarray:
    """A label map uint16 [H, W] of warped cells with ragged borders, some of them VOID."""
    rng = np.random.default_rng(seed)
    points = rng.random((entities + 1, 2)) * (height, width)
    y, x = np.mgrid[:height, :width].astype(float)
    y += 6 * np.sin(x / 17 + seed) + rng.normal(0, 0.6, y.shape)
    x += 6 * np.cos(y / 13)
    label_map = np.zeros((height, width), np.uint16)
    best = np.full((height, width), np.inf)
    for number, (py, px) in enumerate(points):
        distance = (y - py) ** 2 + (x - px) ** 2
        closer = distance < best
        best[closer] = distance[closer]
        label_map[closer] = number
    label_map[rng.random((height, width)) < void_share / 20] = 0
    return label_map


@pytest.fixture(scope="session")
def ragged_map() -> np.ndarray:
    """600 × 1100 px: 2 × 3 tiles with edges on both sides, 40 entities, ragged borders, specks of VOID."""
    return blobs(1100, 600, 40, seed=3)
