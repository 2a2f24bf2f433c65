import hashlib
import struct

import numpy as np
import pytest
from hypothesis import given

from annotation_server.segmentation import tiled_map as tiled_map_module
from annotation_server.segmentation.label_map import extents
from annotation_server.segmentation.tiled_map import TiledMap, pack_map, void_map
from annotation_server.segmentation.tiles import Tile

from .conftest import label_maps


@given(label_maps())
def test_tiling_gives_back_the_pixels(label_map):
    tiled = pack_map(label_map)
    assert (tiled.pixels() == label_map).all()
    columns = [tiled.column_strip(column) for column in range(tiled.columns)]
    assert (np.concatenate(columns, axis=1) == label_map).all()


def test_the_name_of_a_map_is_the_hash_of_its_size_and_tile_digests():
    tiled = TiledMap(600, 10, (Tile(1), Tile(2)))
    digests = [hashlib.sha256(struct.pack("<2H", n, 65535) * 4).digest() for n in (1, 2)]
    expected = hashlib.sha256(b"ELM1" + struct.pack("<3I", 600, 10, 512) + b"".join(digests))
    assert tiled.sha256() == expected.hexdigest()


def test_maps_of_equal_tiles_and_other_sizes_have_other_names():
    assert void_map(600, 10).sha256() != void_map(601, 10).sha256()


def test_a_map_that_was_never_touched_is_void():
    assert not void_map(513, 2).pixels().any()


@pytest.mark.parametrize(
    "values", [np.full((2, 2), 65001, np.uint16), np.full((2, 2), 70000), np.full((2, 2), -1)]
)
def test_numbers_that_do_not_fit_are_refused(values):
    with pytest.raises(ValueError, match="between 0 and 65000"):
        pack_map(values)


def test_a_map_of_the_wrong_number_of_tiles_is_refused():
    with pytest.raises(ValueError, match="2 tiles"):
        TiledMap(513, 1, (Tile(0),))
    with pytest.raises(ValueError, match="at least one pixel"):
        TiledMap(0, 1, ())


def test_walking_in_small_chunks_sees_the_same_runs(ragged_map, monkeypatch):
    tiled = pack_map(ragged_map)
    whole = extents(tiled)
    monkeypatch.setattr(tiled_map_module, "CHUNK_RUNS", 100)
    assert len(list(tiled.chunks())) == len(tiled.tiles)
    assert extents(tiled) == whole
