"""The pictures of surveys: any picture can be one, however little it packs."""

import io

import numpy as np
from PIL import Image

from annotation_server.surveys.pictures import _jpeg


def test_noise_becomes_a_jpeg_too() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (300, 400, 3), dtype=np.uint8)
    with Image.open(io.BytesIO(_jpeg(noise))) as picture:
        assert (picture.format, picture.size) == ("JPEG", (400, 300))
