import io

import numpy as np
import pytest
from hypothesis import given
from PIL import Image

from annotation_server.segmentation.label_map_png import BadPng, read_label_map_png, write_label_map_png
from annotation_server.segmentation.png import GREY, write_png
from annotation_server.segmentation.tiled_map import pack_map

from .conftest import label_maps


def as_png(pixels: np.ndarray) -> io.BytesIO:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    file.seek(0)
    return file


@given(label_maps())
def test_a_png_gives_back_the_label_map_and_pillow_reads_it(label_map):
    file = io.BytesIO()
    write_label_map_png(file, pack_map(label_map))
    assert (np.asarray(Image.open(file)) == label_map).all()
    file.seek(0)
    assert read_label_map_png(file) == pack_map(label_map)


def test_pngs_of_others_are_read(ragged_map):
    assert read_label_map_png(as_png(ragged_map)) == pack_map(ragged_map)
    assert read_label_map_png(as_png(ragged_map.astype(np.uint8))) == pack_map(ragged_map)


def test_numbers_that_are_none_are_refused():
    with pytest.raises(BadPng, match="above 65000"):
        read_label_map_png(as_png(np.full((2, 2), 65001, np.uint16)))


def test_a_png_over_the_limit_is_refused_before_it_is_decoded():
    with pytest.raises(BadPng, match="limit of 99 px"):
        read_label_map_png(as_png(np.zeros((10, 10), np.uint16)), max_pixels=99)


def test_files_that_are_no_label_map_are_refused():
    with pytest.raises(BadPng, match="no PNG"):
        read_label_map_png(io.BytesIO(b"\xff\xd8\xff\xe0 not a PNG"))
    with pytest.raises(BadPng, match="mode RGB"):
        read_label_map_png(as_png(np.zeros((2, 2, 3), np.uint8)))
    with pytest.raises(BadPng, match="damaged"):
        read_label_map_png(io.BytesIO(as_png(np.arange(4000, dtype=np.uint16).reshape(40, 100)).read()[:300]))


def test_a_png_needs_all_its_rows():
    strips = [np.zeros((2, 3), np.uint8)]
    with pytest.raises(ValueError, match="got 2"):
        write_png(io.BytesIO(), (3, 4), bit_depth=8, colour_type=GREY, strips=strips)
