"""The demo's client edits label maps as the editor would."""

import numpy as np
import pytest

from annotation_server.demo.client import Client
from annotation_server.demo.painting import Canvas
from annotation_server.segmentation.tiled_map import TiledMap, pack_map, void_map
from annotation_server.segmentation.tiles import Tile, unpack_tile


def canvas(label_map: TiledMap) -> Canvas:
    return Canvas(Client("http://127.0.0.1:9"), 1, "", label_map, [0] * len(label_map.tiles))


def test_a_stroke_changes_only_the_tiles_under_it():
    changed = canvas(void_map(1500, 700)).stroke(5, [(500.0, 100.0), (530.0, 100.0)], radius=10)
    assert sorted(changed) == [0, 1]
    left = unpack_tile(changed[0])
    assert left[100, 495] == 5 and left[100, 400] == 0 and left[130, 500] == 0


def test_a_dot_is_round_and_has_its_radius():
    changed = canvas(void_map(100, 80)).stroke(3, [(50.0, 40.0)], radius=10)
    area = int((unpack_tile(changed[0])[:80, :100] == 3).sum())
    assert area == pytest.approx(np.pi * 100, rel=0.05)


def test_a_fill_takes_exactly_what_is_void():
    pixels = np.zeros((600, 600), np.uint16)
    pixels[10:20, 10:20] = 7
    changed = canvas(pack_map(pixels)).filled(9)
    assert changed[3] == Tile(9)
    first = unpack_tile(changed[0])
    assert (first[10:20, 10:20] == 7).all() and int((first == 0).sum()) == 0


def test_replacing_names_only_what_differs():
    before, after = np.ones((600, 600), np.uint16), np.ones((600, 600), np.uint16)
    after[599, 599] = 2
    assert list(canvas(pack_map(before)).replaced(pack_map(after))) == [3]
