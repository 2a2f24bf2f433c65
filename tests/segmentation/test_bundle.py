import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation_server.segmentation.bundle import (
    BadBundle,
    VersionedTile,
    compress_bundle,
    decode_bundle,
    decompress_bundle,
    encode_bundle,
    encode_tiles,
)
from annotation_server.segmentation.tiled_map import pack_map

from .conftest import label_maps
from .some_tiles import decode_tiles


@given(label_maps())
def test_a_bundle_gives_back_map_and_versions(label_map):
    tiled = pack_map(label_map)
    versions = [t * 7 for t in range(len(tiled.tiles))]
    assert decode_bundle(encode_bundle(tiled, versions)) == (tiled, versions)


def test_some_tiles_travel_alone(ragged_map):
    tiled = pack_map(ragged_map)
    some = {4: VersionedTile(tiled.tiles[4], 9), 0: VersionedTile(tiled.tiles[0], 2)}
    assert decode_tiles(encode_tiles(1100, 600, some)) == some
    assert decode_tiles(encode_tiles(1100, 600, {})) == {}


def test_compressing_twice_gives_the_same_bytes(ragged_map):
    bundle = encode_bundle(pack_map(ragged_map))
    assert compress_bundle(bundle) == compress_bundle(bundle)
    assert decompress_bundle(compress_bundle(bundle)) == bundle


def test_a_bundle_that_inflates_beyond_the_limit_is_refused():
    with pytest.raises(BadBundle, match="larger than 1000"):
        decompress_bundle(compress_bundle(bytes(1001)), max_bytes=1000)


@pytest.mark.parametrize("data", [b"", b"no gzip", compress_bundle(b"x" * 5000)[:-9]])
def test_damaged_compression_is_refused(data):
    with pytest.raises(BadBundle):
        decompress_bundle(data)


@given(st.data())
def test_a_bundle_cut_anywhere_is_refused(ragged_map, data):
    bundle = encode_bundle(pack_map(ragged_map))
    cut = data.draw(st.integers(0, len(bundle) - 1))
    with pytest.raises(BadBundle):
        decode_bundle(bundle[:cut])


@pytest.mark.parametrize(
    ("at", "value", "says"),
    [
        (0, b"ELM2", "ELM1"),
        (4, b"\0\0\0\0", "no pixels"),
        (12, b"\0\1\0\0", "256 px"),
        (16, b"\5\0\0\0", "6 tiles"),
        (20, b"\xe9\xfd\0\0", "carries no runs"),
        (-2, b"\0\0", "cover"),
    ],
)
def test_a_damaged_bundle_is_refused_with_the_reason(ragged_map, at, value, says):
    bundle = bytearray(encode_bundle(pack_map(ragged_map)))
    at %= len(bundle)
    bundle[at : at + len(value)] = value
    with pytest.raises(BadBundle, match=says):
        decode_bundle(bytes(bundle))


def test_random_bytes_never_crash_the_reader():
    rng = np.random.default_rng(0)
    good = bytearray(encode_bundle(pack_map(rng.integers(0, 5, (30, 600)).astype(np.uint16))))
    for _ in range(200):
        bad = bytearray(good)
        bad[int(rng.integers(len(bad)))] = int(rng.integers(256))
        try:
            tiled, _ = decode_bundle(bytes(bad))
        except BadBundle:
            continue
        tiled.sha256()
