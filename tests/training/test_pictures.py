"""What was true and what was seen, laid over the image."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Picture

from annotation_server import media
from annotation_server.errors import NotFound
from annotation_server.images.models import Image
from annotation_server.images.pyramid import prepare
from annotation_server.images.reduced import reduced_image
from annotation_server.segmentation.bundle import compress_bundle, encode_bundle
from annotation_server.segmentation.overlay import PALETTE
from annotation_server.segmentation.tiled_map import pack_map
from annotation_server.training.pictures import overlay_picture

GREY = 90


def put_map(label_map: np.ndarray, key: str = "maps/a.elm.gz") -> str:
    media.write(key, compress_bundle(encode_bundle(pack_map(label_map))))
    return key


@pytest.fixture
def image(project: Any, make_image: Any) -> Image:
    return make_image(project, 60, 40, np.full((40, 60, 3), GREY, np.uint8))


def test_it_works(image: Image) -> None:
    label_map = np.zeros((40, 60), np.uint16)
    label_map[:, 30:] = 26
    content = overlay_picture(image, put_map(label_map), "pictures/1.png")
    pixels = np.asarray(Picture.open(io.BytesIO(content)))
    assert pixels.shape == (40, 60, 3)
    assert (pixels[:, :29] == GREY).all()
    assert (pixels[:, 29] == 255).all(), "a white line on the dark side of the border"
    assert (pixels[:, 30:] == (PALETTE[2].astype(int) + GREY) // 2).all()
    media.delete("maps/a.elm.gz")
    assert overlay_picture(image, "maps/a.elm.gz", "pictures/1.png") == content


def test_what_is_like_a_true_entity_has_its_colour(image: Image) -> None:
    true = np.ones((40, 60), np.uint16)
    true[:, 30:] = 2
    seen = np.full((40, 60), 7, np.uint16)
    seen[:, :28], seen[:5, 28:] = 9, 1
    content = overlay_picture(image, put_map(seen), "pictures/4.png", true_key=put_map(true, "maps/b.elm.gz"))
    pixels = np.asarray(Picture.open(io.BytesIO(content)))
    for place, number in (((20, 10), 1), ((20, 45), 2), ((2, 45), 3)):
        assert (pixels[place] == (PALETTE[number].astype(int) + GREY) // 2).all()


def test_maps_that_are_gone_or_of_another_size_give_no_picture(image: Image) -> None:
    with pytest.raises(NotFound, match="is gone"):
        overlay_picture(image, "maps/none.elm.gz", "pictures/2.png")
    with pytest.raises(NotFound, match="replaced"):
        overlay_picture(image, put_map(np.ones((4, 4), np.uint16)), "pictures/3.png")
    assert not media.exists("pictures/3.png")


def test_a_large_image_is_read_from_its_pyramid(project: Any, make_image: Any, tmp_path: Path) -> None:
    y, x = np.mgrid[:1300, :1700]
    rgb = np.stack((x * 255 // 1700, y * 255 // 1300, np.full_like(x, 40)), axis=-1).astype(np.uint8)
    Picture.fromarray(rgb).save(tmp_path / "large.png", compress_level=0)
    made = prepare(tmp_path / "large.png", "png", tmp_path, progress=lambda share: True)
    image = make_image(project, 1700, 1300, rgb[:2, :2])
    media.write_file(image.pyramid_key, made.pyramid)
    for size in ((1024, 783), (400, 306)):
        small = reduced_image(image, *size).astype(int)
        expected = np.asarray(Picture.fromarray(rgb).resize(size, Picture.Resampling.BOX)).astype(int)
        assert small.shape == expected.shape
        assert np.abs(small - expected).max() <= 8, "JPEG at quality 85, nothing shifted"
