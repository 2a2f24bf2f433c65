"""The small picture of a label map."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from PIL import Image as Picture

from annotation_server.segmentation.overlay import PALETTE, overlay_png, sampled
from annotation_server.segmentation.tiled_map import pack_map


def test_it_works():
    label_map = np.zeros((600, 1200), np.uint16)
    label_map[:, 600:] = 7
    picture = Picture.open(io.BytesIO(overlay_png(pack_map(label_map), {7: 25}, longest=12)))
    pixels = np.asarray(picture.convert("RGBA"))
    assert pixels.shape == (6, 12, 4)
    assert (pixels[:, :6] == 0).all()
    assert (pixels[:, 6:] == [*PALETTE[1], 255]).all()


@pytest.mark.parametrize("shape", [(1, 1), (3, 700), (700, 3), (513, 1025), (40, 30)])
def test_every_sample_is_a_pixel_of_the_map(shape):
    rng = np.random.default_rng(7)
    label_map = rng.integers(0, 5, shape, dtype=np.uint16)
    found = sampled(pack_map(label_map), 64)
    height, width = found.shape
    assert max(found.shape) == min(64, max(shape))
    ys = ((np.arange(height) + 0.5) * shape[0] / height).astype(int)
    xs = ((np.arange(width) + 0.5) * shape[1] / width).astype(int)
    assert (found == label_map[np.ix_(ys, xs)]).all()


def test_the_colours_are_the_editors():
    golden = json.loads((Path(settings.BASE_DIR) / "fixtures/golden/palette.json").read_text())
    assert PALETTE.tolist() == golden["colours"]
