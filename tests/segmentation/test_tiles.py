import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation_server.segmentation.tiles import (
    TILE,
    TILE_PX,
    BadTile,
    Extent,
    Tile,
    UnknownNumber,
    check_runs,
    check_tile,
    known_lookup,
    pack_tile,
    tile_stats,
    uniform_runs,
    unpack_tile,
)

from .conftest import label_maps

KNOWN = known_lookup(range(65001))


def pairs(*values: int) -> bytes:
    return np.array(values, "<u2").tobytes()


def brute_force_stats(pixels: np.ndarray) -> dict[int, Extent]:
    stats = {}
    for number in np.unique(pixels):
        y, x = np.nonzero(pixels == number)
        stats[int(number)] = Extent(len(y), int(x.min()), int(y.min()), int(x.max()) + 1, int(y.max()) + 1)
    return stats


def test_it_works():
    pixels = np.full((TILE, TILE), 3, np.uint16)
    pixels[0, 2:5] = 9

    tile = pack_tile(pixels)

    assert tile.pairs[:6].tolist() == [3, 1, 9, 2, 3, 65535]
    assert (unpack_tile(tile) == pixels).all()


@given(label_maps())
def test_packing_gives_back_the_pixels_and_is_canonical(label_map):
    pixels = label_map[:TILE, :TILE]
    height, width = pixels.shape

    tile = pack_tile(pixels)

    padded = np.pad(pixels, ((0, TILE - height), (0, TILE - width)), mode="edge")
    assert (unpack_tile(tile) == padded).all()
    check_tile(tile, KNOWN, width, height)
    check_runs(tile.canonical_runs, KNOWN, width, height)
    assert Tile.from_runs(tile.canonical_runs) == tile


@given(label_maps())
def test_stats_from_runs_equal_those_from_pixels(label_map):
    pixels = label_map[:TILE, :TILE]
    height, width = pixels.shape
    assert tile_stats(pack_tile(pixels), width, height) == brute_force_stats(pixels)


def test_a_long_run_is_cut_with_its_remainder_last():
    pixels = np.full((TILE, TILE), 3, np.uint16)
    pixels[-1, -1] = 4
    assert pack_tile(pixels).pairs.tolist() == [3, 65535] * 3 + [3, 65534, 4, 0]


def test_a_tile_of_one_number_is_named_by_its_sixteen_canonical_bytes():
    tile = pack_tile(np.full((TILE, TILE), 7, np.uint16))
    assert tile == Tile(7)
    assert tile.digest() == hashlib.sha256(bytes([7, 0, 255, 255] * 4)).digest()


@pytest.mark.parametrize(
    ("runs", "says"),
    [
        (b"", "pairs"),
        (pairs(1), "pairs"),
        (uniform_runs(1)[:-1], "pairs"),
        (pairs(1, 65535), "cover 65536"),
        (uniform_runs(1) + pairs(2, 0), "cover 262145"),
        (pairs(1, 9, 1, 65525, 1, 65535, 1, 65535, 1, 65535), "canonical"),
        (pairs(1, 65534, 1, 65535, 1, 65535, 1, 65535, 2, 0), "canonical"),
    ],
)
def test_runs_that_break_the_format_are_refused_with_the_reason(runs, says):
    with pytest.raises(BadTile, match=says):
        check_runs(runs, KNOWN)


def test_an_unknown_number_is_refused_and_named():
    with pytest.raises(UnknownNumber) as refusal:
        check_runs(pairs(1, 65535, 9, 65535, 1, 65535, 1, 65535), known_lookup([1]))
    assert refusal.value.number == 9
    with pytest.raises(UnknownNumber):
        check_tile(Tile(9), known_lookup([1]))
    with pytest.raises(UnknownNumber):
        check_tile(Tile(65001), known_lookup(range(65536)))


def test_void_is_always_known():
    check_tile(Tile(0), known_lookup([]))


@pytest.mark.parametrize(("valid_w", "valid_h"), [(100, TILE), (TILE, 100), (1, 1)])
def test_padding_that_does_not_repeat_the_edge_is_refused(valid_w, valid_h):
    y, x = np.mgrid[:TILE, :TILE]
    tile = pack_tile((1 + x // 200 + 3 * (y // 200)).astype(np.uint16))
    check_runs(tile.runs, KNOWN)
    with pytest.raises(BadTile, match="padding"):
        check_runs(tile.runs, KNOWN, valid_w, valid_h)


@given(st.data(), st.integers(1, TILE), st.integers(1, TILE))
def test_one_wrong_pixel_in_the_padding_is_seen(data, valid_w, valid_h):
    corner = np.array(data.draw(st.lists(st.integers(0, 3), min_size=6, max_size=6)), np.uint16).reshape(2, 3)
    rows, columns = np.arange(TILE) * 2 // valid_h % 2, np.arange(TILE) * 3 // valid_w % 3
    y, x = np.minimum(np.arange(TILE), valid_h - 1), np.minimum(np.arange(TILE), valid_w - 1)
    pixels = corner[rows[y][:, None], columns[x]]
    check_tile(pack_tile(pixels), KNOWN, valid_w, valid_h)
    wrong = data.draw(st.integers(0, TILE - 1)), data.draw(st.integers(0, TILE - 1))
    pixels[wrong] = 7
    if wrong[0] >= valid_h or wrong[1] >= valid_w:
        with pytest.raises(BadTile, match="padding"):
            check_tile(pack_tile(pixels), KNOWN, valid_w, valid_h)


@given(st.binary(max_size=64))
def test_no_bytes_pass_the_check_unless_they_are_canonical(runs):
    try:
        check_runs(runs, KNOWN)
    except BadTile:
        return
    assert pack_tile(unpack_tile(Tile(-1, runs))).canonical_runs == runs


def test_extents_of_parts_join():
    assert Extent(3, 0, 0, 2, 2).joined(Extent(1, 5, 1, 6, 2)) == (4, 0, 0, 6, 2)
    assert Extent(3, 0, 0, 2, 2).shifted(10, 20).bbox == [10, 20, 2, 2]
    assert TILE_PX == TILE * TILE
