import json
import struct

import numpy as np
import pytest

from annotation_server.segmentation.tiles import Tile, known_lookup, pack_tile
from annotation_server.segmentation.transaction import (
    BadTransaction,
    EntityChange,
    TileChange,
    TooLarge,
    Transaction,
    UnknownEntity,
    check_tiles,
    decode_transaction,
    deflate_body,
    encode_transaction,
    inflate_body,
)

MIXED = pack_tile(np.arange(512, dtype=np.uint16).repeat(512).reshape(512, 512) // 100)
SAVE = Transaction(
    txid="t-1",
    lease="l-1",
    entities=(EntityChange(number=3, raw_name="Baum 木", term=5, colour=2, base=1),),
    ops=({"tool": "brush", "number": 3, "ms": 40},),
    tiles=(TileChange(0, 2, MIXED), TileChange(3, 0, Tile(4)), TileChange(2, 1, MIXED)),
)


def body_of(**changes: object) -> bytes:
    header = {"txid": "t", "lease": None, "entities": [], "ops": [], "tiles": []} | changes
    text = json.dumps(header).encode()
    return struct.pack("<I", len(text)) + text + b"\0" * (len(text) & 1)


@pytest.mark.parametrize("name", ["", "x"])
def test_it_works_with_a_header_of_odd_or_even_length(name):
    save = Transaction(txid="t" + name, lease=None, tiles=SAVE.tiles)
    assert decode_transaction(encode_transaction(save)) == save


def test_it_works_deflated():
    assert decode_transaction(deflate_body(encode_transaction(SAVE)), deflated=True) == SAVE


def test_fields_left_out_have_their_defaults():
    assert decode_transaction(body_of(entities=[{"number": 9}])).entities == (EntityChange(number=9),)


def test_a_tile_of_one_number_sent_as_runs_is_the_same_tile():
    header = {"t": 0, "base": 0, "uni": -1, "n": 8}
    body = body_of(tiles=[header]) + struct.pack("<2H", 5, 65535) * 4
    assert decode_transaction(body).tiles == (TileChange(0, 0, Tile(5)),)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "shorter"),
        (b"\1\0", "shorter"),
        (b"\xff\xff\xff\x7f{}", "ends within its header"),
        (b"\2\0\0\0{]", "not JSON"),
        (b"\2\0\0\0\xff\xff", "not JSON"),
        (b"\2\0\0\0[]", "not a JSON object"),
        (b"\3\0\0\0NaN\0", "not JSON"),
        (struct.pack("<I", 100_000) + b"[" * 100_000, "not JSON"),
        (body_of(txid=""), "txid"),
        (body_of(txid=7), "txid"),
        (body_of(txid="x" * 65), "txid"),
        (body_of(lease=7), "lease"),
        (body_of(ops={}), "ops"),
        (body_of(tiles=[7]), "tiles"),
        (body_of(entities=[{"number": 0}]), "number"),
        (body_of(entities=[{"number": 65001}]), "number"),
        (body_of(entities=[{"number": True}]), "number"),
        (body_of(entities=[{"number": 1, "raw_name": "x" * 101}]), "raw_name"),
        (body_of(entities=[{"number": 1, "raw_name": "a\0"}]), "cannot be stored"),
        (body_of(entities=[{"number": 1, "term": "tree"}]), "term"),
        (body_of(entities=[{"number": 1, "deleted": "yes"}]), "deleted"),
        (body_of(tiles=[{"t": 0, "base": 0, "uni": 1, "n": 2}]), "either"),
        (body_of(tiles=[{"t": 0, "base": 0, "uni": -1, "n": 0}]), "either"),
        (body_of(tiles=[{"t": -1, "base": 0, "uni": 1, "n": 0}]), "“t”"),
        (body_of(tiles=[{"t": 0, "uni": 1, "n": 0}]), "base"),
        (body_of(tiles=[{"t": 0, "base": 0, "uni": 1, "n": 0}] * 2), "twice"),
        (body_of(tiles=[{"t": 0, "base": 0, "uni": -1, "n": 8}]), "ends within the runs"),
        (body_of() + b"\0\0", "follow the last tile"),
    ],
)
def test_a_body_that_is_no_transaction_is_refused_with_the_reason(body, says):
    with pytest.raises(BadTransaction, match=says) as refusal:
        decode_transaction(body)
    assert refusal.value.code == "bad_payload"


def test_every_cut_of_a_body_is_refused():
    body = encode_transaction(SAVE)
    for cut in range(0, len(body), 7):
        with pytest.raises(BadTransaction):
            decode_transaction(body[:cut])


def test_a_body_over_the_limit_is_too_large():
    with pytest.raises(TooLarge) as refusal:
        decode_transaction(bytes((8 << 20) + 1))
    assert refusal.value.code == "too_large"


def test_a_deflate_bomb_is_refused_before_it_is_held():
    bomb = deflate_body(bytes(65 << 20))
    assert len(bomb) < 100_000
    with pytest.raises(TooLarge):
        inflate_body(bomb)


@pytest.mark.parametrize("body", [b"plain", deflate_body(b"x" * 900)[:-2], deflate_body(b"x") + b"more"])
def test_a_body_that_is_not_deflated_as_it_says_is_refused(body):
    with pytest.raises(BadTransaction):
        inflate_body(body)


def test_tiles_are_judged_against_the_map():
    known = known_lookup(range(1, 6))
    check_tiles(SAVE.tiles, 1024, 1024, known)
    with pytest.raises(BadTransaction, match="outside the map"):
        check_tiles(SAVE.tiles, 512, 1024, known)
    with pytest.raises(UnknownEntity, match="Tile 0: Number 5") as refusal:
        check_tiles(SAVE.tiles, 1024, 1024, known_lookup(range(1, 5)))
    assert refusal.value.code == "unknown_entity"
    with pytest.raises(BadTransaction, match="Tile 0: The padding"):
        check_tiles([TileChange(0, 0, MIXED)], 512, 300, known)
